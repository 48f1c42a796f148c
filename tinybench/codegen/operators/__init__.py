"""One module a family of operators; each lowers TFLite operators to calls of kernels."""

from __future__ import annotations

from collections.abc import Mapping

from tinybench.codegen.graph import Graph, Lowering, Step, refuse
from tinybench.codegen.operators import (
    casting,
    convolution,
    elementwise,
    fully_connected,
    indexed,
    lookup,
    movement,
    pooling,
    quantization,
    rearrangement,
    reduction,
    shaping,
    softmax,
    spreading,
)
from tinybench.codegen.operators.floating import FLOAT_LOWERINGS
from tinybench.codegen.operators.int16 import INT16_LOWERINGS
from tinybench.codegen.operators.shaping import require_inputs
from tinybench.tflite.model import Operator

__all__ = ["LOWERINGS"]

INT8_LOWERINGS: Mapping[str, Lowering] = {
    **fully_connected.LOWERINGS,
    **convolution.LOWERINGS,
    **pooling.LOWERINGS,
    **shaping.LOWERINGS,
    **movement.LOWERINGS,
    **indexed.LOWERINGS,
    **spreading.LOWERINGS,
    **casting.LOWERINGS,
    **rearrangement.LOWERINGS,
    **softmax.LOWERINGS,
    **reduction.LOWERINGS,
    **quantization.LOWERINGS,
    **lookup.LOWERINGS,
    **elementwise.LOWERINGS,
}
"""Operators on int8 codes, and those that treat all types alike."""


def _by_type(name: str) -> Lowering:
    """The lowering that takes the type of the operator's first input."""

    def lower(graph: Graph, operator: Operator) -> Step:
        if not operator.inputs or operator.inputs[0] < 0:
            raise refuse(operator, "input 0 is absent")
        require_inputs(operator)
        dtype = graph.tensor(operator.inputs[0]).dtype
        table = {"float32": FLOAT_LOWERINGS, "int16": INT16_LOWERINGS}.get(dtype, INT8_LOWERINGS)
        chosen = table.get(name) or INT8_LOWERINGS.get(name)
        if chosen is None:
            raise refuse(operator, f"the generator has no kernel for {dtype}")
        return chosen(graph, operator)

    return lower


LOWERINGS: Mapping[str, Lowering] = {
    name: _by_type(name) for name in {**INT8_LOWERINGS, **FLOAT_LOWERINGS, **INT16_LOWERINGS}
}
"""How each operator is lowered, by its name in the schema."""
