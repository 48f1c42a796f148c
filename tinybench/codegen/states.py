"""Which tensors of a graph are states: those of variables, and values that can live in one."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from tinybench.codegen.graph import Call, Graph, Step, UnsupportedError, option, refuse
from tinybench.codegen.state import Variable
from tinybench.codegen.strided import walk
from tinybench.tflite.model import Model, Operator, Tensor, label

CALLERS = ("IF", "WHILE", "CALL_ONCE")
"""Operators that run others, which may read and assign any variable."""


def copied_outputs(model: Model) -> Model:
    """The model with a copy behind everything of each output that is a variable tensor."""
    tensors, operators, outputs = list(model.tensors), list(model.operators), []
    for index in model.outputs:
        tensor = model.tensors[index]
        if tensor.is_variable:
            tensor = replace(tensor, index=len(tensors), is_variable=False, data=None)
            tensors.append(tensor)
            operators.append(
                Operator(len(operators), "RESHAPE", 1, (index,), (tensor.index,), None)
            )
        outputs.append(tensor.index)
    if len(tensors) == len(model.tensors):
        return model
    return replace(
        model, tensors=tuple(tensors), operators=tuple(operators), outputs=tuple(outputs)
    )


def place_states(graph: Graph, operators: Sequence[Operator]) -> None:
    """Find the states that these operators use, and values that need no memory but a state's.

    What is wrong with a variable, its own operators say.
    """
    for operator in operators:
        for index in (*operator.inputs, *operator.outputs):
            if index < 0 or index in graph.states:
                continue
            tensor = graph.tensor(index)
            if tensor.is_variable and tensor.nbytes:
                graph.states[index] = graph.state.add(_variable_tensor(tensor), tensor.nbytes)
        if operator.name == "VAR_HANDLE" and operator.outputs:
            with contextlib.suppress(UnsupportedError):
                graph.states[operator.outputs[0]] = _place(graph, operator)
    _live_in_states(graph, operators)


def _variable_tensor(tensor: Tensor) -> bytes:
    """What TFLM puts into each byte of a variable tensor: the zero point of int8, else 0."""
    found = tensor.quantization
    zero = found.zero_points[0] if found and found.zero_points and tensor.dtype == "int8" else 0
    return bytes([zero & 0xFF])


def _place(graph: Graph, handle: Operator) -> int:
    name, value = variable(graph, handle)
    if name not in graph.state.variables:
        # TFLM: the lowest byte of the zero point, whatever the type, until something is assigned.
        found = value.quantization
        zero = found.zero_points[0] if found and found.zero_points else 0
        graph.state.variables[name] = graph.state.add(bytes([zero & 0xFF]), value.nbytes)
    return graph.state.variables[name]


def variable(graph: Graph, handle: Operator) -> tuple[str, Tensor]:
    """The name of a VAR_HANDLE's variable, and the value that is assigned to it first of all.

    TFLM allocates a variable when it prepares that assignment, be it in another subgraph.
    """
    if not graph.state.known:
        graph.state.known = _known(graph.model)
    name = option(handle, "shared_name", "")
    found = graph.state.known[name]
    if len(found.containers) != 1:
        raise refuse(handle, f"the variable {name!r} is in several containers")
    if found.value is None:
        raise refuse(handle, f"nothing is ever assigned to the variable {name!r}")
    return name, found.value


def _known(model: Model) -> dict[str, Variable]:
    """The variables that the handles of all subgraphs name."""
    found: dict[str, Variable] = {}
    for subgraph in model.subgraphs:
        assigned: dict[int, Tensor] = {}
        for operator in subgraph.operators:
            if operator.name == "ASSIGN_VARIABLE" and len(operator.inputs) > 1:
                to, value = operator.inputs[:2]
                if value >= 0 and subgraph.tensors[value].nbytes:
                    assigned.setdefault(to, subgraph.tensors[value])
        for operator in subgraph.operators:
            if operator.name == "VAR_HANDLE" and operator.outputs:
                each = found.setdefault(option(operator, "shared_name", ""), Variable())
                each.containers.add(option(operator, "container", ""))
                each.value = each.value or assigned.get(operator.outputs[0])
    return found


def _live_in_states(graph: Graph, operators: Sequence[Operator]) -> None:
    """Let values that are read from a variable, or assigned to it, stand in its memory.

    A value that is read may, if nothing is assigned before its last use; one that is assigned, if
    from where it is computed nobody else wants the old value, nor from there on a newer one.
    """
    readers = [(at, each) for at, each in enumerate(operators) if each.name == "READ_VARIABLE"]
    writers = [(at, each) for at, each in enumerate(operators) if each.name == "ASSIGN_VARIABLE"]
    calls = [at for at, each in enumerate(operators) if each.name in CALLERS]
    last: dict[int, int] = dict.fromkeys(graph.model.outputs, len(operators))
    made: dict[int, int] = {}
    for at, operator in enumerate(operators):
        for index in operator.inputs:
            last[index] = max(at, last.get(index, -1))
        made |= dict.fromkeys(operator.outputs, at)
    assigned: dict[int, list[int]] = {}
    for at, writer in writers:
        assigned.setdefault(_offset(graph, writer), []).append(at)
    # From where to where the memory of a variable has to keep its value.
    busy: dict[int, list[tuple[int, int]]] = {}

    def changed(where: int, first: int, end: int) -> bool:
        return any(first <= at <= end for at in (*assigned.get(where, ()), *calls))

    for at, reader in readers:
        where, value = _offset(graph, reader), reader.outputs[0] if reader.outputs else -1
        end = last.get(value, at)
        if where < 0 or value < 0 or not _fits(graph, where, value) or value in graph.states:
            continue
        if value in graph.model.outputs or changed(where, at, end):
            busy.setdefault(where, []).append((at, at))
        else:
            graph.states[value] = where
            busy.setdefault(where, []).append((at, end))
    for at, writer in writers:
        where, value = _offset(graph, writer), (*writer.inputs, -1, -1)[1]
        if where < 0 or value not in made or not _fits(graph, where, value):
            continue
        begin, end = made[value], last[value]
        free = not any(first <= at and begin <= final for first, final in busy.get(where, ()))
        if (
            free
            and value not in graph.states
            and value not in (*graph.model.inputs, *graph.model.outputs)
            and operators[begin].name not in CALLERS
            and not changed(where, begin, at - 1)
            and not changed(where, at + 1, end)
        ):
            graph.states[value] = where


def _offset(graph: Graph, operator: Operator) -> int:
    """Where an operator's variable is, -1 if it is not known."""
    return graph.states.get(operator.inputs[0], -1) if operator.inputs else -1


def _fits(graph: Graph, where: int, index: int) -> bool:
    return graph.state.sizes[where] == graph.tensor(index).nbytes


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
