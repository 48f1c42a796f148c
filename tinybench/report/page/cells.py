"""Tables as the page shows them: text in cells, the raw number beside it to sort by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from tinybench.metrics import METRICS, RECALLS, Group
from tinybench.report import rows
from tinybench.report.table import Column, Record, Row, Table, measured, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybench.results.document import Document, Result

MOST_ROWS = 400
"""Rows of a table that the page shows; the CSV file has all."""

WORST = "worst_recall"
Names: TypeAlias = tuple[str, ...]
OF_THE_FILE: tuple[Group, ...] = ("errors", "classes", "fidelity", "file")


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
    of_file, on_board, by_tflm = (
        METRICS.of(*groups, headline=True) for groups in (OF_THE_FILE, ("board",), ("arena",))
    )
    shown = [WORST if name == RECALLS else name for name in (*of_file, *on_board, *by_tflm)]
    records = list(_overview(document, of_file, on_board, by_tflm))
    names = ["task", "variant", "division", "board", "labels"]
    titled = {WORST: (RECALLS, "worst recall")}
    return table(
        "overview",
        "All variants",
        "Quality on the test split by LiteRT; flash, RAM, stack and instructions on the board; "
        "the arena is TFLM's on this computer. Open variants were trained further: do not rank "
        "them with closed ones.",
        records,
        [*map(words, names), *(measured(name, *titled.get(name, ())) for name in shown)],
        [*names, *shown],
    )


def _overview(
    document: Document, of_file: Names, on_board: Names, by_tflm: Names
) -> Iterator[Record]:
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
                    **{name: rows.value(own, name) for name in of_file},
                    WORST: worst[1] if worst else None,
                    **{name: rows.value(result, name) for name in on_board},
                    **{name: rows.value(tflm, name) for name in by_tflm},
                }


def _labels(*results: Result | None) -> list[str]:
    """Labels of all of these, each once."""
    return list(dict.fromkeys(label for one in results for label in rows.labels(one)))
