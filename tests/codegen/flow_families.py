"""Models whose operators run subgraphs: branches, loops, and one in the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from .builder import Graph, Tensor
from .draft import Draft
from .graphs import Family


def _inner(draft: Draft) -> Draft:
    """A draft of another subgraph, of the same choices."""
    inner = Draft(draft.random)
    inner.others = draft.others
    return inner


def _finish(draft: Draft, inner: Draft, outputs: Sequence[Tensor]) -> int:
    """Put a subgraph behind those that it runs; its number."""
    draft.others.append(Graph(inner.inputs, inner.ops, list(outputs)))
    return len(draft.others)


def _taken(draft: Draft, tensor: Tensor) -> Tensor:
    """A new input of the same type and size, with a scale of its own at times."""
    made = replace(tensor, data=None)
    draft.inputs.append(made)
    return made


def _changed(draft: Draft, x: Tensor, *others: Tensor) -> Tensor:
    """Some operators on a tensor, whose result has its type and shape."""
    for _ in range(draft.between(1, 3)):
        kind = draft.between(0, 3)
        if kind == 0 and x.dtype != "int32":
            x = draft.add("RELU", (x,), draft.like(x, x.shape))
        elif kind == 1:
            other = draft.any(*others, replace(x, data=draft.content(x.shape, x.dtype)))
            x = draft.add(draft.any("MAXIMUM", "MINIMUM"), (x, other), draft.like(x, x.shape))
        else:
            other = draft.any(*others, replace(x, data=draft.content(x.shape, x.dtype)))
            x = draft.add("ADD", (x, other), draft.like(x, x.shape))
    return x


def _branch(
    draft: Draft, given: Sequence[Tensor], deeper: Callable[[Draft, Tensor], Tensor]
) -> int:
    """A subgraph of some inputs with one output: computed, a constant, or an input itself."""
    inner = _inner(draft)
    inputs = [_taken(inner, tensor) for tensor in given]
    x = inputs[0]
    kind = draft.between(0, 9)
    if kind == 0:
        return _finish(draft, inner, [draft.any(*inputs)])
    if kind == 1:
        return _finish(draft, inner, [replace(x, data=draft.content(x.shape, x.dtype))])
    return _finish(draft, inner, [deeper(inner, _changed(inner, x, *inputs))])


def _as_it_is(draft: Draft, x: Tensor) -> Tensor:
    return x


def condition(draft: Draft, dtype: str, depth: int = 0) -> list[Tensor]:
    """Draw a choice that is an input, with two branches of two operands."""
    choice = draft.input((1,) if draft.chance(50) else (), "bool")
    x = draft.input(draft.shape(draft.between(1, 3)), dtype)
    other = draft.like(x, x.shape)
    draft.inputs.append(other)
    first = _changed(draft, x) if draft.chance(50) else x
    y = _if(draft, choice, [first, other], depth)
    return [draft.add("MAXIMUM", (y, x), draft.like(x, x.shape)), y]


def _if(draft: Draft, choice: Tensor, given: Sequence[Tensor], depth: int) -> Tensor:
    def deeper(inner: Draft, x: Tensor) -> Tensor:
        if not depth:
            return x
        constant = Tensor((1,), "bool", data=np.array([inner.chance(50)]))
        return _if(inner, constant, [x, x], depth - 1)

    then, otherwise = (_branch(draft, given, deeper) for _ in range(2))
    y = draft.like(given[0], given[0].shape)
    options: dict[str, Any] = {"then_subgraph_index": then, "else_subgraph_index": otherwise}
    return draft.add("IF", (choice, *given), y, **options)


def loop(draft: Draft, dtype: str, *, branching: bool = False) -> list[Tensor]:
    """Draw a loop that counts, of a value that changes and one that stays."""
    x = draft.input(draft.shape(draft.between(1, 3)), dtype)
    stays = draft.like(x, x.shape)
    draft.inputs.append(stays)
    limit, step = draft.between(0, 9), draft.between(1, 3)
    counter = draft.constant([draft.between(-2, 3)] if draft.chance(50) else draft.between(-2, 3))
    given = [counter, x, stays]

    check = _inner(draft)
    i, *_ = (_taken(check, tensor) for tensor in given)
    truth = Tensor(i.shape, "bool")
    name = draft.any("LESS", "LESS_EQUAL")
    end = check.constant(np.full(i.shape, limit))
    check.add(name, (i, end), truth)
    if draft.chance(30):
        both = Tensor(i.shape, "bool")
        more = check.add("GREATER", (check.constant(np.full(i.shape, limit + 3)), i), both)
        truth = check.add("LOGICAL_AND", (truth, more), Tensor(i.shape, "bool"))
    cond = _finish(draft, check, [truth])

    inner = _inner(draft)
    i, value, same = (_taken(inner, tensor) for tensor in given)
    value = _changed(inner, value, same)
    if branching:
        early = Tensor(i.shape, "bool")
        inner.add("GREATER", (i, inner.constant(np.full(i.shape, limit // 2))), early)
        value = _if(inner, early, [value, same], 0)
    following = inner.add("ADD", (i, inner.constant(np.full(i.shape, step))), replace(i))
    body = _finish(draft, inner, [following, value, same])

    results = [replace(tensor, data=None) for tensor in given]
    options: dict[str, Any] = {"cond_subgraph_index": cond, "body_subgraph_index": body}
    draft.add("WHILE", given, *results, **options)
    return [results[1], results[0]]


FAMILIES: dict[str, Family] = {
    "graph_if": partial(condition, dtype="int8"),
    "graph_if_float32": partial(condition, dtype="float32"),
    "graph_if_nested": partial(condition, dtype="int16", depth=2),
    "graph_while": partial(loop, dtype="int8"),
    "graph_while_float32": partial(loop, dtype="float32"),
    "graph_while_if": partial(loop, dtype="int8", branching=True),
}
