"""Tables hold the document's own numbers, and show what is missing, failed or not comparable."""

from __future__ import annotations

from typing import Any

import pytest

from tinybench.report.table import Table
from tinybench.report.tables import tables
from tinybench.results.document import Document
from tinybench.results.record import ADVICE, NOT_AVAILABLE, Note, Result

from ..documents import result_of
from .classifier import COSTS, TASK


def named(document: Document, name: str) -> Table:
    return {table.name: table for table in tables(document)}[name]


def shown(table: Table, **where: str) -> dict[str, str]:
    """The one rendered row with these cells."""
    rows = table.rendered().to_dict("records")
    (row,) = [row for row in rows if all(row[key] == value for key, value in where.items())]
    return {str(key): value for key, value in row.items()}


def raw(table: Table, **where: str) -> dict[str, Any]:
    """The one raw row with these values."""
    (row,) = [row for row in table.records() if where.items() <= row.items()]
    return dict(row)


def test_tables_come_in_reading_order(document: Document) -> None:
    expected = ["loss", "size", "quality", "cost", "runtimes", "latency", "training", "datasets"]

    assert expected == [table.name for table in tables(document)]


def test_tables_of_classifiers_stand_behind_their_like(both: Document) -> None:
    expected = [
        *("loss", "accuracy", "size", "quality", "classification", "confusion", "cost", "boards"),
        *("runtimes", "latency", "training", "datasets"),
    ]

    assert expected == [table.name for table in tables(both)]


def test_loss_shows_the_tutorials_three_steps_and_what_the_source_published(
    document: Document,
) -> None:
    table = named(document, "loss")

    assert raw(table, task="sine-16x16") == {
        "task": "sine-16x16",
        "mse_keras": 0.01036416396386366,
        "mse_float32": 0.01036416307614876,
        "mse_int8": 0.010897426389491253,
        "published": "mse 0.0102, mae 0.081, val_loss 0.0115, mse int8 0.0108",
    }
    assert shown(table, task="sine-16x16")["TFLite quantized ↓"] == "0.0109"


def test_sizes_are_reduced_from_the_step_before(document: Document) -> None:
    """Also the published ones, which are text in the document; a step may grow, too."""
    table = named(document, "size")

    sine = raw(table, task="sine-16x16")
    assert sine["tflite_bytes_reduced"] == 66989 - 2900 == 64089
    assert sine["int8_bytes_reduced"] == 2900 - 3112 == -212
    assert sine["published_tflite_bytes_reduced"] == 4096 - 2788 == 1308
    assert sine["published_int8_bytes_reduced"] == 2788 - 2488 == 300
    assert shown(table, task="sine-16x16") == {
        "task": "sine-16x16",
        "SavedModel (B) ↓": "66989",
        "TFLite (B) ↓": "2900 (reduced by 64089 B)",
        "TFLite quantized (B) ↓": "3112 (grown by 212 B)",
        "Source: SavedModel (B) ↓": "4096",
        "Source: TFLite (B) ↓": "2788 (reduced by 1308 B)",
        "Source: TFLite quantized (B) ↓": "2488 (reduced by 300 B)",
    }
    assert raw(table, task="linear")["published_tflite_bytes_reduced"] is None


def test_a_size_without_the_step_before_stands_alone(document: Document) -> None:
    del document.results["linear-float32"]

    row = shown(named(document, "size"), task="linear")

    assert row["SavedModel (B) ↓"] == "–"
    assert row["TFLite quantized (B) ↓"] == "1448"


def test_variants_keep_registry_order_and_their_division(document: Document) -> None:
    """The QAT variant has the lowest true error but is not moved up: its weights are others."""
    frame = named(document, "quality").frame
    sine = frame[frame["task"] == "sine-16x16"]

    assert list(sine["variant"]) == ["float32", "dynamic", "float16", "int8", "qat-int8"]
    assert list(sine["division"]) == ["closed", "closed", "closed", "closed", "open"]
    assert sine["mse_true"].idxmin() == sine.index[-1]


