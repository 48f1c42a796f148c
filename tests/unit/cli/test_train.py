"""What `tinybench train` leaves behind, and what it goes on from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tinybench import training
from tinybench.cli import train
from tinybench.pipeline import Pipeline
from tinybench.store import Store
from tinybench.tasks import TASKS, Task
from tinybench.unfinished import FOLDER


@pytest.fixture
def own(small: Task) -> Iterator[Task]:
    """A user's task: registered, and without committed checkpoints."""
    yield TASKS.add(small)
    del TASKS._items[small.name]


def test_the_benchmarks_find_what_was_trained(
    own: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.run([own.name], None, False, tmp_path) == 0

    monkeypatch.setattr(training, "train", None)
    found = Pipeline(Store(tmp_path)).checkpoint(own, "qat")

    assert found.provenance["stage"] == "qat"
    told = capsys.readouterr().out
    assert "small float32: 3 epochs, loss" in told
    assert "no committed checkpoint to compare with" in told


def test_an_interrupted_training_goes_on_with_the_next_stage(
    own: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of another seed than the task's, which the benchmarks have no use for."""
    real, stages = training.train, []

    def until_qat(task: Task, stage: str, **options: object) -> object:
        stages.append(stage)
        if len(stages) == 3:
            raise KeyboardInterrupt
        return real(task, stage, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "train", until_qat)
    with pytest.raises(KeyboardInterrupt):
        train.run([own.name], 7, False, tmp_path)

    assert train.run([own.name], 7, False, tmp_path) == 0

    assert stages == ["float32", "control", "qat", "qat"]
    assert capsys.readouterr().out.count("small float32: 3 epochs") == 2
    assert list((tmp_path / FOLDER).iterdir()) == []
