"""Is a published results folder sound: are its numbers traceable, and its tables theirs?"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tinybench.comparison.compare import metric_of
from tinybench.conversion.variants import FILE, VARIANTS
from tinybench.datasets.data import hash_of
from tinybench.errors import TinybenchError, shown
from tinybench.results import baseline, document, illustration, stored_models
from tinybench.results.document import Document
from tinybench.results.record import Result
from tinybench.tasks import TASKS, Task
from tinybench.training import checkpoint as checkpoints

FLOAT = ("float32", FILE)
"""The variants that bounds are of which name none."""
DOCUMENT = "baseline.json"
REMEDY = f"write it again: tinybench report results/{DOCUMENT}"


def problems(folder: Path) -> list[str]:
    """What is wrong with the folder, one line each; empty if it is sound."""
    try:
        found = document.read(folder / DOCUMENT)
    except TinybenchError as error:
        return [shown(error)]
    checks: tuple[Callable[[Document], Iterator[str]], ...] = (_failed, _traced, _bounds, _hashes)
    listed = [line for check in checks for line in check(found)]
    if (folder / stored_models.MODELS).is_dir():
        listed += stored_models.problems(found, folder / stored_models.MODELS)
    if illustration.folder_of(folder / DOCUMENT).is_dir():
        listed += illustration.read_all(folder / DOCUMENT, found)[1]
    return [*listed, *_tables(found, folder), *_rankings(folder)]


def _failed(found: Document) -> Iterator[str]:
    for name in baseline.failures(found):
        yield f"{name} failed in the published run"


def _traced(found: Document) -> Iterator[str]:
    """The data sets, calibration sets, definitions and checkpoints are those of this version."""
    for name in sorted({result.task for result in found.results.values() if result.metrics}):
        entry = found.tasks.get(name)
        if entry is None:
            yield f"task {name} has results, and nothing says what its data and definition are"
        elif name in TASKS:
            try:
                yield from _retraced(TASKS.get(name), entry)
            except (KeyError, TypeError, AttributeError) as error:
                yield f"task {name} has an incomplete entry: {error}"
            except TinybenchError as error:
                yield f"task {name}: {shown(error)}"


def _retraced(task: Task, entry: dict[str, Any]) -> Iterator[str]:
    found = task.evaluation()
    now = {
        "data set": found.card.sha256,
        "calibration set": hash_of(found.calibration),
        **({"model": task.model.sha256} if task.model else {}),
    }
    published = {
        "data set": entry["data"]["sha256"],
        "calibration set": entry["calibration"]["sha256"],
        "model": entry.get("model", {}).get("sha256", "none"),
    }
    if task.checkpoints is not None:
        for stage, value in entry["checkpoints"].items():
            made = checkpoints.load(task.checkpoints, stage, task.name)
            now[f"{stage} checkpoint"] = made.sha256
            published[f"{stage} checkpoint"] = value["sha256"]
    for what, value in now.items():
        if published[what] != value:
            yield (
                f"task {task.name}: the published {what} is {published[what][:8]}, that of this "
                f"version is {value[:8]}; measure again"
            )
    recipe = entry.get("definition", {}).get("recipe")
    if recipe is not None and recipe != task.recipe.deciding():
        yield f"task {task.name} has another recipe than published; measure again"
    if dict(task.bounds) != entry["bounds"]:
        yield f"task {task.name} has other bounds than published; measure again"


def _bounds(found: Document) -> Iterator[str]:
    """The float model of each task meets the task's bounds, other variants those that name them."""
    for name, entry in sorted(found.tasks.items()):
        own = {
            one.variant: one
            for one in found.results.values()
            if one.task == name
            if one.variant and not one.place
        }
        for key, bound in entry.get("bounds", {}).items():
            of, _, metric = key.rpartition(":")
            judged = [one for one in own if (fnmatchcase(one, of) if of else one in FLOAT)]
            if not judged:
                who = of or "float32"
                yield f"task {name} has a bound for {metric}, and no {who} result to meet it"
            for variant in judged:
                value = own[variant].metrics.get(metric)
                if value is None:
                    yield f"task {name} has a bound for {metric}, and {variant} has no {metric}"
                elif not metric_of(metric).meets(value, bound):
                    yield f"{name}-{variant}: {metric} is {value:g}; its bound is {bound:g}"


def _hashes(found: Document) -> Iterator[str]:
    """Every result of a variant names the file that was measured, one file a variant."""
    files: dict[tuple[str, str], str] = {}
    for name, result in sorted(found.results.items()):
        if not (result.variant and result.metrics):
            continue
        if not _is_hash(result):
            yield f"{name} does not say the SHA-256 of its file"
        elif files.setdefault((result.task, result.variant), str(result.sha256)) != result.sha256:
            yield f"{name} was measured with another file than {result.task}-{result.variant}"


def _is_hash(result: Result) -> bool:
    text = result.sha256
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")


def _tables(found: Document, folder: Path) -> Iterator[str]:
    """Tables and pages are, byte for byte, what the document and its illustrations give."""
    from tinybench.report import publish, walkthrough

    images = sorted((folder / "figures").rglob("*.png"))
    keys = [path.relative_to(folder / "figures").with_suffix("").as_posix() for path in images]
    illustrations, _ = illustration.read_all(folder / DOCUMENT, found)
    pages = walkthrough.pages(found, illustrations)
    page = folder / publish.PAGE
    # It is not in version control, and its charts take packages that reading does not need.
    if page.is_file() and document.digest(found) not in page.read_text(encoding="utf-8"):
        yield f"{page} is not made from {DOCUMENT}; {REMEDY}"
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name)
        figures = {key: fresh / "figures" / f"{key}.png" for key in keys}
        made = {path.relative_to(fresh) for path in publish.publish(found, fresh, figures, pages)}
        for path in sorted(made):
            try:
                if (folder / path).read_bytes() != (fresh / path).read_bytes():
                    yield f"{folder / path} is not what {DOCUMENT} gives; {REMEDY}"
            except OSError as error:
                yield f"cannot read {folder / path}: {error.strerror}; {REMEDY}"
    for path in (*sorted(folder.glob("*.csv")), *sorted(folder.glob("tasks/*.md"))):
        if path.relative_to(folder) not in made:
            yield f"{path} is not made from {DOCUMENT}; remove it"


def _rankings(folder: Path) -> Iterator[str]:
    """Open variants stand below the closed ones: nothing orders the two by their values."""
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        opened: dict[tuple[str | None, ...], str] = {}
        for row in rows:
            variant = row.get("variant") or ""
            if variant not in VARIANTS:
                continue
            division = VARIANTS.get(variant).division
            if row.get("division", division) != division:
                yield f"{path}: {variant} is {division}, not {row['division']}"
            group = row.get("task"), row.get("runtime"), row.get("board")
            if division == "open":
                opened.setdefault(group, variant)
            elif group in opened:
                yield (
                    f"{path}: task {row.get('task')} has the closed variant {variant} below the "
                    f"open variant {opened[group]}; the two are never ranked together"
                )
                break
