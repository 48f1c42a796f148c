"""Arrays handed over in Python get the same checks as files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinybench.datasets.own import of_arrays
from tinybench.tasks import DataError


def test_arrays() -> None:
    own = of_arrays(
        np.arange(40.0), ["a", "b"] * 20, np.ones(40), most=20, labels=("b", "a"), seed=3
    )

    assert own.labels == ("b", "a")
    assert [len(split) for split in own.dataset.splits().values()] == [12, 4, 4]
    for split in own.dataset.splits().values():
        assert (split.y == 1 - split.x % 2).all()
        assert split.weights is not None
    assert own.dataset.source == "arrays given in Python"
    assert own.dataset.groups == "samples: 12 train, 4 validation, 4 test, drawn with seed 3"


def test_mappings_and_lists() -> None:
    """Inputs and outputs by the model's names; a mapping of one is its only one."""
    own = of_arrays({"a": [[1, 2]] * 9, "b": [1.5] * 9}, {"out": [0, 1, 2] * 3})

    assert {name: each.shape for name, each in own.dataset.test.inputs.items()} == {
        "a": (3, 2),
        "b": (3, 1),
    }
    assert sorted(own.dataset.test.y[:, 0]) == [0, 1, 2]


def test_lists_in_the_model_s_order() -> None:
    ports = {"left": ((2,), "float32"), "right": ((2,), "int32")}
    own = of_arrays([np.zeros((9, 2)), np.ones((9, 2))], expected=ports)

    assert {name: (each.dtype.name, each.max()) for name, each in own.dataset.test.x.items()} == {
        "left": ("float32", 0),
        "right": ("int32", 1),
    }


@pytest.mark.parametrize(
    "y",
    [
        np.eye(3)[[0, 1, 2] * 5],
        [0.5, 1.5, 2.5] * 5,
        np.ones((15, 28, 28), np.uint8),
        [[True, False]] * 15,
    ],
)
def test_targets_stay_what_they_are(y: Any) -> None:
    """One-hot rows, real numbers, pictures to reconstruct, several labels at once."""
    given = np.asarray(y)
    own = of_arrays(np.ones((15, 2)), given)

    assert own.dataset.test.y.shape[1:] == (given.shape[1:] or (1,))
    assert own.dataset.test.y.dtype == ("float32" if given.dtype == float else given.dtype)


@pytest.mark.parametrize(
    "y", [np.eye(3)[[0] * 12 + [1] * 8 + [2] * 4], [0] * 12 + [1] * 8 + [2] * 4]
)
@pytest.mark.parametrize(("most", "expected"), [(None, [2, 2, 1]), (12, [1, 1, 1])])
def test_each_split_has_each_class(y: Any, most: int | None, expected: list[int]) -> None:
    own = of_arrays(np.ones((24, 1)), y, most=most)

    found = own.dataset.test.y
    classes = found[:, 0] if found.shape[1] == 1 else found.argmax(axis=1)
    assert np.bincount(classes.astype(int)).tolist() == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([[1, 2], [3]], None), "samples must be of one shape"),
        ((1.0, None), "x is one number"),
        (({"a": np.ones(3), "b": np.ones(2)}, None), "x.a has 3 samples, x.b has 2"),
        ((np.ones(9), {"a": ["u"] * 9, "b": ["v"] * 9}), "y.a and y.b are texts"),
        ((np.ones(9), np.array([["u", "v"]] * 9)), r"texts of shape \(9, 2\)"),
        ((np.ones(9), None, np.zeros(9)), "weights is negative or all zero"),
        ((np.ones(9), None, np.ones((9, 2))), r"weights has shape"),
        ((np.ones(9), None, np.ones(8)), "x has 9 samples, weights has 8"),
    ],
)
def test_bad_arrays(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        of_arrays(*given)


def test_too_few_samples_are_wanted() -> None:
    with pytest.raises(DataError, match="2 samples are wanted; train, validation, test need one"):
        of_arrays(np.ones(9), most=2)
