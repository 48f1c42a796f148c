"""What the charts are drawn from: fronts, changes, and which marks lie on one another."""

from __future__ import annotations

from typing import Any

import pytest

from tinybench.report.page import rows
from tinybench.results.document import Document

from .page_documents import with_boards


def records(found: rows.Columnar) -> dict[str, dict[str, Any]]:
    """The rows of sine-16x16 by variant."""
    named = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    return {one["variant"]: one for one in named if one["task"] == "sine-16x16"}


def test_open_variants_are_on_no_front_and_push_none_off_it(document: Document) -> None:
    """qat-int8 is the most accurate and takes less than float32, and is no reason to drop that."""
    found = records(rows.on_boards(with_boards(document)))

    on_front = {name: one["front"] for name, one in found.items()}
    assert on_front == {"float32": True, "dynamic": True, "int8": True, "qat-int8": False}
    assert found["float32"]["front_flash_bytes"]
    assert found["qat-int8"]["division"] == "open"


def test_what_is_beaten_on_every_axis_is_on_no_front(document: Document) -> None:
    with_boards(document)
    document.results["sine-16x16-int8-cortex-m4"].metrics |= {"mse": 1, "flash_bytes": 9999}
    document.results["sine-16x16-int8-cortex-m4"].metrics["instructions"] = 9999

    found = records(rows.on_boards(document))["int8"]

    assert (found["front"], found["front_flash_bytes"]) == (False, False)


def test_marks_at_the_same_point_name_one_another(document: Document) -> None:
    found = records(rows.on_boards(with_boards(document)))

    same = {name: one["same"] for name, one in found.items()}
    assert same == {"float32": "dynamic", "dynamic": "float32", "int8": "–", "qat-int8": "–"}


def test_changes_are_against_float32_of_the_same_place(document: Document) -> None:
    found = rows.compared(with_boards(document))
    named = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    changes = {
        (one["metric"], one["board"]): one["change"]
        for one in named
        if (one["task"], one["variant"]) == ("sine-16x16", "int8")
    }

    assert changes["flash_bytes", "cortex-m4"] == pytest.approx(100 * (1704 - 2648) / 2648)
    assert changes["tflite_bytes", None] == pytest.approx(100 * (3112 - 2900) / 2900)
    assert set(changes) >= {("arena_bytes", None), ("mse", None), ("instructions", "cortex-m4")}


def test_a_profile_keeps_the_order_of_running(document: Document) -> None:
    found = rows.profiles(with_boards(document))["rows"]

    assert [row[4:6] for row in found[:2]] == [[0, "FULLY_CONNECTED"], [1, "LOGISTIC"]]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.123456789, 0.1234568),
        (12345678, 12345678),
        (float("nan"), None),
        (float("-inf"), None),
        (None, None),
        ("int8", "int8"),
    ],
)
def test_values_are_short_and_finite(value: Any, expected: Any) -> None:
    assert rows.plain(value) == expected


def named(found: rows.Columnar, task: str) -> dict[str, dict[str, Any]]:
    """The rows of a task by variant."""
    every = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    return {one["variant"]: one for one in every if one["task"] == task}


def test_more_accuracy_is_better(classes: Document) -> None:
    """Less of it, and larger than another, is on no front."""
    int8 = classes.results["sides-int8-cortex-m4"].metrics
    classes.results["sides-float32-cortex-m4"].metrics["accuracy"] = int8["accuracy"] - 0.1

    found = named(rows.on_boards(classes), "sides")

    assert "mse" not in found["int8"]
    assert found["int8"]["accuracy"] == int8["accuracy"]
    assert (found["int8"]["front"], found["float32"]["front"]) == (True, False)


@pytest.mark.parametrize("make", [rows.on_boards, rows.files])
def test_errors_and_accuracies_have_a_column_each(both: Document, make: Any) -> None:
    classes, sine = (named(make(with_boards(both)), task) for task in ("sides", "sine-16x16"))

    assert (classes["int8"]["mse"], sine["int8"]["accuracy"]) == (None, None)
    assert classes["int8"]["accuracy"] > 0.5 > sine["int8"]["mse"]
    assert sine["dynamic"]["same"] == "float32"
    assert classes["int8"]["same"] == "–"


def test_accuracy_changes_by_points(classes: Document) -> None:
    found = rows.compared(classes)
    every = [dict(zip(found["columns"], row, strict=True)) for row in found["rows"]]
    changes = {(one["variant"], one["metric"]): one["change"] for one in every}

    points = 100 * (
        classes.results["sides-int8"].metrics["accuracy"]
        - classes.results["sides-float32"].metrics["accuracy"]
    )
    assert changes["int8", "accuracy"] == pytest.approx(points)
    assert changes["int8", "flash_bytes"] == pytest.approx(100 * (500 - 900) / 900)
