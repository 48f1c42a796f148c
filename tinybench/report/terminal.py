"""The terminal summary of a benchmark run: a task's variants, with what one is chosen by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tinybench.boards import DEFAULT_BOARD
from tinybench.report import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybench.document import Document, Result

WIDTH = 120
NAME_WIDTH = 24


@dataclass(frozen=True, slots=True)
class Column:
    """A metric of the variant, or of the variant on `runtime`."""

    title: str
    metric: str
    runtime: str | None = None

    @property
    def heading(self) -> str:
        unit = rows.metric(self.metric).unit
        return f"{self.title} {unit}".strip()


# Lower is better in all of them.
COLUMNS = (
    Column("mse", "mse"),
    Column("mse_true", "mse_true"),
    Column("vs float32", "mse_vs_float32"),
    Column("file", "tflite_bytes"),
    Column("flash", "flash_bytes", DEFAULT_BOARD),
    Column("ram", "ram_bytes", DEFAULT_BOARD),
    Column("", "instructions", DEFAULT_BOARD),
    Column("litert", "host_us", "litert"),
    Column("tflm", "host_us", "tflm"),
)


def lines(document: Document) -> list[str]:
    """The summary, at most 120 columns wide; a column that a task has no value for is left out."""
    found = [line for task in rows.tasks(document) for line in _block(document, task)]
    if any("host_us" in one.metrics for one in document.results.values()):
        found.append("µs are this computer's, no predictor of a board")
    found += [f"{rows.FAILED}: {identifier}" for identifier in rows.failures(document)]
    return [_cut(line, WIDTH) for line in found]


def _block(document: Document, task: str) -> Iterator[str]:
    """A task's line and, under it, a table of its variants."""
    own = document.find(task)
    yield f"{task}: {_all(own)}{_marks(own)}" if own else task
    names = rows.variants(document, task)
    shown = [
        column
        for column in COLUMNS
        if any(_value(document, task, name, column) is not None for name in names)
    ]
    table = [["variant", *(column.heading for column in shown), ""]]
    for name in names:
        texts = [
            rows.number(rows.metric(column.metric), _value(document, task, name, column))
            for column in shown
        ]
        table.append([_title(name), *texts, _remarks(document, task, name)])
    if names:
        yield from _aligned(table)


def _value(document: Document, task: str, variant: str, column: Column) -> float | None:
    return rows.value(document.find(task, variant, column.runtime), column.metric)


def _title(variant: str) -> str:
    name = _cut(variant, NAME_WIDTH)
    return f"{name} (open)" if rows.division(variant) == "open" else name


def _remarks(document: Document, task: str, variant: str) -> str:
    """Labels of the variant, and which runtimes and boards failed it."""
    failed = [
        f"{rows.FAILED} on {place}"
        for place in (*rows.runtimes(document, task), *rows.boards(document, task))
        if rows.FAILED in rows.labels(document.find(task, variant, place))
    ]
    return ", ".join([*rows.labels(document.find(task, variant)), *failed])


def _all(result: Result) -> str:
    """Every metric of a task's own result: there are few."""
    metrics = [(rows.metric(name), value) for name, value in sorted(result.metrics.items())]
    return ", ".join(
        f"{metric.name} {metric.format(value)}{metric.unit and ' '}{metric.unit}"
        for metric, value in metrics
    )


def _marks(result: Result) -> str:
    marks = ", ".join(rows.labels(result))
    return f" ({marks})" if marks else ""


def _aligned(table: list[list[str]]) -> Iterator[str]:
    """Indented lines: the first column and the remarks to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for first, *numbers, remarks in table:
        cells = [text.rjust(width) for text, width in zip(numbers, widths[1:-1], strict=True)]
        yield "  ".join(["", first.ljust(widths[0]), *cells, remarks]).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
