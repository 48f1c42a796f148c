"""One module a family of operators; each lowers TFLite operators to calls of kernels."""

from __future__ import annotations

from collections.abc import Mapping

from tinybench.codegen.graph import Graph, Lowering, Step, refuse
from tinybench.codegen.operators import (
    batch_matmul,
    bilinear,
    casting,
    circular,
    comparison,
    convolution,
    detection,
    elementwise,
    elsewhere,
    fully_connected,
    indexed,
    lookup,
    movement,
    normalization,
    pooling,
    quantization,
    quantized_arithmetic,
    rearrangement,
    recurrent,
    reduction,
    shaping,
    signal,
    signal_fft,
    signal_streams,
    softmax,
    spreading,
    svdf,
    transpose_conv,
    variables,
)
from tinybench.codegen.operators.floating import FLOAT_LOWERINGS
from tinybench.codegen.operators.int16 import INT16_LOWERINGS
from tinybench.codegen.operators.int32 import INT32_LOWERINGS
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
    **transpose_conv.LOWERINGS,
    **batch_matmul.LOWERINGS,
    **bilinear.LOWERINGS,
    **signal.LOWERINGS,
    **signal_fft.LOWERINGS,
    **recurrent.LOWERINGS,
    **svdf.LOWERINGS,
    **circular.LOWERINGS,
    **comparison.LOWERINGS,
    **normalization.LOWERINGS,
    **quantized_arithmetic.LOWERINGS,
    **signal_streams.LOWERINGS,
    **detection.LOWERINGS,
    **elsewhere.LOWERINGS,
}
"""Operators on int8 codes, and those that treat all types alike."""

BY_TYPE: Mapping[str, Mapping[str, Lowering]] = {
    "float32": FLOAT_LOWERINGS,
    "int16": INT16_LOWERINGS,
    "int32": INT32_LOWERINGS,
}
"""Operators on other types."""


def _by_type(name: str) -> Lowering:
    """The lowering that takes the type of the operator's first input."""

    def lower(graph: Graph, operator: Operator) -> Step:
        if not operator.inputs or operator.inputs[0] < 0:
            raise refuse(operator, "input 0 is absent")
        require_inputs(operator)
        dtype = graph.tensor(operator.inputs[0]).dtype
        chosen = BY_TYPE.get(dtype, INT8_LOWERINGS).get(name) or INT8_LOWERINGS.get(name)
        if chosen is None:
            raise refuse(operator, f"the generator has no kernel for {dtype}")
        return chosen(graph, operator)

    return lower


LOWERINGS: Mapping[str, Lowering] = {
    **{name: _by_type(name) for table in (INT8_LOWERINGS, *BY_TYPE.values()) for name in table},
    **variables.LOWERINGS,
}
"""How each operator is lowered, by its name in the schema."""
