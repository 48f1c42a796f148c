"""Models that keep something from one inference to the next: a sequence is what is compared."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from .builder import Graph, Op, Tensor
from .draft import Draft
from .graphs import Family
from .layers import conv_2d, depthwise_conv_2d
from .shapes import reshape


class Variable:
    """A resource variable under construction; its handle is made where it is first used."""

    def __init__(self, draft: Draft, name: str, like: Tensor) -> None:
        self.draft, self.name, self.like = draft, name, like
        self.handle: Tensor | None = None

    def resource(self) -> Tensor:
        if self.handle is None or self.draft.chance(20):
            self.handle = Tensor((), "resource")
            self.draft.ops.append(named(self.handle, self.name))
        return self.handle

    def read(self) -> Tensor:
        value = self.draft.like(self.like, self.like.shape)
        return self.draft.add("READ_VARIABLE", [self.resource()], value)

    def assign(self, value: Tensor) -> None:
        self.draft.ops.append(Op("ASSIGN_VARIABLE", [self.resource(), value], []))


def named(handle: Tensor, name: str) -> Op:
    """VAR_HANDLE."""
    return Op("VAR_HANDLE", [], [handle], shared_name=name, container="")


def initialized(draft: Draft, variables: list[Variable]) -> None:
    """A subgraph that assigns constants to variables, called once before everything else."""
    ops: list[Op] = []
    for variable in variables:
        shape, dtype = variable.like.shape, variable.like.dtype
        like = variable.like
        first = Tensor(
            shape, dtype, like.scale, like.zero_point, data=draft.content(shape, like.dtype)
        )
        handle = Tensor((), "resource")
        ops += [named(handle, variable.name), Op("ASSIGN_VARIABLE", [handle, first], [])]
    draft.others.append(Graph([], ops, []))
    draft.ops.insert(0, Op("CALL_ONCE", [], [], init_subgraph_index=1))


def variables(draft: Draft, dtype: str = "int8") -> list[Tensor]:
    """Draw reads and assignments in any order, of values of one shape."""
    x = draft.input((1, draft.between(1, 3), draft.between(1, 9)), dtype)
    kept = [Variable(draft, f"v{number}", x) for number in range(draft.between(1, 3))]
    values = [x]
    for _ in range(draft.between(3, 9)):
        kind = draft.between(0, 4)
        value = draft.any(*values[-4:])
        if kind < 2:
            values.append(draft.any(*kept).read())
        elif kind < 3:
            draft.any(*kept).assign(value)
        elif kind < 4:
            y = draft.like(x, x.shape)
            inputs = (value, draft.any(*values))
            values.append(draft.add(draft.any("MAXIMUM", "MINIMUM"), inputs, y))
        else:
            values.append(reshape(draft, value, x.shape))
    for variable in kept:
        variable.assign(draft.any(*values))
    if draft.chance(50):
        initialized(draft, kept)
    read = [value for value in values if value is not x] or [kept[0].read()]
    other = draft.any(*read)
    return [read[-1]] if other is read[-1] else [read[-1], other]


def streaming(draft: Draft, dtype: str = "int8") -> list[Tensor]:
    """Draw a convolution over the last steps, of which a variable keeps all but the newest."""
    steps, channels, new = draft.between(1, 4), draft.between(1, 6), draft.between(1, 2)
    x = draft.input((1, new, 1, channels), dtype)
    kept = Variable(draft, "stream/states", draft.like(x, (1, steps, 1, channels)))
    window = draft.like(x, (1, steps + new, 1, channels))
    draft.add("CONCATENATION", (kept.read(), x), window, axis=1)
    late = draft.chance(50)
    if not late:
        kept.assign(_newest(draft, window, new))
    reach = (draft.between(1, steps + new), 1)
    if draft.chance(70):
        y = conv_2d(draft, window, kernel=reach, same=True)
    else:
        y = depthwise_conv_2d(draft, window, 1)
    if late:
        kept.assign(_newest(draft, window, new))
    if draft.chance(70):
        initialized(draft, [kept])
    return [y]


def _newest(draft: Draft, window: Tensor, new: int) -> Tensor:
    _, steps, _, channels = window.shape
    ends = ([0, new, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1])
    y = draft.like(window, (1, steps - new, 1, channels))
    masks: dict[str, Any] = {"begin_mask": 0b1101, "end_mask": 0b1111}
    return draft.add("STRIDED_SLICE", (window, *map(draft.constant, ends)), y, **masks)


def delay(draft: Draft, dtype: str) -> Tensor:
    """Draw a variable that is read before the input is assigned to it, of any type and size."""
    x = draft.input(draft.shape(draft.between(0, 4)), dtype)
    kept = Variable(draft, "last", x)
    y = kept.read()
    kept.assign(x)
    if draft.chance(50):
        initialized(draft, [kept])
    return y


def accumulator(draft: Draft, dtype: str = "int8") -> list[Tensor]:
    """Draw a variable tensor that an operator computes anew from itself and the input."""
    x = draft.input(draft.shape(draft.between(1, 3)), dtype)
    kept = Tensor(x.shape, x.dtype, x.scale, x.zero_point, variable=True)
    outputs = []
    if draft.chance(50):
        outputs.append(reshape(draft, kept, (math.prod(kept.shape),)))
    draft.add(draft.any("MAXIMUM", "MINIMUM"), (kept, x), kept)
    y = draft.like(x, x.shape)
    draft.add("MAXIMUM", (kept, x), y)
    return [y, *outputs, *([kept] if draft.chance(30) else [])]


FAMILIES: dict[str, Family] = {
    "graph_accumulator": accumulator,
    **{
        f"graph_delay_{dtype}": partial(delay, dtype=dtype)
        for dtype in ("int8", "uint8", "int32", "int64", "bool")
    },
    "graph_streaming": streaming,
    "graph_streaming_float32": partial(streaming, dtype="float32"),
    "graph_variables": variables,
    "graph_variables_int16": partial(variables, dtype="int16"),
}
