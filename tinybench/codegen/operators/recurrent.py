"""UNIDIRECTIONAL_SEQUENCE_LSTM: a layer of long short-term memory over the steps of a sequence.

The operator has 24 inputs. Numbers of gates are in the order of the file's tensors: input, forget,
cell, output; kernels take them in the order in which TFLM computes them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen.arithmetic import float32, per_channel_multipliers, quantize_multiplier
from tinybench.codegen.graph import Array, Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.int16_elementwise import sigmoid_table
from tinybench.codegen.operators.interleave import interleaved
from tinybench.codegen.operators.shaping import operand, real_option, require_type, result
from tinybench.codegen.operators.weights import (
    blocked,
    constant_operand,
    filled,
    fold_zero_point,
    multiplier,
    sum_scale,
    wide_multipliers,
)
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

INPUTS = 24
WEIGHTS, RECURRENT, BIAS = 1, 5, 12
HIDDEN, CELL = 18, 19
VARIANTS = {
    "peephole weights": range(9, 12),
    "a projection": range(16, 18),
    "layer normalization": range(20, 24),
}
"""What TFLM refuses, by the positions of its inputs."""

GATES = (1, 0, 2, 3)
"""Forget, input, cell and output, by their places in the file."""

GATE_SCALE = 2.0**-12
PRODUCT_SCALE = 2.0**-30
"""Scales of a gate's sum, and of a product of two activations."""

TYPES = {"float32": ("float32", "float32"), "int8": ("int8", "int32"), "int16": ("int8", "int64")}
"""Types of weights and biases, by that of the input."""


