"""What `tinybench train` leaves behind, and what it goes on from."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tinybench.artifacts import Artifacts, apart
from tinybench.cli import main, train
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Task
from tinybench.training.unfinished import FOLDER


@pytest.fixture
def own(small: Task) -> Iterator[Task]:
    """A user's task: registered, and without committed checkpoints."""
    yield TASKS.add(small)
    TASKS.remove(small.name)


def test_the_benchmarks_find_what_was_trained(
    own: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.run([own.name], None, False, tmp_path) == 0

    monkeypatch.setattr(apart, "train", None)
    found = Artifacts(Store(tmp_path)).checkpoint(own, "qat")

    assert found.provenance["stage"] == "qat"
    told = capsys.readouterr().out
    assert "small float32: 3 epochs, loss" in told
    assert "no committed checkpoint to compare with" in told


def test_an_interrupted_training_goes_on_with_the_next_stage(
    own: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of another seed than the task's, which the benchmarks have no use for."""
    real, seen = apart.train, []

    def until_qat(task: Task, stage: str, **options: object) -> object:
        seen.append(stage)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return real(task, stage, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(apart, "train", until_qat)
    with pytest.raises(KeyboardInterrupt):
        train.run([own.name], 7, False, tmp_path)

    assert train.run([own.name], 7, False, tmp_path) == 0

    assert seen == ["float32", "control", "qat", "qat"]
    assert capsys.readouterr().out.count("small float32: 3 epochs") == 2
    assert list((tmp_path / FOLDER).iterdir()) == []


def test_json(own: Task, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One value for all tasks; what is for people is beside it."""
    assert main(["train", own.name, "--json", "--cache", str(tmp_path)]) == 0

    printed = capsys.readouterr()
    (found,) = json.loads(printed.out)
    assert found["task"] == own.name
    assert [each["stage"] for each in found["stages"]] == ["float32", "control", "qat"]
    assert found["stages"][0]["epochs"] == 3
    assert "small float32: 3 epochs, loss" in printed.err


def test_a_model_with_its_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is trained, of other seeds neither."""
    x = np.zeros((8, 1), np.float32)
    path = Path(__file__).parents[1] / "tflite" / "models" / "dense-int8.tflite"
    alone = TASKS.add(Task.of(path, (x,), name="alone"))
    built = TASKS.add(Task("built", "", lambda _: alone.dataset(), build=lambda keras: keras))
    try:
        assert train.run(["alone", "built"], None, False, tmp_path) == 0
        assert train.many(["alone", "built"], 2, save=False) == 0
    finally:
        TASKS.remove(alone.name)
        TASKS.remove(built.name)

    weights = "built: nothing is trained: its model came with its weights"
    assert capsys.readouterr().out.splitlines() == 2 * [
        "alone: nothing is trained: it is a .tflite",
        weights,
    ]
