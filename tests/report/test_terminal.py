"""The terminal summary fits, marks failures, and takes any document."""

from __future__ import annotations

import re

import pytest
from msgspec import UNSET

from tinybench.metrics.quality import interval
from tinybench.report import terminal
from tinybench.results.document import Document
from tinybench.results.record import ADVICE, Note, Outcome, Result

from ..documents import result_of


def test_a_task_is_a_block_of_its_variants(document: Document) -> None:
    lines = terminal.lines(document)

    assert lines[0] == "sine-16x16: retrained_difference 0"
    assert lines[1].split("  ")[1] == "variant"
    names = [line.split()[0] for line in lines[2:7]]
    assert names == ["float32", "dynamic", "float16", "int8", "qat-int8"]
    int8 = ["int8", "0.0109", "0.00114", "0.0004261", "3112", "0.6776", "0.7134"]
    assert lines[5].split() == int8
    assert lines[4].endswith("host-only")
    assert lines[6].startswith("  qat-int8 (open)")


def test_every_line_fits(document: Document) -> None:
    name = "a-variant-with-a-name-that-is-longer-than-any-terminal-is-wide" * 2
    metrics = {"mse": 1.2345e-100, "tflite_bytes": 10**9}
    labels = ["a label " * 20]
    document.add(result_of("linear", name, metrics=metrics, notes=labels))

    assert max(map(len, terminal.lines(document))) <= 120


def test_failures_are_marked_and_listed(document: Document) -> None:
    for key in ("sine-16x16", "sine-16x16-int8-tflm", "sine-16x16-dynamic"):
        document.results[key].outcome = "failed"

    lines = terminal.lines(document)

    assert lines[0].endswith("(FAILED)")
    assert lines[3].endswith("FAILED, = float32")
    assert lines[5].endswith("FAILED on tflm")
    assert lines[-1] == "FAILED: sine-16x16, sine-16x16-dynamic, sine-16x16-int8-tflm"


def test_why_something_failed_stands_once(document: Document) -> None:
    for key in ("sine-16x16-int8", "sine-16x16-dynamic"):
        document.results[key].outcome = "failed"
        document.results[key].problems = ["no {converter}"]

    lines = terminal.lines(document)

    assert lines[-1] == "FAILED: sine-16x16-dynamic, sine-16x16-int8: no {converter}"


def test_the_default_board_has_columns(document: Document) -> None:
    """Between the host's sizes and its times; other boards are for the report."""
    metrics: dict[str, float] = {
        "flash_bytes": 4096,
        "ram_bytes": 512,
        "instructions": 1234,
        "stack_bytes": 9,
    }
    add_board(document, "cortex-m4", metrics)
    add_board(document, "cortex-m7", {**metrics, "instructions": 77})

    lines = terminal.lines(document)

    headings = re.split(r"  +", lines[1].strip())
    assert headings[4:9] == ["file B", "flash B", "ram B", "instr", "litert µs"]
    assert lines[5].split()[4:8] == ["3112", "4096", "512", "1234"]
    assert lines[2].split()[4:8] == ["2900", "–", "–", "–"]
    assert not any("77" in line.split() for line in lines)


def test_a_failure_on_a_board_is_marked(document: Document) -> None:
    """On any board, also where the run has no column."""
    add_board(document, "cortex-m7", {}, "failed")

    lines = terminal.lines(document)

    assert lines[5].endswith("FAILED on cortex-m7")
    assert lines[-1] == "FAILED: sine-16x16-int8-cortex-m7"


