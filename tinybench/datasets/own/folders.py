"""Which reader takes a folder, by what is in it; and its classes and parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from pathlib import Path

import numpy as np

from tinybench.datasets import audio, speech_commands
from tinybench.datasets.data import DataFileError, LabelsError, LayoutError
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
        raise DataFileError(f"{folder} cannot be read ({error.strerror}); name another") from None
    suffixes = {path.suffix.lower() for path in names}
    if ".npy" in suffixes:
        return arrays.read_folder
    if any(path.stem.lower() in SPLITS for path in names if path.suffix.lower() in table.SUFFIXES):
        return table.read_folder
    return read


def read(folder: Path, wanted: Wanted) -> Found:
    """`<class>/*`, or `train/<class>/*` and `test/<class>/*`; what is not needed is not read.

    Lists of files as in Speech Commands are obeyed. Folders without pictures or sounds are no
    classes.
    """
    inside = _folders(folder)
    parts = {PARTS[name.lower()]: path for name, path in inside.items() if name.lower() in PARTS}
    if not parts or len(parts) < len(inside):
        parts = {WHOLE: folder}
    files = {part: _by_class(path) for part, path in parts.items()}
    kind = _kind(folder, [path for each in files.values() for own in each.values() for path in own])
    suffixes, decoder = DECODERS[kind]
    for each in files.values():
        for name, own in each.items():
            each[name] = [path for path in own if path.suffix.lower() in suffixes]
    labels = _labels(
        folder, {name for each in files.values() for name in each if each[name]}, wanted
    )
    if set(parts) == {WHOLE} and kind == "sounds":
        files = _listed(folder, files[WHOLE])
    decode = decoder(wanted, str(folder))
    found = {}
    for part, each in files.items():
        paths = [path for label in labels for path in each.get(label, ())]
        y = [number for number, label in enumerate(labels) for _ in each.get(label, ())]
        found[part] = Part({"": decode(paths)}, {"": np.array(y, np.int32)})
    total = sum(map(len, found.values()))
    return Found(
        folder.name, found, f"{total} {kind} of {len(labels)} classes in {folder.name}", labels
    )


def _listed(folder: Path, files: Mapping[str, list[Path]]) -> dict[str, dict[str, list[Path]]]:
    """The files of each part, if lists say so."""
    lists = {
        one_spelling(line.strip()): split
        for split, name in speech_commands.LISTS.items()
        if (folder / name).is_file()
        for line in (folder / name).read_text(encoding="utf-8", errors="replace").splitlines()
    }
    found: dict[str, dict[str, list[Path]]] = {}
    for label, paths in files.items():
        for path in paths:
            part = lists.get(f"{label}/{one_spelling(path.name)}", "train") if lists else WHOLE
            found.setdefault(part, {}).setdefault(label, []).append(path)
    return found


def _folders(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.iterdir() if path.is_dir())
    return {one_spelling(path.name): path for path in paths if path.name[0] not in "._"}


def _by_class(folder: Path) -> dict[str, list[Path]]:
    """The files of each folder, by name."""
    return {
        name: sorted(
            (path for path in inside.iterdir() if path.is_file() and path.name[0] != "."),
            key=lambda path: one_spelling(path.name),
        )
        for name, inside in _folders(folder).items()
    }


def _labels(folder: Path, have: Set[str], wanted: Wanted) -> tuple[str, ...]:
    """The wanted classes in their order, or all."""
    labels = tuple(map(one_spelling, wanted.labels)) or tuple(sorted(have))
    if missing := [label for label in labels if label not in have]:
        raise LabelsError(
            f"{folder} has no files of the class {missing[0]!r}; those it has files of are "
            f"{', '.join(sorted(have))}"
        )
    if len(labels) < 2:
        raise LabelsError(
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
    if not paths:
        raise LayoutError(
            f"{folder} has no classes; give each a folder of pictures or sounds, or put x.npy and "
            "y.npy, or train.csv and test.csv there"
        )
    if not counts:
        ends = Counter(path.suffix.lower() or path.name for path in paths)
        have = ", ".join(end for end, _ in ends.most_common(5))
        raise LayoutError(
            f"{folder} has neither pictures ({', '.join(pictures.SUFFIXES)}) nor sounds "
            f"({', '.join(audio.SUFFIXES)}) in its folders, but {have}; convert them"
        )
    return counts.most_common(1)[0][0]
