"""What every view of a document shares: the order of rows, short labels, column headings.

No pandas here: the terminal summary is part of every benchmark run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import structs

from tinybench.boards import BOARDS
from tinybench.conversion.variants import VARIANTS
from tinybench.metrics import METRICS, RECALLS, Metric
from tinybench.results.record import ADVICE, HOST_ONLY, NOT_AVAILABLE
from tinybench.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tinybench.registry import Registry
    from tinybench.results.document import Document
    from tinybench.results.record import PlaceKind, Result

ABSENT = "–"
FAILED = "FAILED"
ARROWS = {"lower": " ↓", "higher": " ↑", "none": ""}
ERROR, ACCURACY = "mse", "accuracy"
"""What tells how good a variant is, of a task of numbers and of a classifier."""
CLASSIFYING = frozenset(("classes", "binary", "multi-label"))
"""The heads that have an accuracy."""
BASELINE = "float32"
"""What variants are compared with."""
RECALL = RECALLS.removesuffix("*")


def tasks(document: Document) -> list[str]:
    """The tasks that a document says anything about, in registry order, unknown ones last."""
    return _ordered(TASKS, {*document.tasks, *(one.task for one in document.results.values())})


def variants(document: Document, task: str) -> list[str]:
    """The variants that a document says anything about; never in the order of their quality."""
    found = {one.variant for one in document.results.values() if one.task == task}
    return _ordered(VARIANTS, found)


def runtimes(document: Document, task: str | None = None) -> list[str]:
    """The runtimes that anything of this task, or of any, was run on, by name."""
    return sorted(_places(document, task, "runtime"))


def boards(document: Document, task: str | None = None) -> list[str]:
    """The boards that anything of this task, or of any, was run on."""
    return _ordered(BOARDS, _places(document, task, "board"))


def _places(document: Document, task: str | None, kind: PlaceKind) -> set[str]:
    return {
        one.place.name
        for one in document.results.values()
        if one.place and one.place.kind == kind and task in (None, one.task)
    }


def of_variants(document: Document) -> Iterator[Result]:
    """Results about variants, in the order of rows."""
    for task in tasks(document):
        found = (document.find(task, variant) for variant in variants(document, task))
        yield from filter(None, found)


def on_runtimes(document: Document) -> Iterator[Result]:
    """Results about variants on runtimes, in the order of rows."""
    for task in tasks(document):
        names = runtimes(document, task)
        for variant in variants(document, task):
            for runtime in names:
                if found := document.find(task, variant, runtime):
                    yield found


def on_boards(document: Document) -> Iterator[Result]:
    """Results about variants on boards, in the order of rows."""
    for task in tasks(document):
        for board in boards(document, task):
            for variant in variants(document, task):
                if found := document.find(task, variant, board):
                    yield found


def value(result: Result | None, name: str, output: str = "") -> float | None:
    """A metric of a result that may not be there, or of one of a model's several outputs."""
    return result.metrics.get(f"{name}@{output}" if output else name) if result else None


def is_trained(checkpoint: Mapping[str, Any]) -> bool:
    """Whether the weights of a stage were trained here: others came with their model."""
    return bool(checkpoint.get("epochs", 1))


def classes(document: Document, task: str) -> list[str]:
    """The labels of a classifier in their order; empty for other tasks."""
    found = document.tasks.get(task, {}).get("labels")
    return list(map(str, found)) if isinstance(found, list) else []


def is_classifier(document: Document, result: Result) -> bool:
    """Whether a result is about a classifier, which may have failed before it was measured."""
    if ACCURACY in result.metrics:
        return True
    heads = document.tasks.get(result.task, {}).get("heads") or {}
    told = not heads or not CLASSIFYING.isdisjoint(heads.values())
    return told and bool(classes(document, result.task))


def outputs(results: Iterable[Result]) -> list[str]:
    """The outputs that metrics are of, where a model has several, in the order of their names."""
    names = (name.partition("@") for result in results for name in result.metrics)
    return sorted({output for _, at, output in names if at})


def outputs_of(document: Document, task: str) -> list[tuple[str, str]]:
    """What each output of a task is called, `task@output` where there are several, and its name."""
    found = outputs(one for one in document.results.values() if one.task == task)
    return [(f"{task}@{output}", output) for output in found] or [(task, "")]


