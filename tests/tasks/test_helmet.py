"""The helmet task: rendered splits, a net that fits a microcontroller, other people's pictures."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tinybench.datasets.images import GRID
from tinybench.tasks import DataError, helmet
from tinybench.tensorflow import load

(TASK,) = helmet.TASKS


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the built-in set of fewer scenes."""
    monkeypatch.setattr(helmet, "SCENES", {"train": 20, "validation": 5, "test": 5})


def folder_of(folder: Path, *classes: str) -> Path:
    for name in classes:
        (folder / name).mkdir()
        for number in range(3):
            pixels = np.full((16, 16, 3), 50 * number, np.uint8)
            (folder / name / f"{number}.png").write_bytes(load().tf.io.encode_png(pixels).numpy())
    return folder


@pytest.mark.usefixtures("few")
def test_built_in_set() -> None:
    """Half of each split wears a helmet; training has every picture and its mirror image."""
    data = TASK.dataset()

    assert {name: split.y.sum(0).tolist() for name, split in data.splits().items()} == {
        "train": [40, 40],
        "validation": [5, 5],
        "test": [5, 5],
    }
    trained = {x.tobytes() for x in data.train.x}
    assert {x[:, ::-1].tobytes() for x in data.train.x} == trained
    assert data.groups == "scenes: 20 train, 5 validation, 5 test"


@pytest.mark.usefixtures("few")
def test_no_picture_is_in_two_splits() -> None:
    trained, validation, test = (
        {x.tobytes() for x in split.x} for split in TASK.dataset().splits().values()
    )

    assert not (trained & validation) | (trained & test) | (validation & test)


@pytest.mark.usefixtures("few")
def test_inputs_are_on_the_grid_that_is_shipped() -> None:
    """Storing them as bytes loses nothing."""
    x = TASK.dataset().test.x

    assert GRID.values(GRID.codes(x)).tobytes() == x.tobytes()


@pytest.mark.usefixtures("few")
def test_classes_in_another_order() -> None:
    plain = TASK.dataset()
    swapped = helmet.elsewhere(None, ("helmet", "no_helmet"))

    assert swapped.labels == ("helmet", "no_helmet")
    assert swapped.dataset().test.x.tobytes() == plain.test.x.tobytes()
    assert swapped.dataset().test.y.tolist() == plain.test.y[:, ::-1].tolist()


def test_net_is_small() -> None:
    """The three stages of its weights are committed; its weights fit a small board's flash."""
    model = TASK.build(load().keras)

    assert model.input_shape == (None, 48, 48, 3)
    assert model.output_shape == (None, 2)
    assert model.count_params() < 70_000


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (("helmet", "no-helmet"), "unknown class 'no-helmet' (did you mean 'no_helmet'?)"),
        (("helmet",), "rendered pictures have two classes: name both of no_helmet, helmet"),
    ],
)
def test_rendered_pictures_have_two_classes(labels: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        helmet.elsewhere(None, labels)


def test_a_folders_pictures(tmp_path: Path) -> None:
    """All folders are classes; nothing that belongs to the built-in pictures is kept."""
    task = helmet.elsewhere(folder_of(tmp_path, "cap", "헬멧", "none"), ())

    assert task.labels == ("cap", "none", "헬멧")
    assert (task.bounds, task.checkpoints, task.shipped) == ({}, None, None)
    assert [split.y.sum(0).tolist() for split in task.dataset().splits().values()] == [
        [1, 1, 1]
    ] * 3
    assert isinstance(task.build, partial)
    assert task.build(load().keras).output_shape == (None, 3)


def test_a_folders_wanted_pictures(tmp_path: Path) -> None:
    task = helmet.elsewhere(folder_of(tmp_path, "cap", "helmet", "none"), ("none", "cap"))

    assert task.labels == ("none", "cap")
    assert task.dataset().test.y.shape == (2, 2)


def test_absent_class(tmp_path: Path) -> None:
    folder_of(tmp_path, "helmet", "none")

    with pytest.raises(DataError, match=r"unknown class 'helmets' \(did you mean 'helmet'\?\)"):
        helmet.elsewhere(tmp_path, ("helmets", "none"))
