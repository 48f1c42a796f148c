"""A `.tflite` model becomes a C program: lower each operator, plan the arena, write the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tinybench.codegen.flow import FLOW, run_bodies
from tinybench.codegen.fold import remaining
from tinybench.codegen.graph import Body, Graph, Step, UnsupportedError, refuse
from tinybench.codegen.names import DEFAULT, Names
from tinybench.codegen.operators import LOWERINGS
from tinybench.codegen.operators.elsewhere import unknown
from tinybench.codegen.outputs import constant_outputs
from tinybench.codegen.plan import Lifetimes, Plan, plan
from tinybench.codegen.program import Port, Program
from tinybench.codegen.source import Writer, header, kernel_files
from tinybench.codegen.state import State
from tinybench.codegen.states import apart, copied_outputs, place_states
from tinybench.storage import hashing
from tinybench.tflite.model import Model, ModelError, Operator, label
from tinybench.tflite.reading import read
from tinybench.tflite.state import is_cleared
from tinybench.tflite.subgraphs import called

PORT_TYPES = (
    *("int8", "uint8", "bool", "int16", "int32", "uint32", "int64", "uint64"),
    *("float32", "float64"),
)
"""Types of inputs and outputs that TFLM takes and C has."""
WIDE = ("int64", "uint64", "float64")
ARENA_LIMIT = 64 << 20
"""Bytes beyond which no microcontroller's memory goes: a larger plan is a damaged file."""


@dataclass(frozen=True, slots=True)
class Generated:
    """A program with the model it came from, its names, its steps and its memory plan.

    `states` are the tensors that stand in the `state`, with their offsets.
    """

    names: Names
    model: Model
    steps: tuple[Step, ...]
    plan: Plan
    program: Program
    state: State
    states: Mapping[int, int]


def generate(data: bytes, prefix: str = DEFAULT, arena: str | None = None) -> Generated:
    """C sources for a `.tflite` model; raise UnsupportedError or ModelError before any is made.

    All names begin with `prefix`. With an `arena` the program does not define its memory: it uses
    the array of that name, which other models may use, too.
    """
    names = Names(prefix, arena)
    graph = Graph(copied_outputs(read(data)))
    steps, refused = _lowered(graph)
    if refused:
        raise UnsupportedError(refused[0])
    _check_arguments(graph, steps)
    planned = _plan(graph, steps)
    program = _program(graph, steps, planned, names, data)
    return Generated(names, graph.model, tuple(steps), planned, program, graph.state, graph.states)


def refusals(model: Model) -> list[str]:
    """Why the generator would refuse a model, an entry an operator; empty if it takes it."""
    return _lowered(Graph(copied_outputs(model)))[1]


def lacking(model: Model) -> list[str]:
    """The operators of a model that there are no kernels for, each once."""
    names: dict[str, None] = {}
    for index in (model.subgraph, *called(model)):
        try:
            # Without those whose results are known before anything runs.
            operators = remaining(Graph(model.at(index)))
        except (UnsupportedError, ModelError):
            return []
        names |= dict.fromkeys(operator.name for operator in operators)
    return [name for name in names if name not in LOWERINGS and name not in FLOW]


def _lowered(graph: Graph) -> tuple[list[Step], list[str]]:
    """The steps of the operators that it takes, and why it refuses the rest of the model."""
    model = graph.model
    steps: list[Step] = []
    found: list[str] = []
    try:
        operators = remaining(graph)
    except (UnsupportedError, ModelError) as error:
        return steps, [*found, str(error)]
    place_states(graph, operators)
    for operator in operators:
        lower = LOWERINGS.get(operator.name)
        try:
            if operator.name in FLOW:
                steps.append(run_bodies(graph, operator, _body))
                continue
            if lower is None:
                raise unknown(graph, operator)
            _check_written(graph, operator)
            steps.append(apart(graph, lower(graph, operator)))
        except (UnsupportedError, ModelError) as error:
            found.append(str(error))
        except (ValueError, IndexError, ArithmeticError, KeyError) as error:
            found.append(str(refuse(operator, f"{error}")))
    if graph.state.nbytes > ARENA_LIMIT:
        found.append(f"model: states of {graph.state.nbytes:,} bytes are too large")
    for index in (*model.inputs, *model.outputs):
        tensor = model.tensors[index]
        if tensor.is_variable:
            found.append(f"{label(tensor)}: a variable is an input or an output")
        if graph.callers:
            continue
        if tensor.dtype not in PORT_TYPES:
            found.append(f"{label(tensor)}: {tensor.dtype} inputs and outputs are not supported")
    try:
        if not graph.callers:
            steps += constant_outputs(graph)
    except (UnsupportedError, ModelError) as error:
        found.append(str(error))
    return steps, found


