"""Recommending models with several outputs: bounds name an output, or a variant and an output."""

import pytest

from tinybench.comparison.recommend import NothingMeasuredError, recommend
from tinybench.results.document import Document

from ..documents import make, result

BOARD = "cortex-m4"


@pytest.fixture
def found() -> Document:
    costs = {"flash_bytes": 100, "ram_bytes": 10, "instructions": 1000}
    half = {name: value / 2 for name, value in costs.items()}
    quality = {"float32": (0.9, 0.1), "int8": (0.8, 0.2)}
    results = []
    for variant, cost in (("float32", costs), ("int8", half)):
        accuracy, mse = quality[variant]
        metrics = {"accuracy@kind": accuracy, "mse@weight": mse}
        results.append(result(metrics, variant, task="two"))
        results.append(result({**metrics, **cost}, variant, BOARD, task="two"))
    return make(*results)


@pytest.mark.parametrize(
    ("bounds", "out"),
    [
        ({"accuracy@kind": 0.7, "mse@weight": 0.3}, ""),
        ({"accuracy@kind": 0.85}, "accuracy@kind 0.8, bound 0.85"),
        ({"int8:accuracy@kind": 0.85}, "accuracy@kind 0.8, bound 0.85"),
        ({"float16:accuracy@kind": 0.99}, ""),
        ({"mse@weight": 0.15}, "mse@weight 0.2, bound 0.15"),
        ({"accuracy": 0.85}, "accuracy not measured, bound 0.85"),
    ],
)
def test_bounds_of_outputs(found: Document, bounds: dict[str, float], out: str) -> None:
    advice = recommend(found, "two", ["float32", "int8"], bounds, BOARD)

    assert {one.variant: one.out for one in advice.candidates}["int8"] == out


def test_another_board_is_named(found: Document) -> None:
    expected = r"on board 'cortex-m7', but on cortex-m4 \(--on NAME\); measure them: pytest "

    with pytest.raises(NothingMeasuredError, match=expected):
        recommend(found, "two", ["float32", "int8"], {}, "cortex-m7")
