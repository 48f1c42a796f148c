"""From the results of one pytest run to its document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinybench import environment
from tinybench.document import SCHEMA, Document, DocumentError, Result, read
from tinybench.pipeline import Pipeline
from tinybench.provenance import describe_task
from tinybench.settings import Settings
from tinybench.tasks import TASKS


def assemble(results: Iterable[Result], settings: Settings, pipeline: Pipeline) -> Document:
    """The document of these results, or the earlier one with them added (`--tinybench-append`)."""
    results = list(results)
    document = Document(environment.describe(settings.root))
    path = settings.document
    if settings.append and path and path.exists():
        earlier = read(path)
        if changed := differing(earlier.environment, document.environment):
            raise DocumentError(
                f"cannot add to {path}: it was measured with another {' and '.join(changed)}; "
                "measure again without --tinybench-append"
            )
        document = earlier
    for result in results:
        document.add(result)
    document.tasks |= describe_tasks(results, pipeline)
    return document


def describe_tasks(results: Iterable[Result], pipeline: Pipeline) -> dict[str, Any]:
    """The entries of the tasks that anything was measured of."""
    names = sorted({result.task for result in results if result.metrics or _passed(result)})
    return {name: describe_task(pipeline, TASKS.get(name)) for name in names}


def stored(results: Iterable[Result], settings: Settings, pipeline: Pipeline) -> dict[str, Any]:
    """What pytest-benchmark's file must say beside the values, to be compared with later."""
    results = list(results)
    return {
        "schema": SCHEMA,
        "environment": environment.describe(settings.root),
        "tasks": describe_tasks(results, pipeline),
        "failed": [
            {"id": one.id, "task": one.task, "variant": one.variant, "runtime": one.runtime}
            | {"outcome": one.outcome}
            for one in results
            if one.outcome == "failed"
        ],
    }


def _passed(result: Result) -> bool:
    return result.outcome == "passed"


def differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Which parts of two environments differ: machine, versions, git."""
    return [part for part in new if old.get(part) != new[part]]
