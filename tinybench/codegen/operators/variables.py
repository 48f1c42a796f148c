"""Resource variables: VAR_HANDLE names one, READ_VARIABLE and ASSIGN_VARIABLE copy its value.

Their memory is state (`codegen/states.py`), and what CALL_ONCE assigns are its first bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.fold import remaining
from tinybench.codegen.graph import Graph, Step, option, refuse
from tinybench.codegen.operators.shaping import operand, result
from tinybench.codegen.states import block, variable
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor


USERS = ("READ_VARIABLE", "ASSIGN_VARIABLE", "IF", "WHILE")


def var_handle(graph: Graph, operator: Operator) -> Step:
    """Nothing runs: which variable it is, is known."""
    if len(operator.outputs) != 1 or graph.tensor(operator.outputs[0]).dtype != "resource":
        raise refuse(operator, "its output is not one resource")
    variable(graph, operator)
    return Step(operator)


def read_variable(graph: Graph, operator: Operator) -> Step:
    """A copy of the variable, unless the value may stand where it is until its last use."""
    target = result(graph, operator)
    handle = _handle(graph, operator, target)
    if graph.states.get(target.index) == graph.states[handle]:
        return Step(operator)
    return Step(operator, (block(handle, target.index, target.nbytes),))


def assign_variable(graph: Graph, operator: Operator) -> Step:
    """A copy of the value, unless it was computed into the variable's memory."""
    if len(operator.inputs) != 2 or operator.outputs:
        raise refuse(operator, "it has not two inputs and no output")
    value = operand(graph, operator, 1)
    handle = _handle(graph, operator, value)
    if graph.states.get(value.index) == graph.states[handle]:
        return Step(operator)
    return Step(operator, (block(value.index, handle, value.nbytes),))


def _handle(graph: Graph, operator: Operator, value: Tensor) -> int:
    """The tensor that names the variable; refuse one that is not known, or of another size."""
    handle = operand(graph, operator, 0)
    if handle.dtype != "resource" or handle.index not in graph.states:
        raise refuse(operator, f"{label(handle)} is no variable that is known beforehand")
    size = graph.state.sizes[graph.states[handle.index]]
    if size != value.nbytes:
        raise refuse(operator, f"{label(value)} has {value.nbytes} bytes, its variable {size}")
    return handle.index


def call_once(graph: Graph, operator: Operator) -> Step:
    """What the subgraph assigns are first values; it is to run before anything else does."""
    if operator.inputs or operator.outputs:
        raise refuse(operator, "it has inputs or outputs")
    if graph.callers:
        raise refuse(operator, "it stands in a subgraph that others run: when is not known")
    before = graph.model.operators[: operator.index]
    if late := next((each for each in before if each.name in USERS), None):
        raise refuse(
            operator, f"it is to run before any variable is used, yet {label(late)} is first"
        )
    initial = Graph(graph.model.at(option(operator, "init_subgraph_index", 0)))
    names: dict[int, str] = {}
    for each in remaining(initial):
        if each.name == "VAR_HANDLE" and each.outputs:
            names[each.outputs[0]] = option(each, "shared_name", "")
        elif each.name == "ASSIGN_VARIABLE" and len(each.inputs) == 2 and each.inputs[1] >= 0:
            _first_value(graph, operator, initial, names.get(each.inputs[0]), each.inputs[1])
        else:
            raise refuse(operator, f"its subgraph computes: {label(each)}")
    return Step(operator)


def _first_value(
    graph: Graph, operator: Operator, initial: Graph, name: str | None, value: int
) -> None:
    tensor = initial.tensor(value)
    array = initial.constant(value)
    if name is None or array is None:
        raise refuse(operator, f"its subgraph assigns {label(tensor)}, which is no constant")
    where = graph.state.variables.get(name)
    if where is None:
        return  # no operator of the graph uses it
    first = array.astype(array.dtype.newbyteorder("<")).tobytes()
    if len(first) != graph.state.sizes[where]:
        raise refuse(operator, f"{label(tensor)} has {len(first)} bytes, its variable others")
    graph.state.first[where] = first


LOWERINGS = {
    "VAR_HANDLE": var_handle,
    "READ_VARIABLE": read_variable,
    "ASSIGN_VARIABLE": assign_variable,
    "CALL_ONCE": call_once,
}
