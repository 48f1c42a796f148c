"""Layers that keep a state: LSTM and SVDF, of every type and both orders of time and batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from . import float_families
from .builder import Tensor
from .draft import Draft

GATE = 2.0**-12
"""The scale of a gate's sum."""


def state(draft: Draft, shape: tuple[int, ...], dtype: str, scale: float) -> Tensor:
    if dtype == "float32":
        return Tensor(shape, dtype, variable=True)
    zero_point = draft.zero_point(dtype)
    return Tensor(shape, dtype, scale, zero_point, variable=True)


def _scale(tensor: Tensor) -> float:
    return tensor.scale if isinstance(tensor.scale, float) else 1.0


def weights(draft: Draft, shape: tuple[int, ...], dtype: str, scale: float) -> Tensor:
    if dtype == "float32":
        return Tensor(shape, dtype, data=draft.content(shape, dtype) * np.float32(0.5))
    return Tensor(shape, dtype, scale, data=draft.content(shape, dtype))


def bias(draft: Draft, size: int, dtype: str, scale: float) -> Tensor:
    if dtype == "float32":
        return Tensor((size,), dtype, data=draft.content((size,), dtype))
    data = draft.rng.integers(-90000, 90000, size)
    return Tensor((size,), dtype, scale, data=data)


def lstm(draft: Draft, dtype: str, sizes: tuple[int, int, int, int] | None = None) -> Tensor:
    """Draw a layer with any scales and clips; `sizes` are batches, steps, inputs and units."""
    time_major = sizes is None and draft.chance(30)
    if sizes is None:
        outer = (draft.any(1, 1, 2, 3), draft.between(1, 4))
        sizes = (*outer, draft.between(1, 9), draft.between(1, 9))
    batches, steps, inputs, units = sizes
    outer = (steps, batches) if time_major else (batches, steps)
    x = draft.input((*outer, inputs), dtype)
    types = {"float32": ("float32", "float32"), "int8": ("int8", "int32")}
    weights_type, bias_type = types.get(dtype, ("int8", "int64"))
    hidden = state(draft, (batches, units), dtype, draft.magnitude(2e-3, 0.03))
    cell_type = "float32" if dtype == "float32" else "int16"
    power = 2.0 ** draft.between(-15, -9)
    cell = state(draft, (batches, units), cell_type, draft.any(power, power, power, 3e-4))
    matrices: list[Tensor] = []
    for source, depth in ((x, inputs), (hidden, units)):
        for _ in range(4):
            scale = draft.magnitude(1e-3, 3.0) * GATE / _scale(source)
            matrices.append(weights(draft, (units, depth), weights_type, scale))
    biases = [bias(draft, units, bias_type, 1e-4) for _ in range(4)]
    none = [None]
    operands = (x, *matrices, *none * 3, *biases, *none * 2, hidden, cell, *none * 4)
    y = replace(hidden, shape=(*outer, units), variable=False)
    return draft.add(
        "UNIDIRECTIONAL_SEQUENCE_LSTM",
        operands,
        y,
        fused_activation_function="TANH",
        cell_clip=draft.any(0.0, 10.0, 10.0, 0.5),
        time_major=time_major,
    )


def svdf(
    draft: Draft, dtype: str, state_type: str, sizes: tuple[int, int, int, int] | None = None
) -> Tensor:
    """Draw a layer with any scales; `sizes` are inputs, units, memory and rank."""
    batches = draft.any(1, 1, 2) if sizes is None else 1
    inputs, units, memory, rank = sizes or (
        draft.between(1, 20),
        draft.between(1, 6),
        draft.between(1, 9),
        draft.between(1, 3),
    )
    filters = rank * units
    x = draft.input((batches, inputs), dtype)
    kept = state(draft, (batches, filters * memory), state_type, draft.magnitude(1e-3, 0.1))
    scales = [_scale(tensor) for tensor in (x, kept)]
    ratio = draft.magnitude(1e-3, 3.0) if state_type == "int16" else draft.magnitude(1e-4, 0.05)
    feature = weights(draft, (filters, inputs), dtype, ratio * scales[1] / scales[0])
    # Sums over time of int16 leave 32 bits otherwise, where builds of the runtime differ.
    by_time = weights(draft, (filters, memory), state_type, draft.magnitude(1e-3, 0.05))
    if state_type == "int16":
        by_time = replace(by_time, data=np.asarray(by_time.data) // 64)
    product = float(np.float32(scales[1]) * np.float32(_scale(by_time)))
    added = bias(draft, units, "float32" if dtype == "float32" else "int32", product)
    y = Tensor((batches, units), dtype)
    if dtype == "int8":
        y = draft.activation(y.shape)
        reach = math.sqrt(filters * memory) * product * 2 ** (6 if state_type == "int8" else 12)
        y = replace(y, scale=reach * draft.magnitude(0.01, 1.0))
    activation = (
        draft.any("NONE", "RELU", "RELU6", "RELU_N1_TO_1") if dtype == "float32" else "RELU"
    )
    return draft.add(
        "SVDF",
        (x, feature, by_time, added, kept),
        y,
        rank=rank,
        fused_activation_function=activation,
    )


def circular_buffer(draft: Draft) -> Tensor:
    """Draw a buffer of a few slots, and a layer that reads it."""
    slots = draft.any(1, 2, 3, 5, 13)
    x = draft.input((1, 1, draft.between(1, 4), draft.between(1, 20)))
    buffer = replace(draft.like(x, (1, slots, *x.shape[2:])), variable=True)
    options = {} if slots in (5, 13) and draft.chance(50) else {"cycles_max": 1}
    draft.add("CUSTOM:CIRCULAR_BUFFER", (x,), buffer, bare=not options, **options)
    return draft.add("RELU", (buffer,), draft.activation(buffer.shape))


FAMILIES: dict[str, Callable[[Draft], Tensor]] = {
    "lstm": partial(lstm, dtype="int8"),
    "lstm_int16": partial(lstm, dtype="int16"),
    "lstm_float32": partial(lstm, dtype="float32"),
    "svdf": partial(svdf, dtype="int8", state_type="int16"),
    "svdf_int8_state": partial(svdf, dtype="int8", state_type="int8"),
    "graph_circular_buffer": circular_buffer,
    "svdf_float32": partial(svdf, dtype="float32", state_type="float32"),
}
UNITS = {"lstm_float32": float_families.UNITS << 10}
"""Units in the last place, by family: differences grow from step to step."""
