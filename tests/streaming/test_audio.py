"""The audio front end in C gives the bytes of TensorFlow's operator, here and on a board."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.datasets.features import spectrogram

from .clips import CLIPS, pcm

HOP = 320


@pytest.mark.parametrize("name", CLIPS)
def test_bytes_of_tensorflow(host: Any, name: str) -> None:
    samples = pcm(name)
    expected = spectrogram(samples)
    actual = np.empty_like(expected)

    host.frames(pointer(samples), len(samples) // HOP, pointer(actual))

    assert actual.shape == (74, 40)
    np.testing.assert_array_equal(actual, expected)


def pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)
