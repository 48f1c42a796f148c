"""AVERAGE_POOL_2D and MAX_POOL_2D, on raw codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen import overlap
from tinybench.codegen.arithmetic import activation_range
from tinybench.codegen.graph import Call, Field, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.weights import require
from tinybench.codegen.operators.window import window

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator


def pool(graph: Graph, operator: Operator) -> Step:
    """Lower to the kernel of the operator's name; the activation has the output's scale."""
    source, target = operator.inputs[0], operator.outputs[0]
    for index in (source, target):
        require(operator, graph, index, "int8")
    kernel = (option(operator, "filter_height", 0), option(operator, "filter_width", 0))
    shape = graph.tensor(source).shape
    if len(shape) != 4:
        raise refuse(operator, "the input is not batches x height x width x channels")
    geometry = window(graph, operator, kernel, shape[3])
    scale, zero_point = quantization(graph, operator, target)
    given = quantization(graph, operator, source)
    if abs(scale - given[0]) > 1e-6 or zero_point != given[1]:
        raise refuse(operator, "input and output are quantized differently")
    activation = option(operator, "fused_activation_function", "NONE")
    low, high = activation_range(activation, scale, zero_point)
    kernels = {"AVERAGE_POOL_2D": "average_pool_s8", "MAX_POOL_2D": "max_pool_s8"}
    fields: dict[str, Field] = {"window": geometry, "low": low, "high": high}
    call = Call(kernels[operator.name], (source, target), fields)
    return Step(operator, (call,), overlap=overlap.windows(graph, source, target, geometry))


LOWERINGS = {"AVERAGE_POOL_2D": pool, "MAX_POOL_2D": pool}
