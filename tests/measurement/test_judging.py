"""Every head, trained and converted: what each variant's outputs are said to be worth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.conversion.variants import VARIANTS
from tinybench.measurement import judging
from tinybench.measurement.measure import Measurements
from tinybench.metrics import METRICS, Metric
from tinybench.metrics.heads import HeadError
from tinybench.results.record import Result
from tinybench.runtimes import RUNTIMES
from tinybench.tasks import Dataset, Recipe, Split, Task
from tinybench.tensorflow import Keras, KerasModel

pytestmark = pytest.mark.slow

Build = Any
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(1000, 12)).astype(np.float32)
YES = X @ RANDOM.normal(size=12) > 0
CLASS = np.argmax(X @ RANDOM.normal(size=(12, 3)), axis=1)
LABELS = (X @ RANDOM.normal(size=(12, 3)) > 0).astype(np.float32)
LOGITS = {"from_logits": True}


def recipe(loss: Any = "MeanSquaredError", **more: Any) -> Recipe:
    return Recipe(
        epochs=20, batch_size=32, learning_rate=0.01, fine_tune_epochs=5, loss=loss, **more
    )


def net(*units: int, end: str | None = None) -> Build:
    def build(keras: Keras) -> KerasModel:
        layers = keras.layers
        hidden = [layers.Dense(one, activation="relu") for one in units[:-1]]
        stack = [keras.Input((12,)), *hidden, layers.Dense(units[-1], activation=end)]
        return keras.Sequential(stack)

    return build


def given(x: NDArray[Any], y: Any) -> Any:
    """600, 200 and 200 samples; `y` is an array, or several by name."""

    def taken(at: slice) -> Any:
        return {name: one[at] for name, one in y.items()} if isinstance(y, dict) else y[at]

    parts = (slice(600), slice(600, 800), slice(800, 1000))
    train, validation, test = (Split(x[at], taken(at)) for at in parts)
    return lambda seed: Dataset(train, validation, test, "made")


def measured(bench: Measurements, task: Task, variant: str = "int8") -> Result:
    return bench.variant(task, VARIANTS.get(variant))


def test_one_sigmoid_of_two_labels(bench: Measurements) -> None:
    """Dense 12-8-4-1 with labels "no" and "fire"."""
    task = Task(
        "fire",
        "Fire or not",
        given(X, YES.astype(np.float32)[:, None]),
        net(8, 4, 1, end="sigmoid"),
        recipe("BinaryCrossentropy", metric="binary_accuracy"),
        labels=("no", "fire"),
    )

    plain, found = measured(bench, task, "float32"), measured(bench, task)

    assert not plain.problems + found.problems
    for one in (plain, found):
        assert one.metrics["accuracy"] > 0.95
        assert {"precision", "recall", "f1", "auc", "recall_no", "recall_fire"} <= {*one.metrics}
        assert np.sum(one.confusion) == 200
    assert found.metrics["threshold"] == 0.5
    assert bench.heads(task, VARIANTS.get("int8")) == {"output": "binary"}


def test_the_threshold_can_be_chosen_on_validation_data(bench: Measurements) -> None:
    """By float32, of two logits' worth; the same for all variants."""
    task = Task(
        "rare",
        "One class is rare",
        given(X, X @ RANDOM.normal(size=12) > 4),
        net(8, 1),
        recipe(("BinaryCrossentropy", LOGITS)),
    )
    chosen = replace(task, name="rare-chosen", threshold="validation")

    usual, plain = measured(bench, task), measured(bench, chosen, "float32")

    assert usual.metrics["threshold"] == 0
    assert plain.metrics["threshold"] == measured(bench, chosen).metrics["threshold"] != 0
    assert plain.metrics["recall"] >= usual.metrics["recall"]


