"""TRANSPOSE_CONV of every type; TensorFlow Lite Micro takes its shape from the output tensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen import phases
from tinybench.codegen.graph import Array, Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.floating_elementwise import activation_bounds
from tinybench.codegen.operators.int16 import fits, scaling
from tinybench.codegen.operators.interleave import interleaved
from tinybench.codegen.operators.shaping import operand, require_type, result
from tinybench.codegen.operators.weights import bias_operand, constant_operand, requantize_rule
from tinybench.codegen.operators.window import MAX_STRIDE
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

WEIGHTS, INPUT, BIAS = 1, 2, 3
"""Positions of the inputs; at 0 is the shape, which may be computed and is not read."""


@dataclass(frozen=True, slots=True)
class _Layer:
    """A layer whose shapes fit each other; `weights` are (outputs, height, width, inputs)."""

    source: Tensor
    target: Tensor
    weights: Array
    pairs: Sequence[tuple[phases.Axis, phases.Axis]]
    table: Mapping[str, Any]

    @property
    def rows(self) -> Array:
        return self.weights.reshape(len(self.weights), -1)

    def phase(self, pair: tuple[phases.Axis, phases.Axis]) -> Array:
        """The weights of one phase, zero where it has none."""
        y, x = (list(axis.taps) for axis in pair)
        return np.asarray(self.weights[:, y][:, :, x])


def transpose_conv(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call, by the type of the input."""
    dtype = operand(graph, operator, INPUT).dtype
    lower = {"float32": _float, "int8": _int8, "int16": _int16}.get(dtype)
    if lower is None:
        raise refuse(operator, f"the generator has no kernel for {dtype}")
    operand(graph, operator, WEIGHTS)
    weights = constant_operand(
        graph, operator, WEIGHTS, "float32" if dtype == "float32" else "int8"
    )
    call = lower(graph, operator, _layer(graph, operator, weights, dtype))
    return Step(operator, (call,))


def _layer(graph: Graph, operator: Operator, weights: Array, dtype: str) -> _Layer:
    source, target = operand(graph, operator, INPUT), result(graph, operator)
    require_type(operator, target, dtype)
    if not (len(source.shape) == len(target.shape) == weights.ndim == 4):
        raise refuse(operator, "input, weights and output do not have four dimensions each")
    outputs, *kernel, depth = weights.shape
    wanted = (source.shape[0], source.shape[3], outputs)
    if -1 in target.shape_signature[1:]:
        raise refuse(
            operator,
            f"{label(target)}: the file leaves its size open, and TensorFlow Lite Micro writes"
            " beyond it; convert a model with a fixed batch size (keras.Input(batch_size=1, ...))",
        )
    if (target.shape[0], depth, target.shape[3]) != wanted:
        raise refuse(operator, f"{label(source)}, its weights and its output do not fit")
    found = []
    for axis, taps in enumerate(kernel):
        stride, size = option(operator, f"stride_{'hw'[axis]}", 0), target.shape[1 + axis]
        if not 0 < stride <= MAX_STRIDE:
            raise refuse(operator, f"stride {stride} is invalid")
        found.append(phases.axes(size, taps, stride, _padding(operator, size, taps, stride)))
    if len(found[0]) * len(found[1]) > phases.MOST:
        raise refuse(operator, f"its strides make more than {phases.MOST:,} phases")
    if dtype != "float32":
        # Taps of weights that are zero, for phases without any.
        weights = np.pad(weights, ((0, 0), (0, 1), (0, 1), (0, 0)))
        found = [
            [axis if axis.taps else replace(axis, taps=(taps,), before=0) for axis in both]
            for both, taps in zip(found, kernel, strict=True)
        ]
    width = target.shape[2]
    ordered, described = phases.table(found[0], found[1], outputs, width)
    steps = [option(operator, f"stride_{axis}", 0) for axis in "hw"]
    described = {
        **described,
        "row": steps[0] * width * outputs,
        "column": steps[1] * outputs,
        "image": target.shape[1] * width * outputs,
    }
    return _Layer(source, target, weights, ordered, described)


