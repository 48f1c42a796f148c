"""The result document: every measurement of a run with what it takes to trace and repeat it.

    {"schema": 1, "created": ..., "environment": {...},
     "tasks": {name: {"data": ..., "calibration": ..., "definition": ..., "checkpoints": ...,
                      "bounds": ...}},
     "results": [{"id", "task", "variant", "runtime", "outcome", "metrics", "labels", ...}]}

A result's id is its task, variant and runtime joined with "-". Metric keys are registry names.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tinybench.errors import TinybenchError
from tinybench.metrics import METRICS
from tinybench.storage import hashing
from tinybench.storage.store import write_atomically

SCHEMA = 1
PROPERTY = "tinybench"
"""Key of a test's `user_properties` and of pytest-benchmark's `extra_info`."""
CASE = "tinybench-case"
"""Key of what a test is about, whatever becomes of it."""
ANNOTATED = "tinybench-annotated"
"""Key of results that are compared and not written: other tests write them."""
MAX_BYTES = 256 * 2**20
"""A file that is larger is none of ours: 10,000 benchmarks take 10 MB."""
SAME_AS_FLOAT32 = "= float32"
HOST_ONLY = "host-only"
MAX_NUMBER = sys.float_info.max


class DocumentError(TinybenchError, ValueError):
    """A file that is no result document of this schema, or does not fit to what is added to it."""


@dataclass(slots=True)
class Result:
    """What one benchmark found about a task, one of its variants, or that on one runtime.

    A board stands where a runtime does, and adds a profile: the costs of each operator. `confusion`
    has the true classes of a classifier as rows and the predicted ones as columns.
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
    confusion: list[list[int]] = field(default_factory=list)

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
        self.confusion = other.confusion or self.confusion
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
            "results": [as_json(self.results[key]) for key in sorted(self.results)],
        }
        return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_json(result: Result) -> dict[str, Any]:
    """The result for JSON, its metrics in the registry's order and then by name."""
    rank = {metric.name: index for index, metric in enumerate(METRICS)}
    names = sorted(result.metrics, key=lambda name: (rank.get(name, len(rank)), name))
    return {**asdict(result), "metrics": {name: result.metrics[name] for name in names}}


def digest(document: Document) -> str:
    """SHA-256 of the document as it is written."""
    return hashing.of_bytes(document.to_json().encode())


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
    return decode(load(path), str(path))


def load(path: Path) -> Any:
    """The file's JSON; DocumentError if it is none."""
    try:
        if (size := path.stat().st_size) > MAX_BYTES:
            raise DocumentError(f"{path} has {size} B; a document has at most {MAX_BYTES} B")
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from None


def parse(text: bytes, where: str) -> Any:
    """JSON without NaN and infinity; DocumentError names `where` it stands."""
    if len(text) > MAX_BYTES:
        raise DocumentError(f"{where} has {len(text)} B; a document has at most {MAX_BYTES} B")

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no number that can be compared")

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"{where} is not JSON: {error}") from None


def decode(value: Any, where: str) -> Document:
    """The document in a JSON value; DocumentError says what is wrong with it."""
    if not isinstance(value, dict) or "schema" not in value:
        raise DocumentError(f"{where} is not a tinybench document: it has no schema version")
    check_schema(value["schema"], where)
    try:
        found = Document(value["environment"], value["tasks"], created=value["created"])
        for item in value["results"]:
            result = Result(**item)
            if result.id in found.results:
                raise DocumentError(f"{where} has two results with the id {result.id!r}")
            _check(result, where)
            found.results[result.id] = result
        _check_types(found)
    except (KeyError, TypeError, AttributeError) as error:
        raise DocumentError(f"{where} is not a complete tinybench document: {error}") from None
    return found


def check_schema(schema: object, where: str) -> None:
    """DocumentError for a schema that this version does not read."""
    if schema != SCHEMA:
        raise DocumentError(
            f"{where} has schema {schema!r}; this version reads {SCHEMA}. "
            "Measure again: tox -e bench"
        )


def _check(result: Result, where: str) -> None:
    if result.id != identifier(result.task, result.variant, result.runtime):
        raise DocumentError(
            f"{where}: result {result.id!r} is about another task, variant or runtime"
        )
    for name, number in result.metrics.items():
        # Not isinstance: True is an int. A number of 400 digits is one that no float can hold.
        if type(number) not in (int, float) or not -MAX_NUMBER <= number <= MAX_NUMBER:
            raise DocumentError(f"{where}: {name} of {result.id} is not a finite number")


def _check_types(found: Document) -> None:
    if not isinstance(found.environment, dict) or not isinstance(found.tasks, dict):
        raise TypeError("environment and tasks are not objects")
    for name, entry in found.tasks.items():
        if not isinstance(entry, dict):
            raise TypeError(f"task {name} is not an object")
