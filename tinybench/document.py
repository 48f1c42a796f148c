"""The result document: every measurement of a run with what it takes to trace and repeat it.

    {"schema": 1, "created": ..., "environment": {...},
     "tasks": {name: {"data": ..., "calibration": ..., "checkpoints": ..., "bounds": ...}},
     "results": [{"id", "task", "variant", "runtime", "outcome", "metrics", "labels", ...}]}

A result's id is its task, variant and runtime joined with "-". Metric keys are registry names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tinybench.errors import TinybenchError
from tinybench.store import write_atomically

SCHEMA = 1
PROPERTY = "tinybench"
"""Key of a test's `user_properties` and of pytest-benchmark's `extra_info`."""


class DocumentError(TinybenchError, ValueError):
    """A file that is no result document of this schema, or does not fit to what is added to it."""


@dataclass(slots=True)
class Result:
    """What one benchmark found about a task, one of its variants, or that on one runtime.

    A board stands where a runtime does, and adds a profile: the costs of each operator.
    """

    id: str
    task: str
    variant: str | None = None
    runtime: str | None = None
    outcome: str = "passed"
    metrics: dict[str, float] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    sha256: str | None = None
    profile: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def from_json(cls, text: str, outcome: str) -> Result:
        """A result as a test recorded it, with the outcome that the test had in the end."""
        result = cls(**json.loads(text))
        result.outcome = outcome
        return result

    def merge(self, other: Result) -> None:
        """Take over what another benchmark found about the same id; a failure stays one."""
        self.metrics |= other.metrics
        self.labels += [label for label in other.labels if label not in self.labels]
        self.sha256 = other.sha256 or self.sha256
        self.profile = other.profile or self.profile
        if other.outcome != "passed":
            self.outcome = other.outcome


@dataclass(slots=True)
class Document:
    """One run, or several runs of the same code on the same machine."""

    environment: dict[str, Any]
    tasks: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    created: str = field(
        default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds")
    )

    def add(self, result: Result) -> None:
        """Add a result, merging it with one of the same id."""
        if result.id in self.results:
            self.results[result.id].merge(result)
        else:
            self.results[result.id] = result

    def select(self, level: str) -> list[Result]:
        """Results about tasks, variants, or variants on runtimes, in the order they were added."""
        return [result for result in self.results.values() if level_of(result) == level]

    def find(
        self, task: str, variant: str | None = None, runtime: str | None = None
    ) -> Result | None:
        """The result about exactly this, if there is one."""
        return self.results.get(identifier(task, variant, runtime))

    def to_json(self) -> str:
        """The file's text; the order of keys and results does not depend on the run's order."""
        value = {
            "schema": SCHEMA,
            "created": self.created,
            "environment": self.environment,
            "tasks": {name: self.tasks[name] for name in sorted(self.tasks)},
            "results": [asdict(self.results[key]) for key in sorted(self.results)],
        }
        return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def identifier(task: str, variant: str | None = None, runtime: str | None = None) -> str:
    """The readable id of a benchmark, such as `sine-16x16-int8-tflm`."""
    return "-".join(part for part in (task, variant, runtime) if part)


def level_of(result: Result) -> str:
    """ "task", "variant" or "runtime": how much a result's id names."""
    if result.runtime:
        return "runtime"
    return "variant" if result.variant else "task"


def write(document: Document, path: Path) -> None:
    """Write the file atomically, making its folder if need be."""
    write_atomically(path, document.to_json().encode())


def read(path: Path) -> Document:
    """Read a document; DocumentError says what is wrong with the file."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise DocumentError(f"{path} is not JSON: {error}") from None
    if not isinstance(value, dict) or "schema" not in value:
        raise DocumentError(f"{path} is not a tinybench document: it has no schema version")
    if value["schema"] != SCHEMA:
        raise DocumentError(
            f"{path} has schema {value['schema']!r}; this version reads {SCHEMA}. "
            "Measure again: tox -e bench"
        )
    try:
        results: Iterable[Mapping[str, Any]] = value["results"]
        found = {item["id"]: Result(**item) for item in results}
        return Document(value["environment"], value["tasks"], found, value["created"])
    except (KeyError, TypeError) as error:
        raise DocumentError(f"{path} is not a complete tinybench document: {error}") from None
