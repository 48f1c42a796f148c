"""Models of one operator each that looks at elements or reduces: types beyond the usual ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np

from . import elementwise
from .builder import Tensor
from .draft import Draft

Family: TypeAlias = Callable[[Draft], "Tensor | Sequence[Tensor]"]

COMPARISONS = ("EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL")


def any_shape(draft: Draft, dtype: str, high: int = 5) -> Tensor:
    return draft.input(draft.shape(draft.between(1, 4), high), dtype)


def pair(name: str, dtype: str, output: str = "") -> Callable[[Draft], Tensor]:
    """An operator of two operands that broadcast, with no options and no quantized output."""

    def draw(draft: Draft) -> Tensor:
        x = draft.input((*draft.shape(draft.between(0, 2), 4), 2, 12), dtype)
        other = elementwise.operand(draft, x)
        sides = (x, other) if draft.chance(50) else (other, x)
        shape = elementwise.broadcast(x.shape, other.shape)
        return draft.add(name, sides, Tensor(shape, output or dtype))

    return draw


def comparison(name: str, dtype: str) -> Family:
    """A comparison; int8 scales are below one, and often alike, so that some are equal."""

    def draw(draft: Draft) -> Tensor:
        made = pair(name, dtype, "bool")(draft)
        op = draft.ops[-1]
        alike = draft.chance(80)
        for tensor in op.inputs if dtype == "int8" else ():
            assert tensor is not None
            assert isinstance(tensor.scale, float)
            finer = replace(tensor, scale=min(tensor.scale, 0.9))
            if alike:
                finer = replace(finer, scale=0.05, zero_point=-3)
            op.inputs = tuple(finer if each is tensor else each for each in op.inputs)
            draft.inputs = [finer if each is tensor else each for each in draft.inputs]
        return made

    return draw


def integers(name: str) -> Family:
    """Arithmetic of 32-bit numbers, with a fused activation where there is one."""

    def draw(draft: Draft) -> Tensor:
        if name == "SQUARED_DIFFERENCE":
            return pair(name, "int32")(draft)
        x = any_shape(draft, "int32")
        if name != "DIV":
            return elementwise.binary(draft, name, x)
        # Odd numbers: TFLM stops at a division by zero.
        divisor = draft.constant(draft.content(x.shape[-1:], "int32") % 16 - 8 | 1)
        y = Tensor(x.shape, "int32")
        fused = draft.any("NONE", "NONE", "RELU", "RELU6")
        return draft.add(name, (x, divisor), y, fused_activation_function=fused)

    return draw


def negation(draft: Draft) -> Tensor:
    x = any_shape(draft, "bool")
    return draft.add("LOGICAL_NOT", (x,), Tensor(x.shape, "bool"))


def same(name: str, dtype: str, **options: Any) -> Callable[[Draft], Tensor]:
    """An operator that keeps the shape, of one operand; quantized as its input."""

    def draw(draft: Draft) -> Tensor:
        x = any_shape(draft, dtype)
        return draft.add(name, (x,), draft.like(x, x.shape), **options)

    return draw


def many(name: str, dtype: str) -> Callable[[Draft], Tensor]:
    """A sum of two to five tensors, some of them the same."""

    def draw(draft: Draft) -> Tensor:
        x = any_shape(draft, dtype)
        parts = [x] + [
            draft.sibling(x, x.shape) if draft.chance(80) else x for _ in range(draft.between(1, 4))
        ]
        return draft.add(name, parts, draft.like(x, x.shape))

    return draw


def extreme(name: str, dtype: str) -> Callable[[Draft], Tensor]:
    """A reduction to one of the elements."""

    def draw(draft: Draft) -> Tensor:
        x = any_shape(draft, dtype)
        made = elementwise.reduction(draft, name, x)
        alike = draft.like(x, made.shape)
        draft.ops[-1].outputs = (alike,)
        return alike

    return draw


def every(draft: Draft) -> Tensor:
    x = draft.input((draft.between(2, 4), draft.between(2, 5), draft.between(1, 3)), "bool")
    return elementwise.reduction(draft, "REDUCE_ALL", x, [draft.any(-1, 1, 2)])


def index(name: str, dtype: str) -> Callable[[Draft], Tensor]:
    """The index of an extreme along one axis."""

    def draw(draft: Draft) -> Tensor:
        x = draft.input([size + 1 for size in draft.shape(draft.between(2, 4))], dtype)
        axis = draft.between(0, len(x.shape) - 1)
        shape = (*x.shape[:axis], *x.shape[axis + 1 :])
        given = draft.constant([axis - len(x.shape) * draft.chance(40)])
        return draft.add(name, (x, given), Tensor(shape, "int32"))

    return draw


def near_multiples(name: str) -> Callable[[Draft], Tensor]:
    """A division whose quotients are often whole, or very large."""

    def draw(draft: Draft) -> Tensor:
        x = any_shape(draft, "float32")
        divisor = draft.any(0.1, -0.1, 1 / 3, 1e-6, -7.0, 1e20) * np.ones(x.shape[-1:], np.float32)
        other = Tensor(divisor.shape, "float32", data=divisor)
        return draft.add(name, (x, other), Tensor(x.shape, "float32"))

    return draw


LIBRARY: dict[str, Callable[[Draft], Tensor]] = {
    name.lower(): same(name, "float32") for name in ("ELU", "LOG", "SIN", "COS", "LOG_SOFTMAX")
}
"""The runtime calls the C library for them."""

FLOATS: dict[str, Callable[[Draft], Tensor]] = {
    **{
        name.lower(): same(name, "float32")
        for name in ("CEIL", "FLOOR", "ROUND", "L2_NORMALIZATION")
    },
    **{name.lower(): near_multiples(name) for name in ("FLOOR_DIV", "FLOOR_MOD")},
    "add_n": many("ADD_N", "float32"),
    **{name.lower(): extreme(name, "float32") for name in ("REDUCE_MAX", "REDUCE_MIN")},
    **{name.lower(): index(name, "float32") for name in ("ARG_MAX", "ARG_MIN")},
}
"""All of them give the runtime's bits."""


