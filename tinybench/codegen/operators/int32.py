"""Arithmetic on 32-bit numbers that are not quantized: counts, indexes, shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Graph, Lowering, Step, option, refuse
from tinybench.codegen.operators.elementwise import walked
from tinybench.codegen.operators.shaping import operand, result
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

OPERATIONS = {"ADD": 1, "SUB": 2, "MUL": 3, "DIV": 4, "SQUARED_DIFFERENCE": 5}
"""As `kernels/tb_arithmetic_s32.h` numbers them."""

LOW, HIGH = (int(end) for end in (np.iinfo(np.int32).min, np.iinfo(np.int32).max))
BOUNDS = {"NONE": (LOW, HIGH), "RELU": (0, HIGH), "RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1)}
"""Ranges of fused activations."""


def arithmetic(graph: Graph, operator: Operator) -> Step:
    """One call; TFLM refuses quantized operands, but not of a product."""
    first, second = operand(graph, operator, 0), operand(graph, operator, 1)
    checked = [first, second, *([result(graph, operator)] if operator.name == "SUB" else [])]
    for tensor in checked if operator.name in ("ADD", "SUB", "DIV") else []:
        if tensor.quantization is not None and tensor.quantization.scales:
            raise refuse(operator, f"{label(tensor)} is int32 with a scale")
    divisor = graph.constant(second.index)
    if operator.name == "DIV" and divisor is not None and not divisor.all():
        raise refuse(operator, f"{label(second)} has zeros: a division by zero")
    activation = option(operator, "fused_activation_function", "NONE")
    if activation not in BOUNDS:
        raise refuse(operator, f"fused {activation} is not supported")
    # TFLM does not apply the one of an addition.
    low, high = BOUNDS["NONE" if operator.name == "ADD" else activation]
    fields = {"operation": OPERATIONS[operator.name], "low": low, "high": high}
    return walked(graph, operator, "arithmetic_s32", fields)


INT32_LOWERINGS: dict[str, Lowering] = dict.fromkeys(OPERATIONS, arithmetic)
