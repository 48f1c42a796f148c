"""Two documents, metric by metric: what got better or worse, and what cannot be compared.

Pure, standard library: the same verdicts in pytest, on the command line and on a page. A pair of
values gets a judgement only if both runs measured the same thing in the same way; otherwise its
verdict is "not comparable", with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tinybench.metrics import METRICS, Metric
from tinybench.registry import UnknownNameError
from tinybench.results.record import ADVICE

if TYPE_CHECKING:
    from tinybench.results.document import Document
    from tinybench.results.record import Result

Verdict = Literal[
    "regressed", "missing", "not comparable", "new", "improved", "within noise", "no change"
]
VERDICTS: tuple[Verdict, ...] = (
    "regressed", "missing", "not comparable", "new", "improved", "within noise", "no change",
)  # fmt: skip
"""In the order of interest, in which they are listed."""

DIFFERENCES = ("data", "calibration", "definition", "converter", "compiler", "basis", "machine")
"""What two runs may differ in so that some of their values cannot be compared."""
CONVERTER = ("tensorflow", "tf-keras", "tensorflow-model-optimization")
"""The packages that write a variant's file: another version of them writes other bytes."""


@dataclass(slots=True)
class Change:
    """One metric of one benchmark in the old and the new document.

    `why` is the reason of "not comparable", and of "missing" where a run gave one.
    """

    id: str
    task: str
    variant: str | None
    place: str | None
    metric: str
    old: float | None
    new: float | None
    verdict: Verdict
    why: str = ""

    @property
    def delta(self) -> float | None:
        """New minus old."""
        if self.old is None or self.new is None:
            return None
        return self.new - self.old

    @property
    def relative(self) -> float | None:
        """The change as a part of the old value; None where that is 0 or missing."""
        delta = self.delta
        return delta / abs(self.old) if delta is not None and self.old else None


def metric_of(name: str) -> Metric:
    """The registered metric; one that this version does not know has no better direction."""
    return METRICS.get(name) if name in METRICS else Metric(name, "", direction="none")


Wanted = Mapping[str, Collection[str] | None]
"""Metrics by id; None stands for all metrics of an id."""


def compare(
    old: Document, new: Document, across: Collection[str] = (), wanted: Wanted | None = None
) -> list[Change]:
    """Every metric of every benchmark of either document, in the order of ids.

    `across` names DIFFERENCES that are known and to be looked past, `wanted` the benchmarks that
    are compared and the metrics that the new document should have of them. What is noisy is not
    missing, nor new, where the rest of its benchmark is there: times are taken in a run of its own.
    """
    ids = sorted({*old.results, *new.results})
    comparison = _Comparison(old, new, across, {} if wanted is None else wanted)
    chosen = ids if wanted is None else [name for name in ids if name in wanted]
    return [change for name in chosen for change in comparison.changes(name)]


def interesting(changes: Iterable[Change]) -> list[Change]:
    """All but those that did not change, the most urgent verdict first."""
    rank = {verdict: index for index, verdict in enumerate(VERDICTS)}
    found = [one for one in changes if one.verdict != "no change"]
    return sorted(found, key=lambda one: rank[one.verdict])


def check_across(names: Iterable[str]) -> None:
    """UnknownNameError for what is none of DIFFERENCES."""
    for name in names:
        if name not in DIFFERENCES:
            raise UnknownNameError("difference", name, DIFFERENCES)


def judge(metric: Metric, old: float, new: float, rounding: float = 0) -> Verdict | None:
    """The verdict on two comparable values; None where neither direction is better.

    `rounding` is how far another processor may have moved the outputs that were measured.
    """
    if old == new:
        return "no change"
    # An infinite tolerance of 0 is no number, but still means any change.
    if math.isinf(metric.tolerance) or abs(new - old) <= metric.tolerance * abs(old):
        return "within noise"
    if metric.moves(old, new, rounding):
        return "within noise"
    if metric.direction == "none":
        return None
    return "improved" if (new < old) == (metric.direction == "lower") else "regressed"


