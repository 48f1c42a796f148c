"""The terminal summary of a benchmark run: a task's variants, with what one is chosen by."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tinybench.boards import DEFAULT_BOARD
from tinybench.metrics import METRICS
from tinybench.report import rows
from tinybench.results.baseline import some
from tinybench.results.record import ADVICE, NOT_AVAILABLE, SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybench.results.document import Document
    from tinybench.results.record import Result

WIDTH = 120
NAME_WIDTH = 24
LABEL_WIDTH = 8


class Cell(Protocol):
    """A column: its heading, and what it says of a variant."""

    @property
    def heading(self) -> str: ...

    def text(self, document: Document, task: str, variant: str) -> str:
        """ABSENT where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Column:
    """What is shown of a variant: a metric of its own or, of `runtime`, of that on it."""

    title: str
    metric: str
    runtime: str | None = None

    @property
    def heading(self) -> str:
        unit = rows.metric(self.metric).unit
        return f"{self.title} {unit}".strip()

    def text(self, document: Document, task: str, variant: str) -> str:
        """The number, ABSENT where there is none."""
        found = document.find(task, variant, self.runtime)
        return rows.number(rows.metric(self.metric), rows.value(found, self.metric))


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Accuracy and the larger part of its 95 % interval."""

    heading: str = "accuracy"

    def text(self, document: Document, task: str, variant: str) -> str:
        """Such as `0.904 ±.021`."""
        found = document.find(task, variant)
        names = ("accuracy", "accuracy_low", "accuracy_high")
        share, low, high = (rows.value(found, name) for name in names)
        if share is None or low is None or high is None:
            return rows.ABSENT if share is None else _share(share)
        return f"{_share(share)} ±{_share(max(share - low, high - share)).removeprefix('0')}"


@dataclass(frozen=True, slots=True)
class WorstRecall:
    """The class that is found least often."""

    heading: str = "worst recall"

    def text(self, document: Document, task: str, variant: str) -> str:
        """Such as `0.85 unknown`."""
        worst = rows.worst_recall(document.find(task, variant))
        return rows.ABSENT if worst is None else f"{worst[1]:.2f} {_cut(worst[0], LABEL_WIDTH)}"


@dataclass(frozen=True, slots=True)
class Agreement:
    """The share of samples with float32's class."""

    heading: str = "agree"

    def text(self, document: Document, task: str, variant: str) -> str:
        """Three digits."""
        share = rows.value(document.find(task, variant), "agreement")
        return rows.ABSENT if share is None else _share(share)


@dataclass(frozen=True, slots=True)
class Times:
    """Host times in one column: with those of large nets, two would be too wide."""

    runtimes: tuple[str, ...]

    @property
    def heading(self) -> str:
        return f"{'/'.join(self.runtimes)} µs"

    def text(self, document: Document, task: str, variant: str) -> str:
        """Such as `212.4/1893`."""
        found = (document.find(task, variant, name) for name in self.runtimes)
        times = [rows.value(result, "host_us") for result in found]
        return rows.ABSENT if not any(times) else "/".join(map(_time, times))


TIMED = ("litert", "tflm")
"""The runtimes whose times are shown, where they were measured."""


def _numbers(board: str, runtimes: tuple[str, ...]) -> tuple[Cell, ...]:
    """Of a task of numbers; lower is better in all of them."""
    return (
        Column("mse", "mse"),
        Column("mse_true", "mse_true"),
        Column("auc", "auc"),
        Column("agree", "agreement"),
        Column("error", "relative_error"),
        Column("vs float32", "mse_vs_float32"),
        *_costs(board),
        *(Column(name, "host_us", name) for name in runtimes),
    )


def _classes(board: str, runtimes: tuple[str, ...]) -> tuple[Cell, ...]:
    """Of a classifier: more is better in the first three."""
    return (Accuracy(), WorstRecall(), Agreement(), *_costs(board), Times(runtimes))


def _outputs(found: list[Result], board: str, runtimes: tuple[str, ...]) -> tuple[Cell, ...]:
    """Of a model with several outputs: how good each is, by what tells most of it."""
    columns = []
    for output in rows.outputs(found)[:OUTPUTS]:
        name = _telling(found, f"@{output}")
        title = f"{_cut(output, LABEL_WIDTH)} {name.partition('@')[0]}"
        columns.append(Column(title, name))
    return (*columns, *_costs(board), Times(runtimes))


TELLING = ("accuracy", "auc", "mse", "agreement", "relative_error")
"""The first that there is says how good an output is."""
OUTPUTS = 3
"""So many fit into the width."""


def _own(found: list[Result]) -> tuple[Cell, ...]:
    """The user's own metrics of predictions."""
    names = {name for one in found for name in one.metrics if "@" not in name}
    return tuple(Column(one.name, one.name) for one in METRICS if one.of and one.name in names)[:2]


CYCLES, INSTRUCTIONS = "cycles", "instr"
"""The headings of what stands for time on a board."""


def _costs(board: str) -> tuple[Column, ...]:
    return (
        Column("file", "tflite_bytes"),
        Column("flash", "flash_bytes", board),
        Column("ram", "ram_bytes", board),
        Column("", "instructions", board),
        Column(CYCLES, "cycles", board),
    )


def _there(found: list[Result], document: Document, task: str) -> tuple[Cell, ...]:
    """How good the variants are where they ran, for a run that measured nothing but that."""
    places = (*rows.runtimes(document, task), *rows.boards(document, task))
    names = [_telling(found, f"@{output}") for output in rows.outputs(found)] or [_telling(found)]
    columns = [Column(f"{name} {place}", name, place) for name in names for place in places]
    return tuple(columns[:PLACES])