def test_the_reason_for_host_only_stands_below_the_table(document: Document) -> None:
    table = named(document, "quality")

    assert raw(table, variant="float16")["labels"] == "host-only"
    assert raw(table, variant="dynamic")["labels"] == "= float32"
    (note,) = table.footnotes
    assert note.startswith("host-only (sine-16x16-float16): dequantize_common.cc: input->type")


def test_advice_stands_below_the_table_once(document: Document) -> None:
    for variant in ("float32", "int8"):
        note = Note(ADVICE, "two of three; use one", "dead-channel")
        document.results[f"sine-16x16-{variant}"].notes.append(note)

    table = named(document, "quality")

    assert raw(table, task="sine-16x16", variant="int8")["labels"] == "dead-channel"
    ids = "sine-16x16-float32, sine-16x16-int8"
    assert table.footnotes[1:] == (f"dead-channel: two of three; use one ({ids})",)


def test_a_runtime_that_lacks_an_operator_has_a_row_and_its_reason_below(
    document: Document,
) -> None:
    result = result_of("sine-16x16", "int8", "litert-ref", outcome="skipped")
    result.notes = [Note(NOT_AVAILABLE, "no kernel for X")]
    document.results[result.id] = result

    table = named(document, "runtimes")

    assert raw(table, variant="int8", runtime="litert-ref")["labels"] == "not available"
    assert table.footnotes == ("not available (sine-16x16-int8-litert-ref): no kernel for X",)


def test_headings_have_units_and_directions(document: Document) -> None:
    titles = [column.title for column in named(document, "cost").columns]

    assert {"reduced_bytes (B) ↑", "tflite_bytes (B) ↓", "macs (MAC) ↓"} <= set(titles)
    latency = [column.title for column in named(document, "latency").columns]
    assert latency[2:4] == ["keras (µs) ↓", "litert (µs) ↓"]
    assert latency[-1] == "tflm floor (µs)"


def test_the_arena_of_a_host_only_variant_says_so(document: Document) -> None:
    table = named(document, "cost")

    assert raw(table, variant="float16")["arena_bytes"] is None
    assert shown(table, variant="float16")["arena_bytes (B) ↓"] == "host-only"
    assert shown(table, variant="dynamic")["arena_bytes (B) ↓"] == "1536"
    del document.results["sine-16x16-dynamic-tflm"]
    assert shown(named(document, "cost"), variant="dynamic")["arena_bytes (B) ↓"] == "–"


def test_integers_stay_integers_beside_gaps(document: Document) -> None:
    """Float32 outputs have no grid, hence no difference in LSB."""
    table = named(document, "runtimes")

    assert (
        raw(table, task="sine-16x16", variant="float32", runtime="tflm")["max_difference_lsb"]
        is None
    )
    lsb = raw(table, task="sine-16x16", variant="int8", runtime="tflm")["max_difference_lsb"]
    assert (lsb, type(lsb)) == (2, int)


def test_latency_has_a_column_a_runtime(document: Document) -> None:
    row = raw(named(document, "latency"), task="sine-16x16", variant="int8")

    assert row["host_us_keras"] is None
    assert row["host_us_litert"] == 0.6775618925152164
    assert row["noop_us_tflm"] == 0.030431506688315


def test_training_shows_final_losses_and_bounds(document: Document) -> None:
    row = raw(named(document, "training"), task="sine-16x16")

    assert (row["seed"], row["epochs"], row["fine_tune_epochs"]) == (2, 500, 500)
    assert row["val_loss_qat"] == 0.011173074133694172
    assert row["bound_mse"] == 0.0115
    assert row["retrained_difference"] == 0.0


def test_a_study_of_seeds_shows_its_spread_and_its_failures(
    document: Document, study: dict[str, Any]
) -> None:
    document.tasks["sine-16x16"]["seeds"] = study
    document.tasks["linear"]["seeds"] = None

    table = named(document, "seeds")

    assert len(table.frame) == 3
    row = shown(table, variant="int8", metric="mse")
    assert row["median [q25, q75]"] == "0.0105 [0.0101, 0.012]"
    training = named(document, "training")
    assert shown(training, task="sine-16x16")["failed seeds"] == "29 of 100 (mse above 0.05)"
    assert shown(training, task="linear")["failed seeds"] == "–"


