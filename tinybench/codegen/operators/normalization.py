"""L2_NORMALIZATION and LOG_SOFTMAX of int8 codes, along the last axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.arithmetic import quantize_multiplier
from tinybench.codegen.graph import Call, Graph, Step, quantization, refuse
from tinybench.codegen.operators.shaping import (
    no_activation,
    operand,
    require_shape,
    require_type,
    result,
)
from tinybench.codegen.operators.softmax import COLUMNS, exponents, scaling
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybench.codegen.graph import Field
    from tinybench.tflite.model import Operator, Tensor


def l2_normalization(graph: Graph, operator: Operator) -> Step:
    """Rows of length one, in codes of 1/128 from 0: TFLM looks at no output scale."""
    no_activation(operator)
    source, target = _codes(graph, operator)
    if not 1 <= len(source.shape) <= 4:
        raise refuse(operator, f"{label(source)} has not one to four dimensions")
    _, zero = quantization(graph, operator, source.index)
    depth = source.shape[-1]
    if depth * (abs(zero) + 128) ** 2 >= 2**31:
        raise refuse(operator, f"a sum of {depth:,} squares may not fit 32 bits")
    fields: dict[str, Field] = {"rows": source.elements // depth, "depth": depth, "zero": zero}
    return _step(operator, "l2_normalization_s8", source, target, fields)


def log_softmax(graph: Graph, operator: Operator) -> Step:
    """Logarithms of probabilities, in codes of 1/16 from 127.

    Source: tflite-micro `kernels/log_softmax.cc`, `reference/log_softmax.h`.
    """
    source, target = _codes(graph, operator)
    if not source.shape or source.shape[-1] > COLUMNS:
        raise refuse(operator, f"{label(source)} has no last axis of 1 to {COLUMNS} elements")
    if quantization(graph, operator, target.index) != (1 / 16, 127):
        raise refuse(operator, f"{label(target)} has another quantization than 0.0625:127")
    scale, _ = quantization(graph, operator, source.index)
    table = exponents(operator, scale)
    multiplier, shift = scaling(operator, scale)
    inverse = 2.0 ** (31 - shift) / multiplier
    if not inverse < 1:
        raise refuse(operator, f"{label(source)}: its scale {scale:g} is too small")
    inverse_multiplier, inverse_shift = quantize_multiplier(inverse)
    fields: dict[str, Field] = {
        "exponents": table,
        "terms": table.size,
        "rows": source.elements // source.shape[-1],
        "columns": source.shape[-1],
        "multiplier": multiplier,
        "shift": shift,
        "inverse_multiplier": inverse_multiplier,
        "inverse_shift": inverse_shift,
    }
    return _step(operator, "log_softmax_s8", source, target, fields)


def _codes(graph: Graph, operator: Operator) -> tuple[Tensor, Tensor]:
    source, target = operand(graph, operator, 0), result(graph, operator)
    for tensor in (source, target):
        require_type(operator, tensor, "int8")
    require_shape(operator, target, source.shape)
    return source, target


def _step(
    operator: Operator, kernel: str, source: Tensor, target: Tensor, fields: Mapping[str, Field]
) -> Step:
    arguments = (source.index, target.index)
    return Step(operator, (Call(kernel, arguments, fields),), in_place=(arguments,))


LOWERINGS = {"L2_NORMALIZATION": l2_normalization, "LOG_SOFTMAX": log_softmax}