def _telling(found: list[Result], at: str = "") -> str:
    """The metric that says most of how good an output is."""
    metrics = {name for one in found for name in one.metrics}
    return next((f"{one}{at}" for one in TELLING if f"{one}{at}" in metrics), TELLING[-1] + at)


PLACES = 4
"""So many places fit into the width."""


def lines(document: Document) -> list[str]:
    """The summary, at most 120 columns wide; a column that a task has no value for is left out."""
    board = _board(document)
    found = [line for task in rows.tasks(document) for line in _block(document, task, board)]
    basis = rows.time_basis(document, board)
    if board != DEFAULT_BOARD:
        work = CYCLES if basis else INSTRUCTIONS
        found.append(f"flash, ram and {work} are those of {board}")
    if any("host_us" in one.metrics for one in document.results.values()):
        found.append("µs are this computer's, no predictor of a board")
    if any(one.note(ADVICE) for one in document.results.values()):
        found.append("what a name means, and what to do: tinybench explain NAME")
    found = [_cut(line, WIDTH) for line in found]
    if basis:
        found += textwrap.wrap(f"cycles: {basis}", WIDTH, subsequent_indent="  ")
    return found + list(_reasons(document))


def _reasons(document: Document) -> Iterator[str]:
    """Why results failed, or are not there: each reason once, with the ids that it is about."""
    ids = dict[tuple[str, str], list[str]]()
    for identifier in rows.failures(document):
        for problem in document.results[identifier].problems or [""]:
            ids.setdefault((f"{rows.FAILED}: ", problem), []).append(identifier)
    for one in document.results.values():
        if note := one.note(NOT_AVAILABLE):
            ids.setdefault(("", str(note)), []).append(one.id)
    for (start, reason), names in ids.items():
        yield f"{start}{some(names)}{reason and ': '}{reason}"


def _board(document: Document) -> str:
    """The board whose costs are shown: the default one, or the first of a run on others."""
    found = rows.boards(document)
    return DEFAULT_BOARD if DEFAULT_BOARD in found or not found else found[0]


def _timed(document: Document, task: str) -> tuple[str, ...]:
    """The runtimes whose times are shown: two of them fit into the width."""
    found = [
        name
        for name in rows.runtimes(document, task)
        if any(
            rows.value(document.find(task, variant, name), "host_us") is not None
            for variant in rows.variants(document, task)
        )
    ]
    return tuple(name for name in found if name in TIMED) or tuple(found[: len(TIMED)]) or TIMED


def _block(document: Document, task: str, board: str) -> Iterator[str]:
    """A task's line and, under it, a table of its variants."""
    own = document.find(task)
    yield f"{task}: {_all(own)}{_marks(own)}" if own else task
    names = rows.variants(document, task)
    found = [one for name in names if (one := document.find(task, name))]
    everywhere = [one for one in document.results.values() if one.task == task and one.variant]
    classifies = any(rows.is_classifier(document, one) for one in everywhere)
    quality = rows.ACCURACY if classifies else rows.ERROR
    columns = (_classes if classifies else _numbers)(board, _timed(document, task))
    columns = (columns[0], *_own(found), *columns[1:])
    if rows.outputs(found):
        columns = _outputs(found, board, _timed(document, task))
    elif all(rows.value(document.find(task, name), quality) is None for name in names):
        columns += _there(everywhere, document, task)
    cells = {
        column.heading: [column.text(document, task, name) for name in names] for column in columns
    }
    shown = {title: texts for title, texts in cells.items() if {*texts} != {rows.ABSENT}}
    if CYCLES in shown:
        # They say more, and both would leave the remarks too little room.
        del shown[INSTRUCTIONS]
    table = [["variant", *shown, ""]]
    for index, name in enumerate(names):
        texts = [column[index] for column in shown.values()]
        table.append([_title(name), *texts, _remarks(document, task, name)])
    if names:
        yield from _aligned(table)
        yield from _advice(document, task)


def _title(variant: str) -> str:
    name = _cut(variant, NAME_WIDTH)
    return f"{name} (open)" if rows.division(variant) == "open" else name


def _remarks(document: Document, task: str, variant: str) -> str:
    """Labels of the variant, where it failed or does not fit, and last what is advised."""
    boards = rows.boards(document, task)
    failed = [
        f"{label} on {place}"
        for place in (*rows.runtimes(document, task), *boards)
        for label in rows.labels(document.find(task, variant, place))
        if label == rows.FAILED or (label == SHORT[NOT_AVAILABLE] and place in boards)
    ]
    found = document.find(task, variant)
    advice = rows.labels_of_advice(found)
    others = [label for label in rows.labels(found) if label not in advice]
    return ", ".join([*others, *failed, *advice])


def _advice(document: Document, task: str) -> Iterator[str]:
    """What is advised about the variants of a task, each line once, broken to the width."""
    results = (document.find(task, name) for name in rows.variants(document, task))
    for text, about in rows.advised(filter(None, results)).items():
        names = ", ".join(one.variant or one.task for one in about)
        line = f"{names}: {text}"
        yield from textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")


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


def _share(value: float) -> str:
    """Three digits; one only for what is all of it."""
    return f"{value if value >= 1 else min(value, 0.999):.3f}"


def _time(value: float | None) -> str:
    """Microseconds, whole ones where four digits are not enough."""
    if value is not None and value >= 10_000:
        return f"{value:.0f}"
    return rows.number(rows.metric("host_us"), value)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
