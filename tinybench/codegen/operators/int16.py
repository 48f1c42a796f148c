"""Operators on int16 activations with int8 weights, and windows of int16 codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen import overlap
from tinybench.codegen.arithmetic import per_channel_multipliers
from tinybench.codegen.graph import Array, Call, Graph, Lowering, Step, option, quantization, refuse
from tinybench.codegen.operators import int16_elementwise
from tinybench.codegen.operators.int16_elementwise import bounds, codes, symmetric_scale
from tinybench.codegen.operators.interleave import interleaved
from tinybench.codegen.operators.plain import computed, layer_of, off_zero, plain_int16
from tinybench.codegen.operators.shaping import operand, require_type
from tinybench.codegen.operators.weights import (
    bias_operand,
    blocked,
    constant_operand,
    sum_scale,
    wide_multipliers,
)
from tinybench.codegen.operators.window import one_call, window
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

ROW_TAPS = 511
"""Products of an int16 and an int8 code that surely fit 32 bits together."""


def fully_connected(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; batches are whatever stands before the last dimension."""
    if computed(graph, operator) or off_zero(graph, operator):
        return _plain(graph, operator, channel_axis=0)
    rows = _weights(graph, operator)
    source, target = codes(graph, operator, 0)
    if rows.ndim != 2:
        raise refuse(operator, "weights do not have two dimensions")
    outputs, inputs = rows.shape
    batches, rest = divmod(source.elements, inputs)
    if rest or target.elements != batches * outputs:
        raise refuse(operator, f"{source.elements} inputs do not fit weights {outputs}x{inputs}")
    return _fully_connected(graph, operator, rows, batches, channel_axis=0)


def _fully_connected(
    graph: Graph, operator: Operator, rows: Array, batches: int, *, channel_axis: int
) -> Step:
    outputs, inputs = rows.shape
    scaled = scaling(graph, operator, rows, channel_axis)
    fields = {
        "weights": interleaved(rows),
        "bias": scaled["bias"],
        "batches": batches,
        "inputs": inputs,
        "outputs": outputs,
        "scale": scaled["scale"],
    }
    return one_call(graph, operator, "fully_connected_s16", fields)


