"""A classifier of 4x4 pictures, trained and measured by the real artifacts in seconds."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from tinybench.artifacts import Artifacts
from tinybench.artifacts.provenance import describe_task
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement.measure import Measurements
from tinybench.results.document import Document
from tinybench.results.record import Result
from tinybench.runtimes import RUNTIMES
from tinybench.storage.store import Store
from tinybench.tasks import Dataset, Recipe, Split, Task
from tinybench.tensorflow import Keras, KerasModel

from ..documents import result_of

LABELS = ("left", "right")
BOARD = "cortex-m4"
COSTS = {"float32": (900, 400), "int8": (500, 300), "qat-int8": (520, 310)}
"""Flash and instructions of its variants; no emulator is needed to show them."""


def _split(random: np.random.Generator, count: int) -> Split:
    """Grey pictures, 32 levels, that are brighter on one side; noise hides some of it."""
    right = np.arange(count) % 2
    noise = random.integers(0, 24, (count, 4, 4))
    brighter = np.where((np.arange(4) >= 2) == right[:, None, None], 4, 0)
    x = ((noise + brighter) / 32).astype(np.float32)[..., None]
    return Split(x, np.eye(2, dtype=np.float32)[right])


def pictures(seed: int) -> Dataset:
    """400, 60 and 100 pictures of either side in equal parts."""
    random = np.random.default_rng(seed)
    train, validation, test = (_split(random, count) for count in (400, 60, 100))
    groups = "pictures: 400 train, 60 validation, 100 test"
    return Dataset(train, validation, test, "noise", licence="CC0", groups=groups)


def one_layer(keras: Keras, classes: int) -> KerasModel:
    """A dense layer and softmax."""
    layers = keras.layers
    stack = [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(classes, activation="softmax")]
    return keras.Sequential(stack)


TASK = Task(
    name="sides",
    summary="Which side is brighter",
    data=pictures,
    build=partial(one_layer, classes=len(LABELS)),
    recipe=Recipe(
        epochs=8,
        batch_size=20,
        learning_rate=0.02,
        loss="CategoricalCrossentropy",
        metric="categorical_accuracy",
        fine_tune_epochs=2,
    ),
    bounds={"accuracy": 0.7},
    labels=LABELS,
    modality="image",
    calibration_samples=100,
)


def bench(cache: Path) -> Measurements:
    """What the pictures are measured with."""
    return Measurements(Artifacts(Store(cache)))


def measured(using: Measurements) -> Document:
    """Four variants by LiteRT, int8 by TFLM's kernels, and on a board as if emulated."""
    document = Document({}, created="2026-01-01T00:00:00+00:00")
    document.tasks[TASK.name] = describe_task(using.artifacts, TASK)
    for name in ("float32", "dynamic", "int8", "qat-int8"):
        variant = VARIANTS.get(name)
        own = using.variant(TASK, variant)
        document.add(_finished(own))
        if costs := COSTS.get(name):
            quality = {key: own.metrics[key] for key in ("accuracy", "recall_left")}
            flash, instructions = costs
            on_board = {**quality, "flash_bytes": flash, "instructions": instructions}
            there = result_of(TASK.name, name, BOARD, metrics={**on_board, "ram_bytes": 36})
            there.confusion = own.confusion
            document.add(there)
    for name in ("keras", "litert-ref"):
        document.add(_finished(using.runtime(TASK, VARIANTS.get("float32"), RUNTIMES.get(name))))
    return document


def _finished(found: Result) -> Result:
    """With the outcome that its test would have."""
    found.outcome = "failed" if found.problems else "passed"
    return found
