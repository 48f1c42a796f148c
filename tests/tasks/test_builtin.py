"""The data of our own tasks are the tutorials'."""

import numpy as np
import pytest

from tinybench.tasks import TASKS, Task
from tinybench.tasks.linear import hundred_points
from tinybench.tasks.sine import noisy_sine


def test_sine_is_the_notebooks_data() -> None:
    """Seed 1 gives the very points of the notebooks, which call np.random.seed(1)."""
    np.random.seed(1)
    x = np.random.uniform(0, 2 * np.pi, 1000).astype(np.float32)
    np.random.shuffle(x)
    y = np.sin(x).astype(np.float32)
    y += 0.1 * np.random.randn(*y.shape)

    data = noisy_sine(1)
    parts = (data.train, data.test, data.validation)
    ours = [np.concatenate([getattr(part, name) for part in parts])[:, 0] for name in ("x", "y")]

    assert ours[0].tobytes() == x.tobytes()
    # One unit in the last place: the notebooks take the sine in float32.
    np.testing.assert_allclose(ours[1], y, rtol=0, atol=2.5e-7)


def test_sine_splits_and_noise() -> None:
    """60 / 20 / 20; the noise has a variance of about 0.01 around a true sine."""
    data = noisy_sine(1)

    assert {name: len(split) for name, split in data.splits().items()} == {
        "train": 600,
        "validation": 200,
        "test": 200,
    }
    test = data.test
    assert test.truth is not None
    np.testing.assert_allclose(test.truth, np.sin(test.x), atol=3e-7)
    assert data.train.truth is not None
    assert 0.007 < np.var(data.train.y - data.train.truth) < 0.013


def test_line_is_exact_and_held_out() -> None:
    """y = 100 x + 5; no test or validation point was trained on."""
    data = hundred_points(0)

    for split in data.splits().values():
        assert (split.y == 100 * split.x.astype(np.float64) + 5).all()
    assert data.train.x[:, 0].tolist() == list(range(100, 200))
    assert not set(data.train.x[:, 0]) & (set(data.test.x[:, 0]) | set(data.validation.x[:, 0]))


@pytest.mark.parametrize("task", list(TASKS), ids=lambda task: task.name)
def test_no_calibration_sample_is_a_test_sample(task: Task) -> None:
    found = task.evaluation()
    calibration, test = ({row.tobytes() for row in x} for x in (found.calibration, found.test.x))

    assert not calibration & test


@pytest.mark.parametrize(
    "task", [task for task in TASKS if task.labels], ids=lambda task: task.name
)
def test_a_classifier_ships_what_its_card_says(task: Task) -> None:
    """Splits are disjoint by group, and every class is tested."""
    found = task.evaluation()
    counts = {label: int(sum(found.test.y[:, i])) for i, label in enumerate(task.labels)}

    assert found.card.counts["test"] == counts
    assert min(counts.values()) >= 100
    assert found.card.groups
    assert found.card.licence
    assert task.bounds


@pytest.mark.parametrize(
    "task", [task for task in TASKS if not task.shipped], ids=lambda task: task.name
)
def test_calibration_is_of_the_training_split(task: Task) -> None:
    """The representative samples come from training data only and span most of its range."""
    data = task.dataset()
    samples = task.evaluation_of(data).calibration

    assert not set(samples.ravel()) & (set(data.test.x.ravel()) | set(data.validation.x.ravel()))
    assert np.ptp(samples) >= 0.99 * np.ptp(data.train.x)


def test_name_is_checked() -> None:
    """A name that cannot be a file name or a test id is refused."""
    task = TASKS.get("linear")

    with pytest.raises(ValueError, match="task name 'a/b': use letters"):
        Task("a/b", "", task.data, task.build, task.recipe, {})
