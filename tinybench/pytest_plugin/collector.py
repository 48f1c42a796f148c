"""From the results of one pytest run to its document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinybench.artifacts import Artifacts
from tinybench.artifacts.provenance import describe_run, describe_task
from tinybench.pytest_plugin.options import Settings
from tinybench.results.document import SCHEMA, Document, DocumentError, Result, read
from tinybench.tasks import TASKS


def assemble(results: Iterable[Result], settings: Settings, artifacts: Artifacts) -> Document:
    """The document of these results, or the earlier one with them added (`--tinybench-append`)."""
    results = list(results)
    document = Document(describe_run(settings.root))
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
    document.tasks |= describe_tasks(results, artifacts)
    return document


def describe_tasks(results: Iterable[Result], artifacts: Artifacts) -> dict[str, Any]:
    """The entries of the tasks that anything was measured of."""
    names = sorted({result.task for result in results if result.metrics or _passed(result)})
    return {name: describe_task(artifacts, TASKS.get(name)) for name in names}


def stored(results: Iterable[Result], settings: Settings, artifacts: Artifacts) -> dict[str, Any]:
    """What pytest-benchmark's file must say beside the values, to be compared with later."""
    results = list(results)
    return {
        "schema": SCHEMA,
        "environment": describe_run(settings.root),
        "tasks": describe_tasks(results, artifacts),
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