class _Comparison:
    """What is found out once for two documents, not once a value."""

    def __init__(
        self, old: Document, new: Document, across: Collection[str], wanted: Wanted
    ) -> None:
        self._old, self._new = old, new
        self._across, self._wanted = across, wanted
        self._tasks: dict[str, str] = {}
        self._metrics: dict[str, tuple[Metric, str]] = {}

    def changes(self, identifier: str) -> Iterator[Change]:
        old, new = self._old.results.get(identifier), self._new.results.get(identifier)
        known = new or old
        assert known is not None
        before, after = _values(old), _values(new)
        if (names := self._wanted.get(identifier)) is not None:
            before = {name: value for name, value in before.items() if name in names}
        place = known.id, known.task, known.variant, known.where
        why_gone = "" if after else _reason_missing(new)
        for name in [*before, *(name for name in after if name not in before)]:
            one_sided = (name in before) != (name in after)
            if one_sided and before and after and not metric_of(name).exact:
                continue
            if name not in after:
                yield Change(*place, name, before[name], None, "missing", why_gone)
            elif name not in before:
                yield Change(*place, name, None, after[name], "new")
            else:
                verdict, why = self._verdict(known, name, before[name], after[name])
                yield Change(*place, name, before[name], after[name], verdict, why)

    def _verdict(self, known: Result, name: str, old: float, new: float) -> tuple[Verdict, str]:
        task = known.task
        if task not in self._tasks:
            self._tasks[task] = self._task(task)
        if name not in self._metrics:
            metric = metric_of(name)
            self._metrics[name] = metric, self._condition(metric)
        metric, differs = self._metrics[name]
        differs = differs or self._converter(known, metric) or self._basis(known, metric)
        if why := self._tasks[task] or differs:
            return "not comparable", why
        if old == new and abs(old) != math.inf:
            return "no change", ""
        if not (math.isfinite(old) and math.isfinite(new)):
            return "not comparable", f"{old} and {new} are not both finite"
        if verdict := judge(metric, old, new, self._rounding(known, metric)):
            return verdict, ""
        if name in METRICS:
            return "not comparable", f"neither direction of {name} is better"
        return "not comparable", f"{name} is unknown to this version"

    def _rounding(self, known: Result, metric: Metric) -> float:
        """How far the outputs that a value is about may have moved, as either run states it."""
        if not metric.depends:
            return 0
        found = [side.results.get(known.id) for side in (self._old, self._new)]
        if metric.against:
            found += [side.find(known.task, metric.against) for side in (self._old, self._new)]
        return max(one.metrics.get("rounding", 0) for one in found if one)

    def _task(self, name: str) -> str:
        """Why results of a task cannot be compared, empty if they can."""
        old, new = self._old.tasks.get(name), self._new.tasks.get(name)
        if not old or not new:
            which = "neither run says" if not old and not new else "only one run says"
            return f"{which} what task {name} is: its data and definition"
        return "; ".join(
            f"task {name} {text}"
            for kind, text in differences(old, new)
            if kind not in self._across
        )

    def _condition(self, metric: Metric) -> str:
        """Why values of a metric cannot be compared in these environments, empty if they can."""
        condition = "compiler" if metric.condition == "basis" else metric.condition
        if not condition or condition in self._across:
            return ""
        key = {"compiler": "toolchain", "machine": "machine"}.get(condition)
        if key is None:
            # The file decides, which each result names: `_converter`.
            return ""
        old, new = _part(self._old.environment, key), _part(self._new.environment, key)
        if old and old == new:
            return ""
        if not old or not new:
            return f"a run does not say its {condition}"
        return f"another {condition}: {_changed(old, new)}"

    def _converter(self, known: Result, metric: Metric) -> str:
        """Why what is decided by the converter cannot be compared, empty if it can.

        Two runs that measured the same file are not about who wrote it.
        """
        depends = metric.condition in ("converter", "compiler", "basis")
        if not depends or "converter" in self._across:
            return ""
        files = [side.results[known.id].sha256 for side in (self._old, self._new)]
        if files[0] and files[0] == files[1]:
            return ""
        changed = changed_versions(self._old, self._new, CONVERTER)
        return f"another converter: {changed}" if changed else ""

    def _basis(self, known: Result, metric: Metric) -> str:
        """Why cycles and milliseconds cannot be compared, empty if both stand on the same."""
        if metric.condition != "basis" or "basis" in self._across:
            return ""
        old, new = (side.results[known.id].time_basis for side in (self._old, self._new))
        if old == new:
            return ""
        if not old or not new:
            return "a run does not say what its cycles stand on"
        gone, come = ("; ".join(_without(*pair)) for pair in ((old, new), (new, old)))
        return f"cycles stand on another basis: {gone or 'less'}, now {come or 'less'}"