def conv_2d(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; weights are (outputs, height, width, inputs of a group)."""
    if computed(graph, operator):
        return _plain(graph, operator, channel_axis=0)
    weights = _weights(graph, operator)
    source, _ = codes(graph, operator, 0)
    if weights.ndim != 4 or len(source.shape) != 4:
        raise refuse(operator, "weights or inputs do not have four dimensions")
    groups, rest = divmod(source.shape[3], weights.shape[3])
    if rest or weights.shape[0] % groups:
        raise refuse(
            operator,
            f"{source.shape[3]} channels do not fit {weights.shape[0]} filters"
            f" of {weights.shape[3]}",
        )
    return _conv_2d(graph, operator, weights, groups, channel_axis=0)


def _conv_2d(
    graph: Graph, operator: Operator, weights: Array, groups: int, *, channel_axis: int
) -> Step:
    outputs, height, width, depth = weights.shape
    geometry = window(graph, operator, (height, width), outputs)
    rows = weights.reshape(outputs, -1)
    plain = ("kernel_h", "kernel_w", "stride_h", "stride_w")
    direct = groups == 1 and all(geometry[name] == 1 for name in plain)
    quads = -(-rows.shape[1] // 4)
    scaled = scaling(graph, operator, rows, channel_axis)
    fields = {
        "weights": blocked(rows, 1),
        "bias": scaled["bias"],
        "window": {**geometry, "channels": 2 * geometry["channels"]},
        "groups": groups,
        "depth": depth,
        "filters": outputs // groups,
        "quads": quads,
        "direct": int(direct),
        "narrow": int(fits(rows, scaled["bias"])),
        "scale": scaled["scale"],
    }
    scratch = 32 * quads + (0 if direct else 8 * quads)
    if groups > 1:
        scratch += 4 * 2 * height * width * depth * groups
    arguments = (operator.inputs[0], operator.outputs[0])
    call = Call("conv_2d_s16", arguments, fields, scratch)
    over = overlap.windows(graph, *arguments, geometry, at_once=4)
    return Step(operator, (call,), overlap=over, overread=2 * (-depth % 4) if direct else 0)


def fits(rows: Array, bias: Array) -> bool:
    """Whether every sum of products, with the bias, fits 32 bits."""
    reach = np.abs(rows.astype(np.int64)).sum(axis=1) * 2**15
    return int((np.abs(bias) + reach).max(initial=0)) < 2**31


def depthwise_conv_2d(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; weights are (1, height, width, outputs).

    With one input channel it is a convolution, and faster as one.
    """
    if computed(graph, operator):
        return _plain(graph, operator, channel_axis=3)
    weights = _weights(graph, operator)
    source, _ = codes(graph, operator, 0)
    if weights.ndim != 4 or weights.shape[0] != 1 or len(source.shape) != 4:
        raise refuse(operator, "weights or inputs do not have four dimensions")
    outputs = weights.shape[3]
    if outputs % source.shape[3]:
        raise refuse(operator, f"{source.shape[3]} channels do not fit {outputs} filters")
    if source.shape[3] == 1:
        return _conv_2d(graph, operator, weights.transpose(3, 1, 2, 0), 1, channel_axis=3)
    if weights.shape[2] > ROW_TAPS:
        return _plain(graph, operator, channel_axis=3)
    geometry = window(graph, operator, weights.shape[1:3], outputs)
    rows = weights.reshape(-1, outputs).T
    scaled = scaling(graph, operator, rows, 3)
    fields = {
        "weights": weights.reshape(-1),
        "bias": scaled["bias"],
        "window": geometry,
        "outputs": outputs,
        "multiplier": outputs // source.shape[3],
        "narrow": int(fits(rows, scaled["bias"])),
        "scale": scaled["scale"],
    }
    return one_call(graph, operator, "depthwise_conv_2d_s16", fields, geometry)


def _pool_2d(kernel: str) -> Lowering:
    """The lowering of an operator that puts the codes of a window together."""

    def lower(graph: Graph, operator: Operator) -> Step:
        source, target = codes(graph, operator, 0)
        taps = (option(operator, "filter_height", 0), option(operator, "filter_width", 0))
        geometry = window(graph, operator, taps, source.shape[-1] if source.shape else 0)
        if taps[0] * taps[1] >= 2**15:
            raise refuse(operator, f"a sum of {taps[0] * taps[1]:,} codes may not fit 32 bits")
        scale, given = (quantization(graph, operator, t.index) for t in (target, source))
        if abs(scale[0] - given[0]) > 1e-6 or scale[1] != given[1]:
            raise refuse(operator, "input and output are quantized differently")
        fields = {"window": geometry, **bounds(operator, *scale)}
        return one_call(graph, operator, kernel, fields, geometry)

    return lower


def _plain(graph: Graph, operator: Operator, *, channel_axis: int) -> Step:
    """The layer with weights that are computed, or have a zero point."""
    layer = layer_of(graph, operator)
    # What the magnitudes of a channel's weights come to at most.
    most = layer.inputs * (255 if off_zero(graph, operator) else 128)
    rows = np.full((layer.outputs, 1), most, np.int64)
    scaled = scaling(graph, operator, rows, channel_axis)
    return plain_int16(graph, operator, layer, scaled["bias"], scaled["scale"])


def _weights(graph: Graph, operator: Operator) -> Array:
    require_type(operator, operand(graph, operator, 1), "int8")
    return constant_operand(graph, operator, 1, "int8")


def scaling(
    graph: Graph,
    operator: Operator,
    rows: Array,
    channel_axis: int,
    *,
    source: int = 0,
    bias: int = 2,
) -> dict[str, Any]:
    """The fields `bias` and `scale` for weights (channels, inputs); see tb_scale_s16.h."""
    given, target = codes(graph, operator, source)
    weights = graph.tensor(operator.inputs[1])
    found = weights.quantization
    if found is None or not found.scales or found.details:
        raise refuse(operator, f"{label(weights)} has no scales")
    if any(found.zero_points) and (
        operator.name != "FULLY_CONNECTED" or not off_zero(graph, operator)
    ):
        raise refuse(operator, f"{label(weights)} has zero points other than 0")
    if len(found.scales) > 1 and (found.axis != channel_axis or len(found.scales) != len(rows)):
        raise refuse(operator, f"{label(weights)} has scales along axis {found.axis}")
    output_scale = symmetric_scale(graph, operator, target)
    multipliers = per_channel_multipliers(
        symmetric_scale(graph, operator, given), found.scales, output_scale
    )
    values, wide = _biases(graph, operator, len(rows), bias)
    if wide:
        reach = (np.abs(rows.astype(np.int64)).sum(axis=1) * 2**15).tolist()
        most = max(abs(b) + r for b, r in zip(values.tolist(), reach, strict=True))
        multipliers = wide_multipliers(operator, multipliers, most)
    scale = {**sum_scale(multipliers, wide=wide), **bounds(operator, output_scale, 0)}
    return {"bias": values.astype(np.int64), "scale": scale}


def _biases(graph: Graph, operator: Operator, channels: int, position: int) -> tuple[Array, bool]:
    """The biases, and whether sums have 64 bits; without any, an option says it."""
    if len(operator.inputs) <= position or operator.inputs[position] < 0:
        short = operator.name in ("CONV_2D", "FULLY_CONNECTED")
        short = short and option(operator, "quantized_bias_type", "") == "int32"
        return np.zeros(channels, np.int64), not short
    dtype = graph.tensor(operator.inputs[position]).dtype
    if operator.name == "TRANSPOSE_CONV" and dtype == "int16":
        return bias_operand(graph, operator, channels, dtype, position), True
    wide = dtype == "int64"
    if not wide and operator.name in ("DEPTHWISE_CONV_2D", "TRANSPOSE_CONV"):
        raise refuse(operator, "its biases have 32 bits, which TensorFlow Lite Micro reads as 64")
    return bias_operand(graph, operator, channels, "int64" if wide else "int32", position), wide


INT16_LOWERINGS = {
    "FULLY_CONNECTED": fully_connected,
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "AVERAGE_POOL_2D": _pool_2d("average_pool_2d_s16"),
    "MAX_POOL_2D": _pool_2d("max_pool_2d_s16"),
    **int16_elementwise.LOWERINGS,
}
