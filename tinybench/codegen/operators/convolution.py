"""CONV_2D and DEPTHWISE_CONV_2D."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen import overlap
from tinybench.codegen.graph import Array, Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.plain import computed, plain_int8, wraps
from tinybench.codegen.operators.weights import (
    bias_operand,
    blocked,
    constant_operand,
    filled,
    fold_zero_point,
    requantize_rule,
    require,
)
from tinybench.codegen.operators.window import window
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator


def conv(graph: Graph, operator: Operator) -> Step:
    """Lower CONV_2D; weights are (outputs, height, width, inputs of a group)."""
    if computed(graph, operator):
        return plain_int8(graph, operator, channel_axis=0)
    weights = _weights(graph, operator)
    source = graph.tensor(operator.inputs[0])
    outputs, *_, depth = weights.shape
    if len(source.shape) != 4 or source.shape[3] % depth or outputs % (source.shape[3] // depth):
        raise refuse(operator, f"{label(source)} does not have the channels of the weights")
    if source.shape[3] != depth:
        return _groups(graph, operator, weights, source.shape[3] // depth)
    return _conv(graph, operator, weights, channel_axis=0)


def _groups(graph: Graph, operator: Operator, weights: Array, groups: int) -> Step:
    outputs, height, width, depth = weights.shape
    rows = np.ascontiguousarray(weights).reshape(outputs, -1)
    bias = bias_operand(graph, operator, outputs)
    if wraps(graph, operator, rows, bias, channel_axis=0):
        return plain_int8(graph, operator, channel_axis=0)
    geometry = window(graph, operator, (height, width), outputs)
    arguments = (operator.inputs[0], operator.outputs[0])
    zero_point = quantization(graph, operator, arguments[0])[1]
    quads = -(-rows.shape[1] // 4)
    fields = {
        "weights": blocked(rows, 1),
        "bias": fold_zero_point(bias, rows, zero_point),
        "window": geometry,
        "groups": groups,
        "depth": depth,
        "filters": outputs // groups,
        "quads": quads,
        "pad": zero_point,
    }
    rule = requantize_rule(graph, operator, rows, bias, channel_axis=0)
    scratch = 36 * quads + 4 * height * width * depth * groups
    call = Call("conv_groups_s8", arguments, fields, scratch, rule)
    over = overlap.windows(graph, *arguments, geometry, at_once=4)
    return Step(operator, (call,), overlap=over)


def depthwise(graph: Graph, operator: Operator) -> Step:
    """Lower DEPTHWISE_CONV_2D; weights are (1, height, width, outputs).

    With one input channel it is a convolution, and much faster as one.
    """
    if computed(graph, operator):
        return plain_int8(graph, operator, channel_axis=3)
    weights = _weights(graph, operator)
    source = graph.tensor(operator.inputs[0])
    outputs = weights.shape[3]
    if len(source.shape) != 4 or weights.shape[0] != 1 or outputs % (source.shape[3] or 1):
        raise refuse(operator, f"{label(source)} does not fit the weights")
    if source.shape[3] == 1:
        return _conv(graph, operator, weights.transpose(3, 1, 2, 0), channel_axis=3)
    geometry = window(graph, operator, weights.shape[1:3], outputs)
    taps = weights.reshape(-1, outputs)
    bias = bias_operand(graph, operator, outputs)
    if wraps(graph, operator, taps.T, bias, channel_axis=3):
        return plain_int8(graph, operator, channel_axis=3)
    zero_point = quantization(graph, operator, source.index)[1]
    folded = fold_zero_point(bias, taps.T, zero_point)
    rule = requantize_rule(graph, operator, taps.T, bias, channel_axis=3)
    arguments = (source.index, operator.outputs[0])
    patch = taps.shape[0] * source.shape[3]
    if outputs != source.shape[3]:
        fields = {
            "weights": np.ascontiguousarray(taps),
            "bias": folded,
            "window": geometry,
            "multiplier": outputs // source.shape[3],
            "pad": zero_point,
        }
        call = Call("depthwise_multiplier_s8", arguments, fields, patch, rule)
        return Step(operator, (call,), overlap=overlap.windows(graph, *arguments, geometry))
    columns = filled_columns(taps)
    fields = {
        "weights": np.ascontiguousarray(
            columns.reshape(taps.shape[0], -1, 4).transpose(1, 0, 2)
        ).reshape(-1),
        "bias": filled(folded, 4),
        "window": geometry,
        "pad": zero_point,
    }
    call = Call("depthwise_s8", arguments, fields, patch + 3, rule)
    over = overlap.windows(graph, *arguments, geometry)
    return Step(operator, (call,), overlap=over, overread=-outputs % 4)


def filled_columns(taps: Array) -> Array:
    """Weights (taps, channels) with zeros for channels up to a multiple of 4."""
    missing = -taps.shape[1] % 4
    return np.pad(taps, ((0, 0), (0, missing)))


def _conv(graph: Graph, operator: Operator, weights: Array, *, channel_axis: int) -> Step:
    outputs = weights.shape[0]
    source = graph.tensor(operator.inputs[0])
    geometry = window(graph, operator, weights.shape[1:3], outputs)
    rows = np.ascontiguousarray(weights).reshape(outputs, -1)
    bias = bias_operand(graph, operator, outputs)
    if wraps(graph, operator, rows, bias, channel_axis=channel_axis):
        return plain_int8(graph, operator, channel_axis=channel_axis)
    zero_point = quantization(graph, operator, source.index)[1]
    groups = -(-rows.shape[1] // 4)
    plain = ("kernel_h", "kernel_w", "stride_h", "stride_w")
    direct = all(geometry[name] == 1 for name in plain)
    fields = {
        "weights": blocked(rows, 1),
        "bias": fold_zero_point(bias, rows, zero_point),
        "window": geometry,
        "outputs": outputs,
        "groups": groups,
        "pad": zero_point,
        "direct": int(direct),
    }
    rule = requantize_rule(graph, operator, rows, bias, channel_axis=channel_axis)
    scratch = groups * (32 if direct else 36)
    arguments = (source.index, operator.outputs[0])
    call = Call("conv_s8", arguments, fields, scratch, rule)
    over = overlap.windows(graph, *arguments, geometry, at_once=4)
    overread = -rows.shape[1] % 4 if direct else 0
    return Step(operator, (call,), overlap=over, overread=overread)


def _weights(graph: Graph, operator: Operator) -> Array:
    for index in (operator.inputs[0], operator.outputs[0]):
        require(operator, graph, index, "int8")
    weights = constant_operand(graph, operator, 1, "int8")
    if weights.ndim != 4 or not weights.size:
        raise refuse(operator, "weights do not have four dimensions")
    if not option(operator, "padding", ""):
        raise refuse(operator, "it has no options")
    return weights


LOWERINGS = {"CONV_2D": conv, "DEPTHWISE_CONV_2D": depthwise}
