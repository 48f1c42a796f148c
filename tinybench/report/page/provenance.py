"""Where numbers come from: machine, versions, hashes, and the command that repeats each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tinybench.metrics import METRICS
from tinybench.report import dataset_cards, rows
from tinybench.results.document import digest

if TYPE_CHECKING:
    from tinybench.results.document import Document
    from tinybench.results.record import Result

BENCH = "pytest --pyargs tinybench.bench"
ONE_TASK = "--tinybench-task={task}"
ONE_VARIANT = f"{ONE_TASK} --tinybench-variant={{variant}}"
COMMANDS = {
    "task": f"{BENCH} {ONE_TASK}",
    "variant": f"{BENCH} {ONE_VARIANT}",
    "runtime": f"{BENCH} {ONE_VARIANT} --tinybench-runtime={{runtime}}",
    "board": f"{BENCH} {ONE_VARIANT} --tinybench-board={{board}}",
    "seeds": "tinybench train {task} --seeds {seeds}",
    "checkpoint": "tinybench train {task}",
}
"""How the numbers of each kind are measured again."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it is; `is_hash` text is shown as code."""

    name: str
    text: str
    is_hash: bool = False


@dataclass(frozen=True, slots=True)
class Provenance:
    """A task: what it is, and the hashes that its numbers depend on."""

    task: str
    summary: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A metric: its meaning, how exact it is, and the command that measures it again."""

    name: str
    unit: str
    better: str
    exact: str
    summary: str
    command: str


def machine(document: Document) -> list[Fact]:
    """The document itself, machine, commit, compiler and versions."""
    environment = document.environment
    facts = [Fact("result document, SHA-256", digest(document), is_hash=True)]
    if found := environment.get("machine"):
        names = ("cpu", "architecture", "system")
        text = ", ".join(str(found[name]) for name in names if found.get(name))
        facts.append(Fact("machine", f"{text}, {found.get('cores')} cores"))
    facts.append(Fact("code", commit(environment)))
    toolchain = environment.get("toolchain") or {}
    facts += [Fact(str(name), str(value)) for name, value in toolchain.items()]
    versions = environment.get("versions") or {}
    return facts + [Fact(str(name), str(value)) for name, value in versions.items()]


def commit(environment: dict[str, Any]) -> str:
    """The measured commit in words."""
    git = environment.get("git")
    if not git:
        return "outside a git checkout"
    return f"commit {git['commit']}{', with uncommitted changes' if git.get('dirty') else ''}"


def tasks(document: Document) -> list[Provenance]:
    """Every task of the document."""
    return [
        Provenance(name, str(entry.get("summary", "")), tuple(_facts(document, name, entry)))
        for name in rows.tasks(document)
        for entry in [document.tasks.get(name, {})]
    ]


def sources(document: Document) -> list[Source]:
    """Every metric of the document with the command for one that holds it."""
    own = filter(None, (document.find(task) for task in rows.tasks(document)))
    holders: dict[str, Result] = {}
    # Of the file itself rather than of a runtime that repeats it.
    for one in (
        *own,
        *rows.of_variants(document),
        *rows.on_boards(document),
        *rows.on_runtimes(document),
    ):
        for name in one.metrics:
            holders.setdefault(name, one)
    known = [metric.name for metric in METRICS if metric.name in holders]
    return [_source(name, holders[name]) for name in [*known, *sorted({*holders} - {*known})]]


def _source(name: str, holder: Result) -> Source:
    metric = rows.metric(name)
    return Source(
        name,
        metric.unit,
        {"lower": "↓ lower", "higher": "↑ higher", "none": ""}[metric.direction],
        "exact" if metric.exact else "noisy",
        metric.summary,
        command(holder),
    )


def command(result: Result) -> str:
    """What measures a result again."""
    place = result.where or ""
    return COMMANDS[result.level].format(
        task=result.task, variant=result.variant or "", runtime=place, board=place
    )


def _facts(document: Document, task: str, entry: dict[str, Any]) -> Iterator[Fact]:
    if data := entry.get("data"):
        yield from (Fact(name, text) for name, text in dataset_cards.facts(data))
        yield Fact("data set, SHA-256", str(data["sha256"]), is_hash=True)
    if samples := entry.get("calibration"):
        yield Fact("representative data", dataset_cards.calibration(samples))
        yield Fact("representative data, SHA-256", str(samples["sha256"]), is_hash=True)
    for stage, checkpoint in (entry.get("checkpoints") or {}).items():
        yield from _checkpoint(stage, checkpoint)
    for name, bound in (entry.get("bounds") or {}).items():
        whose = "a variant" if ":" in name else "the float model"
        yield Fact(f"bound of {whose}", rows.bound(name, bound))
    if published := entry.get("published"):
        text = ", ".join(f"{name} {value}" for name, value in published.items())
        yield Fact("published by the source", text)
    if study := entry.get("seeds"):
        again = COMMANDS["seeds"].format(task=task, seeds=study.get("seeds"))
        yield Fact("spread over seeds", f"{study.get('seeds')} seeds; again: {again}")
    for variant in rows.variants(document, task):
        own = document.find(task, variant)
        if own and own.sha256:
            yield Fact(f"{variant}.tflite, SHA-256", own.sha256, is_hash=True)


def _checkpoint(stage: str, checkpoint: dict[str, Any]) -> Iterable[Fact]:
    final = (checkpoint.get("final") or {}).items()
    losses = "".join(f", {name} {value:.4g}" for name, value in final)
    if not rows.is_trained(checkpoint):
        yield Fact("weights, as they came, SHA-256", str(checkpoint.get("sha256")), is_hash=True)
        return
    text = f"seed {checkpoint.get('seed')}, {checkpoint.get('epochs')} epochs{losses}"
    yield Fact(f"checkpoint {stage}", text)
    yield Fact(f"checkpoint {stage}, SHA-256", str(checkpoint.get("sha256")), is_hash=True)
