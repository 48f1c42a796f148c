"""CAST, which keeps numbers and changes their type, and CUMSUM."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.arithmetic import quantize_multiplier
from tinybench.codegen.graph import Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.shaping import (
    integers,
    operand,
    require_shape,
    require_type,
    resolved_axis,
    result,
    same_type,
)

if TYPE_CHECKING:
    from tinybench.codegen.graph import Field
    from tinybench.tflite.model import Operator

KINDS = {"int8": 1, "int16": 2, "int32": 3, "uint32": 4, "bool": 5, "float32": 6}
"""What TFLM casts between, as `kernels/tb_cast.h` numbers them."""


def cast(graph: Graph, operator: Operator) -> Step:
    """The numbers themselves in another type, whatever the scales are."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_shape(operator, target, source.shape)
    require_type(operator, source, *KINDS)
    require_type(operator, target, *KINDS)
    limits = np.iinfo(target.dtype if target.dtype not in ("bool", "float32") else "int32")
    fields = {
        "from": KINDS[source.dtype],
        "to": KINDS[target.dtype],
        "low": float(limits.min),
        "high": float(limits.max),
        "least": int(limits.min),
        "most": int(np.int64(limits.max).astype(np.int32)),
        "elements": source.elements,
    }
    arguments = (source.index, target.index)
    in_place = (arguments,) if source.nbytes == target.nbytes else ()
    return Step(operator, (Call("cast", arguments, fields),), in_place=in_place)


def cumsum(graph: Graph, operator: Operator) -> Step:
    """Sums along an axis, with each element or before it, from either end."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    same_type(operator, (source, target))
    require_shape(operator, target, source.shape)
    axes = integers(graph, operator, 1)
    if len(axes) != 1:
        raise refuse(operator, f"{len(axes)} axes where one is needed")
    axis = resolved_axis(operator, axes[0], len(source.shape))
    inner = math.prod(source.shape[axis + 1 :])
    line = {
        "outer": math.prod(source.shape[:axis]),
        "size": source.shape[axis],
        "inner": inner,
        "step": -inner if option(operator, "reverse", False) else inner,
        "exclusive": int(bool(option(operator, "exclusive", False))),
    }
    arguments = (source.index, target.index)
    if source.dtype == "float32":
        call = Call("cumsum_f32", arguments, {"line": line})
        return Step(operator, (call,), in_place=(arguments,))
    scale, zero = quantization(graph, operator, source.index)
    output_scale, output_zero = quantization(graph, operator, target.index)
    real = 2 * scale / (2**20 * output_scale)
    if not 0 < real < 1:
        raise refuse(operator, f"scales {scale} and {output_scale} are too far apart")
    multiplier, shift = quantize_multiplier(real)
    fields: dict[str, Field] = {
        "line": line,
        "input_zero": zero,
        "zero": output_zero,
        "multiplier": multiplier,
        "shift": shift,
    }
    call = Call("cumsum_s8", arguments, fields)
    return Step(operator, (call,), in_place=(arguments,))


LOWERINGS = {"CAST": cast, "CUMSUM": cumsum}
