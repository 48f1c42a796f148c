"""Gates: how much worse a metric may get before a run fails.

A gate is `METRIC:LIMIT`, and `TASK:METRIC:LIMIT`, `TASK/VARIANT:METRIC:LIMIT` or
`TASK/VARIANT/PLACE:METRIC:LIMIT` to hold for some benchmarks only; all names may have shell
wildcards. LIMIT is `2%` of the old value, or a number in the metric's own unit. Of several gates
that match a value, the last one counts. METRIC may be the name of one of GROUPS. The word `default`
stands for DEFAULT, which hold where nobody gave a list, and `none` alone for no gates at all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from tinybench.comparison.compare import Change, metric_of
from tinybench.errors import TinybenchError
from tinybench.metrics import METRICS, RECALLS, Group, Metric, family

SYNTAX = "[TASK[/VARIANT[/PLACE]]:]METRIC:LIMIT"
EXAMPLE = "mse:2%,tflite_bytes:0,sine-*/int8:mse:5%"

DEFAULT = "quality:2%,accuracy:0.005,cost:1%,macs:1%,tflite_bytes:0,arena_bytes:0,ram_bytes:0"
"""The gates of who gives none: all that says how good a model is, then what it costs."""
DEFAULT_WORD, NONE_WORD = "default", "none"

COSTS: tuple[Group, ...] = ("file", "arena", "board")
NO_QUALITY: tuple[Group, ...] = (*COSTS, "time", "pair", "training", "bound")
GROUPS: dict[str, Callable[[Metric], bool]] = {
    "quality": lambda metric: metric.group not in NO_QUALITY,
    "cost": lambda metric: metric.group in COSTS and metric.headline,
}
"""What a gate may be about beside single metrics. Of a user's metric nobody knows better than its
group says, and without one it is quality. Of costs only what variants are chosen by: a part of the
arena may grow where the other shrinks."""

MISSING = "missing benchmarks"
"""What failures are of that are of no metric."""

NAMES = 4
"""Metrics of a missing benchmark that are named; the rest is counted."""


BLIND = "blind-gate"
"""The page on gates that judge nothing, in docs/help."""


class GateError(TinybenchError, ValueError):
    """A gate that is misspelt, or that asks for what cannot be gated."""

    page = "bad-gate"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate; `limit` is a part of the old value if `relative`, else in the metric's unit."""

    text: str
    metrics: frozenset[str]
    """Names; `recall_*` stands for the recalls of all classes, and one without an @ for those of
    all outputs."""
    limit: float
    relative: bool
    patterns: tuple[str, ...] = ()
    """For task, variant and place, as many as were given."""
    group: str = ""
    """One of GROUPS instead of `metrics`: looked up late, when a project has added its own."""
    by_default: bool = False
    """Whether it is of DEFAULT, which has nothing to say where nothing of the kind is measured."""

    def matches(self, change: Change) -> bool:
        """Whether the gate is about this value."""
        if not self.is_about(change.metric):
            return False
        if not self.patterns:
            return True
        names = change.task, change.variant or "", change.place or ""
        # Fewer patterns than names: the rest may be anything.
        return all(fnmatchcase(*pair) for pair in zip(names, self.patterns, strict=False))

    def is_about(self, metric: str) -> bool:
        """Whether the gate is about a metric.

        One of quality is also about what this version does not know: nobody may call it judged.
        """
        if self.group:
            found = metric_of(metric)
            known = metric in METRICS and found.exact and found.direction != "none"
            return GROUPS[self.group](found) and (known or metric not in METRICS)
        if metric in self.metrics:
            return True
        name, at, output = metric.partition("@")
        if not at and family(name) != RECALLS:
            return False
        return any(
            fnmatchcase(name, of_name) and (not wanted or fnmatchcase(output, of_output))
            for of_name, wanted, of_output in (one.partition("@") for one in self.metrics)
        )

    def allows(self, change: Change) -> bool:
        """Whether a regressed value is still within the limit."""
        assert change.delta is not None
        assert change.old is not None
        limit = self.limit * abs(change.old) if self.relative else self.limit
        # A limit of 5 % holds for 100 → 105 whatever the last bit of the product is.
        return abs(change.delta) <= limit or math.isclose(abs(change.delta), limit, rel_tol=1e-9)


