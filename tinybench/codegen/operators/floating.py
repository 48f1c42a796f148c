"""Operators on float32 with weights or windows, in TensorFlow Lite Micro's order of additions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen import overlap
from tinybench.codegen.graph import Array, Graph, Lowering, Step, option, refuse
from tinybench.codegen.operators import floating_elementwise
from tinybench.codegen.operators.floating_elementwise import activation_bounds, floats
from tinybench.codegen.operators.interleave import interleaved
from tinybench.codegen.operators.plain import computed, layer_of, plain_float
from tinybench.codegen.operators.shaping import operand
from tinybench.codegen.operators.weights import bias_operand, constant_operand
from tinybench.codegen.operators.window import one_call, window
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator


def fully_connected(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; batches are whatever stands before the last dimension."""
    if computed(graph, operator):
        return _plain(graph, operator)
    rows = _weights(graph, operator)
    source, target = floats(graph, operator, 0)
    if rows.ndim != 2:
        raise refuse(operator, "weights do not have two dimensions")
    outputs, inputs = rows.shape
    batches, rest = divmod(source.elements, inputs)
    if rest or target.elements != batches * outputs:
        raise refuse(operator, f"{source.elements} inputs do not fit weights {outputs}x{inputs}")
    return _fully_connected(graph, operator, rows, batches)


def _fully_connected(graph: Graph, operator: Operator, rows: Array, batches: int) -> Step:
    outputs, inputs = rows.shape
    fields = {
        "weights": interleaved(rows),
        "bias": _bias(graph, operator, outputs),
        "batches": batches,
        "inputs": inputs,
        "outputs": outputs,
        **activation_bounds(operator),
    }
    return one_call(graph, operator, "fully_connected_f32", fields)


def conv_2d(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; weights are (outputs, height, width, inputs of a group)."""
    if computed(graph, operator):
        return _plain(graph, operator)
    weights = _weights(graph, operator)
    source, _ = floats(graph, operator, 0)
    if weights.ndim != 4 or len(source.shape) != 4:
        raise refuse(operator, "weights or inputs do not have four dimensions")
    outputs, depth = weights.shape[0], weights.shape[3]
    groups, rest = divmod(source.shape[3], depth)
    if rest or outputs % groups:
        raise refuse(
            operator, f"{source.shape[3]} channels do not fit {outputs} filters of {depth}"
        )
    return _conv_2d(graph, operator, weights, groups)


def _conv_2d(graph: Graph, operator: Operator, weights: Array, groups: int) -> Step:
    outputs, height, width, depth = weights.shape
    geometry = window(graph, operator, (height, width), outputs)
    rows = weights.reshape(outputs, -1)
    if groups == height == width == geometry["stride_h"] == geometry["stride_w"] == 1:
        # A pointwise convolution is a fully connected layer on every pixel.
        pixels = geometry["batches"] * geometry["out_h"] * geometry["out_w"]
        step = _fully_connected(graph, operator, rows, pixels)
        source, target = step.calls[0].arguments
        return replace(step, overlap=overlap.windows(graph, source, target, geometry))
    fields = {
        "weights": np.concatenate([interleaved(part) for part in np.split(rows, groups)]),
        "bias": _bias(graph, operator, outputs),
        "window": geometry,
        "groups": groups,
        "depth": depth,
        "filters": outputs // groups,
        "contiguous": int(groups == geometry["dilation_w"] == 1),
        **activation_bounds(operator),
    }
    return one_call(graph, operator, "conv_2d_f32", fields, geometry)


def depthwise_conv_2d(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; weights are (1, height, width, outputs).

    With one input channel it is a convolution, and faster as one.
    """
    if computed(graph, operator):
        return _plain(graph, operator)
    weights = _weights(graph, operator)
    source, _ = floats(graph, operator, 0)
    if weights.ndim != 4 or weights.shape[0] != 1 or len(source.shape) != 4:
        raise refuse(operator, "weights or inputs do not have four dimensions")
    outputs = weights.shape[3]
    if outputs % source.shape[3]:
        raise refuse(operator, f"{source.shape[3]} channels do not fit {outputs} filters")
    if source.shape[3] == 1:
        return _conv_2d(graph, operator, weights.transpose(3, 1, 2, 0), 1)
    geometry = window(graph, operator, weights.shape[1:3], outputs)
    fields = {
        "weights": weights.reshape(-1),
        "bias": _bias(graph, operator, outputs),
        "window": geometry,
        "outputs": outputs,
        "multiplier": outputs // source.shape[3],
        **activation_bounds(operator),
    }
    return one_call(graph, operator, "depthwise_conv_2d_f32", fields, geometry)


def _pool_2d(kernel: str) -> Lowering:
    """The lowering of an operator that puts the elements of a window together."""

    def lower(graph: Graph, operator: Operator) -> Step:
        source, _ = floats(graph, operator, 0)
        taps = (option(operator, "filter_height", 0), option(operator, "filter_width", 0))
        channels = source.shape[-1] if source.shape else 0
        geometry = window(graph, operator, taps, channels)
        fields = {"window": geometry, **activation_bounds(operator)}
        return one_call(graph, operator, kernel, fields, geometry)

    return lower


def _weights(graph: Graph, operator: Operator) -> Array:
    """The constant weights, float32 as the input; refuse what TFLM calls hybrid by its name."""
    weights = operand(graph, operator, 1)
    if weights.dtype != "float32":
        raise refuse(
            operator,
            f"{label(weights)} is {weights.dtype} with float32 inputs: such dynamic range models"
            " do not run on TensorFlow Lite Micro either",
        )
    return constant_operand(graph, operator, 1, "float32")


def _plain(graph: Graph, operator: Operator) -> Step:
    """The layer with weights that are computed."""
    return plain_float(graph, operator, _bias(graph, operator, layer_of(graph, operator).outputs))


def _bias(graph: Graph, operator: Operator, channels: int) -> Array:
    if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
        operand(graph, operator, 2)  # refuses what C cannot write
    return bias_operand(graph, operator, channels, "float32")


FLOAT_LOWERINGS = {
    "FULLY_CONNECTED": fully_connected,
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "AVERAGE_POOL_2D": _pool_2d("average_pool_2d_f32"),
    "MAX_POOL_2D": _pool_2d("max_pool_2d_f32"),
    "L2_POOL_2D": _pool_2d("l2_pool_2d_f32"),
    **floating_elementwise.LOWERINGS,
}
