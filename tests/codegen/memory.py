"""Replay a program on a map of its arena: what an error in the memory plan would destroy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinybench.codegen import Generated
from tinybench.codegen.flow_source import every
from tinybench.codegen.graph import Step
from tinybench.codegen.plan import Plan
from tinybench.tflite import Model

FILES = re.compile(r"{prefix}\.[ch]|kernels/({prefix}_)?tb_[a-z0-9_]+\.h")


@dataclass(frozen=True, slots=True)
class Memory:
    """A graph with its plan: the model's own, or a body that an operator runs."""

    model: Model
    steps: Sequence[Step]
    plan: Plan
    states: Mapping[int, int]
    state_bytes: int

    @property
    def arena_bytes(self) -> int:
        return self.plan.arena_bytes


def check(made: Generated) -> None:
    """Assert what holds of every program: buffers within the arena, values intact, plain files."""
    program = made.program
    assert program.arena_bytes == made.plan.arena_bytes
    for port in (*program.inputs, *program.outputs):
        assert port.offset % 4 == 0
        assert 0 <= port.offset <= port.offset + port.nbytes <= program.arena_bytes, port
    end = 0
    for start, size in sorted(made.state.sizes.items()):
        assert start % 4 == 0
        assert end <= start < start + size <= program.state_bytes
        end = start + size
    for name in program.files:
        assert re.fullmatch(FILES.pattern.replace("{prefix}", program.prefix), name), name
    state_bytes = program.state_bytes
    check_plan(Memory(made.model, made.steps, made.plan, made.states, state_bytes))
    for step in every(made.steps):
        for body in step.bodies:
            graph = body.graph
            check_plan(Memory(graph.model, body.steps, body.plan, graph.states, state_bytes))


def check_plan(made: Memory) -> None:
    """Assert that all buffers of a graph are within its memory, and keep their values."""
    tensors, arena = made.model.tensors, made.arena_bytes
    assert arena >= made.plan.lower_bound
    for index, offset in made.plan.offsets.items():
        assert offset % 4 == 0
        assert 0 <= offset <= offset + (tensors[index].nbytes or 0) <= arena, tensors[index]
    for number, step in enumerate(made.steps):
        if step.scratch:
            start = made.plan.scratch[number]
            assert 0 <= start < start + step.scratch <= arena, step.operator
    replay(made)


def replay(made: Memory) -> None:
    """Assert that every tensor keeps its bytes from the step that writes it to the last reader."""
    same = {target: source for step in made.steps for source, target in step.alias}
    # The state is a second memory, behind the arena.
    arena = made.arena_bytes
    states = {index: at for index, at in made.states.items() if index >= 0}  # others are kernels'
    offsets = {**made.plan.offsets, **{index: arena + at for index, at in states.items()}}
    # Who reads a variable may read it where it is.
    first: dict[int, int] = {}
    for index, at in states.items():
        if (head := first.setdefault(at, index)) != index:
            same[index] = head
    owner: NDArray[np.int64] = np.full(arena + made.state_bytes, -1)

    def value(index: int) -> int:
        while index in same:
            index = same[index]
        return index

    def place(index: int) -> slice:
        start = offsets[index]
        return slice(start, start + (made.model.tensors[index].nbytes or 0))

    def intact(index: int) -> bool:
        return bool((owner[place(index)] == value(index)).all())

    for index in (*made.model.inputs, *states):
        if index in made.model.inputs or made.model.tensors[index].is_variable:
            owner[place(index)] = index
    for index in made.model.inputs:
        assert intact(index), f"inputs overlap at tensor {index}"
    for number, step in enumerate(made.steps):
        reads = [index for index in step.operator.inputs if index in offsets]
        writes = [index for index in step.operator.outputs if index in offsets]
        for index in reads:
            assert intact(index), f"{step.operator} reads tensor {index} after it is overwritten"
        _check_step(made, offsets, step, number, reads, writes)
        if step.scratch:
            start = made.plan.scratch[number]
            owner[start : start + step.scratch] = -1
        for index in writes:
            owner[place(index)] = value(index)
    for index in set(made.model.outputs) & set(offsets):
        assert intact(index), f"output {index} is overwritten"


def _check_step(
    made: Memory,
    offsets: Mapping[int, int],
    step: Step,
    number: int,
    reads: list[int],
    writes: list[int],
) -> None:
    """Assert that a step's own buffers are apart, but for those that may share."""
    tensors = made.model.tensors
    may_share = {*step.in_place, *step.alias}
    may_overlap = {(source, target): before for source, target, before in step.overlap}

    def ends(index: int) -> tuple[int, int]:
        return offsets[index], offsets[index] + (tensors[index].nbytes or 0)

    def apart(a: tuple[int, int], b: tuple[int, int]) -> bool:
        return a[1] <= b[0] or b[1] <= a[0]

    for target in writes:
        for source in reads:
            if apart(ends(source), ends(target)):
                continue
            if (source, target) in may_overlap:
                assert offsets[target] + may_overlap[source, target] <= offsets[source]
                continue
            assert (source, target) in may_share, f"{step.operator}: {source} and {target}"
            assert offsets[source] == offsets[target]
        for other in writes:
            shared = (target, other) in may_share or (other, target) in may_share
            assert other == target or shared or apart(ends(target), ends(other))
    if step.scratch:
        start = made.plan.scratch[number]
        for index in (*reads, *writes):
            assert apart((start, start + step.scratch), ends(index)), step.operator