@pytest.mark.parametrize("one_hot", [True, False], ids=["one-hot", "class numbers"])
def test_logits(bench: Measurements, one_hot: bool) -> None:
    """With `from_logits`; as a name alone the loss took logits for probabilities."""
    kind = "CategoricalCrossentropy" if one_hot else "SparseCategoricalCrossentropy"
    y = np.eye(3, dtype=np.float32)[CLASS] if one_hot else CLASS

    found = measured(bench, Task("scores", "", given(X, y), net(16, 3), recipe((kind, LOGITS))))

    assert found.metrics["accuracy"] > 0.9
    assert not found.problems
    assert found.metrics["recall_0"] > 0.8


def test_data_in_class_order_are_calibrated_by_a_draw(bench: Measurements) -> None:
    """3 classes of 700 samples, far apart: the first 500 samples are all of one."""
    centres = RANDOM.normal(size=(3, 12)) * 4 + np.array([[0], [20], [40]])
    kinds = np.repeat(np.arange(3), 700)
    x = (centres[kinds] + RANDOM.normal(size=(2100, 12))).astype(np.float32)
    train = np.arange(2100) % 7 < 5
    held_out, test = np.arange(2100) % 7 == 5, np.arange(2100) % 7 == 6
    parts = [Split(x[at], kinds[at]) for at in (train, held_out, test)]
    task = Task(
        "ordered",
        "In class order",
        lambda seed: Dataset(parts[0], parts[1], parts[2], "made"),
        net(16, 3, end="softmax"),
        recipe("SparseCategoricalCrossentropy"),
        calibration_samples=300,
    )

    found = measured(bench, task)

    assert found.metrics["accuracy"] == 1
    assert found.metrics["saturated_inputs"] < 30


def test_several_labels_at_once(bench: Measurements) -> None:
    task = Task(
        "tags",
        "Three tags",
        given(X, LABELS),
        net(16, 3, end="sigmoid"),
        recipe("BinaryCrossentropy"),
        labels=("a", "b", "c"),
    )

    found = measured(bench, task)

    assert not found.problems
    assert min(found.metrics[name] for name in ("recall_a", "recall_b", "recall_c", "f1")) > 0.9
    assert 0.8 < found.metrics["accuracy"] < found.metrics["recall"]


def test_several_targets(bench: Measurements) -> None:
    y = X[:, :2] * np.array([3, 1], np.float32)
    task = Task("targets", "Two numbers", given(X, y), net(16, 2), recipe())

    found = measured(bench, task)

    assert found.metrics["mse"] < 0.5
    assert not found.problems


def test_a_regression_that_quantization_ruins_fails(bench: Measurements) -> None:
    """Its outputs leave the ranges that a short quantization-aware training begins with, ±6."""
    y = X[:, :1] * 30
    task = Task("steep", "Large numbers", given(X, y), net(16, 1), recipe())
    task = replace(task, recipe=replace(task.recipe, epochs=60, fine_tune_epochs=1))

    ruined = measured(bench, task, "qat-int8")

    assert not measured(bench, task).problems
    (problem,) = ruined.problems
    assert "of the targets' variance; at most 0.01 is allowed" in problem
    assert not measured(bench, replace(task, loss_limit=2.0), "qat-int8").problems


def two_heads(keras: Keras) -> KerasModel:
    layers = keras.layers
    given = keras.Input((12,))
    hidden = layers.Dense(16, activation="relu")(given)
    kind = layers.Dense(3, activation="softmax", name="kind")(hidden)
    return keras.Model(given, [kind, layers.Dense(1, name="size")(hidden)])


def test_two_outputs_have_each_its_head(bench: Measurements) -> None:
    losses = {"size": "MeanSquaredError", "kind": "SparseCategoricalCrossentropy"}
    data = given(X, {"size": X[:, :1], "kind": CLASS})
    task = Task("two", "Kind and size", data, two_heads, recipe(losses), labels=("a", "b", "c"))

    found = measured(bench, replace(task, bounds={"int8:mse@size": 1e-9}))

    assert bench.heads(task, VARIANTS.get("int8")) == {"kind": "classes", "size": "regression"}
    assert found.metrics["accuracy@kind"] > 0.85
    assert found.metrics["recall_a@kind"] > 0.7
    assert found.metrics["mse@size"] < 0.1
    assert {"agreement@kind", "mse_vs_keras@size"} <= {*found.metrics}
    assert any(one.startswith("int8's mse@size is") for one in found.problems)


