"""Tables of numbers (.csv, .tsv): a sample a row, read in pieces.

Numbers go as float32 into a temporary file that is mapped, so that a table may be larger than
memory; the columns to predict are kept.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import DataError
from tinybench.datasets.own.arrays import spool
from tinybench.datasets.own.found import SPLITS, WHOLE, Found, Part, Wanted, shown, source_of
from tinybench.errors import require_packages

if TYPE_CHECKING:
    import pandas as pd

SUFFIXES = (".csv", ".tsv")
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?")
"""What stands for a missing number. In a column of names only nothing at all is missing."""
CALLED = ("label", "labels", "class", "target", "y")
"""Names, in small letters, of a column that is the one to predict wherever it stands."""
CELLS = 1 << 20
"""About so many numbers are read at once."""


class TableError(DataError):
    """A table that cannot be read as one."""

    page = "data-table"


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a table is written: `columns` by name, or by number from 0 without a header."""

    separator: str
    columns: tuple[str, ...]
    header: bool
    inputs: tuple[int, ...]
    targets: tuple[int, ...]


def read(path: Path, wanted: Wanted) -> Found:
    """A table: the inputs are all columns but the targets'.

    Those are named by `wanted.target`, or the only one is called "label" or the like, or they are
    the last columns: as many as the model does not take as inputs, or one.
    """
    return Found(path.name, {WHOLE: _part(path, wanted)}, source_of(path), flat=True)


def read_folder(folder: Path, wanted: Wanted) -> Found:
    """Tables called train, validation and test."""
    paths = {
        split: path
        for split in SPLITS
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in SUFFIXES and path.stem.lower() == split
    }
    return Found(
        folder.name,
        {split: _part(path, wanted) for split, path in paths.items()},
        "; ".join(map(source_of, paths.values())),
        flat=True,
    )


def _part(path: Path, wanted: Wanted) -> Part:
    layout = _layout(path, wanted)
    numbers, targets, count = spool(), [], 0
    for start, chunk in _chunks(path, layout):
        inputs = [_numbers(path, layout, chunk, at, start) for at in layout.inputs]
        np.stack(inputs, axis=1).astype(np.float32).tofile(numbers)
        targets.append([_cells(path, layout, chunk, at, start) for at in layout.targets])
        count = start + len(chunk)
    if not count:
        raise TableError(f"{path} has no rows of data; add some")
    x = _mapped(numbers, (count, len(layout.inputs)))
    columns = [
        _target(path, layout, at, [piece[place] for piece in targets])
        for place, at in enumerate(layout.targets)
    ]
    if len(columns) > 1 and any(column.dtype.kind == "U" for column in columns):
        raise TableError(
            f"{path}: of several columns to predict, one holds names; give class numbers, or "
            "predict one column"
        )
    names = [layout.columns[at] for at in layout.targets]
    if len(names) > 1 and set(names) == set(wanted.outputs):
        return Part({"": x}, dict(zip(names, columns, strict=True)))
    y = np.stack(columns, axis=1) if len(columns) > 1 else columns[0] if columns else None
    return Part({"": x}, {} if y is None else {"": y})


def _mapped(file: IO[bytes], shape: tuple[int, ...]) -> NDArray[Any]:
    file.flush()
    return np.memmap(file, np.float32, "r", 0, shape)


def _layout(path: Path, wanted: Wanted) -> _Layout:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = next((line for line in file if line.strip()), "")
            separator = _separator(path, first)
            file.seek(0)
            rows = list(islice(filter(None, csv.reader(file, delimiter=separator)), 2))
    except UnicodeDecodeError:
        raise TableError(f"{path} is not UTF-8 text; save it as such") from None
    except (OSError, csv.Error) as error:
        raise TableError(f"{path} cannot be read as a table ({error}); save it again") from None
    if not rows or not rows[0]:
        raise TableError(f"{path} is empty; a table needs a row for each sample")
    header = _is_header(rows)
    names = (
        [cell.strip() for cell in rows[0]] if header else [str(at) for at in range(len(rows[0]))]
    )
    # What pandas writes before the first column when it is not told index=False.
    order = [at for at, name in enumerate(names) if name or at]
    if header and len({*(names[at] for at in order)}) < len(order):
        twice = next(name for name in names if names.count(name) > 1)
        raise TableError(f"{path} has two columns {twice!r}; name them differently")
    targets = _targets(path, names, order, wanted)
    inputs = tuple(at for at in order if at not in targets)
    if not inputs:
        raise TableError(f"{path} has no columns but those to predict ({', '.join(names)})")
    return _Layout(separator, tuple(names), header, inputs, targets)