def _padding(operator: Operator, size: int, kernel: int, stride: int) -> int:
    """What TFLM leaves out before the first output: that of a convolution back to the input.

    Source: tflite-micro `kernels/padding.h`, on the output's size; C divides towards zero.
    """
    padding = option(operator, "padding", "")
    if padding == "SAME":
        count = -(-size // stride)
    elif padding == "VALID":
        count = int((size + stride - kernel) / stride)
    else:
        raise refuse(operator, "it has no padding")
    return max((count - 1) * stride + kernel - size, 0) // 2


def _float(graph: Graph, operator: Operator, layer: _Layer) -> Call:
    outputs, (batches, height, width, channels) = len(layer.weights), layer.source.shape
    parts = [layer.phase(pair).reshape(outputs, -1) for pair in layer.pairs]
    if len(operator.inputs) > BIAS and operator.inputs[BIAS] >= 0:
        operand(graph, operator, BIAS)
    fields: dict[str, Any] = {
        "weights": np.concatenate([*map(interleaved, parts), np.zeros(1, np.float32)]),
        "bias": bias_operand(graph, operator, outputs, "float32", BIAS),
        "phases": layer.table,
        "batches": batches,
        "in_h": height,
        "in_w": width,
        "channels": channels,
        "outputs": outputs,
        **activation_bounds(operator),
    }
    return Call("transpose_conv_f32", (layer.source.index, layer.target.index), fields)


def _int8(graph: Graph, operator: Operator, layer: _Layer) -> Call:
    bias = bias_operand(graph, operator, len(layer.weights), "int32", BIAS)
    _, zero_point = quantization(graph, operator, layer.source.index)
    rule = requantize_rule(graph, operator, layer.rows, bias, channel_axis=0, source=INPUT)
    weights, groups = _filled(layer)
    fields: dict[str, Any] = {
        "weights": weights,
        "bias": bias,
        "phases": layer.table,
        "window": _window(layer, 1),
        "outputs": len(layer.weights),
        "pad": zero_point,
        "groups": groups,
    }
    arguments = (layer.source.index, layer.target.index)
    return Call("transpose_conv_s8", arguments, fields, 36 * groups + 4, rule)


def _int16(graph: Graph, operator: Operator, layer: _Layer) -> Call:
    scaled = scaling(graph, operator, layer.rows, 0, source=INPUT, bias=BIAS)
    weights, groups = _filled(layer)
    fields: dict[str, Any] = {
        "weights": weights,
        "bias": scaled["bias"],
        "phases": layer.table,
        "window": _window(layer, 2),
        "outputs": len(layer.weights),
        "groups": groups,
        "narrow": int(fits(layer.rows, scaled["bias"])),
        "scale": scaled["scale"],
    }
    arguments = (layer.source.index, layer.target.index)
    return Call("transpose_conv_s16", arguments, fields, 40 * groups + 8)


def _filled(layer: _Layer) -> tuple[Array, int]:
    """Weights whose rows of taps are filled up to groups of 4; the groups of the largest phase."""
    found, groups = [], 0
    for pair in layer.pairs:
        weights = layer.phase(pair)
        rows = weights.reshape(*weights.shape[:2], -1)
        rows = np.pad(rows, ((0, 0), (0, 0), (0, -rows.shape[2] % 4)))
        found.append(rows.reshape(-1))
        groups = max(groups, rows.shape[1] * rows.shape[2] // 4)
    return np.concatenate(found), groups


def _window(layer: _Layer, width: int) -> Mapping[str, Any]:
    """The members of `struct tb_window` that are not a part's, of elements of `width` bytes."""
    batches, height, columns, channels = layer.source.shape
    shape = {"batches": batches, "in_h": height, "in_w": columns, "channels": channels * width}
    steps = ("stride_h", "stride_w", "dilation_h", "dilation_w")
    return {
        **shape,
        **dict.fromkeys(("out_h", "out_w", "kernel_h", "kernel_w"), 0),
        **dict.fromkeys(steps, 1),
        **dict.fromkeys(("pad_h", "pad_w"), 0),
    }


LOWERINGS = {"TRANSPOSE_CONV": transpose_conv}