def test_targets_of_no_output(bench: Measurements) -> None:
    losses = {"kind": "SparseCategoricalCrossentropy", "size": "MeanSquaredError"}
    data = given(X, {"kind": CLASS, "size": X[:, :1]})
    task, int8 = Task("two", "Kind, size", data, two_heads, recipe(losses)), VARIANTS.get("int8")
    answers = bench.answers(task, int8, RUNTIMES.get("litert"))
    other = given(X, {"width": X[:, :1], "kind": CLASS})(1).test
    evaluation = replace(bench.artifacts.evaluation(task), test=other)

    with pytest.raises(HeadError, match="outputs are kind, size, but the data have targets width"):
        judging.outputs(task, evaluation, answers, bench.graph(task, int8), {})


def test_a_head_that_does_not_fit_costs_no_other_number(bench: Measurements) -> None:
    """It is one problem of the result, which still has sizes and what float32 differs by."""
    task = Task("numbers", "", given(X, X[:, :1]), net(8, 1), recipe(), head="binary")

    found = measured(bench, task)

    assert found.problems[0].startswith("output output: a binary head needs targets of two classes")
    assert {"tflite_bytes", "macs", "mse_vs_keras"} <= {*found.metrics}


def test_reconstruction_and_no_labels(bench: Measurements) -> None:
    """The same net: with its inputs as targets, and with no targets in the test split."""
    task = Task("auto", "Gives back", given(X, X), net(8, 12), recipe())
    data = task.dataset()
    unlabelled = replace(
        task,
        name="unlabelled",
        data=lambda seed: replace(data, test=Split(data.test.x)),
    )

    found, without = measured(bench, task), measured(bench, unlabelled)

    assert bench.heads(task, VARIANTS.get("int8")) == {"output": "reconstruction"}
    assert 0 < found.metrics["mse"] < 1
    assert bench.heads(unlabelled, VARIANTS.get("int8")) == {"output": "none"}
    assert 0 < without.metrics["relative_error"] < 0.1
    assert "mse" not in without.metrics
    assert not found.problems + without.problems


def test_a_metric_of_ones_own(bench: Measurements, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that raises is a problem of the result, which keeps the rest."""

    def top2(truth: NDArray[Any], prediction: NDArray[Any]) -> float:
        best = np.argsort(prediction, axis=1)[:, -2:]
        return float(np.mean((best == truth[:, None]).any(axis=1)))

    def wrong(truth: NDArray[Any], prediction: NDArray[Any]) -> float:
        return float(prediction[0, 7])

    list(METRICS)  # loads the built-in ones
    for name, of in (("top2", top2), ("wrong", wrong)):
        metric = Metric(name, "Mine", direction="higher", of=of)
        monkeypatch.setitem(METRICS._items, name, metric)
    task = Task(
        "scores",
        "",
        given(X, CLASS),
        net(16, 3),
        recipe(("SparseCategoricalCrossentropy", LOGITS)),
        metrics=("top2", "wrong"),
    )

    found = measured(bench, task)

    assert found.metrics["accuracy"] < found.metrics["top2"] <= 1
    (problem,) = found.problems
    assert problem.startswith("metric wrong: IndexError: ")
    assert "test_judging.py:" in problem


def test_a_metric_without_a_function_is_refused() -> None:
    with pytest.raises(ValueError, match="metric 'mse' has no function"):
        Task("a", "", given(X, CLASS), net(3), metrics=("mse",))


def test_a_bound_of_no_variant(bench: Measurements) -> None:
    task = Task("numbers", "", given(X, X[:, :1]), net(8, 1), recipe(), {"in8:mse": 1})

    assert "unknown variant 'in8' (did you mean 'int8'?)" in measured(bench, task).problems[0]
