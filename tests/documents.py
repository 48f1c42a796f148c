"""Small documents to compare: one task, an int8 variant, and that on a board."""

from typing import Any

from tinybench.results.document import Document, Result

ENVIRONMENT: dict[str, Any] = {
    "machine": {"cpu": "a", "cores": 2},
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
    runtime: str | None = None,
    task: str = "sine",
    **more: Any,
) -> Result:
    """A result with the id that its names give."""
    name = "-".join(part for part in (task, variant, runtime) if part)
    return Result(name, task, variant, runtime, metrics=metrics, **more)


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