@dataclass(slots=True)
class Judgement:
    """What gates say about changes: what failed, and what could not be judged.

    `failures` are lines by benchmark id, and `metrics` says how many of them each metric has. A
    gate that judged nothing is in `blind`, with the reason: passing it would say more than is
    known.
    """

    failures: dict[str, list[str]] = field(default_factory=dict)
    metrics: Counter[str] = field(default_factory=Counter)
    blind: list[str] = field(default_factory=list)
    compared: int = 0

    def fail(self, identifier: str, line: str, metric: str) -> None:
        """Add a failure of a benchmark: of a metric, or of what else there is to fail."""
        self.failures.setdefault(identifier, []).append(line)
        self.metrics[family(metric)] += 1

    @property
    def lines(self) -> list[str]:
        """All failures."""
        return [line for found in self.failures.values() for line in found]


def parse(text: str) -> tuple[Gate, ...]:
    """Gates from `mse:2%,tflite_bytes:0`, none only from `none`.

    GateError or UnknownNameError for any mistake, such as a list without a gate.
    """
    parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
    if parts == [NONE_WORD]:
        return ()
    if not parts:
        raise GateError(
            f"no gate in {text!r}, which would judge nothing; write {SYNTAX}, such as {EXAMPLE}, "
            f"or {DEFAULT_WORD}; {NONE_WORD} to judge nothing on purpose"
        )
    return tuple(gate for part in parts for gate in _gates(part))


def _gates(part: str) -> Iterable[Gate]:
    if part != DEFAULT_WORD:
        return (_gate(part),)
    return (replace(_gate(one), by_default=True) for one in DEFAULT.split(","))


def judge(gates: Iterable[Gate], changes: Iterable[Change]) -> Judgement:
    """Apply gates to changes; a benchmark that is missing fails whatever the gates are about."""
    gates = tuple(gates)
    changes = list(changes)
    found = Judgement()
    judged: set[Gate] = set()
    blind: dict[str, None] = {}
    there = {change.id for change in changes if change.verdict != "missing"}
    gone: dict[str, list[Change]] = {}
    for change in changes:
        if change.id not in there:
            gone.setdefault(change.id, []).append(change)
        elif gate := _last(gates, change):
            if change.verdict == "not comparable":
                blind[f"{change.metric} is not comparable: {change.why}"] = None
            elif change.verdict != "new":
                judged.add(gate)
                found.compared += 1
                _judge(gate, change, found)
    for identifier, lost in gone.items():
        found.fail(identifier, missing(identifier, lost), MISSING)
    found.blind = list(blind)
    if not blind:
        # A gate whose benchmarks are all missing is not blind: it failed.
        seen = judged | {
            gate for lost in gone.values() for one in lost if (gate := _last(gates, one))
        }
        found.blind = [
            f"{gate.text}: nothing was compared{_only_new(gate, changes)}"
            for gate in gates
            if gate not in seen and not gate.by_default and not _overridden(gate, gates, changes)
        ]
        ours = {gate for gate in gates if gate.by_default}
        if ours and not ours & seen and not found.compared:
            found.blind.append(f"{DEFAULT_WORD}: nothing was compared")
    return found


def _judge(gate: Gate, change: Change, found: Judgement) -> None:
    if change.verdict == "missing":
        found.fail(
            change.id,
            f"{change.id}: {change.metric} is missing; the baseline has {quantity(change)[0]}",
            change.metric,
        )
    elif change.verdict == "regressed" and not gate.allows(change):
        found.fail(change.id, f"{describe(change)}; the gate is {gate.text}", change.metric)