def _separator(path: Path, first: str) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    return next((sign for sign in ",;\t" if sign in first), ",")


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """A first row without numbers, or with a text above a number."""
    first, second = rows[0], rows[1] if len(rows) > 1 else ()
    numeric = [_is_number(cell) for cell in first]
    above = any(
        not number and _is_number(cell) for number, cell in zip(numeric, second, strict=False)
    )
    return not any(numeric) or above


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    # Python alone reads 1_000 as a number.
    return "_" not in text


def _targets(
    path: Path, names: Sequence[str], order: Sequence[int], wanted: Wanted
) -> tuple[int, ...]:
    """The numbers of the columns to predict."""
    if wanted.target:
        for name in wanted.target:
            if name not in names:
                raise TableError(
                    f"{path} has no column {name!r}; choose from: {', '.join(names[:40])}"
                )
        return tuple(names.index(name) for name in wanted.target)
    count = 1
    if wanted.inputs:
        shape, _ = wanted.input(path.name)
        count = len(order) - math.prod(shape)
        able = {
            0,
            1,
            *(math.prod(size or 1 for size in each) for each, _ in wanted.outputs.values()),
        }
        if count not in able:
            raise TableError(
                f"{path} has {len(order)} columns, but the model takes {shown(shape)}, which are "
                f"{math.prod(shape)}, and one to predict; name what to predict, or remove columns"
            )
    called = [at for at in order if names[at].lower() in CALLED]
    if count == len(called) == 1:
        return tuple(called)
    return tuple(order[len(order) - count :])


def _chunks(path: Path, layout: _Layout) -> Iterator[tuple[int, pd.DataFrame]]:
    """Pieces of the table, each with the number of rows before it."""
    require_packages(f"{path}, a table,", "pandas")
    import pandas as pd

    rows, start = max(1, CELLS // len(layout.columns)), 0
    names = [str(at) for at in range(len(layout.columns))]
    missing = {
        name: [""] if at in layout.targets else list(MISSING) for at, name in enumerate(names)
    }
    try:
        with pd.read_csv(
            path,
            sep=layout.separator,
            header=0 if layout.header else None,
            names=names,
            index_col=False,
            na_values=missing,
            keep_default_na=False,
            skipinitialspace=True,
            encoding="utf-8-sig",
            low_memory=False,
            chunksize=rows,
            on_bad_lines="error",
        ) as reader:
            for chunk in reader:
                yield start, chunk
                start += len(chunk)
    except pd.errors.EmptyDataError:
        return
    except UnicodeDecodeError:
        raise TableError(f"{path} is not UTF-8 text; save it as such") from None
    except (pd.errors.ParserError, OSError) as error:
        raise TableError(f"{path} is no table ({str(error).strip()}); correct that line") from None


def _cells(path: Path, layout: _Layout, chunk: pd.DataFrame, at: int, start: int) -> NDArray[Any]:
    """A column of a piece; DataError for the first cell that is missing."""
    column = chunk[str(at)]
    if column.isna().any():
        row = start + int(np.argmax(column.isna().to_numpy()))
        raise TableError(
            f"{path}: column {layout.columns[at]!r} has no value in row {row + 1} of the data; "
            "fill it in, or remove the row"
        )
    return column.to_numpy()


def _numbers(path: Path, layout: _Layout, chunk: pd.DataFrame, at: int, start: int) -> NDArray[Any]:
    cells = _cells(path, layout, chunk, at, start)
    if cells.dtype.kind in "fiub":
        return cells
    odd = [index for index, cell in enumerate(cells) if not _is_number(str(cell))]
    if not odd:
        return cells.astype(np.float64)
    raise TableError(
        f"{path}: column {layout.columns[at]!r} has {str(cells[odd[0]])!r} in row "
        f"{start + odd[0] + 1} of the data, which is no number; encode it as numbers, remove the "
        "column, or name it as the one to predict"
    )


def _target(path: Path, layout: _Layout, at: int, pieces: list[NDArray[Any]]) -> NDArray[Any]:
    """Names as texts, whole numbers as integers, others as they are."""
    if all(piece.dtype.kind in "fiub" for piece in pieces):
        return np.concatenate(pieces)
    found = np.concatenate([piece.astype(str) for piece in pieces])
    odd = np.array([not _is_number(text) for text in found])
    if not odd.any():
        return found.astype(np.float64)
    if odd.mean() < 0.5:
        row = int(np.argmax(odd))
        raise TableError(
            f"{path}: column {layout.columns[at]!r} has {str(found[row])!r} in row {row + 1} of "
            "the data among numbers; correct it"
        )
    return found
