"""Illustrations: what is chosen and kept of a task."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench.artifacts import Artifacts
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement.illustration import (
    POINTS,
    chosen_samples,
    curves_of,
    drawn_as,
    illustrate,
    packed,
    prepare,
)
from tinybench.measurement.measure import Measurements
from tinybench.results.illustration import Illustration, from_bytes
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Task
from tinybench.training.checkpoint import Checkpoint

LINEAR = ("float32", "int8", "qat-int8")


def test_samples_are_right_ones_of_each_class_then_mistakes() -> None:
    """What only one model gets wrong comes before what both get wrong, up to full rows."""
    true = np.array([0] * 10 + [1] * 10)
    plain, quantized = true.copy(), true.copy()
    plain[[3, 12]] = 1 - true[[3, 12]]
    quantized[[3, 0]] = 1 - true[[3, 0]]

    chosen = chosen_samples(true, [plain, quantized])

    assert chosen == [1, 2, 10, 11, 0, 12, 3]


@pytest.mark.parametrize(("epochs", "shown"), [(0, 0), (1, 1), (7, 7), (POINTS, POINTS)])
def test_short_curves_are_kept_whole(epochs: int, shown: int) -> None:
    found = curves_of(Checkpoint({}, {"loss": np.arange(epochs, dtype=np.float32)}, {}))

    assert found.epochs.tolist() == list(range(1, shown + 1))
    assert found.values["loss"].tolist() == [float(at) for at in range(shown)]


def test_long_curves_keep_first_and_last_epoch() -> None:
    loss = np.linspace(5, 1, 2001, dtype=np.float32)

    found = curves_of(Checkpoint({}, {"loss": loss, "val_loss": loss + 1}, {}))

    assert len(found.epochs) == len(found.values["val_loss"]) <= POINTS + 1
    assert (found.epochs[0], found.epochs[-1]) == (1, 2001)
    assert (found.values["loss"][0], found.values["loss"][-1]) == (5.0, 1.0)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def linear(cache: Path) -> Illustration:
    """The linear tutorial, from its committed checkpoints."""
    variants = [VARIANTS.get(name) for name in LINEAR]
    return illustrate(Measurements(Artifacts(Store(cache))), TASKS.get("linear"), variants)


def test_what_it_is_of(linear: Illustration) -> None:
    assert list(linear.files) == list(LINEAR)
    assert linear.data == TASKS.get("linear").evaluation().card.sha256
    assert list(linear.curves) == ["float32", "qat"]
    assert list(linear.layers) == ["int8"]
    assert [one["layer"] for one in linear.layers["int8"]] == ["0 dense_0", "1 dense_1"]
    assert [box.name for box in linear.graph] == ["input", "dense_0", "dense_1"]


def test_summary_and_weights(linear: Illustration) -> None:
    """Keras' summary, and every weight by layer."""
    assert "dense_0 (Dense)             (None, 10)                20" in linear.summary
    assert "Total params: 31" in linear.summary
    assert [(name, shape) for name, shape, _ in linear.weights][::3] == [
        *(("dense_0/kernel", (1, 10)), ("dense_1/bias", (1,)))
    ]
    assert "FULLY_CONNECTED" in linear.inspection


def test_extrapolation(linear: Illustration) -> None:
    """On 1 … 5 the float model gives what the tutorial expects; int8 is shown as it is."""
    assert linear.probes is not None
    x, keras = linear.probes.x.ravel(), linear.probes.by_model["Keras"].ravel()
    int8 = linear.probes.by_model["int8"].ravel()
    near = (x >= 1) & (x <= 5)

    assert near.sum() == 5
    assert keras[near] == pytest.approx(100 * x[near] + 5, abs=0.5)
    assert np.abs(int8 - keras)[near].max() > 20


def test_data_of_one_number(linear: Illustration) -> None:
    assert list(linear.splits) == ["train", "validation", "test"]
    assert linear.predictions is not None
    assert list(linear.predictions.by_model) == ["Keras", "TFLite", "TFLite int8"]
    x, y = linear.splits["test"]
    assert linear.predictions.x is not None
    np.testing.assert_array_equal(linear.predictions.x, x)
    np.testing.assert_array_equal(linear.predictions.actual.ravel(), y)


def test_a_warm_cache_runs_nothing(
    cache: Path, linear: Illustration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `prepare` made in one process another puts together: no runtime and no Keras."""
    task = TASKS.get("linear")
    first = Measurements(Artifacts(Store(cache)))
    for name in LINEAR:
        prepare(first, task, VARIANTS.get(name))

    def refuse(*_: object) -> None:
        raise AssertionError("ran a model")

    monkeypatch.setattr(Measurements, "session", refuse)
    monkeypatch.setattr(Artifacts, "keras_model", refuse)
    monkeypatch.setattr("tinybench.measurement.layers.layer_errors", refuse)
    data = packed(Measurements(Artifacts(Store(cache))), task, linear.files)

    assert data == linear.to_bytes()
    assert from_bytes(data, "here").to_bytes() == data


def test_a_file_alone_has_what_its_file_tells(tmp_path: Path) -> None:
    """No summary, weights or curves: there is no Keras model. Its graph and samples are there."""
    models = Path(__file__).parents[1] / "tflite" / "models"
    x = np.linspace(-1, 1, 30, dtype=np.float32)[:, None]
    task = Task.of(models / "dense-int8.tflite", (x, np.arange(30) % 2), labels=("no", "yes"))
    bench, variant = Measurements(Artifacts(Store(tmp_path))), VARIANTS.get("file")

    prepare(bench, task, variant)
    found = illustrate(bench, task, [variant])

    assert (found.summary, found.weights, found.history, found.curves) == ("", (), {}, {})
    assert found.graph
    assert "FULLY_CONNECTED" in found.inspection
    assert found.samples is not None
    assert set(found.samples.named) == {"file"}
    packed(bench, task, {"file": bench.artifacts.artifact(task, variant).sha256})


@pytest.mark.parametrize(
    ("x", "kind", "shown"),
    [
        (np.full((1, 8, 8, 1), 51, np.uint8), "image", 0.2),
        (np.full((1, 8, 8, 3), 51, np.float32), "image", 0.2),
        (np.full((1, 8, 8, 3), -0.5, np.float32), "image", 0.25),
        (np.full((1, 8, 8, 3), 0.75, np.float32), "image", 0.75),
        (np.full((1, 49, 40, 1), 3, np.float32), "audio", 3),
        (np.full((1, 8), 3, np.float32), "number", 3),
    ],
)
def test_what_samples_are_is_seen_by_their_shape(
    x: np.ndarray, kind: str, shown: float, small: Task
) -> None:
    """Pixels are drawn from 0 to 1, whatever the model takes."""
    found, values = drawn_as(small, x)

    assert found == kind
    assert values.ravel()[0] == pytest.approx(shown)
