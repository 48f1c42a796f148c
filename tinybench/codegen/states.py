"""Which tensors of a graph are states, and what keeps them apart from the arena."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinybench.codegen.graph import Call, Graph, Step, refuse
from tinybench.codegen.state import first_bytes
from tinybench.codegen.strided import walk
from tinybench.tflite.model import Operator, label


def place_variables(graph: Graph, operators: Sequence[Operator]) -> None:
    """Give the variable tensors that these operators use their places in the state."""
    for operator in operators:
        for index in (*operator.inputs, *operator.outputs):
            if index < 0 or index in graph.states:
                continue
            tensor = graph.tensor(index)
            if tensor.is_variable and tensor.nbytes:
                graph.states[index] = graph.state.add(first_bytes(tensor))


def apart(graph: Graph, step: Step) -> Step:
    """The step without a state that shares memory with another tensor: it is copied instead."""
    for index in set(step.operator.inputs) & set(step.operator.outputs):
        if (index, index) not in step.in_place:
            raise refuse(step.operator, f"it reads and writes {label(graph.tensor(index))}")
    shared = [pair for pair in step.alias if any(index in graph.states for index in pair)]
    if not shared:
        return step
    copies = tuple(block(source, target, graph.tensor(target).nbytes) for source, target in shared)
    others = tuple(pair for pair in step.alias if pair not in shared)
    return replace(step, calls=(*copies, *step.calls), alias=others)


def block(source: int, target: int, nbytes: int | None) -> Call:
    """Copy so many bytes that stand together."""
    assert nbytes is not None
    fields = {
        "walk": walk([]),
        "input_offset": 0,
        "output_offset": 0,
        "run": nbytes,
        "width": 4 if nbytes % 4 == 0 else 2 if nbytes % 2 == 0 else 1,
    }
    return Call("copy", (source, target), fields)