def lstm(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call over all batches and steps."""
    _check_variant(graph, operator)
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, *TYPES)
    hidden, cell = (_state(graph, operator, position) for position in (HIDDEN, CELL))
    for tensor in (target, hidden):
        require_type(operator, tensor, source.dtype)
    require_type(operator, cell, "float32" if source.dtype == "float32" else "int16")
    fields = _sizes(operator, source, hidden, cell, target)
    units = fields["units"]
    rows, recurrent, biases = _operands(graph, operator, source, units)
    overread = 0
    if source.dtype == "float32":
        fields = {
            "weights": _ordered(rows, recurrent, padded_rows),
            "bias": _alternating([biases[gate] for gate in GATES]),
            **fields,
            "clip": max(real_option(operator, "cell_clip"), 0.0),
        }
    elif source.dtype == "int8":
        overread = max(-rows[0].shape[1] % 4, -units % 4)
        fields = _int8_fields(graph, operator, (rows, recurrent, biases), fields)
    else:
        fields = _int16_fields(graph, operator, (rows, recurrent, biases), fields)
    kernel = {"float32": "lstm_f32", "int8": "lstm_s8", "int16": "lstm_s16"}[source.dtype]
    arguments = (source.index, hidden.index, cell.index, target.index)
    return Step(operator, (Call(kernel, arguments, fields),), overread=overread)


def _check_variant(graph: Graph, operator: Operator) -> None:
    if len(operator.inputs) != INPUTS:
        raise refuse(operator, f"{len(operator.inputs)} inputs, not {INPUTS}")
    for kind, positions in VARIANTS.items():
        if any(operator.inputs[position] >= 0 for position in positions):
            raise refuse(operator, f"{kind}: TensorFlow Lite Micro runs plain LSTMs only")
    if operator.inputs[WEIGHTS] < 0:
        raise refuse(operator, "no input gate: TensorFlow Lite Micro runs plain LSTMs only")
    activation = option(operator, "fused_activation_function", "NONE")
    if activation != "TANH":
        raise refuse(operator, f"the fused activation {activation}: TensorFlow Lite Micro has TANH")


def _state(graph: Graph, operator: Operator, position: int) -> Tensor:
    tensor = operand(graph, operator, position)
    if tensor.index not in graph.states:
        raise refuse(operator, f"{label(tensor)} is no variable")
    if operator.inputs.count(tensor.index) > 1:
        raise refuse(operator, f"{label(tensor)} is more than one of its inputs")
    return tensor


def _sizes(
    operator: Operator, source: Tensor, hidden: Tensor, cell: Tensor, target: Tensor
) -> dict[str, Any]:
    """How often the layer runs, and the steps between its inputs and between its outputs."""
    if len(source.shape) != 3 or len(target.shape) != 3:
        raise refuse(operator, "its input or output does not have three dimensions")
    *outer, inputs = source.shape
    units = target.shape[2]
    time_major = bool(option(operator, "time_major", default=False))
    batches, steps = outer[::-1] if time_major else outer
    if [*outer, units] != list(target.shape) or hidden.shape[-1:] != (units,):
        raise refuse(operator, f"{label(target)} does not fit {label(source)} and {label(hidden)}")
    for tensor in (hidden, cell):
        if tensor.elements != batches * units:
            raise refuse(operator, f"{label(tensor)} is not {batches} x {units}")
    between = (1, batches) if time_major else (steps, 1)
    return {
        "batches": batches,
        "steps": steps,
        "units": units,
        "inputs": inputs,
        "input_batch": between[0] * inputs,
        "input_step": between[1] * inputs,
        "output_batch": between[0] * units,
        "output_step": between[1] * units,
    }


def _operands(
    graph: Graph, operator: Operator, source: Tensor, units: int
) -> tuple[list[Array], list[Array], list[Array]]:
    """Weights of inputs and of hidden states, and biases, each for four gates."""
    weights_type, bias_type = TYPES[source.dtype]
    found: list[list[Array]] = []
    shapes = ((units, source.shape[2]), (units, units), (units,))
    for first, shape in zip((WEIGHTS, RECURRENT, BIAS), shapes, strict=True):
        dtype = bias_type if first == BIAS else weights_type
        found.append([])
        for position in range(first, first + 4):
            value = constant_operand(graph, operator, position, dtype)
            operand(graph, operator, position)  # refuses what C cannot write
            if value.shape != shape:
                raise refuse(operator, f"input {position} has shape {value.shape}, not {shape}")
            found[-1].append(value)
    return found[0], found[1], found[2]


def padded_rows(rows: Array) -> Array:
    """Weights of a block of 4 channels, one input after the other."""
    return interleaved(
        np.concatenate([rows, np.zeros((-len(rows) % 4, rows.shape[1]), rows.dtype)])
    )


def _ordered(rows: list[Array], recurrent: list[Array], layout: Any) -> Array:
    """Weights in the order in which a kernel reads them."""
    parts = []
    for unit in range(0, len(rows[0]), 4):
        for gate in GATES:
            parts += [layout(side[gate][unit : unit + 4]) for side in (rows, recurrent)]
    return np.concatenate(parts)


def _alternating(columns: list[Array]) -> Array:
    """Numbers of units, those of 4 units side by side for each column."""
    blocks = np.stack([filled(column, 4).reshape(-1, 4) for column in columns], axis=1)
    return np.ascontiguousarray(blocks).reshape(-1)


def _multipliers(graph: Graph, operator: Operator) -> list[tuple[int, int]]:
    """Those from the sums to a gate's scale: of W and R, for each gate."""
    given = [quantization(graph, operator, operator.inputs[at])[0] for at in (0, HIDDEN)]
    found = []
    for gate in GATES:
        for scale, first in zip(given, (WEIGHTS, RECURRENT), strict=True):
            weights = operator.inputs[first + gate]
            own, zero_point = quantization(graph, operator, weights)
            if zero_point:
                raise refuse(operator, f"{label(graph.tensor(weights))} has a zero point")
            found += per_channel_multipliers(scale, [own], GATE_SCALE)
    return found


def _sides(
    graph: Graph, operator: Operator, operands: tuple[list[Array], list[Array], list[Array]]
) -> list[tuple[Array, Array, int]]:
    """(weights, bias, zero point) of W and R, for each gate; only W has a bias."""
    rows, recurrent, biases = operands
    zeros = [quantization(graph, operator, operator.inputs[at])[1] for at in (0, HIDDEN)]
    found = []
    for gate in GATES:
        found.append((rows[gate], biases[gate], zeros[0]))
        found.append((recurrent[gate], np.zeros_like(biases[gate]), zeros[1]))
    return found


def _int8_fields(
    graph: Graph,
    operator: Operator,
    operands: tuple[list[Array], list[Array], list[Array]],
    sizes: dict[str, Any],
) -> dict[str, Any]:
    scales: list[int] = []
    columns = []
    sides = _sides(graph, operator, operands)
    for (weights, bias, zero), (q, shift) in zip(sides, _multipliers(graph, operator), strict=True):
        reach = np.abs(bias.astype(np.int64)) + 256 * np.abs(weights.astype(np.int64)).sum(axis=1)
        scales += multiplier(operator, q, shift, int(reach.max())).values()
        columns.append(fold_zero_point(bias, weights, zero))
    rows, recurrent, _ = operands
    inputs = sizes.pop("inputs")
    plain = {key: sizes.pop(key) for key in ("batches", "steps", "units")}
    return {
        "weights": _ordered(rows, recurrent, lambda part: blocked(part, 4)),
        "bias": _alternating(columns),
        "scales": np.array(scales, np.int32),
        **plain,
        "groups": -(-inputs // 4),
        "hidden_groups": -(-plain["units"] // 4),
        **sizes,
        "cell": _cell(graph, operator),
    }


def _int16_fields(
    graph: Graph,
    operator: Operator,
    operands: tuple[list[Array], list[Array], list[Array]],
    sizes: dict[str, Any],
) -> dict[str, Any]:
    columns = []
    most = 0
    for weights, bias, zero in _sides(graph, operator, operands):
        totals = weights.astype(np.int64).sum(axis=1)
        spread = np.abs(weights.astype(np.int64)).sum(axis=1) * (2**15 + abs(zero))
        exact = [b - zero * t for b, t in zip(bias.tolist(), totals.tolist(), strict=True)]
        most = max(most, *(abs(b) + s for b, s in zip(bias.tolist(), spread.tolist(), strict=True)))
        if most >= 2**47:
            break
        columns.append(np.array(exact, np.int64))
    multipliers = wide_multipliers(operator, _multipliers(graph, operator), most)
    rows, recurrent, _ = operands
    return {
        "weights": _ordered(rows, recurrent, padded_rows),
        "bias": _alternating(columns),
        "scale": {**sum_scale(multipliers, wide=True), "low": -(2**15), "high": 2**15 - 1},
        **sizes,
        "cell": _cell(graph, operator),
    }


def _cell(graph: Graph, operator: Operator) -> dict[str, Any]:
    """The members of `struct tb_lstm_cell_s16`."""
    cell, _ = quantization(graph, operator, operator.inputs[CELL])
    hidden, zero_point = quantization(graph, operator, operator.inputs[HIDDEN])
    shift = round(math.log2(cell)) + 12
    if not -30 <= shift <= 13:
        raise refuse(operator, f"the scale {cell} of the cell state is out of range")
    clip = float32(real_option(operator, "cell_clip"))
    clipped = int(min(clip / cell, 32767.0)) if clip > 0 else 0
    bits = 8 * (graph.tensor(operator.inputs[HIDDEN]).nbytes or 0)
    low = -(2 ** (bits // graph.tensor(operator.inputs[HIDDEN]).elements - 1))
    return {
        "state": {
            "table": sigmoid_table(),
            "multiplier": 3 << max(shift, 0),
            "shift": max(-shift, 0),
        },
        "input": multiplier(operator, *quantize_multiplier(PRODUCT_SCALE / cell), 2**30 - 1),
        "output": multiplier(operator, *quantize_multiplier(PRODUCT_SCALE / hidden), 2**30 - 1),
        "cell_low": -clipped if clip > 0 else -(2**15),
        "cell_high": clipped if clip > 0 else 2**15 - 1,
        "offset": zero_point,
        "low": low,
        "high": -low - 1,
    }


LOWERINGS = {"UNIDIRECTIONAL_SEQUENCE_LSTM": lstm}
