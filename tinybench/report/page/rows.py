"""What the page's charts are drawn from: plain rows of a document, small and ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from tinybench.report import rows
from tinybench.report.table import Record

if TYPE_CHECKING:
    from tinybench.document import Document, Result

Columnar: TypeAlias = dict[str, Any]
"""`columns` has names and `rows` a list of values in their order."""

DIGITS = 7
"""Significant digits of a float in a chart: more than a screen shows, fewer bytes than all."""
ERROR, FILE = "mse", "tflite_bytes"
COSTS = ("flash_bytes", "instructions")
ON_BOARD = (ERROR, *COSTS, "ram_bytes", "stack_bytes")
COMPARED = (ERROR, FILE, "flash_bytes", "ram_bytes", "instructions", "arena_bytes")
"""What the variants of a task are compared by, in the order of the panels."""
BASELINE = "float32"
ARENA_RUNTIME = "tflm"


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
    own error, flash and instructions, and better in one of them.
    """
    records = [
        {**_key(one), **{name: rows.value(one, name) for name in ON_BOARD}}
        for one in rows.on_boards(document)
        if all(name in one.metrics for name in (ERROR, *COSTS))
    ]
    _mark_fronts(records, {"front": COSTS, **{f"front_{name}": (name,) for name in COSTS}})
    flags = ("front", *(f"front_{name}" for name in COSTS))
    _name_equals(records, (ERROR, *COSTS))
    return columnar(records, [*KEY, *ON_BOARD, "same", *flags])


def files(document: Document) -> Columnar:
    """A row a variant: the bytes of its file and its error by LiteRT."""
    records = [
        {**_key(one), **{name: rows.value(one, name) for name in (ERROR, FILE)}}
        for one in rows.of_variants(document)
        if ERROR in one.metrics and FILE in one.metrics
    ]
    front = f"front_{FILE}"
    _mark_fronts(records, {"front": (FILE,), front: (FILE,)})
    _name_equals(records, (ERROR, FILE))
    return columnar(records, [*FILE_KEY, ERROR, FILE, "same", "front", front])


def compared(document: Document) -> Columnar:
    """A row a variant and metric: its value, and the change against the task's float32 in percent.

    Metrics of a board have it in `board`, those of the file have none.
    """
    records = list(_compared(document))
    return columnar(records, [*KEY, "metric", "value", "change"])


def profiles(document: Document) -> Columnar:
    """A row an operator of a variant on a board."""
    records = [
        {**_key(one), "index": index, **{name: entry.get(name) for name in PROFILED}}
        for one in rows.on_boards(document)
        for index, entry in enumerate(one.profile)
    ]
    return columnar(records, [*KEY, "index", *PROFILED])


FILE_KEY = ("task", "variant", "division")
KEY = (*FILE_KEY, "board")
PROFILED = ("operator", "instructions", "reads", "writes")


def _key(result: Result) -> Record:
    variant = result.variant or ""
    division = rows.division(variant)
    return dict(zip(KEY, (result.task, variant, division, result.runtime), strict=True))


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
            points = [[record[name] for name in (ERROR, *costs)] for record in group]
            for record, point in zip(group, points, strict=True):
                record[flag] = not any(dominates(other, point) for other in points)


def _name_equals(records: list[Record], axes: tuple[str, ...]) -> None:
    """Set `same` to the other variants at the same place: their marks lie on one another."""
    places: dict[Any, list[Record]] = {}
    for record in records:
        key = (record["task"], record["board"], *(record[name] for name in axes))
        places.setdefault(key, []).append(record)
    for found in places.values():
        for record in found:
            others = [one["variant"] for one in found if one is not record]
            record["same"] = ", ".join(others) or rows.ABSENT


def dominates(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether a point is nowhere worse (larger) than another, and somewhere better."""
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def _compared(document: Document) -> Iterator[Record]:
    for one in rows.of_variants(document):
        variant = one.variant or ""
        arena = document.find(one.task, variant, ARENA_RUNTIME)
        for name in COMPARED:
            holder, place = (arena, ARENA_RUNTIME) if name == "arena_bytes" else (one, None)
            if (value := rows.value(holder, name)) is not None:
                base = rows.value(document.find(one.task, BASELINE, place), name)
                yield {**_key(one), "metric": name, "value": value, "change": _change(value, base)}
    for one in rows.on_boards(document):
        for name in COMPARED:
            if name != ERROR and (value := rows.value(one, name)) is not None:
                base = rows.value(document.find(one.task, BASELINE, one.runtime), name)
                yield {**_key(one), "metric": name, "value": value, "change": _change(value, base)}


def _change(value: float, base: float | None) -> float | None:
    """In percent of the base; None where that means nothing."""
    return 100 * (value - base) / base if base else None
