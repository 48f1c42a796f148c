"""Convolutions that the fast kernels do not take.

Their weights are computed or have a zero point, or sums of int8 products wrap around.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen import overlap
from tinybench.codegen.arithmetic import INT32_MAX
from tinybench.codegen.graph import Array, Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.floating_elementwise import activation_bounds, floats
from tinybench.codegen.operators.shaping import operand
from tinybench.codegen.operators.weights import (
    bias_operand,
    channel_multipliers,
    largest_sum,
    output_range,
    require,
)
from tinybench.codegen.operators.window import MEMBERS, window
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybench.tflite.model import Operator


MOST = 1 << 20
"""Channels that no layer of a device has."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's shape; the channels of its weights, and the taps, are steps of elements apart."""

    outputs: int
    depth: int
    channel_step: int
    tap_step: int
    geometry: Mapping[str, int]

    @property
    def inputs(self) -> int:
        """The products that are summed for an output."""
        return self.geometry["kernel_h"] * self.geometry["kernel_w"] * self.depth

    @property
    def fields(self) -> Mapping[str, Any]:
        """The members of `struct tb_plain`."""
        groups = self.geometry["channels"] // self.depth
        return {
            "window": self.geometry,
            "groups": groups,
            "depth": self.depth,
            "filters": self.outputs // groups,
            "channel_step": self.channel_step,
            "tap_step": self.tap_step,
        }


def computed(graph: Graph, operator: Operator) -> bool:
    """Whether the weights are known only when the model runs."""
    return graph.constant(operand(graph, operator, 1, literal=False).index) is None


def off_zero(graph: Graph, operator: Operator) -> bool:
    """Whether the weights have one zero point, and it is not 0."""
    found = graph.tensor(operator.inputs[1]).quantization
    return found is not None and len(found.zero_points) == 1 and found.zero_points[0] != 0


def wraps(graph: Graph, operator: Operator, rows: Array, bias: Array, *, channel_axis: int) -> bool:
    """Whether sums can leave 32 bits: training leaves biases of INT32_MAX in filters that are dead.

    C does not define what follows where numbers have signs, so other kernels do not take them.
    """
    multipliers = channel_multipliers(graph, operator, rows, channel_axis)
    return largest_sum(rows, bias, multipliers) > INT32_MAX


def layer_of(graph: Graph, operator: Operator) -> Layer:
    """The shape of the layer that an operator is; refuse what does not fit."""
    shape = operand(graph, operator, 1, literal=False).shape
    source = operand(graph, operator, 0)
    if shape and max(shape) > MOST:
        raise refuse(operator, f"{max(shape):,} channels are too many")
    if operator.name == "FULLY_CONNECTED":
        return _dense(graph, operator, shape)
    if len(shape) != 4 or len(source.shape) != 4:
        raise refuse(operator, "weights or inputs do not have four dimensions")
    deep = operator.name == "DEPTHWISE_CONV_2D"
    outputs, depth = (shape[3], 1) if deep else (shape[0], shape[3])
    groups, rest = divmod(source.shape[3], depth)
    if rest or outputs % groups or (deep and shape[0] != 1):
        raise refuse(operator, f"{label(source)} does not have the channels of the weights")
    geometry = window(graph, operator, shape[1:3], outputs)
    steps = (1, outputs) if deep else (shape[1] * shape[2] * depth, depth)
    return Layer(outputs, depth, *steps, geometry)


def _dense(graph: Graph, operator: Operator, shape: tuple[int, ...]) -> Layer:
    """A window of one pixel, on an image of as many rows as there are batches."""
    if len(shape) != 2:
        raise refuse(operator, "weights do not have two dimensions")
    outputs, inputs = shape
    source, target = graph.tensor(operator.inputs[0]), graph.tensor(operator.outputs[0])
    batches, rest = divmod(source.elements, inputs)
    if rest or target.elements != batches * outputs:
        raise refuse(operator, f"{source.elements} inputs do not fit weights {outputs}x{inputs}")
    geometry = {**dict.fromkeys(MEMBERS, 1), "in_h": batches, "out_h": batches}
    geometry |= {"channels": inputs, "pad_h": 0, "pad_w": 0}
    return Layer(outputs, inputs, inputs, inputs, geometry)


def plain_int8(graph: Graph, operator: Operator, *, channel_axis: int) -> Step:
    """One call of the kernel of int8."""
    for index in (operator.inputs[0], operator.outputs[0]):
        require(operator, graph, index, "int8")
    layer = layer_of(graph, operator)
    zeros = np.zeros((layer.outputs, 1), np.int8)
    multipliers = channel_multipliers(
        graph, operator, zeros, channel_axis, zero_points=operator.name == "FULLY_CONNECTED"
    )
    low, high = output_range(graph, operator)
    fields: dict[str, Any] = {
        "plain": layer.fields,
        "bias": bias_operand(graph, operator, layer.outputs),
        "scales": np.array([(q, shift if q else 0) for q, shift in multipliers], np.int32),
        "input_zero": quantization(graph, operator, operator.inputs[0])[1],
        "weights_zero": _zero_point(graph, operator),
        "output_zero": quantization(graph, operator, operator.outputs[0])[1],
        "low": low,
        "high": high,
    }
    return _step(graph, operator, layer, "conv_plain_s8", fields, ("int8", "int4"))


def plain_int16(
    graph: Graph, operator: Operator, layer: Layer, bias: Array, scale: Mapping[str, Any]
) -> Step:
    """One call of the kernel of int16, with the members of `struct tb_scale_s16`."""
    fields = {
        "plain": layer.fields,
        "bias": bias,
        "scale": scale,
        "weights_zero": _zero_point(graph, operator),
    }
    return _step(graph, operator, layer, "conv_plain_s16", fields, ("int8",))


def plain_float(graph: Graph, operator: Operator, bias: Array) -> Step:
    """One call of the kernel of float32."""
    floats(graph, operator, 0)
    layer = layer_of(graph, operator)
    fields = {"plain": layer.fields, "bias": bias, **activation_bounds(operator)}
    return _step(graph, operator, layer, "conv_plain_f32", fields, ("float32",))


def _zero_point(graph: Graph, operator: Operator) -> int:
    found = graph.tensor(operator.inputs[1]).quantization
    return found.zero_points[0] if found is not None and off_zero(graph, operator) else 0


def _step(
    graph: Graph,
    operator: Operator,
    layer: Layer,
    kernel: str,
    fields: Mapping[str, Any],
    types: tuple[str, ...],
) -> Step:
    weights = graph.tensor(operator.inputs[1])
    if weights.dtype not in types[: 1 if computed(graph, operator) else 2]:
        raise refuse(operator, f"{label(weights)} is {weights.dtype}, not {types[0]}")
    if operator.name != "FULLY_CONNECTED" and not option(operator, "padding", ""):
        raise refuse(operator, "it has no options")
    source, target = operator.inputs[0], operator.outputs[0]
    over = overlap.windows(graph, source, target, layer.geometry)
    if weights.index == source:
        over = ()
    return Step(operator, (Call(kernel, (source, weights.index, target), fields),), overlap=over)
