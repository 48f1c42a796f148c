"""IF and WHILE: operators that run other subgraphs, each lowered and planned by itself.

As TFLM has it: inputs are copied into the subgraph's own memory, outputs out of it, and between
two rounds a loop's values stand in the operator's outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tinybench.codegen.graph import Body, Graph, Step, UnsupportedError, option, refuse
from tinybench.tflite.loops import never_ends, rounds
from tinybench.tflite.model import ModelError, Operator, Tensor, label

FLOW = {
    "IF": ("then_subgraph_index", "else_subgraph_index"),
    "WHILE": ("cond_subgraph_index", "body_subgraph_index"),
}
"""What runs subgraphs, and the options that name them."""
DEEPEST = 16
"""Subgraphs that run one in another: more are a damaged file."""
ROUNDS = 1_000_000
"""Rounds of a loop beyond which a device that waits for it hangs."""


def run_bodies(graph: Graph, operator: Operator, lowered: Callable[[Graph], Body]) -> Step:
    """The step of an IF or WHILE; `lowered` makes a body of a subgraph."""
    if -1 in operator.inputs:
        raise refuse(operator, f"input {operator.inputs.index(-1)} is absent")
    is_loop = operator.name == "WHILE"
    inner = [_inner(graph, operator, option(operator, name, 0)) for name in FLOW[operator.name]]
    inputs = [graph.tensor(index) for index in operator.inputs]
    outputs = [graph.tensor(index) for index in operator.outputs]
    given = inputs
    if is_loop:
        _agree(operator, "the outputs", outputs, inputs)
        _is_condition(operator, "the output of its condition", _ports(inner[0], "outputs"))
    else:
        _is_condition(operator, "input 0", inputs[:1])
        given = inputs[1:]
    for number, each in enumerate(inner):
        where = f"subgraph {each.model.subgraph}"
        _agree(operator, f"the inputs of {where}", _ports(each, "inputs"), given)
        if not is_loop or number == 1:
            _agree(operator, f"the outputs of {where}", _ports(each, "outputs"), outputs)
    known = _rounds(graph, operator) if is_loop else None
    bodies = tuple(_body(graph, operator, each, lowered) for each in inner)
    for source in (graph, *(body.graph for body in bodies)):
        copied = operator.inputs if source is graph else source.model.outputs
        _are_literals(operator, source, copied)
    first = 0 if is_loop else 1
    pairs = zip(operator.inputs[first:], operator.outputs, strict=False)
    return Step(operator, bodies=bodies, rounds=known, in_place=tuple(pairs) if is_loop else ())


def _inner(graph: Graph, operator: Operator, index: int) -> Graph:
    count = len(graph.model.subgraphs)
    if not 0 <= index < count:
        raise refuse(operator, f"subgraph {index} is none of {count}")
    if index == graph.model.subgraph or index in graph.callers:
        raise refuse(operator, f"subgraph {index} runs itself")
    if len(graph.callers) == DEEPEST:
        raise refuse(operator, f"subgraphs run one in another more than {DEEPEST} deep")
    return graph.inner(index)


def _body(graph: Graph, operator: Operator, inner: Graph, lowered: Callable[[Graph], Body]) -> Body:
    """The body of a subgraph, lowered once however many operators run it."""
    index = inner.model.subgraph
    if index not in graph.bodies:
        try:
            graph.bodies[index] = lowered(inner)
        except (UnsupportedError, ModelError) as error:
            raise refuse(operator, f"subgraph {index}: {error}") from None
    return graph.bodies[index]


def _rounds(graph: Graph, operator: Operator) -> int | None:
    if never_ends(graph.model, operator):
        raise refuse(operator, "a loop without end: no round changes its condition")
    known = rounds(graph.model, operator)
    if known is not None and known > ROUNDS:
        raise refuse(operator, f"it runs {known:,} rounds; at most {ROUNDS:,} are allowed")
    return known


def _ports(graph: Graph, kind: str) -> list[Tensor]:
    return [graph.tensor(index) for index in getattr(graph.model, kind)]


def _agree(
    operator: Operator, what: str, found: Sequence[Tensor], expected: Sequence[Tensor]
) -> None:
    """Refuse tensors that are not copied byte by byte: TFLM wants the same type and size."""
    if len(found) != len(expected):
        raise refuse(operator, f"{what} are {len(found)}, not {len(expected)}")
    for one, other in zip(found, expected, strict=True):
        if one.nbytes is None:
            raise refuse(operator, f"{label(one)} of {what} has no fixed size")
        if (one.dtype, one.nbytes) != (other.dtype, other.nbytes):
            kinds = f"{_kind(one)}, not {_kind(other)} as {label(other)}"
            raise refuse(operator, f"{label(one)} of {what} is {kinds}")


def _are_literals(operator: Operator, graph: Graph, indexes: Sequence[int]) -> None:
    """Refuse constants that C has no way to write, where they are copied as they are."""
    for index in indexes:
        value = graph.constant(index)
        if value is not None and value.dtype.kind == "f" and not np.isfinite(value).all():
            raise refuse(operator, f"{label(graph.tensor(index))} has values that are not finite")


def _is_condition(operator: Operator, what: str, tensors: Sequence[Tensor]) -> None:
    if len(tensors) != 1 or tensors[0].dtype != "bool" or tensors[0].elements != 1:
        found = ", ".join(map(_kind, tensors)) or "absent"
        raise refuse(operator, f"{what} is {found}, not one bool")


def _kind(tensor: Tensor) -> str:
    return f"{tensor.dtype} {'x'.join(map(str, tensor.shape)) or 'scalar'}"
