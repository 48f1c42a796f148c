"""Recorded accelerometer traces of people's gestures, read from a folder for each gesture.

Two formats, as people have them: text files `output_<gesture>_<person>.txt`, in which a line
`-,-,-` begins each trace (what the magic_wand example collects), and CSV files
`<person>[_...].csv` of one trace each. Samples are taken as they are, never resampled. Files are
read one after the other, and a file line by line.
"""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.console.progress import Progress, silent
from tinybench.datasets.data import DataError, DataFileError, LabelsError, LayoutError, TooFewError
from tinybench.datasets.grouping import one_spelling
from tinybench.datasets.motion import NEGATIVE, SAMPLES
from tinybench.registry import UnknownNameError
from tinybench.storage import hashing

LONGEST = 15_000
"""Readings of a gesture's trace: ten minutes. Negative ones may go on for ever."""
MOST = 20_000
"""Traces of a class that are read, from files in an order that a hash of their names gives."""
UNITS = {"g": (0.3, 5.0, 1000.0), "m/s²": (5.0, 50.0, 101.971621), "milli-g": (300.0, 5000.0, 1.0)}
"""Between which lengths a file's median reading tells its unit, and milli-g in one."""
JUDGED = 1000
"""Readings that a file's unit is told by: gravity is in all of them."""
LONGEST_LINE = 4096
SEPARATORS = ",;\t"
AXIS = re.compile(r"(?:a|acc|accel|acceleration)?[ _.]?([xyz])(?: *[\[(].*)?")

Reading: TypeAlias = tuple[float, float, float]
Row: TypeAlias = "Reading | None"
"""A reading, or None: a trace begins."""


class TraceError(DataError):
    """Readings of an accelerometer that cannot be used."""

    page = "trace-format"


@dataclass(frozen=True, slots=True)
class Trace:
    """At most `motion.SAMPLES` readings (n, 3) in milli-g, of a class, by a person.

    `key` tells it from all others of the folder.
    """

    label: str
    person: str
    key: str
    readings: NDArray[np.int16]


def labels_in(folder: Path, wanted: Sequence[str], first: Sequence[str]) -> tuple[str, ...]:
    """The classes of a folder: `wanted`, or all, those of `first` in front; NEGATIVE is last.

    Raises DataError if one is absent or there are fewer than two. NEGATIVE need not be wanted.
    """
    found = _folders(folder)
    for name in map(one_spelling, wanted):
        if name not in found:
            raise LabelsError(f"{folder}: {UnknownNameError('gesture', name, found)}")
    names = [*map(one_spelling, wanted)] or sorted(
        found, key=lambda name: (first.index(name) if name in first else len(first), name)
    )
    gestures = tuple(name for name in names if name != NEGATIVE)
    labels = (*gestures, NEGATIVE) if NEGATIVE in found else gestures
    if len(labels) < 2:
        raise LayoutError(
            f"{folder} has {len(labels)} classes; it needs a folder for each of two or more, such "
            "as wing, ring, slope and negative, with the traces in it"
        )
    return labels


def read(folder: Path, labels: Sequence[str], progress: Progress = silent) -> Iterator[Trace]:
    """The traces of these classes; DataError names the first file and line that is bad.

    A gesture that is longer than `motion.SAMPLES` is cut to where most movement is; a negative
    trace, into as many as it gives.
    """
    folders = _folders(folder)
    files = {label: _files(folders[label]) for label in labels}
    done, total = 0, sum(map(len, files.values()))
    progress(0, total)
    for label, paths in files.items():
        count = 0
        for path in paths:
            if count < MOST:
                for trace in itertools.islice(_traces(path, label), MOST - count):
                    count += 1
                    yield trace
            done += 1
            progress(done, total)
        if not count:
            raise TooFewError(
                f"{folders[label]} has no traces; put output_{label}_<person>.txt or <person>.csv "
                "files there, or leave the class out of the wanted labels"
            )


