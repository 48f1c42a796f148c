"""What the page's charts are drawn from: plain rows of a document, small and ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from tinybench.metrics import METRICS
from tinybench.report import rows
from tinybench.report.pareto_front import front
from tinybench.report.rows import ACCURACY, ERROR
from tinybench.report.table import Record

if TYPE_CHECKING:
    from tinybench.results.document import Document
    from tinybench.results.record import Result

Columnar: TypeAlias = dict[str, Any]
"""`columns` has names and `rows` a list of values in their order."""

DIGITS = 7
"""Significant digits of a float in a chart: more than a screen shows, fewer bytes than all."""
FILE = "tflite_bytes"
COSTS = ("flash_bytes", "instructions")
"""The axes of the chart of boards."""
QUALITIES = (ERROR, ACCURACY)
ARENA_RUNTIME = "tflm"


def compared_by() -> tuple[str, ...]:
    """What the variants of a task are compared by, in the order of the panels."""
    return (*QUALITIES, *METRICS.of("file", "board", "arena", headline=True))


def plain(value: Any) -> Any:
    """A value for JSON: floats in a few digits, None for what is no finite number."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def columnar(records: Iterable[Record], names: Sequence[str]) -> Columnar:
    """Records without their repeated keys."""
    values = [[plain(record.get(name)) for name in names] for record in records]
    return {"columns": list(names), "rows": values}


def on_boards(document: Document) -> Columnar:
    """A row a variant on a board; a `front_` column tells whether it is on the chart's front.

    `front` is on all three axes at once: no closed variant of the task is as good on the board's
    own error or accuracy, flash and instructions, and better in one of them.
    """
    others = [name for name in METRICS.of("board", headline=True) if name not in COSTS]
    shown = (*rows.qualities(document), *COSTS, *others)
    records = [
        {**_key(one), **{name: rows.value(one, name) for name in shown}}
        for one in rows.by_output(rows.on_boards(document))
        if _is_judged(one) and all(name in one.metrics for name in COSTS)
    ]
    _mark_fronts(records, {"front": COSTS, **{f"front_{name}": (name,) for name in COSTS}})
    flags = ("front", *(f"front_{name}" for name in COSTS))
    _name_equals(records, COSTS)
    return columnar(records, [*KEY, *shown, "same", *flags])


def files(document: Document) -> Columnar:
    """A row a variant: the bytes of its file and its error or accuracy by LiteRT."""
    shown = (*rows.qualities(document), FILE)
    records = [
        {**_key(one), **{name: rows.value(one, name) for name in shown}}
        for one in rows.by_output(rows.of_variants(document))
        if _is_judged(one) and FILE in one.metrics
    ]
    flag = f"front_{FILE}"
    _mark_fronts(records, {"front": (FILE,), flag: (FILE,)})
    _name_equals(records, (FILE,))
    return columnar(records, [*FILE_KEY, *shown, "same", "front", flag])


def compared(document: Document) -> Columnar:
    """A row a variant and metric: its value, and the change against the task's float32 in percent.

    Of accuracy the change is in percentage points. Metrics of a board have it in `board`, those of
    the file have none.
    """
    records = list(_compared(document))
    return columnar(records, [*KEY, "metric", "value", "change"])


def profiles(document: Document) -> Columnar:
    """A row an operator of a variant on a board."""
    records = [
        {
            **_key(one),
            "index": index,
            **{name: costs.get(name) for name in PROFILED},
        }
        for one in rows.on_boards(document)
        for index, costs in enumerate(msgspec.to_builtins(one.profile))
    ]
    return columnar(records, [*KEY, "index", *PROFILED])


FILE_KEY = ("task", "variant", "division")
KEY = (*FILE_KEY, "board")
PROFILED = ("operator", "instructions", "cycles", "reads", "writes")


def _key(result: Result) -> Record:
    variant = result.variant or ""
    division = rows.division(variant)
    return dict(zip(KEY, (result.task, variant, division, result.where), strict=True))


def _is_judged(result: Result) -> bool:
    return any(name in result.metrics for name in QUALITIES)


def _loss(record: Record) -> float:
    """A task's error, or its accuracy with the sign that makes less better."""
    error: float | None = record.get(ERROR)
    return -record[ACCURACY] if error is None else error


def _mark_fronts(records: list[Record], fronts: dict[str, tuple[str, ...]]) -> None:
    """Set each flag on the records that are on that front of their task and board."""
    groups: dict[Any, list[Record]] = {}
    for record in records:
        record.update(dict.fromkeys(fronts, False))
        # Open variants were trained further: they are shown, and are no part of any front.
        if record["division"] != "open":
            groups.setdefault((record["task"], record["board"]), []).append(record)
    for group in groups.values():
        for flag, costs in fronts.items():
            points = [[_loss(record), *(record[name] for name in costs)] for record in group]
            for record, is_on_it in zip(group, front(points), strict=True):
                record[flag] = is_on_it


def _name_equals(records: list[Record], costs: tuple[str, ...]) -> None:
    """Set `same` to the other variants at the same place: their marks lie on one another."""
    places: dict[Any, list[Record]] = {}
    for record in records:
        place = (_loss(record), *(record[name] for name in costs))
        key = (record["task"], record["board"], *place)
        places.setdefault(key, []).append(record)
    for found in places.values():
        for record in found:
            others = [one["variant"] for one in found if one is not record]
            record["same"] = ", ".join(others) or rows.ABSENT


def _compared(document: Document) -> Iterator[Record]:
    for one in rows.of_variants(document):
        variant = one.variant or ""
        arena = document.find(one.task, variant, ARENA_RUNTIME)
        plain = document.find(one.task, rows.BASELINE)
        for title, output in rows.outputs_of(document, one.task):
            for name in QUALITIES:
                if (value := rows.value(one, name, output)) is not None:
                    key = {**_key(one), "task": title}
                    yield {**key, **_against(name, value, rows.value(plain, name, output))}
        for name in compared_by()[len(QUALITIES) :]:
            of_tflm = METRICS.get(name).group == "arena"
            holder, place = (arena, ARENA_RUNTIME) if of_tflm else (one, None)
            if (value := rows.value(holder, name)) is not None:
                base = rows.value(document.find(one.task, rows.BASELINE, place), name)
                yield {**_key(one), **_against(name, value, base)}
    for one in rows.on_boards(document):
        for name in compared_by():
            if name not in QUALITIES and (value := rows.value(one, name)) is not None:
                base = rows.value(document.find(one.task, rows.BASELINE, one.where), name)
                yield {**_key(one), **_against(name, value, base)}


def _against(name: str, value: float, base: float | None) -> Record:
    """A value and its change in percent of the base; None where that means nothing."""
    whole = 1.0 if name == ACCURACY else base
    change = 100 * (value - base) / whole if base is not None and whole else None
    return {"metric": name, "value": value, "change": change}
