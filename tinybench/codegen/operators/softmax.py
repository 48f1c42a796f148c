"""SOFTMAX of int8 codes, in gemmlowp's fixed point."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen import fixedpoint
from tinybench.codegen.arithmetic import INT32_MAX, quantize_multiplier
from tinybench.codegen.graph import Call, Graph, Step, quantization, refuse
from tinybench.codegen.operators.shaping import (
    operand,
    real_option,
    require_shape,
    require_type,
    result,
)
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.codegen.graph import Array, Field
    from tinybench.tflite.model import Operator

COLUMNS = 4095
"""Terms of at most one whose sum is sure to fit Q12.19."""


def softmax(graph: Graph, operator: Operator) -> Step:
    """Along the last axis; the output is int8 or int16 with the scale that TFLM demands."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, "int8")
    require_type(operator, target, "int8", "int16")
    require_shape(operator, target, source.shape)
    if not source.shape or source.shape[-1] > COLUMNS:
        raise refuse(operator, f"{label(source)} has no last axis of 1 to {COLUMNS} elements")
    scale, _ = quantization(graph, operator, source.index)
    out_scale, out_zero = quantization(graph, operator, target.index)
    wide = target.dtype == "int16"
    wanted = 1 / 65536 if wide else 1 / 256
    if abs(out_scale - wanted) > (wanted / 1000 if wide else 0):
        raise refuse(operator, f"{label(target)} has another scale than {wanted:g}")
    if out_zero != (-32768 if wide else -128):
        raise refuse(operator, f"{label(target)} has another zero point than its lowest code")
    table = exponents(operator, real_option(operator, "beta") * scale)
    fields: dict[str, Field] = {
        "exponents": table,
        "terms": table.size,
        "rows": source.elements // source.shape[-1],
        "columns": source.shape[-1],
    }
    arguments = (source.index, target.index)
    if wide:
        return Step(operator, (Call("softmax_s8_s16", arguments, fields),))
    return Step(operator, (Call("softmax_s8", arguments, fields),), in_place=(arguments,))


def scaling(operator: Operator, scale: float) -> tuple[int, int]:
    """Multiplier and shift to the left, from a difference of codes to Q5.26.

    Source: tflite-micro `kernels/internal/quantization_util.cc`, `PreprocessSoftmaxScaling`.
    """
    real = min(scale * 2**26, float(INT32_MAX))
    if not real > 1:
        raise refuse(operator, f"the input's scale times beta, {scale:g}, is too small")
    return quantize_multiplier(real)


def exponents(operator: Operator, scale: float) -> Array:
    """exp(-scale · d) in Q0.31 for differences d from 0 on; where it ends, terms are dropped.

    Source: tflite-micro `kernels/softmax_common.cc`, `reference/softmax.h`.
    """
    multiplier, left = scaling(operator, scale)
    last = math.floor(31 * 2**26 / 2**left)
    values = [
        fixedpoint.exp_on_negative(fixedpoint.high_multiply(-(d << left), multiplier), 5)
        for d in range(min(last, 255) + 1)
    ]
    return np.array(values, np.int32)


LOWERINGS = {"SOFTMAX": softmax}
