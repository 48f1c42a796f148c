"""Models of one layer, in the form of the tasks', and recordings that they answer in many ways."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinybench.streaming import Application, GestureSettings, KeywordSettings

from ..codegen.builder import Op, Tensor, build

WORDS = ("silence", "unknown", "yes", "no")
GESTURES = ("wing", "ring", "slope", "negative")


def linear(
    shape: tuple[int, ...],
    rows: NDArray[np.float64],
    bias: NDArray[np.float64],
    *,
    scale: float,
    zero_point: int,
) -> bytes:
    """Softmax of `rows` (4, inputs) times the input plus `bias`, in int8."""
    size, weight_scale, sum_scale = int(np.prod(shape)), 1 / 64, 1 / 4
    x = Tensor((1, *shape), "int8", scale, zero_point)
    flat = Tensor((1, size), "int8", scale, zero_point)
    codes = np.clip(np.rint(rows / weight_scale), -127, 127).astype(np.int8)
    weights = Tensor((4, size), "int8", weight_scale, data=codes)
    biases = Tensor(
        (4,), "int32", scale * weight_scale, data=np.rint(bias / (scale * weight_scale))
    )
    sums = Tensor((1, 4), "int8", sum_scale)
    y = Tensor((1, 4), "int8", 1 / 256, -128)
    form = Tensor((2,), "int32", data=[1, size])
    return build(
        [x],
        [
            Op("RESHAPE", (x, form), (flat,), bare=True),
            Op("FULLY_CONNECTED", (flat, weights, biases), (sums,)),
            Op("SOFTMAX", (sums,), (y,), beta=1.0),
        ],
        [y],
    )


def keyword(scale: float = 1 / 256, zero_point: int = -128, **settings: int) -> Application:
    """It says no where the upper channels are loud, yes where the lower are, else silence."""
    rows = np.zeros((4, 49, 40))
    rows[2, 24:, :20], rows[2, 24:, 20:] = 1 / 2, -1 / 2
    rows[3] = -rows[2]
    bias = np.array([6.0, 0.0, 0.0, 0.0])
    data = linear((49, 40, 1), rows.reshape(4, -1), bias, scale=scale, zero_point=zero_point)
    return Application("keyword", "int8", data, WORDS, KeywordSettings(**settings))


def gesture(**settings: int) -> Application:
    """Each gesture is an axis along which the newest readings are large."""
    rows = np.zeros((4, 128, 3))
    for axis in range(3):
        rows[axis, 100:, axis] = 1 / 4
    data = linear(
        (128, 3, 1), rows.reshape(4, -1), np.array([0, 0, 0, 5.0]), scale=1 / 32, zero_point=0
    )
    return Application("gesture", "int8", data, GESTURES, GestureSettings(**settings))


def sound(seconds: float = 6.0) -> NDArray[np.int16]:
    """Tones of changing height in a little noise, with pauses."""
    random = np.random.default_rng(5)
    time = np.arange(int(16000 * seconds)) / 16000
    height = np.where(time % 4 < 2, 400.0, 4000.0)
    loud = 6000 * (time % 2 > 0.7)
    samples = loud * np.sin(2 * np.pi * height * time) + random.normal(0, 30, len(time))
    return np.rint(samples).astype(np.int16)


def movement(readings: int = 450) -> NDArray[np.int16]:
    """One axis after the other is pushed for some seconds, between them nothing."""
    random = np.random.default_rng(6)
    pushed = np.zeros((readings, 3))
    for axis in range(3):
        pushed[150 * axis + 20 : 150 * axis + 80, axis] = 1500
    return np.rint(pushed + random.normal(0, 40, pushed.shape)).astype(np.int16)