def add_board(
    document: Document, board: str, metrics: dict[str, float], outcome: Outcome = "passed"
) -> None:
    document.add(result_of("sine-16x16", "int8", board, outcome, metrics))


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], []),
        ([result_of("mine", metrics={"own": 1.5})], ["mine: own 1.5"]),
        (
            [result_of("mine", "x", metrics={"mse": 0.5})],
            ["mine", "  variant  mse", "  x        0.5"],
        ),
        (
            [result_of("mine", "x", "tflm", metrics={"host_us": 0.5})],
            [
                "mine",
                "  variant  tflm µs",
                "  x            0.5",
                "µs are this computer's, no predictor of a board",
            ],
        ),
        (
            [result_of("mine", "x", "other", "failed")],
            ["mine", "  variant", "  x        FAILED on other", "FAILED: mine-x-other"],
        ),
        # A run of the runtimes alone, whatever the model's outputs are.
        (
            [result_of("mine", "x", "tflm", metrics={"accuracy": 0.5})],
            ["mine", "  variant  accuracy tflm", "  x                  0.5"],
        ),
        (
            [result_of("mine", "x", "tflm", metrics={"relative_error": 0.5})],
            ["mine", "  variant  relative_error tflm", "  x                        0.5"],
        ),
        (
            [result_of("mine", "x", "tflm", metrics={"mse@a": 1, "accuracy@b": 0.5})],
            [
                "mine",
                "  variant  mse@a tflm  accuracy@b tflm",
                "  x                 1              0.5",
            ],
        ),
    ],
)
def test_a_partial_document_shows_what_it_has(results: list[Result], expected: list[str]) -> None:
    document = Document({}, results={result.id: result for result in results})

    assert terminal.lines(document) == expected


def test_a_classifier_shows_accuracy_its_worst_class_and_agreement(classes: Document) -> None:
    lines = terminal.lines(classes)

    headings = re.split(r"  +", lines[1].strip())
    expected = ["variant", "accuracy", "worst recall", "agree", "file B", "flash B", "ram B"]
    assert headings == [*expected, "instr"]
    int8 = classes.results["sides-int8"].metrics
    low, high = int8["accuracy_low"], int8["accuracy_high"]
    reach = max(int8["accuracy"] - low, high - int8["accuracy"])
    (line,) = (line for line in lines if line.startswith("  int8 "))
    recalls = [(int8[f"recall_{label}"], label) for label in ("left", "right")]
    recall, label = min(recalls)
    start = [f"{int8['accuracy']:.3f}", f"±{reach:.3f}".replace("±0", "±"), f"{recall:.2f}", label]
    assert line.split()[1:6] == [*start, f"{int8['agreement']:.3f}"]


@pytest.mark.parametrize(("share", "text"), [(1.0, "1.000"), (0.9996, "0.999"), (0.5, "0.500")])
def test_only_full_agreement_is_called_one(classes: Document, share: float, text: str) -> None:
    classes.results["sides-int8"].metrics["agreement"] = share

    assert text in next(line for line in terminal.lines(classes) if line.startswith("  int8 "))


LONG = ("float32-control", "qat-int8")


def large_net() -> Document:
    """A net of millions of instructions whose weakest class has a long name."""
    document = Document({}, {"net": {"labels": ["no_helmet", "helmet"]}})
    low, high = interval(650, 800)
    metrics = {"accuracy": 0.8125, "accuracy_low": low, "accuracy_high": high, "agreement": 0.99}
    metrics |= {"recall_no_helmet": 0.7, "recall_helmet": 0.9, "tflite_bytes": 316_000}
    places: dict[str, dict[str, float]] = {
        "cortex-m4": {"flash_bytes": 331_000, "ram_bytes": 97_000, "instructions": 27_123_456},
        "litert": {"host_us": 812.3456},
        "tflm": {"host_us": 16_423.21},
    }
    for variant in ("float32", "float16", *LONG):
        host_only = variant == "float16"
        labels = ["host-only: no kernel"] if host_only else []
        document.add(result_of("net", variant, metrics=metrics, notes=labels))
        for place, costs in places.items():
            if place == "litert" or not host_only:
                document.add(result_of("net", variant, place, metrics=dict(costs)))
    return document


