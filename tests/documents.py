"""Small documents to compare: one task, an int8 variant, and that on a board."""

from collections.abc import Sequence
from typing import Any

from tinybench.boards import BOARDS
from tinybench.results.document import Document
from tinybench.results.record import Note, Outcome, Place, PlaceKind, Result

ENVIRONMENT: dict[str, Any] = {
    "machine": {"cpu": "a", "cores": 2},
    "versions": {"tensorflow": "2.21.0", "tf-keras": "2.21.0", "numpy": "2.4.6"},
    "toolchain": {"compiler": "zig cc 1", "flags": "-O2 -std=c99 -Wall -Wextra -Werror"},
    "git": None,
}


def entry(**changes: Any) -> dict[str, Any]:
    """What a document says of a task, with these parts changed."""
    recipe = {"seed": 1, "epochs": 100}
    return {
        "data": {"sha256": "d" * 64},
        "calibration": {"sha256": "c" * 64},
        "definition": {"recipe": recipe, "architecture": "e" * 64},
        "bounds": {},
        **changes,
    }


def result(
    metrics: dict[str, float],
    variant: str | None = "int8",
    place: str | None = None,
    task: str = "sine",
    **more: Any,
) -> Result:
    """A result with these numbers."""
    return result_of(task, variant, place, metrics=metrics, **more)


def result_of(
    task: str,
    variant: str | None = None,
    place: str | None = None,
    outcome: Outcome = "passed",
    metrics: dict[str, float] | None = None,
    notes: Sequence[str] = (),
    **more: Any,
) -> Result:
    """A result at a place that is a board if it is registered as one, or counts instructions.

    Notes are the texts that tables show, of host-only with its reason.
    """
    metrics = metrics or {}
    on_board = place in BOARDS if place else False
    kind: PlaceKind = "board" if on_board or "instructions" in metrics else "runtime"
    return Result(
        task=task,
        variant=variant,
        place=Place(kind, place) if place else None,
        outcome=outcome,
        metrics=metrics,
        notes=[_note(text) for text in notes],
        **more,
    )


def _note(text: str) -> Note:
    head, _, reason = text.partition(": ")
    if head == "= float32":
        return Note("same-as-float32")
    return Note("host-only", reason) if head == "host-only" else Note("remark", text)


def make(*results: Result, environment: dict[str, Any] | None = None, **tasks: Any) -> Document:
    """A document of these results; every task of theirs is described the same way."""
    known = {one.task: entry() for one in results} | tasks
    found = Document({**ENVIRONMENT, **(environment or {})}, known, created="now")
    for one in results:
        found.add(one)
    return found


def measured(**metrics: float) -> Document:
    """A document with one result, `sine-int8`."""
    return make(result(metrics))
