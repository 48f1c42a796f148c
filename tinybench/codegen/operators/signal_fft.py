"""Transforms of real numbers to half as many points, and back: SignalRfft and SignalIrfft."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen.graph import Call, Graph, Step, refuse
from tinybench.codegen.operators.custom import arguments, places, require_elements, require_rank
from tinybench.codegen.operators.shaping import operand

if TYPE_CHECKING:
    from tinybench.codegen.graph import Array, Field
    from tinybench.tflite.model import Operator

TYPES = {0: "float32", 2: "int32", 7: "int16"}
"""Values of the option T: schema.fbs, TensorType."""
ENDINGS = {"float32": "f32", "int32": "s32", "int16": "s16"}
LARGEST = 1 << 20
"""A transform of more numbers would not fit a device, with its tables."""


def _transform(kernel: str, *, inverse: bool) -> Callable[[Graph, Operator], Step]:
    def lower(graph: Graph, operator: Operator) -> Step:
        dtype = operand(graph, operator, 0).dtype
        [source], [target] = arguments(graph, operator, [dtype], [dtype])
        kind, length = places(operator, "T", "fft_length")
        if TYPES.get(kind) != dtype:
            raise refuse(operator, f"its option T, {kind}, is not the type of its input, {dtype}")
        radices = _radices(operator, length)
        require_rank(operator, max(len(source.shape), 1), source, target)
        size = source.shape[-1]
        rows = source.elements // size
        shorter, longer = (target.shape[-1], size) if inverse else (size, target.shape[-1])
        if inverse and (longer % 2 or longer < length + 2 or shorter != length):
            raise refuse(operator, f"{longer // 2} points do not become {shorter} of {length}")
        if not inverse and (longer != length + 2 or shorter > length):
            raise refuse(
                operator, f"{shorter} of {length} numbers do not become {longer // 2} points"
            )
        require_elements(operator, rows * target.shape[-1], target)
        points = length // 2
        fields: dict[str, Any] = {
            "twiddles": _table(dtype, [2 * math.pi * n / points for n in range(points)], inverse),
            "halves": _table(
                dtype,
                [math.pi * ((n + 1) / points + 0.5) for n in range(max(points // 2, 1))],
                inverse,
            ),
            "fft": _passes(radices, points),
            "rows": rows,
            "input_step": size,
            "output_step": target.shape[-1],
        }
        call = Call(f"{kernel}_{ENDINGS[dtype]}", (source.index, target.index), fields)
        return Step(operator, (call,))

    return lower


def _radices(operator: Operator, length: int) -> list[int]:
    """The radix of each pass, fours first; what remains has no pass, nor has it in the runtime."""
    if not 4 <= length <= LARGEST or length % 2:
        raise refuse(operator, f"its option fft_length is {length}, not an even number from 4")
    found: list[int] = []
    rest = length // 2
    for radix in (4, 2, 3, 5):
        while rest % radix == 0:
            found.append(radix)
            rest //= radix
    if rest > 1:
        raise refuse(operator, f"fft_length {length} has prime factors above 5: {rest} is left")
    return found


def _passes(radices: list[int], points: int) -> dict[str, Field]:
    strides = [math.prod(radices[:number]) for number in range(len(radices))]
    return {
        "radices": np.array(radices, np.uint8),
        "strides": np.array(strides, np.int32),
        "passes": len(radices),
        "points": points,
    }


def _table(dtype: str, angles: list[float], inverse: bool) -> Array:
    """Points on the circle, clockwise unless `inverse`, real and imaginary parts in turns."""
    sign = 1 if inverse else -1
    parts = [part for angle in angles for part in (math.cos(angle), math.sin(sign * angle))]
    if dtype == "float32":
        return np.array(parts, np.float32)
    largest = int(np.iinfo(dtype).max)
    return np.array([math.floor(0.5 + largest * part) for part in parts], dtype)


LOWERINGS = {
    "CUSTOM:SignalRfft": _transform("signal_rfft", inverse=False),
    "CUSTOM:SignalIrfft": _transform("signal_irfft", inverse=True),
}
