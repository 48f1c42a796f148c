"""Nets that once gave a false alarm or a wrong number: each row is right, or labelled with why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.conversion.variants import VARIANTS
from tinybench.measurement.attempt import attempt
from tinybench.measurement.cases import Case
from tinybench.measurement.measure import Measurements
from tinybench.results.record import HOST_ONLY, NOT_AVAILABLE, PARTLY_FLOAT, Result
from tinybench.runtimes import RUNTIMES
from tinybench.tasks import Task
from tinybench.tensorflow import Keras, load, load_keras3

pytestmark = pytest.mark.slow
RANDOM = np.random.default_rng(1)


def normal(*shape: int) -> NDArray[np.float32]:
    return RANDOM.normal(size=(60, *shape)).astype(np.float32)


def attention(keras: Keras) -> Any:
    """With a LayerNormalization, whose NEG no integer file has."""
    layers = keras.layers
    x = keras.Input((6, 8))
    mixed = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    return keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling1D()(mixed)))


def embedding(keras: Keras) -> Any:
    """Of token ids, which an int8 input cannot hold."""
    layers = keras.layers
    table, mean = layers.Embedding(400, 8), layers.GlobalAveragePooling1D()
    return keras.Sequential([keras.Input((12,)), table, mean, layers.Dense(2)])


def lstms(keras: Keras) -> Any:
    """Operators with states, which start anew with each sample."""
    layers = keras.layers
    return keras.Sequential(
        [keras.Input((9, 3)), layers.Bidirectional(layers.LSTM(4)), layers.Dense(2)]
    )


def stateful(keras: Keras) -> Any:
    """A state that the model itself keeps, from sample to sample."""
    x = keras.Input(batch_shape=(1, 2, 3))
    return keras.Model(x, keras.layers.Dense(2)(keras.layers.GRU(4, stateful=True)(x)))


def two_of_each(keras: Keras) -> Any:
    """A picture of bytes and numbers in; two outputs, one after a float operator."""
    layers = keras.layers
    picture, numbers = keras.Input((6, 6, 3), dtype="uint8", name="p"), keras.Input((4,), name="n")
    seen = layers.Conv2D(4, 3, activation="relu")(layers.Rescaling(1 / 255)(picture))
    joined = layers.Concatenate()([layers.GlobalAveragePooling2D()(seen), numbers])
    first, second = layers.Dense(2, name="first"), layers.Dense(1, activation="elu", name="second")
    return keras.Model(
        {"p": picture, "n": numbers}, {"first": first(joined), "second": second(joined)}
    )


PICTURES = RANDOM.integers(0, 256, (60, 6, 6, 3)).astype(np.uint8)
NETS: dict[str, tuple[int, Callable[[Keras], Any], Mapping[str, Any], set[str]]] = {
    "attention": (3, attention, {"x": normal(6, 8)}, {"int8"}),
    "embedding": (2, embedding, {"x": RANDOM.integers(0, 400, (60, 12))}, set()),
    "lstms": (2, lstms, {"x": normal(9, 3)}, set()),
    "stateful": (3, stateful, {"x": normal(2, 3)}, {"int8"}),
    "two-of-each": (3, two_of_each, {"x.p": PICTURES, "x.n": normal(4)}, {"int8"}),
}
"""By which Keras and how a net is built, its data, and the variants that are partly float."""


def rows(bench: Measurements, task: Task) -> dict[str, Result]:
    variants = [VARIANTS.get(name) for name in ("float32", "dynamic", "int8", "int16x8")]
    places = [None, RUNTIMES.get("litert"), RUNTIMES.get("tflm"), RUNTIMES.get("keras")]
    cases = [
        Case(task, variant, runtime)
        for variant in variants
        for runtime in places
        if runtime is None or not runtime.variants or variant.name in runtime.variants
    ]
    return {case.id.removeprefix(f"{task.name}-"): attempt(bench, case) for case in cases}


@pytest.mark.parametrize("name", NETS)
def test_every_row_is_right_or_labelled(name: str, bench: Measurements, tmp_path: Path) -> None:
    version, build, data, partly = NETS[name]
    keras = load().keras if version == 2 else load_keras3()
    keras.utils.set_random_seed(1)
    build(keras).save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "data.npz", **data)
    # What an untrained net decides is near the border between its classes.
    task = Task.of(tmp_path / f"{name}.keras", tmp_path / "data.npz", loss_limit=0.2)

    found = rows(bench, task)

    assert {key: one.problems for key, one in found.items() if one.problems} == {}
    for key, one in found.items():
        label = one.note(NOT_AVAILABLE) or one.note(HOST_ONLY)
        assert one.outcome == "passed" or (label and label.reason), key
    assert {key for key in ("float32", "int8") if found[key].note(PARTLY_FLOAT)} == partly
    gaps = [gap for key, gap in found["float32"].metrics.items() if "mse_vs_keras" in key]
    assert gaps
    assert max(gaps) < 1e-10