def test_large_nets_fit_with_their_remarks() -> None:
    lines = terminal.lines(large_net())

    assert max(map(len, lines)) <= 120
    cells = ["0.812", "±.029", "0.70", "no_helm…", "0.990", "316000", "331000", "97000", "27123456"]
    assert lines[2].split() == ["float32", *cells, "812.3/16423"]
    assert lines[3].endswith("812.3/–  host-only")


def test_classifiers_change_nothing_of_other_tasks(both: Document, document: Document) -> None:
    lines = terminal.lines(both)

    assert lines[0] == "sine-16x16: retrained_difference 0"
    assert lines[5].split()[:4] == ["int8", "0.0109", "0.00114", "0.0004261"]
    assert "sides" in lines


def test_advice_is_named_in_the_row_and_told_once_below(document: Document) -> None:
    """After what failed, which must not be cut off; long lines are broken, none is cut."""
    text = "59 % of the test inputs are clipped " + "and " * 30 + "so on; calibrate with the rest"
    for variant in ("float16", "int8"):
        document.results[f"sine-16x16-{variant}"].notes.append(Note(ADVICE, text, "clipped-inputs"))
    document.results["sine-16x16-int8"].outcome = "failed"

    lines = terminal.lines(document)

    assert lines[4].endswith("  host-only, clipped-inputs")
    assert lines[5].endswith("  FAILED, clipped-inputs")
    assert lines[7].startswith("  float16, int8: clipped-inputs: 59 % of the test inputs")
    assert lines[8].startswith("    and ")
    assert lines[8].endswith("; calibrate with the rest")
    assert "what a name means, and what to do: tinybench explain NAME" in lines
    assert max(map(len, lines)) <= 120


def test_several_outputs_have_a_column_each() -> None:
    """By what says most of each; a fourth output is in the document only."""
    names = ("kind", "a-size-with-a-long-name", "width", "zone")
    metrics = {"accuracy@kind": 0.9, "mse@kind": 0.1, "tflite_bytes": 10**6, "macs": 10**6}
    metrics |= {f"mse@{name}": 1.2345678e-10 for name in names[1:]}
    found = Document({})
    for variant in ("float32", "int8-per-tensor", "qat-int8"):
        found.add(result_of("two", variant, metrics=metrics))

    lines = terminal.lines(found)

    headings = re.findall(r"\S+ (?:accuracy|mse)", lines[1])
    assert headings == ["a-size-… mse", "kind accuracy", "width mse"]
    assert lines[2].split()[:4] == ["float32", "1.235e-10", "0.9", "1.235e-10"]
    assert max(map(len, lines)) <= 120


def test_what_unlabelled_outputs_are_worth_is_shown() -> None:
    found = Document({})
    found.add(result_of("one", "int8", metrics={"agreement": 0.99, "mse_vs_float32": 0.1}))
    found.add(result_of("other", "int8", metrics={"relative_error": 0.02}))

    lines = terminal.lines(found)

    assert lines[1].split() == ["variant", "agree", "vs", "float32"]
    assert lines[4].split() == ["variant", "error"]


@pytest.mark.parametrize(("board", "basis"), [("cortex-m0", "rules 1"), ("cortex-m7", "")])
def test_cycles_are_told_with_what_they_stand_on(board: str, basis: str) -> None:
    """A board without rules has none, and nothing is said of them."""
    document = Document({})
    metrics: dict[str, float] = {"flash_bytes": 9, "instructions": 5}
    if basis:
        metrics["cycles"] = 7
    document.add(result_of("linear", "int8", metrics={"mse": 0.5}))
    document.add(result_of("linear", "int8", board, metrics=metrics, time_basis=basis or UNSET))

    said = "\n".join(terminal.lines(document))

    assert ("cycles: rules 1" in said, "and cycles are" in said) == (bool(basis), bool(basis))
    assert ("ram and instr are" in said) == (not basis)
    assert ("instr" in said.splitlines()[1]) == (not basis)