def rescaled(name: str, dtype: str) -> Callable[[Draft], Tensor]:
    """A function of one code whose output has a scale of its own."""
    return lambda draft: elementwise.unary(draft, name, draft.input((2, 64), dtype))


def magnitudes(draft: Draft) -> Tensor:
    """ABS of numbers that have no scale."""
    draft.inputs.append(Tensor((2, 64), "int16"))
    return draft.add("ABS", draft.inputs, Tensor((2, 64), "int16"))


def inverse_root(draft: Draft) -> Tensor:
    """Codes from the lowest on are positive: the runtime stops at others."""
    draft.inputs.append(Tensor((2, 64), "int8", draft.scale(), -128))
    assert isinstance(draft.inputs[0].scale, float)
    scale = draft.magnitude(0.2, 5) / 127 / draft.inputs[0].scale ** 0.5
    y = Tensor((2, 64), "int8", scale, draft.any(-128, -100, 5))
    return draft.add("RSQRT", draft.inputs, y)


def inverse_root_of_magnitudes(draft: Draft) -> Tensor:
    x = draft.input((2, 64), "int16")
    size = draft.add("ABS", (x,), draft.like(x, x.shape))
    assert isinstance(x.scale, float)
    scale = draft.magnitude(0.01, 2) / 32767 / x.scale**0.5
    return draft.add("RSQRT", (size,), Tensor(x.shape, "int16", scale))


def unit_rows(draft: Draft) -> Tensor:
    x = draft.input((*draft.shape(draft.between(0, 3), 3), draft.between(1, 20)))
    return draft.add("L2_NORMALIZATION", (x,), Tensor(x.shape, "int8", 1 / 128))


def log_softmax(draft: Draft) -> Tensor:
    x = draft.input((draft.between(1, 4), draft.between(1, 20)))
    x = replace(x, scale=draft.magnitude(1e-3, 2))
    draft.inputs = [x]
    return draft.add("LOG_SOFTMAX", (x,), Tensor(x.shape, "int8", 1 / 16, 127))


