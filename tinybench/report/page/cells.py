"""Tables as the page shows them: text in cells, the raw number beside it to sort by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tinybench.metrics import METRICS
from tinybench.report.table import Column, Row, Table

MOST_ROWS = 400
"""Rows of a table that the page shows; the CSV file has all."""


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
