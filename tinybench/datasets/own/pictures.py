"""Pictures as the model takes them: their middle, at its size, in grey or colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import images
from tinybench.datasets.data import DataError, FitError
from tinybench.datasets.own.found import Files, Wanted, shown

SUFFIXES = (*images.SUFFIXES, ".bmp", ".gif")


def decoder(wanted: Wanted, where: str) -> Callable[[Sequence[Path]], Files]:
    """What makes samples (N, height, width, channels) of paths, bytes 0…255."""
    shape, _ = wanted.input(where)
    channels = 1 if len(shape) == 2 else shape[-1]
    if len(shape) not in (2, 3) or channels not in (1, 3):
        raise FitError(
            f"{where} has pictures, but the model takes {shown(shape)}; pictures are (height, "
            "width, 1) or (height, width, 3): give an .npz for other inputs"
        )
    size = (shape[0], shape[1], channels)
    read = partial(_read, size=size)
    return lambda paths: Files(paths, (len(paths), *size), np.dtype(np.uint8), read)


def _read(paths: Sequence[Path], size: tuple[int, int, int]) -> list[NDArray[Any] | DataError]:
    found: list[NDArray[Any] | DataError] = []
    for path in paths:
        try:
            found.append(images.picture(path, *size))
        except DataError as error:
            found.append(error)
    return found