def quotient(draft: Draft) -> Tensor:
    """Divisors that are not zero, and an output that is fine enough for the runtime."""
    x = any_shape(draft, "int8")
    zero, scale = draft.any(-128, 0, 90), draft.magnitude(1e-3, 0.2)
    data = draft.content(x.shape[-1:], "int8")
    data[data == zero] = 7
    divisor = Tensor(data.shape, "int8", scale, zero, data=data)
    assert isinstance(x.scale, float)
    y = Tensor(x.shape, "int8", x.scale / scale / draft.magnitude(65, 5000), draft.any(-128, 0, 9))
    return draft.add("DIV", (x, divisor), y, fused_activation_function=draft.fused(y))


def squares(dtype: str) -> Callable[[Draft], Tensor]:
    def draw(draft: Draft) -> Tensor:
        made = pair("SQUARED_DIFFERENCE", dtype)(draft)
        op = draft.ops[-1]
        scale = max(t.scale for t in op.inputs if t and isinstance(t.scale, float)) ** 2
        wide = dtype == "int16"
        scale *= draft.magnitude(0.5, 20) * (30000 if wide else 100)
        made = replace(made, scale=scale, zero_point=draft.zero_point(dtype))
        op.outputs = (made,)
        return made

    return draw


def sums(draft: Draft) -> Tensor:
    made = many("ADD_N", "int8")(draft)
    op = draft.ops[-1]
    assert isinstance(made.scale, float)
    scale = made.scale * draft.any(1.0, draft.ratio(), draft.magnitude(0.2, 5))
    op.outputs = (replace(made, scale=scale, zero_point=draft.zero_point("int8")),)
    return op.outputs[0]


def slopes(draft: Draft) -> Tensor:
    """PRELU of int16 codes, with slopes of int8."""
    x = draft.input((2, draft.between(1, 4), draft.between(1, 8)), "int16")
    shape = draft.any(x.shape[-1:], (1,), x.shape[1:])
    data = draft.content(shape, "int8")
    given = Tensor(shape, "int8", draft.magnitude(1e-3, 0.05), draft.any(0, 3), data=data)
    assert isinstance(x.scale, float)
    y = Tensor(x.shape, "int16", x.scale * draft.any(1.0, draft.ratio(), draft.magnitude(0.2, 5)))
    return draft.add("PRELU", (x, given), y)


FAMILIES: dict[str, Family] = {
    **{
        f"{name.lower()}_{dtype}": comparison(name, dtype)
        for name in COMPARISONS
        for dtype in ("float32", "int8", "int32", "int64", "bool")
        if dtype != "bool" or name in ("EQUAL", "NOT_EQUAL")
    },
    **{f"{name.lower()}_int64": pair(name, "int64") for name in ("MAXIMUM", "MINIMUM")},
    **{
        f"{name.lower()}_int32": integers(name)
        for name in ("ADD", "SUB", "MUL", "DIV", "SQUARED_DIFFERENCE")
    },
    **{name.lower(): pair(name, "bool") for name in ("LOGICAL_AND", "LOGICAL_OR")},
    "logical_not": negation,
    **{f"{name}_float32": family for name, family in {**FLOATS, **LIBRARY}.items()},
    **{f"{name.lower()}_int8": extreme(name, "int8") for name in ("REDUCE_MAX", "REDUCE_MIN")},
    **{f"{name.lower()}_int8": index(name, "int8") for name in ("ARG_MAX", "ARG_MIN")},
    "reduce_all": every,
    "abs_int8": rescaled("ABS", "int8"),
    "abs_int16": rescaled("ABS", "int16"),
    "abs_numbers_int16": magnitudes,
    "rsqrt_int8": inverse_root,
    "graph_abs_rsqrt_int16": inverse_root_of_magnitudes,
    "l2_normalization_int8": unit_rows,
    "log_softmax_int8": log_softmax,
    "div_int8": quotient,
    "squared_difference_int8": squares("int8"),
    "squared_difference_int16": squares("int16"),
    "add_n_int8": sums,
    "prelu_int16": slopes,
}
