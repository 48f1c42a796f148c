"""How every metric moved: the versions of a baseline that git knows, as changes over commits."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from tinybench.metrics import METRICS
from tinybench.report import rows
from tinybench.report.page.rows import plain
from tinybench.results import document
from tinybench.results.document import Document, DocumentError
from tinybench.results.record import Result

Key: TypeAlias = tuple[str, str, str, str]
"""Task, metric, variant, and the runtime or board, empty for what is of the file itself."""

LIMIT = 50
"""Versions that are shown, the newest ones."""
TIMEOUT = 60
OF_A_RUNTIME = ("time", "arena", "values")
"""Groups of metrics that a runtime adds; the quality it repeats is the file's."""


@dataclass(frozen=True, slots=True)
class Version:
    """One state of the baseline. `measured` is the commit whose code was measured."""

    name: str
    date: str
    measured: str = ""
    values: dict[Key, float] = field(default_factory=dict)

    @property
    def exact(self) -> int:
        """How many numbers of it do not move by themselves."""
        return sum(rows.metric(key[1]).exact for key in self.values)


def versions(path: Path) -> list[Version]:
    """The committed versions of a result document, oldest first; none outside of git.

    A version that cannot be read is left out: it is past repair, and the others are still true.
    """
    listed = _git(path, "log", f"--max-count={LIMIT}", "--format=%H %cs", "--", path.name)
    found = []
    for line in reversed((listed or "").splitlines()):
        commit, _, date = line.partition(" ")
        text = _git(path, "show", f"{commit}:./{path.name}")
        if text and (values := parse(text)) is not None:
            found.append(Version(commit[:10], date, *values))
    return found


def parse(text: str) -> tuple[str, dict[Key, float]] | None:
    """The measured commit and all numbers of a document of any schema that is read."""
    try:
        found = document.decode(document.parse(text.encode(), "history"), "history")
    except DocumentError:
        return None
    git = found.environment.get("git") or {}
    return str(git.get("commit", ""))[:10], numbers(found.results.values())


def current(shown: Document) -> Version:
    """The document that the page is about, as its last version."""
    git = shown.environment.get("git") or {}
    measured = str(git.get("commit", ""))[:10]
    return Version("this page", shown.created[:10], measured, numbers(shown.results.values()))


def numbers(results: Iterable[Result]) -> dict[Key, float]:
    """Every finite number of these results."""
    return {
        (one.task, name, one.variant or "", one.where or ""): value
        for one in results
        for name, value in one.metrics.items()
        if math.isfinite(value)
        if one.level != "runtime" or _of_a_runtime(name)
    }


def _of_a_runtime(name: str) -> bool:
    metric = rows.metric(name)
    return metric.group in OF_A_RUNTIME and metric.direction != "none"


def joined(earlier: Sequence[Version], last: Version) -> list[Version]:
    """All versions; without the last committed one if it is the page's own document.

    So the page is the same before and after it is committed with its document.
    """
    same = bool(earlier) and earlier[-1].values == last.values
    return [*(earlier[:-1] if same else earlier), last]


def series(found: Sequence[Version]) -> dict[str, Any]:
    """By task, metric and "variant@place": [version, value] where it changed, null where it ended.

    Exact numbers seldom change, so this stays small over many versions.
    """
    made: dict[str, Any] = {}
    for key in sorted({key for version in found for key in version.values}):
        task, name, variant, place = key
        changes: list[list[Any]] = []
        last = None
        for index, version in enumerate(found):
            value = plain(version.values.get(key))
            if value != last:
                changes.append([index, value])
            last = value
        made.setdefault(task, {}).setdefault(name, {})[f"{variant}@{place}"] = changes
    return made


def metrics(found: Sequence[Version]) -> list[str]:
    """The names of all metrics, registered ones in their order and others after them."""
    names = {key[1] for version in found for key in version.values}
    known = [metric.name for metric in METRICS if metric.name in names]
    return known + sorted(names.difference(known))


def changed(found: Sequence[Version]) -> list[tuple[Version, int, int, int]]:
    """Each version with how many exact numbers changed, came and went since the one before."""
    listed = []
    before: dict[Key, float] = {}
    for version in found:
        values = {key: value for key, value in version.values.items() if rows.metric(key[1]).exact}
        both = before.keys() & values.keys()
        moved = sum(before[key] != values[key] for key in both)
        listed.append((version, moved, len(values.keys() - both), len(before.keys() - both)))
        before = values
    return listed


def _git(path: Path, *arguments: str) -> str | None:
    """What git prints in the file's folder, None if it cannot."""
    try:
        done = subprocess.run(
            ["git", "-C", str(path.parent), *arguments],
            capture_output=True,
            check=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    return done.stdout
