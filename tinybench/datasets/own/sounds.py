"""Sounds as the model takes them: a second of samples, or the features of the keyword tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import audio, features
from tinybench.datasets.data import DataError, FitError
from tinybench.datasets.features import CHANNELS, CLIP, FRAMES, Pcm
from tinybench.datasets.own.found import Files, Wanted, shown

RAW = (CLIP,)
FEATURES = (FRAMES, CHANNELS)
FULL = np.float32(1 / 32768)
"""Real numbers of samples are -1…1, as TensorFlow's `decode_wav` gives them."""


def decoder(wanted: Wanted, where: str) -> Callable[[Sequence[Path]], Files]:
    """What makes samples (N, 16000) or (N, 49, 40) of paths, as the model's input says.

    A model that takes real numbers gets samples over 32768 and features over 256; one that takes
    integers gets 16-bit samples, and features 0…255.
    """
    shape, dtype = wanted.input(where)
    real = dtype.startswith(("float", "bfloat"))
    bare = shape[:-1] if shape[-1:] == (1,) else shape
    if bare == RAW:
        kind = np.dtype(np.float32 if real else np.int16)
        return lambda paths: Files(paths, (len(paths), *RAW), kind, partial(_raw, real=real))
    if bare in (FEATURES, (FRAMES * CHANNELS,)):
        kind = np.dtype(np.float32 if real else np.uint8)
        read = partial(_features, shape=bare, real=real)
        return lambda paths: Files(paths, (len(paths), *bare), kind, read)
    raise FitError(
        f"{where} has sounds, but the model takes {shown(shape)}; a sound is one second at 16 kHz, "
        f"{shown(RAW)}, or its features, {shown(FEATURES)}: give an .npz for other inputs"
    )


def _clips(paths: Sequence[Path]) -> list[Pcm | DataError]:
    found: list[Pcm | DataError] = []
    for path in paths:
        try:
            found.append(audio.read(path))
        except DataError as error:
            found.append(error)
    return found


def _raw(paths: Sequence[Path], real: bool) -> list[NDArray[Any] | DataError]:
    return [
        clip if isinstance(clip, DataError) or not real else clip.astype(np.float32) * FULL
        for clip in _clips(paths)
    ]


def _features(
    paths: Sequence[Path], shape: tuple[int, ...], real: bool
) -> list[NDArray[Any] | DataError]:
    clips = _clips(paths)
    good = [index for index, clip in enumerate(clips) if not isinstance(clip, DataError)]
    codes = features.of_clips(clip for clip in clips if not isinstance(clip, DataError))
    found: list[NDArray[Any] | DataError] = list(clips)
    for index, code in zip(good, codes, strict=True):
        found[index] = (features.GRID.values(code) if real else code).reshape(shape)
    return found