def test_a_study_without_a_limit_counts_no_failures(
    document: Document, study: dict[str, Any]
) -> None:
    document.tasks["sine-16x16"]["seeds"] = {**study, "failed": None, "failed_above": None}

    assert "failed seeds" not in named(document, "training").rendered()


def test_a_failure_is_marked_and_stays_in_its_table(document: Document) -> None:
    document.results["sine-16x16-int8"].outcome = "failed"
    document.add(result_of("linear", "int8", "mine", "failed"))

    assert raw(named(document, "quality"), variant="int8", task="sine-16x16")["labels"] == "FAILED"
    assert raw(named(document, "runtimes"), runtime="mine")["labels"] == "FAILED"


def test_metrics_of_users_are_shown(document: Document) -> None:
    document.results["linear-int8-tflm"].metrics["stack"] = 12

    table = named(document, "others")

    assert len(table.frame) == 1
    assert raw(table, metric="stack")["value"] == 12


def test_a_classifier_is_judged_by_its_classes(classes: Document) -> None:
    """Every recall has a column in the CSV file; the text shows them side by side."""
    table = named(classes, "classification")
    own = classes.results["sides-int8"].metrics

    row = raw(table, variant="int8")
    names = ("accuracy", "accuracy_low", "accuracy_high", "auc", "agreement", "saturated_inputs")
    for name in (*names, "recall_left", "recall_right", "mse_vs_float32"):
        assert row[name] == own[name]
    left, right = own["recall_left"], own["recall_right"]
    assert row["worst_recall"] == min(left, right)
    text = shown(table, variant="int8")["recall by class ↑"]
    assert text == f"left {left:.4g}, right {right:.4g}"
    assert raw(table, variant="dynamic")["labels"] == "= float32"
    assert list(table.frame["division"]) == ["closed", "closed", "closed", "open"]


def test_a_confusion_matrix_has_a_row_a_class(classes: Document) -> None:
    table = named(classes, "confusion")

    for variant in ("float32", "int8"):
        matrix = classes.results[f"sides-{variant}"].confusion
        rows = [row for row in table.records() if row["variant"] == variant]
        assert [row["true"] for row in rows] == list(TASK.labels)
        assert [[row["predicted_left"], row["predicted_right"]] for row in rows] == matrix
    assert "→ right" in table.rendered()


def test_a_matrix_of_unnamed_classes_has_numbers_for_them(classes: Document) -> None:
    """A document that lost the task's entry is shown as far as it goes."""
    classes.tasks.clear()

    assert list(named(classes, "confusion").frame["true"][:2]) == ["0", "1"]
    assert raw(named(classes, "classification"), variant="int8")["recall_left"]


def test_classifiers_and_other_tasks_have_rows_in_their_own_tables(both: Document) -> None:
    tasks = {table.name: set(table.frame["task"]) for table in tables(both)}

    for name in ("accuracy", "classification", "confusion"):
        assert tasks[name] == {TASK.name}
    for name in ("loss", "quality"):
        assert tasks[name] == {"sine-16x16", "linear"}
    for name in ("size", "cost", "runtimes", "training", "datasets"):
        assert tasks[name] == {"sine-16x16", "linear", TASK.name}


@pytest.mark.parametrize("name", ["runtimes", "boards"])
def test_a_place_shows_accuracy_where_others_have_errors(both: Document, name: str) -> None:
    key, metrics = ("sine-16x16", "int8", "cortex-m4"), {"mse": 0.5, "instructions": 9}
    both.add(result_of(*key, metrics=metrics))

    table = named(both, name)

    for row in table.records():
        is_class = row["task"] == TASK.name
        assert (row["accuracy"] is None, row["mse"] is None) == (not is_class, is_class)
    assert "accuracy" not in named(classless(both), name).frame


