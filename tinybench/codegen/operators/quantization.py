"""QUANTIZE and DEQUANTIZE: between real numbers and codes, and between codes of two kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen import overlap
from tinybench.codegen.arithmetic import quantize_multiplier, rescale
from tinybench.codegen.graph import Call, Graph, Step, quantization, refuse
from tinybench.codegen.operators.lookup import table_step
from tinybench.codegen.operators.shaping import CODES, operand, require_shape, require_type, result

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

CONVERSIONS = {
    "int8": ("int8", "uint8", "int16", "int32"),
    "uint8": ("int8",),
    "int16": ("int8", "int16", "int32"),
    "int32": ("int8", "int16"),
}
"""What TFLM's QUANTIZE converts between."""


def quantize(graph: Graph, operator: Operator) -> Step:
    """Real numbers become codes, codes become codes of another scale."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_shape(operator, target, source.shape)
    scale, zero = quantization(graph, operator, target.index)
    arguments = (source.index, target.index)
    if source.dtype == "float32":
        require_type(operator, target, "int8", "int16")
        limits = np.iinfo(target.dtype)
        fields = {
            "to": CODES[target.dtype],
            "scale": scale,
            "zero": zero,
            "low": int(limits.min),
            "high": int(limits.max),
            "elements": source.elements,
        }
        over = overlap.elements(graph, *arguments)
        return Step(operator, (Call("quantize", arguments, fields),), overlap=over)
    require_type(operator, source, *CONVERSIONS)
    require_type(operator, target, *CONVERSIONS[source.dtype])
    from_scale, from_zero = quantization(graph, operator, source.index)
    multiplier, shift = quantize_multiplier(from_scale / scale)
    limits = np.iinfo(target.dtype)
    if {source.dtype, target.dtype} <= {"int8", "uint8"}:
        values = []
        for code in range(-128, 128):
            code = code % 256 if source.dtype == "uint8" else code
            moved = rescale(code - from_zero, multiplier, shift) + zero
            values.append(min(max(moved, int(limits.min)), int(limits.max)))
        return table_step(graph, operator, source, target, values)
    fields = {
        "from": CODES[source.dtype],
        "to": CODES[target.dtype],
        "from_zero": from_zero,
        "multiplier": multiplier,
        "shift": shift,
        "zero": zero,
        "low": int(limits.min),
        "high": int(limits.max),
        "elements": source.elements,
    }
    same_size = (arguments,) if source.nbytes == target.nbytes else ()
    over = () if same_size else overlap.elements(graph, *arguments)
    return Step(operator, (Call("convert", arguments, fields),), in_place=same_size, overlap=over)


def dequantize(graph: Graph, operator: Operator) -> Step:
    """Codes become real numbers."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_shape(operator, target, source.shape)
    require_type(operator, source, "int8", "uint8", "int16")
    require_type(operator, target, "float32")
    scale, zero = quantization(graph, operator, source.index)
    if not abs(zero) < 2**20:
        raise refuse(operator, f"zero point {zero} is out of range")
    fields = {
        "from": CODES[source.dtype],
        "scale": scale,
        "zero": zero,
        "elements": source.elements,
    }
    arguments = (source.index, target.index)
    over = overlap.elements(graph, *arguments)
    return Step(operator, (Call("dequantize", arguments, fields),), overlap=over)


LOWERINGS = {"QUANTIZE": quantize, "DEQUANTIZE": dequantize}
