"""Linear regression, the TF Lite end-to-end tutorial: y = 100 x + 5 on unnormalised integers.

The tutorial trains on all its hundred points. Validation and test are other points of the same
line, between the training points, so that nothing is judged on what it was trained with.
"""

from __future__ import annotations

import numpy as np

from tinybench.datasets.data import Dataset, Floats, Split
from tinybench.tasks.task import Recipe, Task
from tinybench.tensorflow import Keras, KerasModel

EXTRAPOLATED = (1.0, 2.0, 3.0, 4.0, 5.0)
"""What the tutorial infers on, far outside the range it trained on."""
RANDOM_INTEGERS = tuple(float(x) for x in np.random.RandomState(1).randint(0, 1000, 5))
"""The tutorial's second test: whole numbers in [0, 1000)."""


def line(x: Floats) -> Floats:
    """100 x + 5, exact in float32 for the x used here."""
    return (100 * x + 5).astype(np.float32)


def hundred_points(seed: int) -> Dataset:
    """x = 100 … 199 to train, x + ½ to test, x + ¼ to validate; the seed changes nothing."""
    del seed
    x = np.arange(100, 200, dtype=np.float32)[:, None]
    train, test, validation = (
        Split(points, line(points), line(points))
        for points in (x, x[:-1] + np.float32(0.5), x[:-1:5] + np.float32(0.25))
    )
    return Dataset(train, validation, test, "y = 100 x + 5 at x = 100 … 199, exact")


def ten_units(keras: Keras) -> KerasModel:
    """Two linear layers, 10 and 1 units."""
    return keras.Sequential([keras.Input((1,)), keras.layers.Dense(10), keras.layers.Dense(1)])


TASKS = [
    Task(
        name="linear",
        summary="Linear regression on raw integers: a hard case for int8",
        data=hundred_points,
        build=ten_units,
        recipe=Recipe(epochs=2000, batch_size=10, learning_rate=0.01, fine_tune_epochs=2000),
        bounds={"mse": 25.0},
        calibration_samples=100,
        probes=EXTRAPOLATED + RANDOM_INTEGERS,
        published={"y(1…5)": "≈ 105 … 505"},
    ),
]
