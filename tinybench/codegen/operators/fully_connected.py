"""FULLY_CONNECTED."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.graph import Call, Graph, Step, quantization, refuse
from tinybench.codegen.operators.plain import plain_call, wraps
from tinybench.codegen.operators.weights import (
    bias_operand,
    blocked,
    constant_operand,
    filled,
    fold_zero_point,
    requantize_rule,
    require,
)

MEMBERS = (
    *("batches", "in_h", "in_w", "channels", "out_h", "out_w", "kernel_h", "kernel_w"),
    *("stride_h", "stride_w", "dilation_h", "dilation_w", "pad_h", "pad_w"),
)
"""Of `struct tb_geometry`."""

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator


def fully_connected(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; batches are whatever stands before the last dimension."""
    source, target = graph.tensor(operator.inputs[0]), graph.tensor(operator.outputs[0])
    weights_type = graph.tensor(operator.inputs[1]).dtype
    if (source.dtype, weights_type, target.dtype) != ("int8", "int8", "int8"):
        raise refuse(
            operator,
            f"{source.dtype} inputs with {weights_type} weights to {target.dtype}"
            " are not supported",
        )
    rows = constant_operand(graph, operator, 1, "int8")
    if rows.ndim != 2 or not rows.size:
        raise refuse(operator, "weights have no two dimensions")
    outputs, inputs = rows.shape
    batches, rest = divmod(source.elements, inputs)
    if rest or target.elements != batches * outputs:
        raise refuse(operator, f"{source.elements} inputs do not fit weights {outputs}x{inputs}")
    bias = bias_operand(graph, operator, outputs)
    if wraps(graph, operator, rows, bias, channel_axis=0):
        # A 1x1 convolution of as many rows as there are batches.
        geometry = {**dict.fromkeys(MEMBERS, 1), "in_h": batches, "out_h": batches}
        geometry |= {"channels": inputs, "pad_h": 0, "pad_w": 0}
        filters = rows.reshape(outputs, 1, 1, inputs)
        return Step(operator, (plain_call(graph, operator, filters, geometry, channel_axis=0),))
    _, zero_point = quantization(graph, operator, source.index)
    fields = {
        "weights": blocked(rows, 4),
        "bias": filled(fold_zero_point(bias, rows, zero_point), 4),
        "batches": batches,
        "inputs": inputs,
        "outputs": outputs,
        "groups": -(-inputs // 4),
    }
    rule = requantize_rule(graph, operator, rows, bias, channel_axis=0)
    call = Call("fully_connected_s8", (source.index, target.index), fields, requantize=rule)
    require(operator, graph, target.index, "int8")
    return Step(operator, (call,), overread=-inputs % 4)


LOWERINGS = {"FULLY_CONNECTED": fully_connected}
