"""What a comparison looks like, for people and for other tools."""

import copy
import csv
import io
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tinybench.comparison import gates
from tinybench.comparison.compare import Change, compare, metric_of
from tinybench.report import changes as report
from tinybench.results import document
from tinybench.results.document import Document

from ..documents import entry, make, measured, result

OLD = make(
    result({"mse": 0.1, "tflite_bytes": 100, "host_us": 1.0}),
    result({"mse": 0.2, "mae": 0.2, "tflite_bytes": 90, "macs": 5, "weight_bytes": 7}, "float32"),
    result({"mse": 1, "mae": 1}, "int8", None, "linear"),
)
NEW = make(
    result({"mse": 0.11, "tflite_bytes": 90, "host_us": 2.0, "noop_us": 1.0}),
    result({"mse": 5, "mae": 5}, "int8", None, "linear"),
    linear=entry(data={"sha256": "0" * 64}),
)
WHY = "task linear has another data set (dddddddd, now 00000000)"


@pytest.fixture
def found() -> list[Change]:
    return compare(OLD, NEW)


def test_rows(found: list[Change]) -> None:
    """The urgent first; a benchmark that is gone is one row, and so is a reason."""
    assert [line.cells for line in report.lines(found)] == [
        ("regressed", "sine-int8", "mse", "0.1", "0.11", "+10 %"),
        ("regressed", "sine-int8", "host_us", "1 µs", "2 µs", "+100 % (noisy, not gated)"),
        ("missing", "sine-float32", "mse, mae, tflite_bytes, macs and 1 more", "", "", ""),
        ("not comparable", "linear-int8", "mse, mae", "", "", WHY),
        ("improved", "sine-int8", "tflite_bytes", "100 B", "90 B", "-10 %"),
    ]


def test_terminal(found: list[Change]) -> None:
    lines = report.terminal(found, rows=2)

    assert [line for line, _ in lines] == [
        "verdict    benchmark  metric    old   new  change",
        "regressed  sine-int8  mse       0.1  0.11  +10 %",
        "regressed  sine-int8  host_us  1 µs  2 µs  +100 % (noisy, not gated)",
        "… and 3 more; all of them: tinybench compare --format csv",
        "regressed: 1 mse",
        "missing: 1 mse, 1 mae, 1 tflite_bytes, 1 macs, 1 weight_bytes",
        "improved: 1 tflite_bytes",
        "1 regressed, 5 missing, 2 not comparable, 1 improved, 1 noisy, not gated (values)",
    ]
    assert [verdict for _, verdict in lines][1] == "regressed"


def test_no_change_is_one_line() -> None:
    lines = report.terminal(compare(OLD, OLD))

    assert [line for line, _ in lines] == ["10 no change (values)"]


@pytest.fixture(scope="module")
def published() -> Document:
    """Exact metrics and times of ten tasks."""
    return document.read(Path(__file__).parents[2] / "results" / "baseline.json")


def times_not_taken(found: Document) -> None:
    for one in found.results.values():
        for name in ("host_us", "noop_us"):
            one.metrics.pop(name, None)


def other_times(found: Document) -> None:
    for one in found.results.values():
        one.metrics |= {name: 1.7 * one.metrics[name] for name in one.metrics if "_us" in name}


def another_processor(found: Document) -> None:
    """Each output moved by half of what it may, its own or of what it is held against."""
    for one in found.results.values():
        for name, value in one.metrics.items():
            metric = metric_of(name)
            sides = [one, found.find(one.task, metric.against) if metric.against else None]
            moved = max(side.metrics.get("rounding", 0) for side in sides if side) / 2
            if not moved:
                continue
            if metric.depends == "error":
                one.metrics[name] = value + moved
            elif metric.depends == "square":
                one.metrics[name] = (math.sqrt(value) + moved) ** 2


def nothing(found: Document) -> None:
    """The same document."""


@pytest.mark.parametrize("side", ["old", "new"])
@pytest.mark.parametrize("change", [nothing, times_not_taken, other_times, another_processor])
def test_unchanged_code_is_one_line(
    published: Document, change: Callable[[Document], None], side: str
) -> None:
    """In the comment on a pull request; in the terminal times may have a line more."""
    other = copy.deepcopy(published)
    change(other)
    found = compare(published, other) if side == "new" else compare(other, published)
    judgement = gates.judge(gates.parse("default"), found)

    assert not judgement.failures
    assert not judgement.blind
    text = report.markdown(found, "main → HEAD", "Passed.")
    assert text.startswith("**Passed.** main → HEAD: ")
    assert len(text.splitlines()) == 1
    for word in ("regressed", "missing", "new", "improved", "not comparable"):
        assert word not in text
    assert len(report.terminal(found)) <= 3


def test_zero_baseline_shows_the_absolute_change() -> None:
    (line,) = report.lines(compare(measured(mse=0.0), measured(mse=0.5)))

    assert line.cells == ("regressed", "sine-int8", "mse", "0", "0.5", "+0.5")


def hostile() -> tuple[Document, Document]:
    name = "<script>alert(1)</script>|`x`\n@all\x1b[31m"
    documents = [make(result({"mse": value}, name)) for value in (1, 2)]
    return documents[0], documents[1]


def test_markdown_escapes_names() -> None:
    text = report.markdown(compare(*hostile()), "a <b> → c", "Passed.")

    assert "### a &lt;b&gt; → c" in text
    assert "<script>" not in text
    assert r"&lt;script&gt;alert(1)&lt;/script&gt;\|\`x\` \@all" in text
    assert len(text.splitlines()) == 7


def test_terminal_obeys_no_control_characters() -> None:
    lines = [line for line, _ in report.terminal(compare(*hostile()))]

    assert not any("\x1b" in line or "\n" in line for line in lines)


def test_csv_has_every_value_in_full(found: list[Change]) -> None:
    rows = list(csv.DictReader(io.StringIO(report.csv(found))))

    assert len(rows) == len(found)
    row = next(row for row in rows if row["id"] == "sine-int8" and row["metric"] == "mse")
    assert float(row["new"]) == 0.11
    assert (row["verdict"], row["unit"], row["place"]) == ("regressed", "", "")


def test_json_has_every_value(found: list[Change]) -> None:
    value = json.loads(report.as_json(found, exit_status=1))

    assert value["exit_status"] == 1
    assert len(value["changes"]) == len(found)
    assert json.loads(report.as_json([]))["changes"] == []


def test_github_action_benchmark(found: list[Change]) -> None:
    """Its fields, and per file one direction."""
    new = make(result({"mse": 0.11, "reduced_bytes": 3, "noop_us": 1.0}))
    smaller = json.loads(report.github_action_benchmark(new, found))
    bigger = json.loads(report.github_action_benchmark(new, found, "higher"))

    assert smaller == [
        {"name": "sine-int8 mse", "unit": "1", "value": 0.11, "extra": "regressed +10 %"}
    ]
    assert bigger == [{"name": "sine-int8 reduced_bytes", "unit": "B", "value": 3}]


def test_bencher() -> None:
    assert json.loads(report.bencher(measured(mse=0.5, macs=3))) == {
        "sine-int8": {"mse": {"value": 0.5}, "macs": {"value": 3}}
    }
