"""Where the old side of a comparison comes from: a file, a git commit, or pytest-benchmark.

A baseline is good by construction: a document of a run that failed is refused.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from tinybench.results import document, schema1
from tinybench.results.document import PROPERTY, Document, DocumentError
from tinybench.results.record import Result

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLISHED = "results/baseline.json"
"""Where a commit has its results, from the folder that is benchmarked."""
MERGE_BASE = "..."


class NoBaselineError(DocumentError):
    """Nothing to compare with goes by this name."""

    page = "no-baseline"


class FailedBaselineError(DocumentError):
    """A run that failed, which is no baseline."""

    page = "failed-baseline"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A document, and what to call it."""

    document: Document
    name: str


def find(name: str, root: Path) -> Baseline:
    """The document in a file, or in the results of a commit of the repository at `root`.

    `COMMIT...` is the merge base of that commit and HEAD, as in `git diff`. DocumentError says why
    there is no document.
    """
    path = Path(name)
    if path.is_file() or path.suffix == ".json":
        return Baseline(decode(document.load(path), str(path)), name)
    commit = _commit(name, root)
    where = f"{PUBLISHED} at commit {commit[:10]}"
    try:
        text = _git(root, "show", f"{commit}:./{PUBLISHED}")
    except subprocess.CalledProcessError:
        raise NoBaselineError(
            f"commit {commit[:10]} ({name}) has no {PUBLISHED}; publish one there with "
            "`tinybench accept`, or name another commit"
        ) from None
    return Baseline(decode(document.parse(text, where), where), f"{name} ({where})")


def file_at(name: str, path: str, root: Path) -> bytes:
    """A file below `root` as it is in a commit, named as for `find`; DocumentError if it is not."""
    commit = _commit(name, root)
    try:
        return _git(root, "show", f"{commit}:./{path}")
    except subprocess.CalledProcessError:
        raise NoBaselineError(f"commit {commit[:10]} ({name}) has no {path}") from None


def decode(value: Any, where: str) -> Document:
    """The document in the JSON of our own file or of pytest-benchmark's."""
    if isinstance(value, dict) and "benchmarks" in value and "machine_info" in value:
        return _from_benchmarks(value, where)
    return document.decode(value, where)


def refuse_failed(found: Document, where: str) -> None:
    """DocumentError if the document is of a run that failed."""
    if failed := failures(found):
        raise FailedBaselineError(
            f"{where} is of a run that failed ({some(failed)}); a failed run is no baseline"
        )


def failures(found: Document) -> list[str]:
    """The ids of the results that failed."""
    return sorted(one.id for one in found.results.values() if one.outcome == "failed")


def some(names: list[str]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def _commit(name: str, root: Path) -> str:
    asked = name.removesuffix(MERGE_BASE)
    # A name that starts with "-" would be taken for an option of git.
    try:
        if not asked or asked.startswith("-"):
            raise NoBaselineError(f"{name!r} is neither a file nor a commit")
        commit = _git(root, "rev-parse", "--verify", "--quiet", f"{asked}^{{commit}}")
        if name.endswith(MERGE_BASE):
            commit = _git(root, "merge-base", commit.decode().strip(), "HEAD")
    except subprocess.CalledProcessError:
        raise NoBaselineError(
            f"{name!r} is neither a file nor a commit of the repository at {root}; "
            "a shallow clone has few commits: git fetch --unshallow"
        ) from None
    return commit.decode().strip()


def _git(root: Path, *arguments: str) -> bytes:
    try:
        return subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, check=True, timeout=60
        ).stdout
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise NoBaselineError(f"cannot ask git for {arguments[-1]}: {error}") from None


def _from_benchmarks(value: dict[str, Any], where: str) -> Document:
    """The document that pytest-benchmark's file carries in its own fields."""
    about = value.get(PROPERTY)
    if not isinstance(about, dict):
        raise NoBaselineError(f"{where} is a pytest-benchmark file without results of tinybench")
    document.check_schema(about.get("schema"), where)
    try:
        parts = [*_annotated(value), *about["failed"]]
        if about["schema"] == 1:
            parts = schema1.results(parts)
        merged = Document(about["environment"], about["tasks"], created=value["datetime"])
        for result in msgspec.convert(parts, list[Result]):
            merged.add(result)
    except msgspec.ValidationError as error:
        raise DocumentError(f"{where} has results that are none of tinybench: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise DocumentError(f"{where} has incomplete results of tinybench: {error}") from None
    return document.decode(json.loads(merged.to_json()), where)


def _annotated(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for benchmark in value["benchmarks"]:
        yield from benchmark["extra_info"].get(PROPERTY, {}).get("results", [])


def stored(storage: Any, asked: object) -> Baseline:
    """The run that `--benchmark-compare` asks for, from pytest-benchmark's `storage`.

    Asked for none in particular (True), it is the newest one that did not fail: pytest-benchmark
    stores failed runs too. DocumentError if there is none.
    """
    refused = ""
    runs = list(storage.load() if asked is True else storage.load(asked))
    for path, value in reversed(runs):
        try:
            found = decode(value, str(path))
            refuse_failed(found, str(path))
            return Baseline(found, str(path))
        except DocumentError as error:
            refused = refused or str(error)
            if asked is not True:
                break
    raise NoBaselineError(refused or "pytest-benchmark has no stored run to compare with")
