"""From the results of one pytest run to its document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinybench import environment
from tinybench.document import Document, DocumentError, Result, read
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
    for name in sorted({result.task for result in results if result.outcome == "passed"}):
        document.tasks[name] = describe_task(pipeline, TASKS.get(name))
    return document


def differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Which parts of two environments differ: machine, versions, git."""
    return [part for part in new if old.get(part) != new[part]]
