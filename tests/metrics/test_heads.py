"""Which head an output gets, and what each head finds: by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.metrics import heads
from tinybench.metrics.heads import HEADS, Head, HeadError, Output


def floats(values: Any) -> NDArray[np.float32]:
    return np.array(values, np.float32)


def zeros(*shape: int) -> NDArray[np.float32]:
    return np.zeros(shape, np.float32)


ONE_HOT = np.eye(3, dtype=np.float32)[[0, 2, 1, 0]]
NUMBERS = np.array([0, 2, 1, 0])
MANY = floats([[0, 1, 1], [1, 1, 0], [0, 0, 0], [1, 0, 0]])
IMAGES = floats(np.arange(16).reshape(4, 2, 2, 1))
ODD = np.array([0, 0, 1, 0])


@pytest.mark.parametrize(
    ("head", "output"),
    [
        ("none", Output("a", zeros(4, 3))),
        ("classes", Output("a", zeros(4, 3), ONE_HOT)),
        ("classes", Output("a", zeros(4, 3), NUMBERS)),
        ("classes", Output("a", zeros(4, 3), NUMBERS[:, None], labels=("a", "b", "c"))),
        ("classes", Output("a", zeros(4, 2), ODD, end="softmax")),
        ("classes", Output("a", zeros(4, 5, 3), np.tile(NUMBERS[:, None], 5))),
        ("classes", Output("a", zeros(4, 3), NUMBERS, inputs=zeros(4, 3))),
        ("binary", Output("a", zeros(4, 1), ODD)),
        ("binary", Output("a", zeros(4, 1), ODD > 0)),
        ("binary", Output("a", zeros(4, 1), floats(ODD), labels=("no", "fire"))),
        ("binary", Output("a", zeros(4, 1), floats(ODD)[:, None], end="sigmoid")),
        ("regression", Output("a", zeros(4, 1), floats(ODD)[:, None], end="linear")),
        ("regression", Output("a", zeros(4, 1), NUMBERS)),
        ("regression", Output("a", zeros(4, 3), MANY)),
        ("multi-label", Output("a", zeros(4, 3), MANY, end="sigmoid")),
        ("multi-label", Output("a", zeros(4, 3), MANY, labels=("a", "b", "c"))),
        ("reconstruction", Output("a", zeros(4, 2, 2, 1), IMAGES, inputs=IMAGES)),
        ("reconstruction", Output("a", zeros(4, 2, 2, 1), ODD, inputs=IMAGES)),
        ("reconstruction", Output("a", zeros(4, 3), ODD, inputs=zeros(4, 3), labels=("", "odd"))),
    ],
)
def test_the_head_that_nobody_stated(head: str, output: Output) -> None:
    """A row of the table for each."""
    assert heads.find(output, None).name == head


def test_targets_that_no_head_fits() -> None:
    """Both shapes are named, and the remedy."""
    with pytest.raises(
        HeadError, match=r"output age has \(3,\) .*, the data targets \(2,\)"
    ) as found:
        heads.find(Output("age", zeros(4, 3), zeros(4, 2) + floats([0.5])), None)

    assert "state one of none, classes, binary" in str(found.value)


def test_classes_beyond_the_scores() -> None:
    with pytest.raises(
        HeadError, match="output a has 3 scores, but the targets are classes 0 to 3"
    ):
        HEADS.get("classes").judge(Output("a", zeros(4, 3), np.array([0, 1, 2, 3])))


def test_class_numbers_are_judged_as_one_hot_rows() -> None:
    """And without labels classes are called by their numbers."""
    scores = floats([[0.6, 0.3, 0.1], [0.1, 0.2, 0.7], [0.9, 0.1, 0], [0, 1, 0]])
    output = Output("a", scores, ONE_HOT)

    found = HEADS.get("classes").judge(output)

    assert found == HEADS.get("classes").judge(replace(output, targets=NUMBERS))
    assert (found["accuracy"], found["recall_0"], found["recall_1"]) == (0.5, 0.5, 0)


def test_one_sigmoid_says_yes_above_the_threshold() -> None:
    """0.5, 0.7, 0.2 and 0.9 for no, fire, fire and no."""
    output = Output("a", floats([[0.5], [0.7], [0.2], [0.9]]), np.array([0, 1, 1, 0]))
    output = replace(output, labels=("no", "fire"))
    head = HEADS.get("binary")

    found = head.judge(output)

    assert {key: found[key] for key in ("accuracy", "precision", "recall", "f1", "auc")} == {
        "accuracy": 0.5,
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "auc": 0.25,
    }
    assert (found["recall_no"], found["recall_fire"], found["threshold"]) == (0.5, 0.5, 0.5)
    assert head.table is not None
    assert head.table(output).tolist() == [[1, 1], [1, 1]]
    assert head.judge(replace(output, threshold=0.1))["recall"] == 1


def test_a_sample_of_several_labels_is_right_if_all_are() -> None:
    said = floats([[0.1, 0.9, 0.9], [0.9, 0.1, 0.1], [0.1, 0.1, 0.1], [0.9, 0.1, 0.1]])

    found = HEADS.get("multi-label").judge(Output("a", said, MANY, labels=("x", "y", "z")))

    assert found["accuracy"] == 0.75
    assert (found["recall_x"], found["recall_y"], found["recall_z"]) == (1, 0.5, 1)
    assert found["recall"] == pytest.approx(2.5 / 3)


def test_reconstruction_error_tells_odd_samples() -> None:
    """Errors are those of the normal ones, the area is over all."""
    values = IMAGES + floats([0.1, 0.2, 3, 0.1])[:, None, None, None]

    found = HEADS.get("reconstruction").judge(Output("a", values, ODD, inputs=IMAGES))

    assert found["auc"] == 1
    assert found["mae"] == pytest.approx(0.4 / 3, rel=1e-5)
    assert "auc" not in HEADS.get("reconstruction").judge(Output("a", values, inputs=IMAGES))


def test_several_targets_are_judged_together() -> None:
    found = HEADS.get("regression").judge(Output("a", zeros(2, 2), floats([[1, 0], [0, 3]])))

    assert (found["mse"], found["mae"], found["max_error"]) == (2.5, 1, 3)


@pytest.mark.parametrize(
    ("scores", "positive", "threshold"),
    [
        ([0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1], 0.25),
        ([0.1, 0.2, 0.3, 0.4], [0, 1, 1, 1], 0.15),
        ([3, 3, 3], [0, 1, 1], 3),
    ],
)
def test_threshold_of_the_best_balanced_accuracy(
    scores: list[float], positive: list[int], threshold: float
) -> None:
    found = heads.best_threshold(floats(scores), np.array(positive, bool))

    assert found == pytest.approx(threshold)


def test_one_class_has_no_threshold() -> None:
    with pytest.raises(HeadError, match="the validation split has one class only"):
        heads.best_threshold(floats([1, 2]), np.array([True, True]))


def test_a_head_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ordinal classes: judged by how many steps they are off."""

    def steps(output: Output) -> dict[str, float]:
        return {"mae": float(np.mean(np.abs(np.rint(output.values) - output.numbers)))}

    list(HEADS)  # loads the built-in ones
    monkeypatch.setitem(HEADS._items, "ordinal", Head("ordinal", "Steps off", steps))

    found = heads.find(Output("a", floats([[1.2], [2.4]]), np.array([1, 3])), "ordinal")

    assert found.judge(Output("a", floats([[1.2], [2.4]]), np.array([1, 3]))) == {"mae": 0.5}
