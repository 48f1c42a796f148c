"""A ready-made model with two outputs: each is judged, shown and drawn by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench.report import rows as shared
from tinybench.report.figures import confusions, labels_of, pareto, quality_against_size
from tinybench.report.overview import of_task, overview
from tinybench.report.page import render
from tinybench.report.page import rows as drawn
from tinybench.report.publish import publish
from tinybench.report.tables import tables
from tinybench.report.walkthrough import pages
from tinybench.results.document import Document
from tinybench.results.frame import values
from tinybench.results.illustration import Illustration

from ..documents import entry, make, result

KIND, WEIGHT = "accuracy@kind", "mse@weight"
WEIGHTS = {"sha256": "f" * 64, "seed": 1, "epochs": 0, "final": {}, "versions": {}}


@pytest.fixture
def found() -> Document:
    float32 = {KIND: 0.75, WEIGHT: 0.5, "tflite_bytes": 400, "recall_a@kind": 0.7}
    int8 = {KIND: 0.5, WEIGHT: 0.75, "tflite_bytes": 200, "recall_a@kind": 0.4}
    on_board = {KIND: 0.5, WEIGHT: 0.75, "flash_bytes": 90, "ram_bytes": 8, "instructions": 7}
    results = [
        result(float32, "float32", task="two"),
        result({KIND: 0.75, WEIGHT: 0.5}, "float32", "keras", task="two"),
        result(int8, "int8", task="two"),
        result(on_board, "int8", "cortex-m4", task="two"),
    ]
    about = entry(
        labels=["a", "b"],
        heads={"kind": "classes", "weight": "regression"},
        checkpoints={"float32": WEIGHTS},
        calibration={"sha256": "c" * 64, "samples": 240, "split": "train", "draw": "all"},
    )
    return make(*results, two=about)


def test_the_first_tables_have_a_row_for_each_output(found: Document) -> None:
    named = {one.name: one.records() for one in tables(found)}

    assert named["loss"] == [
        {
            "task": "two@weight",
            "mse_keras": 0.5,
            "mse_float32": 0.5,
            "mse_int8": 0.75,
            "published": "",
        }
    ]
    (row,) = named["accuracy"]
    assert (row["task"], row["accuracy_float32"], row["accuracy_int8"]) == ("two@kind", 0.75, 0.5)


def test_all_variants_have_a_row_for_each_output(found: Document) -> None:
    table = of_task(overview(found), "two")

    shown = [
        (one["output"], one["variant"], one["accuracy"], one["mse"]) for one in table.records()
    ]
    assert shown == [
        ("kind", "float32", 0.75, None),
        ("weight", "float32", None, 0.5),
        ("kind", "int8", 0.5, None),
        ("weight", "int8", None, 0.75),
    ]
    assert [one["worst_recall"] for one in table.records()] == [0.7, None, 0.4, None]
    assert {one["flash_bytes"] for one in table.records()[2:]} == {90}
    assert table.rendered()["output"].tolist() == ["kind", "weight"] * 2


def test_figures_have_a_panel_for_each_output(found: Document) -> None:
    panels = quality_against_size(found)

    assert [one.title for one in panels] == ["two@kind", "two@weight"]
    assert [[point.quality for point in one.points] for one in panels] == [[0.75, 0.5], [0.5, 0.75]]
    titles = [one.title for one in pareto(found, "two")]
    assert titles[:2] == ["kind: By LiteRT", "kind: On cortex-m4"]
    assert titles[-1] == "weight: On cortex-m4"


def test_charts_have_rows_for_each_output(found: Document) -> None:
    compared = drawn.compared(found)

    at = [compared["columns"].index(name) for name in ("task", "variant", "metric", "change")]
    told = {tuple(row[index] for index in at) for row in compared["rows"]}
    assert {
        ("two@kind", "int8", "accuracy", -25.0),
        ("two@weight", "int8", "mse", 50.0),
        ("two", "int8", "tflite_bytes", -50.0),
    } <= told
    assert "<option>two@kind</option><option>two@weight</option>" in render(found, script="")


def test_a_frame_names_the_output(found: Document) -> None:
    (one,) = [row for row in values(found) if row["value"] == 0.4]

    assert (one["output"], one["metric"], one["group"]) == ("kind", "recall_a", "classes")


def test_nothing_claims_a_training(found: Document, tmp_path: Path) -> None:
    """The weights came with the model, and no command trains it."""
    publish(found, tmp_path)

    text = (tmp_path / "README.md").read_text("utf-8")
    assert "- Weights, as they came with the model: SHA-256 `ffff" in text
    assert "- Representative data set: all 240 of train; " in text
    assert "training.csv" not in text
    page = render(found, script="")
    assert "tinybench train" not in page
    assert "weights, as they came, SHA-256" in page
    assert "Check out outside" not in page


def test_classes_without_names_are_drawn_by_number() -> None:
    one = result({"accuracy": 0.5}, "float32", task="words")
    one.confusion = [[3, 1], [2, 2]]
    found = make(one)

    ((title, counts),) = confusions(found, "words")

    assert labels_of(found, "words") == ["0", "1"]
    assert title == "float32: accuracy 0.500"
    assert counts.tolist() == [[3, 1], [2, 2]]


def test_a_file_alone_has_a_page_without_a_model(found: Document) -> None:
    """There is no Keras model to sum up, and there are no weights by layer."""
    alone = Illustration(
        files={},
        data="",
        loss="",
        summary="",
        inspection="File 200 B",
        weights=(),
        history={},
        curves={},
        graph=(),
        layers={},
        truth=np.zeros(0, np.float32),
    )

    text = pages(found, {"two": alone})["two"]

    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## The file"]


def test_one_output_is_the_task_itself(document: Document) -> None:
    assert shared.outputs_of(document, "sine-16x16") == [("sine-16x16", "")]