def by_output(results: Iterable[Result]) -> Iterator[Result]:
    """Results as if each output were a task's, called `task@output`, where there are several."""
    for result in results:
        found = outputs([result])
        if not found:
            yield result
        for output in found:
            own = {
                name.partition("@")[0]: value
                for name, value in result.metrics.items()
                if name.partition("@")[2] in ("", output)
            }
            yield structs.replace(result, id="", task=f"{result.task}@{output}", metrics=own)


def qualities(document: Document) -> list[str]:
    """The metrics that tell how good the variants of this document are."""
    results = by_output(document.results.values())
    found = {is_classifier(document, one) for one in results} or {False}
    return [name for name, wanted in ((ERROR, False), (ACCURACY, True)) if wanted in found]


def recalls(result: Result) -> dict[str, float]:
    """The recall of each class that a result has one of, by label."""
    return {
        name.removeprefix(RECALL): value
        for name, value in result.metrics.items()
        if name.startswith(RECALL)
    }


def worst_recall(result: Result | None) -> tuple[str, float] | None:
    """The class that is found least often, and how often; of equal ones the first by name."""
    found = recalls(result) if result else {}
    return min(found.items(), key=lambda item: (item[1], item[0])) if found else None


def division(variant: str) -> str:
    """`closed` or `open`; empty for a variant that is not registered here."""
    return VARIANTS.get(variant).division if variant in VARIANTS else ""


def failures(document: Document) -> list[str]:
    """The ids of the results that failed."""
    return sorted(one.id for one in document.results.values() if one.outcome == "failed")


def labels(result: Result | None) -> list[str]:
    """What to call a result beyond its name, each note without its reason; a failure first."""
    if result is None:
        return []
    names = dict.fromkeys(one.short for one in result.notes)
    return ([FAILED] if result.outcome == "failed" else []) + list(names)


def metric(name: str) -> Metric:
    """The registered metric, or a plain one: a document may hold metrics registered elsewhere."""
    return METRICS.get(name) if name in METRICS else Metric(name, "", direction="none")


def refusals(results: Iterable[Result]) -> tuple[str, ...]:
    """Why results are host-only or not available, each reason once with the ids it is about."""
    reasons = dict[tuple[str, str], list[str]]()
    for result in results:
        for kind in (HOST_ONLY, NOT_AVAILABLE):
            if (note := result.note(kind)) and note.reason:
                reasons.setdefault((note.short, note.reason), []).append(result.id)
    return tuple(f"{short} ({', '.join(ids)}): {text}" for (short, text), ids in reasons.items())


def labels_of_advice(result: Result | None) -> list[str]:
    """The names of the advice that a result has, each once."""
    notes = result.notes if result else []
    return list(dict.fromkeys(note.short for note in notes if note.kind == ADVICE))


def advised(results: Iterable[Result]) -> dict[str, list[Result]]:
    """What is advised, with its name, each line once with the results that it is about."""
    found: dict[str, list[Result]] = {}
    for result in results:
        for note in result.notes:
            if note.kind == ADVICE:
                found.setdefault(str(note), []).append(result)
    return found


def time_basis(document: Document, board: str, task: str | None = None) -> str | None:
    """What cycles and milliseconds of a board stand on, None where it tells none."""
    said = dict.fromkeys(
        one.time_basis
        for one in document.results.values()
        if one.where == board and task in (None, one.task) and one.time_basis
    )
    return " | ".join(said) or None


def footnotes(results: Iterable[Result]) -> tuple[str, ...]:
    """What does not fit into a cell: why variants are host-only, and what is advised."""
    found = list(results)
    advice = advised(found).items()
    lines = (f"{text} ({', '.join(one.id for one in about)})" for text, about in advice)
    return (*refusals(found), *lines)


def heading(metric: Metric, title: str = "") -> str:
    """A column's title with the metric's unit and an arrow that points to better values."""
    unit = f" ({metric.unit})" if metric.unit else ""
    return f"{title or metric.name}{unit}{ARROWS[metric.direction]}"


def bound(name: str, value: float) -> str:
    """`mse ≤ 0.01`: the worst value that a metric may have."""
    of, _, name = name.rpartition(":")
    whose = f"{of}: " if of else ""
    return f"{whose}{name} {'≥' if metric(name).direction == 'higher' else '≤'} {value:g}"


def number(metric: Metric, value: float | None) -> str:
    """A value for reading, ABSENT where there is none."""
    return ABSENT if value is None else metric.format(value)


def _ordered(registry: Registry[Any], names: Iterable[str | None]) -> list[str]:
    found = {name for name in names if name}
    known = [item.name for item in registry if item.name in found]
    return known + sorted(found.difference(known))
