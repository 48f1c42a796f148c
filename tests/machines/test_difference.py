"""The search for the first operator that differs, with machines whose defects are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.machines import (
    Cost,
    Execution,
    Machine,
    compare,
    compare_machines,
    first_difference,
    random_inputs,
)
from tinybench.runtimes import RUNTIMES, Artifact, PortsSession, RefusalError
from tinybench.storage.identity import Identity

DATA = (Path(__file__).parents[1] / "tflite" / "models" / "conv-int8.tflite").read_bytes()
MODEL = tflite.read(DATA)


@dataclass
class Doctored:
    """LiteRT's reference kernels, with a tensor that is off by one in its last element."""

    wrong: tuple[int, ...] = ()
    most_outputs: int = 99
    refused: tuple[int, ...] = ()
    name: str = "doctored"
    summary: str = ""
    kind: str = "runtime"
    identity: Identity | None = None
    asked: list[tuple[int, ...]] = field(default_factory=list)

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
        outputs = tflite.read(model.data).outputs
        self.asked.append(outputs)
        if len(outputs) > self.most_outputs:
            raise RefusalError("no memory")
        if refused := set(outputs) & set(self.refused):
            raise RefusalError(f"no output {refused}")
        session = RUNTIMES.get("litert-ref").load(model)
        assert isinstance(session, PortsSession)
        found = session.run_ports(inputs)
        for index, values in zip(outputs, found, strict=True):
            if index in self.wrong:
                values[-1, ..., -1] += 1
        return Execution(found, Cost())


def search(broken: Doctored) -> Any:
    machines: tuple[Machine, Machine] = (Doctored(), broken)
    return first_difference(DATA, machines, random_inputs(MODEL, 4, seed=0))


@pytest.mark.parametrize("operator", MODEL.operators, ids=lambda operator: str(operator.index))
def test_finds_the_operator(operator: tflite.Operator) -> None:
    """With one run of each machine, and where in its output."""
    broken = Doctored(wrong=operator.outputs)

    found = search(broken)

    assert found.operator == operator
    assert found.difference.at[0] == 3
    assert found.difference.largest == 1
    assert found.notes == ()
    assert len(broken.asked) == 1


def test_finds_the_first_of_several() -> None:
    """A later operator may be right again: the first is asked for, not any."""
    broken = Doctored(wrong=(MODEL.operators[5].outputs[0], MODEL.operators[2].outputs[0]))

    assert search(broken).operator.index == 2


@pytest.mark.parametrize("most", [1, 2, 3])
def test_short_of_memory(most: int) -> None:
    """Where all outputs at once are too much, fewer are exposed, in order."""
    broken = Doctored(wrong=MODEL.operators[4].outputs, most_outputs=most)

    found = search(broken)

    assert found.operator.index == 4
    assert found.notes == ()
    ran = [outputs for outputs in broken.asked if len(outputs) <= most]
    assert sum(ran, ()) == tuple(sorted(sum(ran, ())))


def test_an_operator_that_cannot_be_compared_is_noted() -> None:
    broken = Doctored(wrong=MODEL.operators[6].outputs, refused=MODEL.operators[1].outputs)

    found = search(broken)

    assert found.operator.index == 6
    assert [note.split(",")[0] for note in found.notes] == [
        "operator 1 (DEPTHWISE_CONV_2D): not compared"
    ]
    assert "no output" in found.notes[0]


def test_nothing_to_find() -> None:
    found = search(Doctored())

    assert (found.operator, found.difference) == (None, None)


def test_equal_machines_are_not_searched() -> None:
    inputs = random_inputs(MODEL, 4, seed=0)
    other = Doctored()

    found = compare_machines(
        DATA, inputs, Doctored().run(Artifact("model", DATA), inputs), (Doctored(), other)
    )

    assert found.equal
    assert found.search is None
    assert len(other.asked) == 1


@pytest.mark.parametrize(
    ("first", "second", "differing", "largest", "at"),
    [
        (np.array([-128, 0, 1], "int8"), np.array([127, 0, 2], "int8"), 2, 255.0, (0,)),
        (np.array([[1, np.nan]], "float32"), np.array([[1, np.nan]], "float32"), 0, 0.0, None),
        (np.array([[1, np.inf]], "float32"), np.array([[1, 2]], "float32"), 1, np.inf, (0, 1)),
        (np.array([0.0], "float32"), np.array([-0.0], "float32"), 0, 0.0, None),
        (np.array([True, False]), np.array([True, True]), 1, 1.0, (1,)),
        (np.array([2**60], "int64"), np.array([2**60 + 1], "int64"), 1, 1.0, (0,)),
        (np.zeros((2, 0), np.int8), np.zeros((2, 0), np.int8), 0, 0.0, None),
    ],
)
def test_compare(first: Any, second: Any, differing: int, largest: float, at: Any) -> None:
    found = compare(MODEL.tensors[0], first, second)

    assert (found.differing, found.largest, found.at) == (differing, largest, at)
    assert found.elements == first.size


@pytest.mark.parametrize(
    ("first", "second", "ulps"),
    [
        (np.array([1.0], "float32"), np.nextafter(np.float32(1), np.float32(2)).reshape(1), 1),
        (np.array([0.0, 3], "float32"), np.array([-0.0, 3], "float32"), 0),
        (np.array([1e-45], "float32"), np.array([-1e-45], "float32"), 2),
        (np.array([2.0], "float32"), np.array([1.0], "float32"), 1 << 23),
        (np.array([1.0], "float64"), np.array([-1.0], "float64"), 2 * (1023 << 52)),
        (np.array([1.0], "float16"), np.array([1.5], "float16"), 1 << 9),
        (np.array([np.inf], "float32"), np.array([np.nan], "float32"), 1 << 32),
        (np.array([1], "int8"), np.array([2], "int8"), None),
    ],
)
def test_units_in_the_last_place(first: Any, second: Any, ulps: int | None) -> None:
    assert compare(MODEL.tensors[0], first, second).ulps == ulps


def test_integers_must_be_equal_whatever_is_allowed_to_floats() -> None:
    codes = compare(MODEL.tensors[0], np.array([1], "int8"), np.array([2], "int8"))
    floats = compare(MODEL.tensors[0], np.array([1.0]), np.nextafter([1.0], 2))

    assert not codes.within(1000)
    assert (floats.within(0), floats.within(1)) == (False, True)
