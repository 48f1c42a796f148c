"""Documents of schema 1, in which a place was a name and a note was a text."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Result(msgspec.Struct, forbid_unknown_fields=True):
    """A result of schema 1."""

    id: str
    task: str
    variant: str | None = None
    runtime: str | None = None
    outcome: str = "passed"
    metrics: dict[str, Any] = {}
    labels: list[str] = []
    sha256: str | None = None
    profile: list[dict[str, Any]] = []
    confusion: list[list[int]] = []


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A document of schema 1."""

    schema: Literal[1]
    created: str
    environment: dict[str, Any]
    tasks: dict[str, dict[str, Any]]
    results: list[Result]


def upgraded(value: Any) -> dict[str, Any]:
    """The same document in schema 2; msgspec's ValidationError if it is none of schema 1.

    A place is a board if anything in the document was counted there: schema 1 did not say.
    """
    old = msgspec.convert(value, File)
    return {
        "schema": 2,
        "created": old.created,
        "environment": old.environment,
        "tasks": old.tasks,
        "results": _upgraded(old.results),
    }


def results(value: Any) -> list[dict[str, Any]]:
    """Results alone in schema 2, as pytest-benchmark's files have them."""
    return _upgraded(msgspec.convert(value, list[Result]))


def _upgraded(old: list[Result]) -> list[dict[str, Any]]:
    boards = {one.runtime for one in old if "instructions" in one.metrics}
    return [result(one, boards) for one in old]


def result(old: Result, boards: set[str | None]) -> dict[str, Any]:
    """A result in schema 2."""
    kind = "board" if old.runtime in boards else "runtime"
    return {
        "id": old.id,
        "task": old.task,
        "variant": old.variant,
        "place": {"kind": kind, "name": old.runtime} if old.runtime else None,
        "outcome": old.outcome,
        "metrics": old.metrics,
        "notes": [note(label) for label in old.labels],
        "sha256": old.sha256,
        "profile": old.profile,
        "confusion": old.confusion,
    }


def note(label: str) -> dict[str, str]:
    """What a label said."""
    head, _, reason = label.partition(": ")
    if label == "= float32":
        return {"kind": "same-as-float32"}
    if head == "host-only":
        return {"kind": "host-only", "reason": reason}
    return {"kind": "remark", "reason": label}
