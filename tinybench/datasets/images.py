"""Pictures in folders, a folder a class: read one at a time, split by scene.

A scene is what a file is named before its last "_" or "-" and number: `rider12_003.jpg` and
`rider12_004.jpg` are two pictures of `rider12`, whatever their folders. A name without such a
number is a scene of its own. No scene is in two splits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.console.progress import Progress, silent
from tinybench.datasets import grouping
from tinybench.datasets.data import (
    DataError,
    DataFileError,
    Dataset,
    LabelsError,
    LayoutError,
    Split,
    TooFewError,
)
from tinybench.datasets.evaluation import Grid
from tinybench.datasets.grouping import one_spelling
from tinybench.registry import UnknownNameError
from tinybench.tensorflow import load

Pixels: TypeAlias = NDArray[np.uint8]

GRID = Grid("uint8", 1 / 255, 0.0)
"""A picture's inputs are its pixels over 255."""
SUFFIXES = (".png", ".jpg", ".jpeg")
SMALLEST = 8
"""Pixels a side below which a picture shows nothing."""


class PictureError(DataError):
    """A picture that cannot be read."""

    page = "picture-format"


def split(pixels: Pixels, classes: NDArray[np.int64], count: int) -> Split:
    """A split of pictures (N, side, side, 3) and their class numbers (N,) below `count`."""
    return Split(GRID.values(pixels), np.eye(count, dtype=np.float32)[classes])


def class_names(folder: Path, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The wanted classes, or all folders of `folder` by name; DataError if there are too few."""
    found = _class_folders(folder)
    for name in wanted:
        if one_spelling(name) not in found:
            raise LabelsError(f"{folder}: {UnknownNameError('class', name, found)}")
    names = tuple(one_spelling(name) for name in wanted) or tuple(found)
    if len(set(names)) < max(2, len(names)):
        raise DataError(
            f"{folder} gives the classes {', '.join(names) or 'none'}; a classifier needs two or "
            "more different ones, each a folder of pictures"
        )
    return names


def read(folder: Path, labels: Sequence[str], side: int, progress: Progress = silent) -> Dataset:
    """Read `folder/<label>/*.{png,jpg,jpeg}` into RGB pictures of `side` pixels a side.

    The middle square is taken and made smaller with its fine detail averaged. Rotation notes of
    cameras are not looked at. DataError names the file or the folder.
    """
    files = [
        (path, number) for number, paths in enumerate(_files(folder, labels)) for path in paths
    ]
    classes = np.array([number for _, number in files])
    own = [scene(path.stem) for path, _ in files]
    parts = _parts(folder, labels, own, classes)
    pixels = np.empty((len(files), side, side, 3), np.uint8)
    progress(0, len(files))
    for index, (path, _) in enumerate(files):
        pixels[index] = picture(path, side, side)
        progress(index + 1, len(files))
    random = np.random.default_rng(0)
    splits = {}
    for name in ("train", "validation", "test"):
        # The calibration set is the first training samples: they must not be of one class.
        chosen = random.permutation(np.flatnonzero([parts[group] == name for group in own]))
        splits[name] = split(pixels[chosen], classes[chosen], len(labels))
    counted = list(parts.values())
    groups = "scenes: " + ", ".join(f"{counted.count(name)} {name}" for name in splits)
    return Dataset(
        splits["train"],
        splits["validation"],
        splits["test"],
        source=f"pictures in {folder}",
        licence="that of the pictures",
        groups=groups,
    )


def scene(stem: str) -> str:
    """The scene of a file name without its suffix."""
    found = re.fullmatch(r"(.+)[_-]\d+", one_spelling(stem))
    return found[1] if found else one_spelling(stem)


def _class_folders(folder: Path) -> dict[str, Path]:
    try:
        paths = [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."]
    except OSError as error:
        raise DataFileError(
            f"{folder} cannot be read ({error.strerror}); give a folder with a folder of pictures "
            "for each class"
        ) from None
    return dict(sorted((one_spelling(path.name), path) for path in paths))


def _files(folder: Path, labels: Sequence[str]) -> list[list[Path]]:
    """The pictures of each class, by name."""
    class_names(folder, labels)
    folders, found = _class_folders(folder), []
    for label in labels:
        paths = [
            path
            for path in folders[one_spelling(label)].iterdir()
            if path.suffix.lower() in SUFFIXES and path.name[0] != "."
        ]
        if not paths:
            raise TooFewError(
                f"{folders[one_spelling(label)]} has no pictures; put PNG or JPEG files there, or "
                "name the classes that you want"
            )
        found.append(sorted(paths, key=lambda path: one_spelling(path.name)))
    return found


def _parts(
    folder: Path, labels: Sequence[str], own: Sequence[str], classes: NDArray[np.int64]
) -> dict[str, str]:
    """The split of each scene, given every picture's scene and class number."""
    shown: dict[str, set[str]] = {}
    for name, number in zip(own, classes.tolist(), strict=True):
        shown.setdefault(name, set()).add(labels[number])
    try:
        return grouping.assign(shown, "scene")
    except DataError as error:
        raise LayoutError(
            f"{folder}: {error}; pictures of one scene are named SCENE_NUMBER, "
            "a picture that is a scene of its own without '_' or '-' before its number"
        ) from None


def picture(path: Path, height: int, width: int, channels: int = 3) -> Pixels:
    """The middle of a picture file, as large as it can be, at that size (height, width, channels).

    `channels` is 1 for grey or 3. DataError names the file.
    """
    tf = load().tf
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataFileError(f"{path} cannot be read ({error.strerror})") from None
    if not data:
        raise PictureError(f"{path} is empty; remove it or put the picture back")
    try:
        whole = _decoded(data, channels)
    except tf.errors.OpError:
        raise PictureError(
            f"{path} is no PNG or JPEG picture, or a damaged one; remove it"
        ) from None
    have_height, have_width = whole.shape[:2]
    if min(have_height, have_width) < SMALLEST:
        raise PictureError(
            f"{path} is {have_width}x{have_height} pixels; a picture needs {SMALLEST} or more a "
            "side"
        )
    scale = min(have_height / height, have_width / width)
    kept_height = min(have_height, round(height * scale))
    kept_width = min(have_width, round(width * scale))
    top, left = (have_height - kept_height) // 2, (have_width - kept_width) // 2
    middle = whole[top : top + kept_height, left : left + kept_width]
    small = tf.image.resize(middle, (height, width), antialias=True).numpy()
    return np.asarray(np.clip(np.rint(small), 0, 255), np.uint8)


def _decoded(data: bytes, channels: int) -> Any:
    tf = load().tf
    try:
        return tf.io.decode_image(data, channels=channels, expand_animations=False)
    except tf.errors.InvalidArgumentError:
        # BMP and GIF are decoded with the channels that they have only.
        whole = tf.io.decode_image(data, expand_animations=False)
    colours = tf.image.grayscale_to_rgb(whole) if whole.shape[-1] == 1 else whole[..., :3]
    return tf.image.rgb_to_grayscale(colours) if channels == 1 else colours
