"""int8 convolutions that the fast kernels do not take: of groups, or with sums that wrap around."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen import overlap
from tinybench.codegen.arithmetic import INT32_MAX
from tinybench.codegen.graph import Array, Call, Field, Graph, Step, quantization
from tinybench.codegen.operators.weights import (
    bias_operand,
    channel_multipliers,
    largest_sum,
    output_range,
)
from tinybench.codegen.operators.window import window

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator


def wraps(graph: Graph, operator: Operator, rows: Array, bias: Array, *, channel_axis: int) -> bool:
    """Whether sums can leave 32 bits: training leaves biases of INT32_MAX in filters that are dead.

    C does not define what follows where numbers have signs, so other kernels do not take them.
    """
    multipliers = channel_multipliers(graph, operator, rows, channel_axis)
    return largest_sum(rows, bias, multipliers) > INT32_MAX


def plain_step(graph: Graph, operator: Operator, weights: Array, *, channel_axis: int) -> Step:
    """One call for weights (outputs, height, width, inputs of a group)."""
    geometry = window(graph, operator, weights.shape[1:3], weights.shape[0])
    call = plain_call(graph, operator, weights, geometry, channel_axis=channel_axis)
    over = overlap.windows(graph, operator.inputs[0], operator.outputs[0], geometry)
    return Step(operator, (call,), overlap=over)


def plain_call(
    graph: Graph,
    operator: Operator,
    weights: Array,
    geometry: Mapping[str, int],
    *,
    channel_axis: int,
) -> Call:
    """The call of the kernel for a window that is given."""
    outputs, *_, depth = weights.shape
    rows = np.ascontiguousarray(weights).reshape(outputs, -1)
    multipliers = channel_multipliers(graph, operator, rows, channel_axis)
    source, target = operator.inputs[0], operator.outputs[0]
    low, high = output_range(graph, operator)
    groups = geometry["channels"] // depth
    fields: dict[str, Field] = {
        "weights": rows.reshape(-1),
        "bias": bias_operand(graph, operator, outputs),
        "scales": np.array([(q, shift if q else 0) for q, shift in multipliers], np.int32),
        "window": geometry,
        "groups": groups,
        "depth": depth,
        "filters": outputs // groups,
        "zero_point": quantization(graph, operator, source)[1],
        "offset": quantization(graph, operator, target)[1],
        "low": low,
        "high": high,
    }
    return Call("conv_plain_s8", (source, target), fields)
