"""Boards and runtimes as one thing: what each can do is asked of it, and nothing more is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.boards import BOARDS, DEFAULT_BOARD, Board, PatientBoard
from tinybench.conversion.variants import VARIANTS
from tinybench.machines import BoardMachine, Machine, RuntimeMachine, find, random_inputs
from tinybench.measurement import on_board
from tinybench.measurement.measure import Measurements
from tinybench.runtimes import RUNTIMES, Arena, Artifact, RefusalError
from tinybench.storage.identity import Identity
from tinybench.storage.store import Store
from tinybench.tasks import TASKS

from ..components import require

MODELS = Path(__file__).parents[1] / "tflite" / "models"
DENSE = Artifact("dense", (MODELS / "dense-int8.tflite").read_bytes())
TWO = Artifact("two", (MODELS / "two-inputs-int8.tflite").read_bytes())
INPUTS = random_inputs(tflite.read(DENSE.data), 4, seed=0)


class Negated:
    """All that a runtime must have; answers with the negated codes."""

    name, summary, variants = "negated", "Turns every input over", ()

    def __init__(self, **session: Callable[..., Any]) -> None:
        self.session = session
        self.asked = 0

    def unavailable(self) -> str | None:
        return None

    def load(self, artifact: Artifact) -> Any:
        def run(inputs: Any) -> Any:
            self.asked += 1
            return ~inputs[:, :1]

        return type("Session", (), {"run": staticmethod(run), **self.session})()


class Silent:
    """A board whose session runs, and cannot count."""

    name, summary, flash_bytes, ram_bytes = "silent", "Runs and says nothing", 1 << 20, 1 << 18
    identity = None

    def __init__(self, board: Board) -> None:
        self.board = board
        self.samples = 0

    def unavailable(self) -> str | None:
        return self.board.unavailable()

    def build(self, programs: Any, store: Store | None = None) -> Any:
        return self.board.build(programs, store)

    @contextmanager
    def start(self, image: Any, store: Store | None = None) -> Iterator[Any]:
        with self.board.start(image, store) as session:

            class Running:
                @staticmethod
                def run(inputs: Any, program: int = 0) -> Any:
                    self.samples += len(inputs[0])
                    return session.run(inputs, program)

            yield Running()


@pytest.fixture
def silent() -> Silent:
    require(DEFAULT_BOARD)
    return Silent(BOARDS.get(DEFAULT_BOARD))


def test_a_runtime_needs_no_more_than_to_run() -> None:
    """It tells no cost then."""
    machine: Machine = RuntimeMachine(Negated())

    ran = machine.run(DENSE, INPUTS)

    np.testing.assert_array_equal(ran.outputs[0], ~INPUTS[0][:, :1])
    assert ran.cost == replace(ran.cost, arena_bytes=None)
    assert machine.kind == "runtime"


def test_a_runtime_may_tell_its_arena() -> None:
    cost = RuntimeMachine(Negated(arena=lambda self: Arena(100, head=60))).run(DENSE, INPUTS).cost

    assert (cost.arena_bytes, cost.arena_head_bytes, cost.arena_tail_bytes) == (100, 60, None)


def test_more_ports_than_it_takes_are_refused() -> None:
    inputs = random_inputs(tflite.read(TWO.data), 4, seed=0)

    with pytest.raises(RefusalError, match="one input and one output only"):
        RuntimeMachine(Negated()).run(TWO, inputs)

    with_ports = Negated(run_ports=lambda self, inputs: list(inputs))
    assert len(RuntimeMachine(with_ports).run(TWO, inputs).outputs) == 2


def test_a_runtime_that_is_not_there_says_why() -> None:
    machine = RuntimeMachine(type("Away", (Negated,), {"unavailable": lambda self: "no licence"})())

    with pytest.raises(RefusalError, match="negated: no licence"):
        machine.run(DENSE, INPUTS)


def test_one_that_was_added_here_runs_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of its own would not find it."""
    ours = {runtime.name: runtime for runtime in RUNTIMES}
    monkeypatch.setattr(RUNTIMES, "_items", ours)
    monkeypatch.setattr(RUNTIMES, "_own", set(RUNTIMES._own))
    runtime = RUNTIMES.add(Negated())

    find("negated", timeout=60.0).run(DENSE, INPUTS)

    assert runtime.asked == 1  # type: ignore[attr-defined]
    assert [RUNTIMES.is_installed(name) for name in ("tflm", "negated", "none")] == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("keep", "known", "asked"), [(True, True, 1), (True, False, 2), (False, True, 2)]
)
def test_what_is_kept(tmp_path: Path, keep: bool, known: bool, asked: int) -> None:
    """Only if that is wanted, and of who can be told apart from all others."""
    runtime = Negated(arena=lambda self: Arena(100))
    runtime.identity = Identity("negated", "1", "x") if known else None  # type: ignore[attr-defined]

    first, again = (
        RuntimeMachine(runtime, Store(tmp_path), keep=keep).run(DENSE, INPUTS) for _ in range(2)
    )

    assert runtime.asked == asked
    assert first.cost == again.cost
    np.testing.assert_array_equal(first.outputs[0], again.outputs[0])


def test_other_inputs_and_other_models_are_other_questions(tmp_path: Path) -> None:
    runtime = Negated()
    runtime.identity = Identity("negated", "1", "x")  # type: ignore[attr-defined]
    machine = RuntimeMachine(runtime, Store(tmp_path), keep=True)
    float_io = Artifact("dense", (MODELS / "dense-int8-float-io.tflite").read_bytes())

    machine.run(DENSE, INPUTS)
    machine.run(DENSE, [INPUTS[0][:2]])
    machine.run(float_io, INPUTS)

    assert runtime.asked == 3


def test_a_board_need_not_count(silent: Silent, warm_cache: Path) -> None:
    """It runs all samples then, whatever number of instructions was allowed."""
    machine: Machine = BoardMachine(silent, Store(warm_cache))

    ran = machine.run(DENSE, INPUTS, most_instructions=1)

    expected = find("tflm").run(DENSE, INPUTS).outputs[0]
    np.testing.assert_array_equal(ran.outputs[0], expected)
    assert (ran.cost.instructions, ran.cost.profile) == (None, None)
    assert ran.cost.flash_bytes
    assert machine.kind == "board"


def test_a_benchmark_of_a_board_that_does_not_count(
    silent: Silent, artifacts: Any, warm_cache: Path
) -> None:
    """Sizes, quality and agreement with TFLM; nothing is kept that it answers."""
    artifacts.store = Store(warm_cache)
    task = TASKS.get("sine-16x16")

    found = on_board.measure(Measurements(artifacts), task, VARIANTS.get("int8"), silent)

    assert found.metrics["tflm_mismatches"] == 0
    assert {"mse", "flash_bytes", "ram_bytes", "board_samples"} <= set(found.metrics)
    assert not {"instructions", "memory_reads", "stack_bytes"} & set(found.metrics)
    assert (found.profile, found.problems) == ([], [])
    assert silent.samples == found.metrics["board_samples"]


@pytest.mark.parametrize("board", BOARDS.select(()), ids=lambda board: board.name)
def test_our_boards_have_another_limit_for_who_wants_it(board: Board) -> None:
    assert isinstance(board, PatientBoard)

    other = board.with_timeout(board.timeout + 1)

    assert isinstance(other, PatientBoard)
    assert (other.name, other.timeout) == (board.name, board.timeout + 1)
