"""Many seeds at once give what each seed gives alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tinybench.datasets.data import Dataset, Split
from tinybench.measurement import ensemble
from tinybench.tasks import Task
from tinybench.training.errors import TrainingError
from tinybench.training.stages import new_model

FLOATS = np.zeros((9, 2), np.float32)


def weights(task: Task, seeds: list[int]) -> list[list[Any]]:
    return [member.model.get_weights() for member in ensemble.train_seeds(task, seeds)]


def test_one_full_batch_step_is_that_of_keras(small: Task) -> None:
    """With the whole data in one batch the order means nothing: a step equals Keras' own."""
    from tinybench.tensorflow import load

    task = replace(small, recipe=replace(small.recipe, epochs=5, batch_size=600))
    together = weights(task, [3, 4, 5])

    for seed, found in zip([3, 4, 5], together, strict=True):
        model, data = new_model(task, seed), task.dataset(seed)
        model.compile(load().keras.optimizers.Adam(task.recipe.learning_rate), loss="mse")
        model.fit(data.train.x, data.train.y, epochs=5, batch_size=600, shuffle=False, verbose=0)
        for expected, value in zip(model.get_weights(), found, strict=True):
            # A batched product sums in another order, and Adam's first steps divide by tiny roots.
            np.testing.assert_allclose(value, expected, atol=2e-5)


def test_repeatable(small: Task) -> None:
    """The same seeds give the same bits."""
    first, second = weights(small, [1, 2]), weights(small, [1, 2])

    assert [w.tobytes() for each in first for w in each] == [
        w.tobytes() for each in second for w in each
    ]


def test_study(small: Task) -> None:
    """The spread has every percentile in order, and failures are counted by the stated limit."""
    task = replace(small, failed_above=0.0)
    found = ensemble.study(task, ensemble.train_seeds(task, range(3)))

    assert found["seeds"] == found["failed"] == 3
    for variant in ("float32", "int8"):
        for spread in found[variant].values():
            points = [spread[key] for key in ("min", "q25", "median", "q75", "max")]
            assert points == sorted(points)
    assert 0 < found["int8"]["mse_vs_float32"]["median"] < found["float32"]["mse"]["median"]


def test_other_layers_are_refused(small: Task) -> None:
    """The error names the layer instead of training something else."""

    def with_dropout(keras: Any) -> Any:
        return keras.Sequential([keras.Input((1,)), keras.layers.Dropout(0.1)])

    task = replace(small, build=with_dropout, initialize=None)

    with pytest.raises(
        TrainingError, match="works for models of Dense layers; dropout_0 is a Drop"
    ):
        ensemble.train_seeds(task, [1])


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ({"a": FLOATS, "b": FLOATS}, FLOATS, "one input of real numbers .*, not several"),
        (FLOATS, np.arange(9), r"one target of real numbers .*, not int\d+ \(\)"),
        (FLOATS, None, "one target of real numbers .*, not none"),
        (FLOATS.astype(np.int32), FLOATS, r"one input of real numbers .*, not int32 \(2,\)"),
    ],
)
def test_data_that_do_not_fit_are_refused_before_anything_is_made(
    x: Any, y: Any, message: str, small: Task
) -> None:
    split = Split(x, y)
    task = replace(small, data=lambda _: Dataset(split, split, split, "made up"))

    with pytest.raises(TrainingError, match=message):
        ensemble.train_seeds(task, range(2))
