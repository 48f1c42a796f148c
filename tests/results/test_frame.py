"""A document as a tidy frame, and the examples of docs/reference/documents.md."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tinybench.results import document, frame
from tinybench.results.document import Document
from tinybench.results.frame import COLUMNS, values

from ..documents import make, result, result_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "documents.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.S)


@pytest.fixture
def found() -> Document:
    return make(
        result({"retrained_difference": 0.0}, variant=None),
        result({"mse": 0.5, "tflite_bytes": 100}, sha256="a" * 64, notes=["host-only: no"]),
        result({"instructions": 7, "mine": 1}, place="m4", outcome="failed"),
        result({"host_us": 1.5}, place="litert"),
        result_of("sine", "float16", outcome="failed"),
    )


def test_a_row_a_value(found: Document) -> None:
    made = frame(found)

    assert list(made.columns) == list(COLUMNS)
    assert made.metric.tolist() == [
        *("retrained_difference", "mse", "tflite_bytes", "instructions", "mine", "host_us")
    ]
    assert made.value.tolist() == [0.0, 0.5, 100.0, 7.0, 1.0, 1.5]
    assert made.value.dtype == float
    assert made.exact.tolist() == [False, True, True, True, True, False]


def test_what_a_row_says(found: Document) -> None:
    rows: list[dict[Any, Any]] = frame(found).to_dict("records")

    assert rows[2] == {
        "id": "sine-int8",
        "task": "sine",
        "variant": "int8",
        "metric": "tflite_bytes",
        "place_kind": None,
        "place": None,
        "value": 100.0,
        "unit": "B",
        "direction": "lower",
        "group": "file",
        "exact": True,
        "headline": True,
        "outcome": "passed",
        "notes": "host-only: no",
        "sha256": "a" * 64,
    } | {key: rows[2][key] for key in ("place_kind", "place", "output")}
    assert pd.isna(rows[2]["place"])
    assert pd.isna(rows[0]["variant"])
    assert [row["place_kind"] for row in rows[3:]] == ["board", "board", "runtime"]
    assert [row["outcome"] for row in rows[3:]] == ["failed", "failed", "passed"]
    assert (rows[4]["unit"], rows[4]["direction"], rows[4]["group"]) == ("", "none", "")


def test_values_are_pythons_own(found: Document) -> None:
    assert [type(one["value"]) for one in values(found)] == [float, float, int, int, int, float]


def test_an_empty_document() -> None:
    made = frame(Document({}))

    assert made.empty
    assert list(made.columns) == list(COLUMNS)


def test_pandas_is_imported_when_a_frame_is_made() -> None:
    script = "import sys, tinybench.results.document as d; print('pandas' in sys.modules)"

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"


@pytest.mark.parametrize("example", EXAMPLES[1:4])
def test_examples_of_the_docs(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gives numbers of the published results."""
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    exec(EXAMPLES[0], names)
    *steps, last = ast.parse(example).body
    assert isinstance(last, ast.Expr)
    exec(compile(ast.Module(steps, []), "docs/reference/documents.md", "exec"), names)

    shown = eval(compile(ast.Expression(last.value), "docs/reference/documents.md", "eval"), names)

    assert len(shown) >= 3
    assert not shown.isna().all(axis=None)


def test_published_values_are_all_there() -> None:
    published = document.read(ROOT / "results" / "baseline.json")

    made = frame(published)

    assert len(made) == sum(len(one.metrics) for one in published.results.values())
    assert set(made.id) == {name for name, one in published.results.items() if one.metrics}
