"""From what a reader found to a checked data set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tinybench.datasets.data import DataError, DataFileError, Dataset, FitError, Split, TooFewError
from tinybench.datasets.own import arrays, classes, drawing, fitting, folders, keys, table
from tinybench.datasets.own.found import (
    SPLITS,
    Found,
    Own,
    Part,
    Port,
    Ports,
    Rows,
    Scaling,
    Wanted,
    key,
    take,
)
from tinybench.storage.pointer import UNFETCHED, is_pointer

Reader = Callable[[Path, Wanted], Found]

READERS: Mapping[str, Reader] = {
    ".npz": arrays.read_npz,
    ".npy": arrays.read_npy,
    **dict.fromkeys(table.SUFFIXES, table.read),
}
"""By the end of a file's name."""


def read(
    path: Path | str,
    *,
    expected: Ports | None = None,
    outputs: Ports | None = None,
    labels: Sequence[str] = (),
    target: str | Sequence[str] | None = None,
    seed: int = 1,
    most: int | None = None,
    scaling: Scaling | None = None,
) -> Own:
    """Read a file or a folder as the data of a model with these inputs (`expected`) and outputs.

    `most` samples are taken in all, drawn by `seed` with the shares of classes kept; of larger
    files only these are read. `target` names the columns of a table to predict. `scaling` is the
    range that bytes become. DataError names the file, the key or column, and the remedy.
    """
    columns = (target,) if isinstance(target, str) else tuple(target or ())
    wanted = Wanted(
        expected or {}, outputs or {}, tuple(labels), columns, seed, most, _scaling(scaling)
    )
    reader = _reader(Path(path))
    if columns and reader not in (table.read, table.read_folder):
        raise DataError(f"{path} is no table, so there are no columns to predict; leave them out")
    return _own(reader(Path(path), wanted), wanted)


def of_arrays(
    x: ArrayLike | Mapping[str, ArrayLike],
    y: ArrayLike | Mapping[str, ArrayLike] | None = None,
    weights: ArrayLike | None = None,
    *,
    expected: Ports | None = None,
    outputs: Ports | None = None,
    labels: Sequence[str] = (),
    seed: int = 1,
    most: int | None = None,
    scaling: Scaling | None = None,
) -> Own:
    """The same of arrays, or of mappings of the model's names to arrays."""
    wanted = Wanted(expected or {}, outputs or {}, tuple(labels), (), seed, most, _scaling(scaling))
    return _own(keys.of_given(x, y, weights, wanted), wanted)


def _scaling(scaling: Scaling | None) -> Scaling | None:
    if scaling is not None and scaling not in get_args(Scaling):
        raise FitError(f"scaling {scaling!r} is none of {', '.join(get_args(Scaling))}")
    return scaling


def _reader(path: Path) -> Reader:
    if (reader := READERS.get(path.suffix.lower())) and path.is_file():
        if is_pointer(path):
            raise DataFileError(f"{path} is {UNFETCHED}")
        return reader
    if path.is_dir():
        return folders.reader(path)
    raise DataFileError(
        f"{path} is {'no kind of data that is read' if path.exists() else 'not there'}; give "
        f"{', '.join(READERS)} or a folder with a folder of pictures or sounds for each class"
    )


def _own(found: Found, wanted: Wanted) -> Own:
    if wanted.most is not None and wanted.most < len(SPLITS):
        raise TooFewError(f"{wanted.most} samples are wanted; {', '.join(SPLITS)} need one each")
    fitting.check_counts(found)
    found, labels = classes.numbered(found, wanted)
    found = fitting.columns(found)
    chosen = drawing.draw(found.where, found.parts, wanted.seed, wanted.most)
    splits = {name: _split(found, each.part, each.rows, wanted) for name, each in chosen.items()}
    counts = ", ".join(f"{len(each.rows)} {name}" for name, each in chosen.items())
    own = set(found.parts) & set(chosen)
    how = "as the data have them" if own == set(chosen) else f"drawn with seed {wanted.seed}"
    dataset = Dataset(
        **splits,
        source=found.source,
        licence="",
        labels=tuple(labels),
        groups=f"samples: {counts}, {how}",
    )
    return Own(dataset, labels)


def _split(found: Found, name: str, chosen: drawing.Numbers, wanted: Wanted) -> Split:
    part = found.parts[name]
    if wanted.scaling and not any(rows.dtype == np.uint8 for rows in part.x.values()):
        have = ", ".join(sorted({str(rows.dtype) for rows in part.x.values()}))
        raise FitError(
            f"{found.where}: inputs are {have}, and scaling is of bytes (uint8); leave it out, "
            "or scale the inputs before saving them"
        )
    x = {}
    for own, rows in fitting.named(part.x, wanted.inputs, "x", found.where).items():
        where = f"{found.where}: {_key('x', own, part.x, name)}"
        x[own] = _input(take(rows, chosen), chosen, where, wanted.inputs.get(own), found, wanted)
    y = {}
    if part.y:
        for own, rows in fitting.named(part.y, wanted.outputs, "y", found.where).items():
            where = f"{found.where}: {_key('y', own, part.y, name)}"
            y[own] = _target(take(rows, chosen), chosen, where, wanted.outputs.get(own), found)
    return Split(_single(x), _single(y) if y else None, weights=_weights(found, part, name, chosen))


def _single(found: dict[str, NDArray[Any]]) -> Any:
    """One array without its name, several with theirs."""
    return next(iter(found.values())) if len(found) == 1 else found


def _key(kind: str, own: str, rows: Mapping[str, Rows], part: str) -> str:
    """The name in the file, where the only array is the model's whatever its name."""
    return key(kind, own if own in rows else next(iter(rows)), part)


def _input(
    array: NDArray[Any],
    chosen: drawing.Numbers,
    where: str,
    port: Port | None,
    found: Found,
    wanted: Wanted,
) -> NDArray[Any]:
    array = fitting.numbers(array, chosen, where)
    if port is None or port[1].startswith("float"):
        array = fitting.scaled(array, wanted.scaling)
    elif wanted.scaling not in (None, "0..255"):
        raise FitError(f"{where}: the model takes {port[1]}; leave out scaling {wanted.scaling}")
    if port is not None:
        return fitting.typed(fitting.shaped(array, port[0], where, found.flat), port[1], where)
    return array[:, None] if array.ndim == 1 else array


def _target(
    array: NDArray[Any], chosen: drawing.Numbers, where: str, port: Port | None, found: Found
) -> NDArray[Any]:
    array = fitting.numbers(array, chosen, where)
    return array if port is None else fitting.target(array, port[0], where, found.flat)


def _weights(
    found: Found, part: Part, name: str, chosen: drawing.Numbers
) -> NDArray[np.float32] | None:
    if part.weights is None:
        return None
    where = f"{found.where}: {key('weights', '', name)}"
    array = fitting.numbers(take(part.weights, chosen), chosen, where).astype(np.float32)
    if array.size != len(array):
        raise FitError(f"{where} has shape {array.shape}; one number a sample is needed")
    if array.min() < 0 or not array.sum():
        raise DataError(f"{where} is negative or all zero; give weights of zero and more")
    return array.reshape(-1)