def busiest(readings: NDArray[np.int16]) -> NDArray[np.int16]:
    """The `motion.SAMPLES` consecutive readings with the most movement, the trace's middle of them.

    Movement is the squared distance to the mean reading. Of all places that hold at least 99 % of
    the most, the middle one is taken.
    """
    wide = readings.astype(np.float64)
    movement = np.concatenate([[0.0], np.cumsum(((wide - wide.mean(0)) ** 2).sum(1))])
    held = movement[SAMPLES:] - movement[:-SAMPLES]
    places = np.flatnonzero(held >= 0.99 * held.max())
    start = int(places[len(places) // 2])
    return readings[start : start + SAMPLES]


def _folders(folder: Path) -> dict[str, Path]:
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != ".")
    return {one_spelling(path.name): path for path in inside}


def _files(folder: Path) -> list[Path]:
    files = [
        path
        for path in folder.iterdir()
        if (path.suffix.lower() == ".csv" or path.match("output_*.txt"))
        and path.name[0] != "."
        and path.is_file()
    ]
    return sorted(files, key=lambda path: hashing.of_bytes(one_spelling(path.name).encode()))


def _person(path: Path, label: str) -> str:
    """Who recorded a file: what its name has after the gesture, or before its first separator."""
    stem = one_spelling(path.stem)
    if path.suffix.lower() == ".csv":
        return re.split(r"[ _.-]", stem)[0] or stem
    person = stem.removeprefix(f"output_{label}_")
    if person in (stem, ""):
        raise LayoutError(
            f"{path}: the name does not say who it was; output_{label}_<person>.txt does"
        )
    return person


def _traces(path: Path, label: str) -> Iterator[Trace]:
    """The traces of a file, each of a length that can be used."""
    person = _person(path, label)
    rows = _csv(path) if path.suffix.lower() == ".csv" else _text(path)
    begun = list(itertools.islice(rows, JUDGED))
    factor = _milli_g(path, [row for row in begun if row])
    blocks = _blocks(path, itertools.chain(begun, rows), LONGEST if label != NEGATIVE else SAMPLES)
    for number, block in enumerate(blocks):
        whole = np.rint(np.array(block) * factor)
        if np.abs(whole).max() > np.iinfo(np.int16).max:
            raise TraceError(
                f"{path}: trace {number + 1} has a reading of {np.abs(whole).max() / 1000:.0f} g; "
                "no accelerometer measures that"
            )
        readings = whole.astype(np.int16)
        cut = busiest(readings) if len(readings) > SAMPLES else readings
        yield Trace(label, person, f"{label}/{one_spelling(path.name)}/{number}", cut)


def _blocks(path: Path, rows: Iterable[Row], longest: int) -> Iterator[list[Reading]]:
    """Consecutive readings between marks; blocks of SAMPLES if that is `longest`."""
    block: list[Reading] = []
    for row in rows:
        if row is not None:
            block.append(row)
        ends = row is None or (longest == SAMPLES and len(block) == SAMPLES)
        if ends and block:
            yield block
            block = []
        if len(block) > longest:
            raise TraceError(
                f"{path}: a trace has more than {longest} readings; a gesture takes {SAMPLES}: "
                "begin each with a line -,-,- or give each a file"
            )
    if block:
        yield block


def _milli_g(path: Path, readings: Sequence[Sequence[float]]) -> float:
    """Milli-g in a file's unit, told by the length of gravity."""
    if not readings:
        raise TraceError(f"{path} has no readings; it needs lines of three numbers x,y,z")
    length = float(np.median(np.linalg.norm(np.array(readings), axis=1)))
    for low, high, factor in UNITS.values():
        if low <= length < high:
            return factor
    raise TraceError(
        f"{path}: its readings are {length:.4g} long, so gravity is missing or the unit is none of "
        f"{', '.join(UNITS)}"
    )


def _lines(path: Path) -> Iterator[str]:
    try:
        # Terminal sessions hold bytes that are no text; they are not in lines of numbers.
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            while line := file.readline(LONGEST_LINE):
                yield line
    except OSError as error:
        raise DataFileError(f"cannot read {path}: {error.strerror}") from None


def _text(path: Path) -> Iterator[Row]:
    """The rows of a terminal session: a mark before each trace, and what the terminal said.

    Lines that do not look like readings are what `script` and `screen` wrote. They have no comma,
    but for those before the first trace.
    """
    begun = False
    for number, line in enumerate(_lines(path), 1):
        cells = [cell.strip() for cell in line.split(",")]
        if cells == ["-", "-", "-"]:
            begun = True
            yield None
        elif _is_number(cells[0]) or (begun and len(cells) > 1 and cells[0][:6] != "Script"):
            begun = True
            yield _reading(path, number, cells)


def _csv(path: Path) -> Iterator[Row]:
    """The rows of a CSV file: x, y, z, or time, x, y, z, or columns that a header names."""
    lines = _lines(path)
    first = next(lines, "")
    separator = max(SEPARATORS, key=first.count)
    columns: list[int] | None = None
    width = 0
    for number, line in enumerate(itertools.chain([first], lines), 1):
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
        except csv.Error as error:
            raise TraceError(f"{path}, line {number}: {error}") from None
        if not any(cells):
            continue
        if columns is None:
            columns, width = _columns(path, number, cells), len(cells)
            if not _is_number(cells[columns[0]]):
                continue
        if len(cells) != width:
            raise TraceError(
                f"{path}, line {number} has {len(cells)} columns, those before {width}"
            )
        yield _reading(path, number, [cells[column] for column in columns])


def _columns(path: Path, number: int, cells: Sequence[str]) -> list[int]:
    """Where x, y and z are in a file whose first row is this."""
    if all(map(_is_number, cells)):
        if len(cells) in (3, 4):
            return [len(cells) - 3, len(cells) - 2, len(cells) - 1]
        raise TraceError(
            f"{path}, line {number} has {len(cells)} columns; x,y,z or time,x,y,z are expected"
        )
    axes = [match[1] if (match := AXIS.fullmatch(cell.lower())) else "" for cell in cells]
    if sorted(filter(None, axes)) != ["x", "y", "z"]:
        raise TraceError(f"{path}, line {number} is no header that names the columns x, y and z")
    return [axes.index(axis) for axis in "xyz"]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _reading(path: Path, number: int, cells: Sequence[str]) -> Reading:
    if len(cells) != 3:
        raise TraceError(f"{path}, line {number} has {len(cells)} columns; x,y,z are three")
    for cell in cells:
        if not _is_number(cell) or not math.isfinite(float(cell)):
            raise TraceError(f"{path}, line {number}: {cell[:40]!r} is not a finite number")
    x, y, z = map(float, cells)
    return x, y, z