def classless(document: Document) -> Document:
    """The document without its classifier."""
    del document.tasks[TASK.name]
    results = document.results.items()
    document.results = {key: one for key, one in results if one.task != TASK.name}
    return document


def test_boards_show_the_cost_and_the_accuracy_there(classes: Document) -> None:
    row = raw(named(classes, "boards"), variant="int8")

    assert (row["flash_bytes"], row["instructions"]) == COSTS["int8"]
    assert row["accuracy"] == classes.results["sides-int8"].metrics["accuracy"]


def test_the_three_steps_of_a_classifier(classes: Document) -> None:
    metrics = {key: one.metrics.get("accuracy") for key, one in classes.results.items()}

    assert raw(named(classes, "accuracy"), task=TASK.name) == {
        "task": TASK.name,
        "accuracy_keras": metrics["sides-float32-keras"],
        "accuracy_float32": metrics["sides-float32"],
        "accuracy_int8": metrics["sides-int8"],
        "published": "",
    }


def test_data_sets_are_described(both: Document) -> None:
    table = named(both, "datasets")

    expected = {
        "task": TASK.name,
        "source": "noise",
        "licence": "CC0",
        "groups": "pictures: 400 train, 60 validation, 100 test",
        "train": 400,
        "validation": 60,
        "test": 100,
        "classes": "left 200/30/50, right 200/30/50",
        "sha256": both.tasks[TASK.name]["data"]["sha256"],
    }
    assert raw(table, task=TASK.name) == expected
    assert shown(table, task=TASK.name)["SHA-256"] == expected["sha256"][:12]
    sine = raw(table, task="sine-16x16")
    assert (sine["train"], sine["classes"], sine["groups"]) == (600, "", None)


def test_nothing_of_a_classifier_is_left_for_the_table_of_the_rest(classes: Document) -> None:
    """A class is the task's: its recall is registered under no name of its own."""
    assert "others" not in [table.name for table in tables(classes)]


def test_a_failed_classifier_stays_in_its_table(classes: Document) -> None:
    classes.results["sides-int8"] = result_of(TASK.name, "int8", outcome="failed")

    row = raw(named(classes, "classification"), variant="int8")

    assert (row["labels"], row["accuracy"]) == ("FAILED", None)
    assert "quality" not in [table.name for table in tables(classes)]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (result_of("mine"), []),
        (result_of("mine", metrics={"retrained_difference": 0.5}), ["training"]),
        (result_of("mine", "x", metrics={"mse": 1.0}), ["quality"]),
        (result_of("mine", "x", metrics={"accuracy": 0.5}), ["classification"]),
        (result_of("mine", "x", metrics={"tflite_bytes": 9}), ["cost"]),
        (result_of("mine", "x", "tflm", metrics={"arena_bytes": 9}), ["cost"]),
        (result_of("mine", "x", "tflm", metrics={"host_us": 9.0}), ["latency"]),
    ],
)
def test_a_partial_document_gives_the_tables_that_it_can(
    result: Result, expected: list[str]
) -> None:
    document = Document({}, results={result.id: result})

    assert [table.name for table in tables(document)] == expected
    for table in tables(document):
        assert raw(table, task="mine")
        assert shown(table, task="mine")
        assert raw(table, task="mine").get("division", "") == ""


def test_each_of_several_outputs_has_its_row() -> None:
    """In the table of its kind, called by task and output."""
    found = Document({})
    found.tasks["two"] = {"labels": ["a", "b"], "heads": {"kind": "classes", "size": "regression"}}
    metrics = {"accuracy@kind": 0.9, "recall_a@kind": 0.8, "mse@size": 0.5, "saturated_inputs": 3}
    found.add(result_of("two", "int8", metrics=metrics))

    classes = raw(named(found, "classification"), variant="int8")
    numbers = raw(named(found, "quality"), variant="int8")

    assert (classes["task"], classes["accuracy"], classes["recall_a"]) == ("two@kind", 0.9, 0.8)
    assert (numbers["task"], numbers["mse"], numbers["saturated_inputs"]) == ("two@size", 0.5, 3)
