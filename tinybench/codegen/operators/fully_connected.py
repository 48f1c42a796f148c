"""FULLY_CONNECTED."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.graph import Call, Graph, Step, quantization, refuse
from tinybench.codegen.operators.plain import computed, off_zero, plain_int8, wraps
from tinybench.codegen.operators.weights import (
    bias_operand,
    blocked,
    constant_operand,
    filled,
    fold_zero_point,
    requantize_rule,
    require,
)

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator


def fully_connected(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call; batches are whatever stands before the last dimension."""
    source, target = graph.tensor(operator.inputs[0]), graph.tensor(operator.outputs[0])
    weights_type = graph.tensor(operator.inputs[1]).dtype
    if (source.dtype, target.dtype) != ("int8", "int8") or weights_type not in ("int8", "int4"):
        raise refuse(
            operator,
            f"{source.dtype} inputs with {weights_type} weights to {target.dtype}"
            " are not supported",
        )
    found = graph.tensor(operator.inputs[1]).quantization
    if weights_type == "int4" and found is not None and len(found.scales) > 1:
        raise refuse(operator, "int4 weights have one scale each channel, which TFLM refuses")
    if computed(graph, operator) or off_zero(graph, operator):
        return plain_int8(graph, operator, channel_axis=0)
    rows = constant_operand(graph, operator, 1, "int8")
    if rows.ndim != 2 or not rows.size:
        raise refuse(operator, "weights have no two dimensions")
    outputs, inputs = rows.shape
    batches, rest = divmod(source.elements, inputs)
    if rest or target.elements != batches * outputs:
        raise refuse(operator, f"{source.elements} inputs do not fit weights {outputs}x{inputs}")
    bias = bias_operand(graph, operator, outputs)
    if wraps(graph, operator, rows, bias, channel_axis=0):
        return plain_int8(graph, operator, channel_axis=0)
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
