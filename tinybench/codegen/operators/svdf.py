"""SVDF: filters that weigh an input, and remember what came of it for some steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen.arithmetic import quantize_multiplier
from tinybench.codegen.graph import Array, Call, Graph, Step, option, quantization, refuse
from tinybench.codegen.operators.floating_elementwise import activation_bounds
from tinybench.codegen.operators.shaping import operand, require_shape, require_type, result
from tinybench.codegen.operators.weights import (
    blocked,
    constant_operand,
    filled,
    fold_zero_point,
    multiplier,
)
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

INPUTS = 5
FEATURE, TIME, BIAS, STATE = range(1, INPUTS)
UNBOUNDED = ("NONE", "TANH")
BIAS_TOLERANCE = 1e-5
"""How far TFLM lets a bias' scale be from that of what it is added to."""


def svdf(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call."""
    if len(operator.inputs) != INPUTS:
        raise refuse(operator, f"{len(operator.inputs)} inputs, not {INPUTS}")
    source, target = operand(graph, operator, 0), result(graph, operator)
    state = _state(graph, operator)
    require_type(operator, source, "float32", "int8")
    require_type(operator, target, source.dtype)
    real = source.dtype == "float32"
    require_type(operator, state, *(("float32",) if real else ("int8", "int16")))
    feature = _weights(graph, operator, FEATURE, source.dtype)
    time = _weights(graph, operator, TIME, state.dtype)
    bias = constant_operand(graph, operator, BIAS, "float32" if real else "int32")
    operand(graph, operator, BIAS)
    sizes = _sizes(operator, source, (feature, time))
    units = sizes["filters"] // sizes["rank"]
    require_shape(operator, target, (sizes["batches"], units))
    require_shape(operator, state, (sizes["batches"], time.size))
    if bias.size != units:
        raise refuse(operator, f"{bias.size} biases for {units} units")
    arguments = (source.index, state.index, target.index)
    if real:
        fused = option(operator, "fused_activation_function", "NONE")
        bounds = {"low": 0.0, "high": 0.0} if fused in UNBOUNDED else activation_bounds(operator)
        fields = {
            "weights": feature.reshape(-1),
            "time": time.reshape(-1),
            "bias": bias.reshape(-1),
            **sizes,
            **bounds,
            "bounded_below": int(fused not in UNBOUNDED),
            "bounded_above": int(fused not in (*UNBOUNDED, "RELU")),
        }
        calls = [Call("svdf_f32", arguments, fields)]
        if fused == "TANH":
            calls.append(Call("tanh_f32", (target.index,) * 2, {"elements": target.elements}))
        return Step(operator, tuple(calls))
    fields = _int8_fields(graph, operator, (feature, time, bias.reshape(-1)), sizes)
    return Step(operator, (Call("svdf_s8", arguments, fields),), overread=-source.shape[1] % 4)


def _state(graph: Graph, operator: Operator) -> Tensor:
    state = operand(graph, operator, STATE)
    if state.index not in graph.states:
        raise refuse(operator, f"{label(state)} is no variable")
    if operator.inputs.count(state.index) > 1:
        raise refuse(operator, f"{label(state)} is more than one of its inputs")
    return state


def _weights(graph: Graph, operator: Operator, position: int, dtype: str) -> Array:
    value = constant_operand(graph, operator, position, dtype)
    operand(graph, operator, position)  # refuses what C cannot write
    if value.ndim != 2:
        raise refuse(operator, f"input {position} does not have two dimensions")
    return value


def _sizes(operator: Operator, source: Tensor, weights: tuple[Array, Array]) -> dict[str, Any]:
    feature, time = weights
    rank = option(operator, "rank", 0)
    filters = len(feature)
    if rank < 1 or filters % rank:
        raise refuse(operator, f"{filters} filters do not make units of rank {rank}")
    if len(source.shape) != 2 or source.shape[1] != feature.shape[1] or len(time) != filters:
        raise refuse(operator, "its input or its weights do not fit each other")
    return {
        "batches": source.shape[0],
        "inputs": feature.shape[1],
        "filters": filters,
        "memory": time.shape[1],
        "rank": rank,
    }


def _int8_fields(
    graph: Graph,
    operator: Operator,
    operands: tuple[Array, Array, Array],
    sizes: dict[str, Any],
) -> dict[str, Any]:
    feature, time, bias = operands
    indexes = (*operator.inputs, operator.outputs[0])
    # The runtime heeds no zero points of weights.
    (given, zero), (own, _), (by_time, _), (added, _), (state, state_zero), (out, out_zero) = (
        quantization(graph, operator, index) for index in indexes
    )
    kept = state * by_time
    if abs(added - kept) >= BIAS_TOLERANCE:
        raise refuse(operator, f"the bias has scale {added}, not {kept}")
    reals = (given * own / state, kept / out)
    reach = 256 * np.abs(feature.astype(np.int64)).sum(axis=1)
    zeros = np.zeros(len(feature), np.int32)
    by_feature, (q, shift) = (quantize_multiplier(real) for real in reals)
    ages = time.reshape(len(bias), -1)
    wide = time.dtype == np.int16
    most = 2**15 if wide else 2**7
    empty = np.zeros(1, np.int8 if wide else np.int16)
    return {
        "weights": blocked(feature, 4),
        "start": filled(fold_zero_point(zeros, feature, zero), 4),
        "time": empty if wide else time.reshape(-1),
        "time_wide": time.reshape(-1) if wide else empty,
        "bias": fold_zero_point(bias, ages, state_zero),
        "feature": multiplier(operator, *by_feature, int(reach.max())),
        "multiplier": q,
        "shift": shift,
        **sizes,
        "groups": -(-sizes["inputs"] // 4),
        "zero_point": state_zero,
        "offset": out_zero,
        "low": -most,
        "high": most - 1,
        "wide": int(wide),
    }


LOWERINGS = {"SVDF": svdf}
