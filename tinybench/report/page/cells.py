"""Tables as the page shows them: text in cells, the raw number beside it to sort by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinybench.metrics import METRICS, RECALLS
from tinybench.report import rows
from tinybench.report.table import Column, Record, Row, Table, measured, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybench.results.document import Document
    from tinybench.results.record import Result

MOST_ROWS = 400
"""Rows of a table that the page shows; the CSV file has all."""

WORST = "worst_recall"
OF_THE_FILE = (
    *("mse", "mae", "mse_true"),
    *("accuracy", "accuracy_low", "accuracy_high", WORST, "agreement"),
    *("mse_vs_float32", "tflite_bytes"),
)
OF_TFLM = ("arena_bytes",)
OF_THE_BOARD = ("flash_bytes", "ram_bytes", "stack_bytes", "instructions")
OVERVIEW = (*OF_THE_FILE, *OF_THE_BOARD, *OF_TFLM)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's title and, of a metric, what it means."""

    title: str
    numeric: bool
    summary: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Text; `value` is the number it shows, written so that it reads back the same."""

    text: str
    value: str
    numeric: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for the template; `hidden` rows are in the CSV file only."""

    name: str
    title: str
    note: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    footnotes: tuple[str, ...]
    hidden: int
    csv: str


def sheet(one: Table, csv: str = "") -> Sheet:
    """A table with all its columns that have anything to show, and its first rows."""
    shown = one.shown()
    records = one.records()
    cells = tuple(
        tuple(Cell(column.text(row), _value(column, row), column.numeric) for column in shown)
        for row in records[:MOST_ROWS]
    )
    headings = tuple(Heading(each.title, each.numeric, _summary(each)) for each in shown)
    hidden = max(0, len(records) - MOST_ROWS)
    return Sheet(one.name, one.title, one.note, headings, cells, one.footnotes, hidden, csv)


def _value(column: Column, row: Row) -> str:
    value = row.get(column.source)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return ""
    return repr(value)


def _summary(column: Column) -> str:
    if column.metric not in METRICS:
        return ""
    metric = METRICS.get(column.metric)
    way = {"lower": "lower is better", "higher": "higher is better", "none": "no better or worse"}
    return f"{metric.summary} ({way[metric.direction]})"


def overview(document: Document) -> Table:
    """What one chooses by, in one row a variant on a board: quality, size, cost."""
    records = list(_overview(document))
    names = ["task", "variant", "division", "board", "labels"]
    titled = {WORST: (RECALLS, "worst recall")}
    return table(
        "overview",
        "All variants",
        "Quality on the test split by LiteRT; flash, RAM, stack and instructions on the board; "
        "the arena is TFLM's on this computer. Open variants were trained further: do not rank "
        "them with closed ones.",
        records,
        [*map(words, names), *(measured(name, *titled.get(name, ())) for name in OVERVIEW)],
        [*names, *OVERVIEW],
    )


def _overview(document: Document) -> Iterator[Record]:
    for task in rows.tasks(document):
        boards = rows.boards(document, task)
        for variant in rows.variants(document, task):
            own = document.find(task, variant)
            tflm = document.find(task, variant, "tflm")
            worst = rows.worst_recall(own)
            there = [name for name in boards if document.find(task, variant, name)]
            for board in there or [""]:
                result = document.find(task, variant, board) if board else None
                yield {
                    "task": task,
                    "variant": variant,
                    "division": rows.division(variant),
                    "board": board,
                    "labels": ", ".join(_labels(own, result)),
                    **{name: rows.value(own, name) for name in OF_THE_FILE},
                    WORST: worst[1] if worst else None,
                    **{name: rows.value(result, name) for name in OF_THE_BOARD},
                    **{name: rows.value(tflm, name) for name in OF_TFLM},
                }


def _labels(*results: Result | None) -> list[str]:
    """Labels of all of these, each once."""
    return list(dict.fromkeys(label for one in results for label in rows.labels(one)))
