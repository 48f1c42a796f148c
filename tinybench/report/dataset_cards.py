"""A data set as its card in a document tells it: counts, classes, what the splits do not share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SPLITS = ("train", "validation", "test")


def totals(data: Mapping[str, Any]) -> dict[str, int]:
    """Samples of each split that the card knows of."""
    known = {name: data[name] for name in SPLITS if name in data}
    return {
        name: sum(count.values()) if isinstance(count, dict) else count
        for name, count in known.items()
    }


def by_class(data: Mapping[str, Any]) -> dict[str, list[int]]:
    """Samples of each class in train, validation and test; empty where they are not counted."""
    counts = [data.get(name) for name in SPLITS]
    if not all(isinstance(count, dict) for count in counts):
        return {}
    labels = dict.fromkeys(label for count in counts for label in count or ())
    return {label: [(count or {}).get(label, 0) for count in counts] for label in labels}


def classes(data: Mapping[str, Any]) -> str:
    """`yes 600/90/120, no 600/90/120`: a class and its samples in train, validation and test."""
    return ", ".join(
        f"{label} {'/'.join(map(str, counts))}" for label, counts in by_class(data).items()
    )


def calibration(samples: Mapping[str, Any]) -> str:
    """Which samples quantized ranges are of: the first ones of a split, or a draw."""
    which = f"{samples['samples']} of {samples['split']}"
    match samples.get("draw"):
        case None:
            return f"the first {which}"
        case "all":
            return f"all {which}"
        case draw:
            return f"{which}, {draw}"


def facts(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What to tell of a data set, but for its hash: names and texts."""
    parts = ", ".join(f"{count} {name}" for name, count in totals(data).items())
    yield "data set", "; ".join(filter(None, (str(data.get("source", "")), parts)))
    if text := data.get("licence"):
        yield "licence of the data", str(text)
    if text := data.get("groups"):
        yield "groups, none in two splits", str(text)
    if text := classes(data):
        yield "samples by class (train/validation/test)", text
