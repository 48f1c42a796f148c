"""What the operators of a model run beside themselves: bodies of conditions and loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinybench.tflite.model import Model, Operator

ONCE = "CALL_ONCE"
"""What sets a variable at the start, in a subgraph of its own."""


def calls(operator: Operator) -> tuple[int, ...]:
    """The subgraphs that an operator runs, by the numbers that the file gives, right or not."""
    return tuple(
        value
        for name, value in (operator.options or {}).items()
        if name.endswith("subgraph_index") and isinstance(value, int)
    )


def called(model: Model, *, once: bool = False) -> tuple[int, ...]:
    """The subgraphs that are run for the one in view, each once; numbers of none are left out.

    Those that only set variables at the start are among them if `once`.
    """
    return tuple(sorted(set(run_by(model, model.operators, once=once)) - {model.subgraph}))


def run_by(model: Model, operators: Sequence[Operator], *, once: bool = False) -> list[int]:
    """The subgraphs that operators run, directly or through others, each once."""
    found: list[int] = []
    waiting = [operators]
    while waiting:
        for operator in waiting.pop():
            for index in calls(operator) if once or operator.name != ONCE else ():
                if index not in found and 0 <= index < len(model.subgraphs):
                    found.append(index)
                    waiting.append(model.subgraphs[index].operators)
    return found


def whole(model: Model) -> Model:
    """The graph in view with those that it runs, as one: their tensors and operators behind it.

    It has no subgraphs any more: what is whole stays as it is.
    """
    tensors, operators = list(model.tensors), list(model.operators)
    for number in called(model):
        graph, base = model.subgraphs[number], len(tensors)
        tensors += [
            replace(
                one, index=base + one.index, name=f"{one.index} of subgraph {number}: {one.name}"
            )
            for one in graph.tensors
        ]
        operators += [
            replace(
                one,
                index=len(operators) + one.index,
                inputs=tuple(index + base if index >= 0 else index for index in one.inputs),
                outputs=tuple(index + base for index in one.outputs),
            )
            for one in graph.operators
        ]
    if len(operators) == len(model.operators) and len(tensors) == len(model.tensors):
        return model
    return replace(model, tensors=tuple(tensors), operators=tuple(operators), subgraphs=())
