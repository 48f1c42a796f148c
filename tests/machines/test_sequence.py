"""Samples of a streaming model are steps: the earliest that differs is told, with its operator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.machines import Cost, Execution, Machine, compare_machines
from tinybench.runtimes import RUNTIMES, Artifact, PortsSession
from tinybench.storage.identity import Identity

from ..codegen.builder import Graph, Op, Tensor, build
from ..codegen.streaming_families import named

SHAPE = (1, 3)


def running() -> bytes:
    """The largest of all inputs so far, and the largest of all but the newest."""
    x, old, new, flat = (Tensor(SHAPE, "int8", 0.5) for _ in range(4))
    handle, other = (Tensor((), "resource") for _ in range(2))
    zeros = Tensor(SHAPE, "int8", 0.5, data=np.zeros(SHAPE))
    first = [named(other, "largest"), Op("ASSIGN_VARIABLE", [other, zeros], [])]
    ops = [
        Op("CALL_ONCE", [], [], init_subgraph_index=1),
        named(handle, "largest"),
        Op("READ_VARIABLE", [handle], [old]),
        Op("MAXIMUM", [old, x], [new]),
        Op("MINIMUM", [old, new], [flat]),
        Op("ASSIGN_VARIABLE", [handle, new], []),
    ]
    return build([x], ops, [new, flat], [Graph([], first, [])])


MODEL = running()
NET = tflite.read(MODEL)
READ, LARGEST, LAST = (NET.operators[index] for index in (2, 3, 4))
STEPS = [np.array([[1, 2, 3], [4, 0, 0], [5, 0, 9], [0, 0, 11]], np.int8)]


@dataclass
class Wrong:
    """LiteRT's reference kernels, with tensors that are off by one in the steps given."""

    steps: Mapping[int, int] = field(default_factory=dict)
    name: str = "wrong"
    summary: str = ""
    kind: str = "runtime"
    identity: Identity | None = None

    def unavailable(self) -> str | None:
        return None

    def run(
        self,
        model: Artifact,
        inputs: Sequence[Any],
        *,
        count: bool = True,
        most_instructions: int | None = None,
    ) -> Execution:
        session = RUNTIMES.get("litert-ref").load(model)
        assert isinstance(session, PortsSession)
        found = session.run_ports(inputs)
        for index, values in zip(tflite.read(model.data).outputs, found, strict=True):
            if index in self.steps:
                values[self.steps[index]] += 1
        return Execution(found, Cost())


def compared(wrong: Wrong) -> Any:
    machines: tuple[Machine, Machine] = (Wrong(), wrong)
    return compare_machines(MODEL, STEPS, machines[0].run(Artifact("m", MODEL), STEPS), machines)


def test_a_run_is_a_sequence() -> None:
    new, old = Wrong().run(Artifact("m", MODEL), STEPS).outputs

    assert new.tolist() == [[1, 2, 3], [4, 2, 3], [5, 2, 9], [5, 2, 11]]
    assert old.tolist() == [[0, 0, 0], [1, 2, 3], [4, 2, 3], [5, 2, 9]]


@pytest.mark.parametrize(
    ("steps", "step", "output", "operator"),
    [
        ({LARGEST.outputs[0]: 2}, 2, 0, LARGEST),
        ({LAST.outputs[0]: 1, LARGEST.outputs[0]: 3}, 1, 1, LAST),
        ({LAST.outputs[0]: 3, READ.outputs[0]: 3}, 3, 1, READ),
    ],
)
def test_earliest_step_is_told(
    steps: dict[int, int], step: int, output: int, operator: tflite.Operator
) -> None:
    found = compared(Wrong(steps))

    assert found.sequence
    assert not found.passed
    assert found.first is found.outputs[output]
    assert found.first.at[0] == step
    assert found.search.operator == operator
    assert found.search.difference.at[0] == step
    assert found.search.notes == ()


def test_equal_sequences_have_no_first_difference() -> None:
    assert compared(Wrong()).first is None
