"""Which reader takes a folder, by what is in it; and its classes and parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import audio
from tinybench.datasets.data import DataError
from tinybench.datasets.grouping import one_spelling
from tinybench.datasets.own import arrays, pictures, sounds, table
from tinybench.datasets.own.found import SPLITS, WHOLE, Files, Found, Part, Wanted
from tinybench.datasets.own.keys import PARTS

Read = Callable[[Path, Wanted], Found]
Decoder = Callable[[Wanted, str], Callable[[Sequence[Path]], Files]]

DECODERS: Mapping[str, tuple[tuple[str, ...], Decoder]] = {
    "pictures": (pictures.SUFFIXES, pictures.decoder),
    "sounds": (audio.SUFFIXES, sounds.decoder),
}
"""What files of a class may be, by the ends of their names, and how they become arrays."""


def reader(folder: Path) -> Read:
    """The reader of a folder of arrays, tables, pictures or sounds; DataError for any other."""
    try:
        names = [path for path in folder.iterdir() if path.is_file()]
    except OSError as error:
        raise DataError(f"{folder} cannot be read ({error.strerror}); name another") from None
    suffixes = {path.suffix.lower() for path in names}
    if ".npy" in suffixes:
        return arrays.read_folder
    if any(path.stem.lower() in SPLITS for path in names if path.suffix.lower() in table.SUFFIXES):
        return table.read_folder
    return read


def read(folder: Path, wanted: Wanted) -> Found:
    """`<class>/*`, or `train/<class>/*` and `test/<class>/*`; what is not needed is not read."""
    inside = _folders(folder)
    parts = {PARTS[name.lower()]: path for name, path in inside.items() if name.lower() in PARTS}
    if not parts or set(inside) - {path.name for path in parts.values()}:
        parts = {WHOLE: folder}
    classes = {part: _folders(path) for part, path in parts.items()}
    labels = _labels(folder, classes, wanted)
    files = {
        part: {label: _files(inside[label]) if label in inside else [] for label in labels}
        for part, inside in classes.items()
    }
    kind = _kind(
        folder, [path for each in files.values() for some in each.values() for path in some]
    )
    suffixes, decoder = DECODERS[kind]
    decode = decoder(wanted, str(folder))
    found, numbers = {}, set()
    for part, each in files.items():
        chosen = [
            (path, number)
            for number, label in enumerate(labels)
            for path in each[label]
            if path.suffix.lower() in suffixes
        ]
        y: NDArray[np.int32] = np.array([number for _, number in chosen], np.int32)
        found[part] = Part({"": decode([path for path, _ in chosen])}, {"": y})
        numbers |= {number for _, number in chosen}
    for number, label in enumerate(labels):
        if number not in numbers:
            raise DataError(
                f"{folder} has no {kind} of the class {label!r}; put files into its folder "
                f"({', '.join(suffixes)}), or name the classes that you want"
            )
    total = sum(map(len, found.values()))
    return Found(folder.name, found, f"{total} {kind} of {folder.name}", labels)


def _folders(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.iterdir() if path.is_dir())
    return {one_spelling(path.name): path for path in paths if path.name[0] not in "._"}


def _files(folder: Path) -> list[Path]:
    paths = (path for path in folder.iterdir() if path.is_file() and path.name[0] != ".")
    return sorted(paths, key=lambda path: one_spelling(path.name))


def _labels(
    folder: Path, classes: Mapping[str, Mapping[str, Path]], wanted: Wanted
) -> tuple[str, ...]:
    """The wanted classes in their order, or all."""
    have = sorted(set().union(*classes.values()))
    labels = tuple(map(one_spelling, wanted.labels)) or tuple(have)
    if missing := [label for label in labels if label not in have]:
        raise DataError(
            f"{folder} has no folder {missing[0]!r}; its classes are {', '.join(have) or 'none'}"
        )
    if not labels:
        raise DataError(
            f"{folder} has no classes; give each a folder of pictures or sounds, or put x.npy and "
            "y.npy, or train.csv and test.csv there"
        )
    if len(labels) < 2:
        raise DataError(
            f"{folder} has the one class {labels[0]!r}; a classifier needs two or more, each a "
            "folder of pictures or sounds"
        )
    return labels


def _kind(folder: Path, paths: Sequence[Path]) -> str:
    """What most files are."""
    counts = Counter(
        kind
        for path in paths
        for kind, (suffixes, _) in DECODERS.items()
        if path.suffix.lower() in suffixes
    )
    if not counts:
        ends = Counter(path.suffix.lower() or path.name for path in paths)
        have = ", ".join(end for end, _ in ends.most_common(5)) or "no files"
        raise DataError(
            f"{folder} has neither pictures ({', '.join(pictures.SUFFIXES)}) nor sounds "
            f"({', '.join(audio.SUFFIXES)}) in its folders, but {have}; convert them"
        )
    return counts.most_common(1)[0][0]