def describe(change: Change) -> str:
    """`sine-8-int8: mse regressed from 0.01 to 0.011, +10 %`."""
    old, new = quantity(change)
    return f"{change.id}: {change.metric} {change.verdict} from {old} to {new}, {shift(change)}"


def quantity(change: Change) -> tuple[str, str]:
    """Both values with their unit, in as many digits as it takes to tell them apart."""
    metric = metric_of(change.metric)
    old, new = (_text(metric, value) for value in (change.old, change.new))
    if old == new and change.old != change.new:
        old, new = repr(change.old), repr(change.new)
    unit = f" {metric.unit}" if metric.unit else ""
    return old + unit, new + unit


def shift(change: Change) -> str:
    """The change with its sign, as a percentage where there is one."""
    if change.delta is None:
        return ""
    if change.relative is None:
        unit = metric_of(change.metric).unit
        return f"{change.delta:+.4g}{unit and ' '}{unit}"
    return f"{change.relative * 100:+.3g} %"


def _text(metric: Metric, value: float | None) -> str:
    return "–" if value is None else metric.format(value)


def missing(identifier: str, lost: list[Change]) -> str:
    """That a benchmark is gone, with what the baseline has of it."""
    names = ", ".join(change.metric for change in lost[:NAMES])
    if len(lost) > NAMES:
        names += f" and {len(lost) - NAMES} more"
    why = f" ({lost[0].why})" if lost[0].why else ""
    return f"{identifier}: missing{why}; the baseline has its {names}"


def _last(gates: tuple[Gate, ...], change: Change) -> Gate | None:
    for gate in reversed(gates):
        if gate.matches(change):
            return gate
    return None


def _overridden(gate: Gate, gates: tuple[Gate, ...], changes: list[Change]) -> bool:
    """Whether later gates take every value of this one."""
    own = [change for change in changes if gate.matches(change) and change.verdict != "new"]
    return bool(own) and all(_last(gates, change) is not gate for change in own)


def _only_new(gate: Gate, changes: list[Change]) -> str:
    new = sum(gate.matches(change) and change.verdict == "new" for change in changes)
    return f"; {new} values are new, the baseline has none to compare them with" if new else ""


def _gate(text: str) -> Gate:
    parts = [part.strip() for part in text.split(":")]
    if len(parts) not in (2, 3) or not all(parts):
        raise GateError(f"gate {text!r} is not {SYNTAX}, such as {EXAMPLE}")
    *scope, name, limit = parts
    patterns = tuple(scope[0].split("/")) if scope else ()
    if len(patterns) > 3 or not all(patterns):
        raise GateError(
            f"gate {text!r}: {scope[0]!r} is not TASK, TASK/VARIANT or TASK/VARIANT/PLACE"
        )
    value, relative = _limit(text, limit)
    if name in GROUPS and name not in METRICS:
        return Gate(text, frozenset(), value, relative, patterns, name)
    return Gate(text, _metrics(text, name), value, relative, patterns)


def _limit(text: str, limit: str) -> tuple[float, bool]:
    try:
        value = float(limit.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise GateError(f"gate {text!r}: {limit!r} is not a limit; write 2%, 0 or another number")
    return (value / 100, True) if limit.endswith("%") else (value, False)


def _metrics(text: str, name: str) -> frozenset[str]:
    found = METRICS.select([name])
    able = [metric for metric in found if metric.exact and metric.direction != "none"]
    if able and family(name) == RECALLS:
        return frozenset([name])
    if able:
        _, at, output = name.partition("@")
        return frozenset(f"{metric.name}{at}{output}" for metric in able)
    metric = found[0]
    if not metric.exact:
        raise GateError(
            f"gate {text!r}: {metric.name} is noisy; a change between two runs is reported, never "
            "gated. Time can be gated only where both sides are timed at once: tinybench time"
        )
    raise GateError(f"gate {text!r}: neither direction of {metric.name} is better")
