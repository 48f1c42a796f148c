"""Checkpoints: traceable, and refused when they are not what was committed."""

import json
from pathlib import Path

import numpy as np
import pytest

from tinybench.tasks import TASKS, Task
from tinybench.training import checkpoint as checkpoints
from tinybench.training.checkpoint import STAGES, Checkpoint, CheckpointError


@pytest.fixture
def checkpoint() -> Checkpoint:
    weights = {
        "dense_0/kernel": np.arange(6, dtype=np.float32).reshape(2, 3),
        "dense_0/bias": np.zeros(3, np.float32),
    }
    return Checkpoint(weights, {"loss": np.array([2, 1], np.float32)}, {"task": "t", "seed": 7})


def test_round_trip(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """What is saved is loaded, in order, with curve and provenance."""
    checkpoints.save(tmp_path, "float32", checkpoint)
    loaded = checkpoints.load(tmp_path, "float32", "mine")

    assert list(loaded.weights) == ["dense_0/kernel", "dense_0/bias"]
    assert loaded.sha256 == checkpoint.sha256
    assert loaded.history["loss"].tolist() == [2, 1]
    assert loaded.provenance["seed"] == 7


def test_same_bytes(checkpoint: Checkpoint) -> None:
    """Equal checkpoints are equal files."""
    again = Checkpoint.from_bytes(checkpoint.to_bytes(), "here")

    assert again.to_bytes() == checkpoint.to_bytes()


def test_note_is_for_reviewers(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """The JSON beside it tells hash, seed and final loss."""
    checkpoints.save(tmp_path, "float32", checkpoint)
    note = json.loads((tmp_path / "float32.json").read_text(encoding="utf-8"))

    assert note["sha256"] == checkpoint.sha256
    assert note["seed"] == 7
    assert note["final"] == {"loss": 1.0}


def test_wrong_hash(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Weights other than those that were declared are refused, with the way out."""
    checkpoints.save(tmp_path / "folder", "float32", checkpoint)
    other = Checkpoint({"w": np.ones(1, np.float32)}, {}, {"task": "t"})
    (tmp_path / "folder" / "float32.npz").write_bytes(other.to_bytes())

    with pytest.raises(CheckpointError) as caught:
        checkpoints.load(tmp_path / "folder", "float32", "mine")
    assert str(caught.value) == (
        f"{tmp_path}/folder/float32.npz holds weights {other.sha256[:16]}, but float32.json "
        f"expects {checkpoint.sha256[:16]}; restore it, or make it again: "
        "tinybench train mine --save"
    )


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_truncated_file(checkpoint: Checkpoint, tmp_path: Path, cut: int) -> None:
    """A truncated file is one clear error."""
    checkpoints.save(tmp_path, "float32", checkpoint)
    path = tmp_path / "float32.npz"
    path.write_bytes(path.read_bytes()[:cut])

    with pytest.raises(CheckpointError, match=r"float32\.npz is not a tinybench checkpoint"):
        checkpoints.load(tmp_path, "float32", "mine")


def test_every_flipped_byte_is_noticed_or_harmless(checkpoint: Checkpoint) -> None:
    """No damage changes a weight in silence: it is an error, or the weights are the same."""
    data = checkpoint.to_bytes()
    random = np.random.default_rng(1)
    refused = 0
    for position in random.choice(len(data), 300, replace=False):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        try:
            found = Checkpoint.from_bytes(bytes(damaged), "here")
        except CheckpointError:
            refused += 1
        else:
            assert found.sha256 == checkpoint.sha256

    assert refused > 100


@pytest.mark.parametrize("name", ["float32.npz", "float32.json"])
def test_missing_file(checkpoint: Checkpoint, tmp_path: Path, name: str) -> None:
    """A missing file is named."""
    checkpoints.save(tmp_path, "float32", checkpoint)
    (tmp_path / name).unlink()

    with pytest.raises(CheckpointError, match=f"cannot read checkpoint .*{name}: No such file"):
        checkpoints.load(tmp_path, "float32", "mine")


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("task", list(TASKS), ids=lambda task: task.name)
def test_committed(task: Task, stage: str) -> None:
    """Every task's committed checkpoint is sound, and was trained on the data of today."""
    assert task.checkpoints is not None
    found = checkpoints.load(task.checkpoints, stage, task.name)

    assert found.provenance["definition"]["data"] == task.evaluation().card.sha256
    assert found.provenance["stage"] == stage
    most = task.recipe.epochs if stage == "float32" else task.recipe.fine_tune_epochs
    (epochs,) = {len(curve) for curve in found.history.values()}
    assert epochs == found.provenance["epochs"]
    assert epochs <= most if task.recipe.patience else epochs == most
