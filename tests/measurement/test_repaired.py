"""A runtime or board that was repaired under its name does not get the faulty one's answers."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import Any

import pytest

from tinybench import storage
from tinybench.artifacts import Artifacts
from tinybench.boards import BOARDS, DEFAULT_BOARD
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement import on_board
from tinybench.measurement.measure import Measurements
from tinybench.runtimes import RUNTIMES
from tinybench.storage.store import Store
from tinybench.tasks import TASKS

from ..components import require

TASK, INT8 = TASKS.get("sine-16x16"), VARIANTS.get("int8")

RUNTIME = """
from tinybench.runtimes.litert import LiteRT

class Mine(LiteRT):
    def load(self, artifact):
        session = super().load(artifact)
        real = session.run
        def run(inputs):
            asked.append(len(inputs))
            answer = real(inputs)
            return {answer}
        session.run = run
        return session

asked = []
MINE = Mine("mine", "A runtime of one's own", "BUILTIN_REF")
"""

BOARD = """
from contextlib import contextmanager
from tinybench.boards.emulated import EmulatedBoard

class Mine(EmulatedBoard):
    @contextmanager
    def start(self, image, store=None):
        with super().start(image, store) as session:
            real = session.run
            def run(inputs, program=0):
                asked.append(len(inputs[0]))
                (answer,) = real(inputs, program)
                return [{answer}]
            session.run = run
            yield session

asked = []
"""


@pytest.fixture
def bench(own_cache: Path) -> Measurements:
    """What is converted is there; what was answered is asked anew by every test."""
    require(DEFAULT_BOARD, "tflm")
    return Measurements(Artifacts(Store(own_cache)))


def source(path: Path, text: str, **values: str) -> Any:
    """The module of this source, written before this process began."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (storage.LOADED - 1, storage.LOADED - 1))
    spec = importlib.util.spec_from_file_location("mine", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_runtime(bench: Measurements, tmp_path: Path) -> None:
    """Same name, same version of the package below it, other code."""
    faulty = source(tmp_path / "faulty" / "mine.py", RUNTIME, answer="-answer")
    repaired = source(tmp_path / "repaired" / "mine.py", RUNTIME, answer="answer")
    expected = bench.predictions(TASK, INT8, RUNTIMES.get("litert-ref"))

    wrong = bench.predictions(TASK, INT8, faulty.MINE)
    right = Measurements(bench.artifacts).predictions(TASK, INT8, repaired.MINE)

    assert (wrong.raw != expected.raw).any()
    assert right.raw.tobytes() == expected.raw.tobytes()
    assert (faulty.asked, repaired.asked) == ([len(right.raw)], [len(right.raw)])


def test_runtime_in_one_run(bench: Measurements, tmp_path: Path) -> None:
    """Also where nothing but the runtime is new."""
    faulty = source(tmp_path / "faulty" / "mine.py", RUNTIME, answer="-answer")
    repaired = source(tmp_path / "repaired" / "mine.py", RUNTIME, answer="answer")

    wrong, right = (bench.predictions(TASK, INT8, one.MINE) for one in (faulty, repaired))

    assert (wrong.raw == -right.raw).all()


def test_runtime_that_is_the_same_is_not_asked_again(bench: Measurements, tmp_path: Path) -> None:
    one, same = (source(tmp_path / name / "mine.py", RUNTIME, answer="answer") for name in "ab")

    first = bench.predictions(TASK, INT8, one.MINE)
    again = Measurements(bench.artifacts).predictions(TASK, INT8, same.MINE)

    assert again.raw.tobytes() == first.raw.tobytes()
    assert (len(one.asked), len(same.asked)) == (1, 0)


def test_board(bench: Measurements, tmp_path: Path) -> None:
    """A board has the name of its target."""
    target: Any = BOARDS.get(DEFAULT_BOARD)
    flipped = source(tmp_path / "faulty" / "mine.py", BOARD, answer="answer ^ 255")
    repaired, same = (
        source(tmp_path / name / "mine.py", BOARD, answer="answer") for name in ("repaired", "same")
    )

    wrong, right, again = (
        on_board.measure(Measurements(bench.artifacts), TASK, INT8, one.Mine(target.target))
        for one in (flipped, repaired, same)
    )

    assert wrong.metrics["tflm_mismatches"] == len(bench.artifacts.evaluation(TASK).test)
    assert right.metrics["tflm_mismatches"] == 0
    assert again == right
    assert [len(one.asked) for one in (flipped, repaired, same)] == [1, 1, 0]


def test_board_that_is_no_longer_ours(bench: Measurements, tmp_path: Path) -> None:
    """Answers of the emulated board are not those of who took its name."""
    ours: Any = BOARDS.get(DEFAULT_BOARD)
    flipped = source(tmp_path / "faulty" / "mine.py", BOARD, answer="answer ^ 255")

    right = on_board.measure(bench, TASK, INT8, ours)
    wrong = on_board.measure(Measurements(bench.artifacts), TASK, INT8, flipped.Mine(ours.target))

    assert right.metrics["tflm_mismatches"] == 0
    assert wrong.metrics["tflm_mismatches"] == right.metrics["board_samples"]