def _without(basis: str, other: str) -> list[str]:
    """The parts of a basis that another one does not have."""
    return [part for part in basis.split("; ") if part not in other.split("; ")]


def changed_versions(old: Document, new: Document, names: Collection[str] = ()) -> str:
    """`tensorflow 2.21.0, now 2.20.0; numpy …`: of these packages, or of all that decide results.

    Empty where the same are installed, or a run does not say which.
    """
    before, after = (_part(side.environment, "versions") for side in (old, new))
    both = [name for name in before if name in after and (not names or name in names)]
    return _changed({name: before[name] for name in both}, {name: after[name] for name in both})


def differences(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What two descriptions of a task differ in, of DIFFERENCES, and how to say it."""
    for kind, what in (("data", "data set"), ("calibration", "calibration set")):
        was, now = (_part(entry, kind).get("sha256") for entry in (old, new))
        if was != now:
            yield kind, f"has another {what} ({_short(was)}, now {_short(now)})"
    before, after = _part(old, "definition"), _part(new, "definition")
    if not before or not after:
        # Documents of the first release state these only.
        before, after = _of_checkpoint(old), _of_checkpoint(new)
    if before != after:
        yield "definition", f"is defined otherwise: {_changed(before, after)}"


def _part(entry: dict[str, Any], key: str) -> dict[str, Any]:
    part = entry.get(key)
    return part if isinstance(part, dict) else {}


def _of_checkpoint(entry: dict[str, Any]) -> dict[str, Any]:
    checkpoint = _part(_part(entry, "checkpoints"), "float32")
    return {key: checkpoint.get(key) for key in ("seed", "epochs")}


def _changed(old: dict[str, Any], new: dict[str, Any]) -> str:
    """`seed 1, now 2; epochs 100, now 500`, for the parts that differ; hashes cut short."""
    parts = []
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if before != after and isinstance(before, dict) and isinstance(after, dict):
            parts.append(_changed(before, after))
        elif before != after:
            was, now = _apart(_short(before), _short(after))
            parts.append(f"{key} {was}, now {now}")
    return "; ".join(parts)


def _apart(old: str, new: str) -> tuple[str, str]:
    """Only the words that two long texts do not share, such as one of twenty compiler flags."""
    sides = old.split(), new.split()
    only = [[word for word in sides[i] if word not in sides[1 - i]] for i in (0, 1)]
    if min(map(len, sides)) > 4 and any(only):
        return " ".join(only[0]) or "without", " ".join(only[1]) or "without"
    return old, new


def _short(value: Any) -> str:
    text = str(value)
    return text[:8] if len(text) == 64 and text.isalnum() else text


def _values(result: Result | None) -> dict[str, float]:
    return result.metrics if result else {}


def _reason_missing(result: Result | None) -> str:
    if result is None:
        return ""
    reasons = (str(note) for note in result.notes if note.kind != ADVICE)
    return ", ".join(reasons) or result.outcome
