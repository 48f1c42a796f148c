"""The result document: every measurement of a run with what it takes to trace and repeat it.

    {"schema": 2, "created": ..., "environment": {...},
     "tasks": {name: {"data": ..., "calibration": ..., "definition": ..., "checkpoints": ...,
                      "bounds": ...}},
     "tests": {"bench/test_variants.py::test_variant": ["mse", ...]},
     "results": [{"id", "task", "variant", "place", "outcome", "metrics", "notes", ...}]}

`tests` tells which test function measures which metrics. Its JSON schema:
docs/reference/result-schema.json.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Literal, TypedDict

import msgspec

from tinybench.errors import TinybenchError
from tinybench.metrics import METRICS
from tinybench.results import schema1
from tinybench.results.record import Result, identifier
from tinybench.storage import hashing
from tinybench.storage.store import write_atomically

SCHEMA = 2
PROPERTY = "tinybench"
"""Key of pytest-benchmark's `extra_info`, and of what it stores of a run."""
MAX_BYTES = 256 * 2**20
"""A file that is larger is none of ours: 10,000 benchmarks take 10 MB."""


class DocumentError(TinybenchError, ValueError):
    """A file that is no result document of this schema, or does not fit to what is added to it."""

    page = "not-a-document"


class SchemaError(DocumentError):
    """A document of a schema that this version does not read."""

    page = "other-schema"


class DocumentTargetError(DocumentError):
    """A document that a run cannot be written over, or be added to."""

    page = "document-target"


class Task(TypedDict, total=False):
    """What a document says of a task; parts that a version adds are kept."""

    summary: str
    data: dict[str, Any]
    calibration: dict[str, Any]
    definition: dict[str, Any]
    checkpoints: dict[str, dict[str, Any]]
    bounds: dict[str, float]
    labels: list[str]
    heads: dict[str, str]
    published: dict[str, str]
    seeds: dict[str, Any] | None


class Environment(TypedDict, total=False):
    """Where a run measured; parts that a version adds are kept."""

    machine: dict[str, Any]
    versions: dict[str, str]
    toolchain: dict[str, str]
    git: dict[str, Any] | None


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A document as it is written."""

    schema: Literal[2]
    created: str
    environment: Environment
    tasks: dict[str, Task]
    results: list[Result]
    tests: dict[str, list[str]] = {}


@dataclass(slots=True)
class Document:
    """One run, or several runs of the same code on the same machine."""

    environment: dict[str, Any]
    tasks: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    tests: dict[str, list[str]] = field(default_factory=dict)
    created: str = field(
        default_factory=lambda: datetime.now(timezone.utc).isoformat(timespec="seconds")
    )

    def add(self, result: Result) -> None:
        """Add a result, merging it with one of the same id."""
        for test in result.tests:
            known = self.tests.setdefault(test, [])
            known += [name for name in result.metrics if name not in known]
        if result.id in self.results:
            self.results[result.id].merge(result)
        else:
            # A copy: it grows when another result is merged into it.
            self.results[result.id] = msgspec.structs.replace(result)

    def find(
        self, task: str, variant: str | None = None, place: str | None = None
    ) -> Result | None:
        """The result about exactly this, if there is one."""
        return self.results.get(identifier(task, variant, place))

    def to_json(self) -> str:
        """The file's text; the order of keys and results does not depend on the run's order."""
        value = {
            "schema": SCHEMA,
            "created": self.created,
            "environment": self.environment,
            "tasks": {name: self.tasks[name] for name in sorted(self.tasks)},
            "tests": {name: _ordered(self.tests[name]) for name in sorted(self.tests)},
            "results": [as_json(self.results[key]) for key in sorted(self.results)],
        }
        return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_json(result: Result) -> dict[str, Any]:
    """The result for JSON, its metrics in the registry's order and then by name."""
    found: dict[str, Any] = msgspec.to_builtins(result)
    metrics = {name: result.metrics[name] for name in _ordered(result.metrics)}
    return found | {"metrics": metrics, "tests": sorted(result.tests)}


def _ordered(names: Any) -> list[str]:
    rank = {metric.name: index for index, metric in enumerate(METRICS)}
    return sorted(names, key=lambda name: (rank.get(name.partition("@")[0], len(rank)), name))


def digest(document: Document) -> str:
    """SHA-256 of the document as it is written."""
    return hashing.of_bytes(document.to_json().encode())


def schema() -> dict[str, Any]:
    """The JSON schema (draft 2020-12) of documents."""
    found = msgspec.json.schema(File)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


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
    """The document in a JSON value of schema 1 or 2; DocumentError says what is wrong with it."""
    if not isinstance(value, dict) or "schema" not in value:
        raise DocumentError(f"{where} is not a tinybench document: it has no schema version")
    check_schema(value["schema"], where)
    try:
        if value["schema"] == 1:
            value = schema1.upgraded(value)
        read = msgspec.convert(value, File)
    except msgspec.ValidationError as error:
        raise DocumentError(f"{where} is not a tinybench document: {error}") from None
    # Not what was read: that has lost the parts that this version does not know.
    found = Document(value["environment"], value["tasks"], tests=read.tests, created=read.created)
    for result in read.results:
        if result.id in found.results:
            raise DocumentError(f"{where} has two results with the id {result.id!r}")
        for metric, number in result.metrics.items():
            if not _finite(number):
                raise DocumentError(f"{where}: {metric} of {result.id} is not a finite number")
        found.results[result.id] = result
    return found


def _finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:  # an integer that no float can hold
        return False


def check_schema(schema: object, where: str) -> None:
    """DocumentError for a schema that this version does not read."""
    if schema not in (1, SCHEMA):
        raise SchemaError(
            f"{where} has schema {schema!r}; this version reads 1 and {SCHEMA}. "
            "Measure again: pytest --pyargs tinybench.bench"
        )