def _body(graph: Graph) -> Body:
    """A subgraph that an operator runs; UnsupportedError for what a device cannot run of it."""
    steps, refused = _lowered(graph)
    if refused:
        raise UnsupportedError(refused[0])
    _check_arguments(graph, steps)
    return Body(graph, tuple(steps), _plan(graph, steps))


def _check_written(graph: Graph, operator: Operator) -> None:
    """A custom operator alone may be given memory that nobody wrote to (see `reading`)."""
    if not operator.name.startswith("CUSTOM:"):
        return
    before = graph.model.operators[: operator.index]
    written = {*graph.model.inputs, *(index for each in before for index in each.outputs)}
    for index in operator.inputs:
        known = index in written or index in graph.states or graph.constant(index) is not None
        if index != -1 and not known:
            raise refuse(operator, f"reads {label(graph.tensor(index))}, which nobody writes")


def _check_arguments(graph: Graph, steps: Sequence[Step]) -> None:
    for step in steps:
        for call in step.calls:
            for index in call.arguments:
                known = index in graph.states or graph.constant(index) is not None
                if not known and graph.tensor(index).nbytes is None:
                    raise refuse(step.operator, f"{label(graph.tensor(index))} has no fixed size")


def _plan(graph: Graph, steps: Sequence[Step]) -> Plan:
    end = len(steps)
    lifetimes = Lifetimes()
    uses: dict[int, list[int]] = {index: [0] for index in graph.model.inputs}
    for number, step in enumerate(steps):
        for index in (*step.operator.inputs, *step.operator.outputs):
            if index >= 0 and index not in graph.states and graph.constant(index) is None:
                uses.setdefault(index, []).append(number)
    for index in graph.model.outputs:
        if not graph.callers or (index not in graph.states and graph.constant(index) is None):
            uses.setdefault(index, []).append(end)
    # A processor may want a number of 64 bits at a multiple of its size.
    if any(graph.tensor(index).dtype in WIDE for index in uses):
        lifetimes.alignment = 8
    for index, steps_of in uses.items():
        size = graph.tensor(index).nbytes or 0
        if size > ARENA_LIMIT:
            raise UnsupportedError(f"{label(graph.tensor(index))}: {size:,} bytes are too many")
        lifetimes.add(index, size, min(steps_of), max(steps_of))
    for number, step in enumerate(steps):
        for source, target in step.alias:
            lifetimes.share(source, target)
        for source, target in step.in_place:
            if source not in lifetimes.parent or target not in lifetimes.parent:
                continue
            dies = lifetimes.buffers[lifetimes.block(source)].last == number
            if dies and graph.tensor(target).nbytes == graph.tensor(source).nbytes:
                lifetimes.share(source, target)
                break
    for step in steps:
        for source, target, before in step.overlap:
            if source in lifetimes.parent and target in lifetimes.parent:
                lifetimes.overlap(source, target, before)
    scratch = {number: step.scratch for number, step in enumerate(steps) if step.scratch}
    slack = max((step.overread for step in steps), default=0)
    if any(step.overread and graph.states.keys() & set(step.operator.inputs) for step in steps):
        graph.state.slack = max(graph.state.slack, slack)
    planned = plan(lifetimes, scratch, slack=slack)
    if planned.arena_bytes > ARENA_LIMIT:
        raise UnsupportedError(f"model: an arena of {planned.arena_bytes:,} bytes is too large")
    return planned


def _program(
    graph: Graph, steps: Sequence[Step], planned: Plan, names: Names, data: bytes
) -> Program:
    ports = {
        kind: tuple(_port(graph, planned, index) for index in indexes)
        for kind, indexes in (("INPUT", graph.model.inputs), ("OUTPUT", graph.model.outputs))
    }
    named = [step for step in steps if step.runs]
    sha256, prefix = hashing.of_bytes(data), names.prefix
    writer = Writer(graph, planned, names)
    numbers = [number for number, step in enumerate(steps) if step.runs]
    source = writer.source(named, numbers, sha256)
    kernels = kernel_files(writer.kernels, names)
    return Program(
        prefix=prefix,
        files={
            f"{prefix}.c": source.encode(),
            f"{prefix}.h": header(
                names,
                ports,
                len(named),
                planned,
                sha256,
                state_bytes=graph.state.nbytes,
                limited=writer.is_limited,
            ).encode(),
            **{f"kernels/{name}": text for name, text in kernels.items()},
        },
        inputs=ports["INPUT"],
        outputs=ports["OUTPUT"],
        operators=tuple(step.operator.name for step in named),
        arena_bytes=planned.arena_bytes,
        state_bytes=graph.state.nbytes,
        cleared=bool(graph.state.nbytes) and is_cleared(graph.model),
        limited=writer.is_limited,
    )


def _port(graph: Graph, planned: Plan, index: int) -> Port:
    tensor = graph.tensor(index)
    assert tensor.nbytes is not None
    return Port(tensor.name, tensor.dtype, tensor.shape, planned.offsets[index], tensor.nbytes)
