"""Models of one operator each that looks at elements or reduces: types beyond the usual ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

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
        x = any_shape(draft, dtype)
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
        for tensor in op.inputs:
            if tensor is not None and isinstance(tensor.scale, float) and tensor.scale >= 1:
                finer = replace(tensor, scale=tensor.scale / 200)
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
        divisor = draft.constant(draft.content(x.shape[-1:], "int32") | 1)
        y = Tensor(x.shape, "int32")
        return draft.add(name, (x, divisor), y, fused_activation_function=draft.fused(y))

    return draw


def negation(draft: Draft) -> Tensor:
    x = any_shape(draft, "bool")
    return draft.add("LOGICAL_NOT", (x,), Tensor(x.shape, "bool"))


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
}
