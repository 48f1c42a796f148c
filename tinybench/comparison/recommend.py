"""Which variant to ship: quality first, then whether it runs on the board, then what it costs.

The rule has no weights to tune. A variant that is larger or slower on the board than float32 gains
nothing by being quantized, whatever else it saves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from tinybench.conversion.variants import VARIANTS
from tinybench.errors import TinybenchError
from tinybench.metrics import METRICS
from tinybench.results.document import Document
from tinybench.results.record import NOT_AVAILABLE, SAME_AS_FLOAT32

COST_ORDER = ("flash_bytes", "ram_bytes", "cycles")
UNPRICED = "instructions"
"""What counts instead of cycles on a board that tells none: it overstates what integers save."""
COSTS = (*COST_ORDER, UNPRICED)
BASELINE = "float32"
CLOSENESS = "mse_vs_float32"


class NothingMeasuredError(TinybenchError, LookupError):
    """The document does not say enough about the task; the message says what to run."""

    page = "nothing-measured"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variant with its costs on the board and, if it is out, the reason."""

    variant: str
    costs: Mapping[str, float]
    out: str = ""
    verdict: str = ""
    """What became of it: `out`, that it is chosen, or why another one is."""


@dataclass(frozen=True, slots=True)
class Advice:
    """The variant to ship, None if no variant is good enough, and every variant's verdict."""

    chosen: str | None
    why: str
    candidates: tuple[Candidate, ...]


def recommend(
    document: Document,
    task: str,
    variants: Sequence[str],
    bounds: Mapping[str, float],
    board: str,
    cost_order: Sequence[str] | None = None,
) -> Advice:
    """Choose among these variants of a task by what the document says of them.

    `bounds` are the worst values of quality metrics that a variant may have, on the board where it
    was run there. `cost_order` are metrics of the board, the most important first (default: see
    `order`); between equal costs the variant that is closest to float32 is chosen.
    """
    if not any(document.find(task, name, board) for name in variants):
        others = sorted(
            {
                one.place.name
                for one in document.results.values()
                if one.task == task and one.place and one.place.kind == "board"
            }
        )
        there = f", but on {', '.join(others)} (--on NAME)" if others else ""
        raise NothingMeasuredError(
            f"no results of task {task!r} on board {board!r}{there}; measure them: "
            f"pytest --pyargs tinybench.bench --tinybench-task={task} --tinybench-board={board}"
        )
    usual = order(document, task, variants, board)
    cost_order = usual if cost_order is None else cost_order
    needed = tuple(dict.fromkeys((*usual, *cost_order)))
    candidates = [_candidate(document, task, name, bounds, board, needed) for name in variants]
    baseline = next((one for one in candidates if one.variant == BASELINE and not one.out), None)
    if baseline is not None:
        gain = ("flash_bytes", usual[-1])
        candidates = [_worth_it(one, baseline, gain) for one in candidates]
    fit = [one for one in candidates if not one.out]
    if not fit:
        why = "no variant meets the bounds and runs on the board"
        return Advice(None, why, tuple(replace(one, verdict=one.out) for one in candidates))

    def paid(one: Candidate) -> tuple[float, ...]:
        return tuple(one.costs[name] for name in cost_order)

    best = min(fit, key=lambda one: (*paid(one), _distance(one)))
    equal = [one for one in fit if one is not best and paid(one) == paid(best)]
    why = _why(best, baseline, fit, cost_order)
    if equal and best.variant != BASELINE:
        first = any(_distance(one) == _distance(best) for one in equal)
        than = "listed before" if first else "closer to float32 than"
        why += f"; {than} what costs the same: {', '.join(one.variant for one in equal)}"
    return Advice(
        best.variant,
        why,
        tuple(
            replace(one, verdict=one.out or _verdict(one, best, one in equal)) for one in candidates
        ),
    )


def order(document: Document, task: str, variants: Sequence[str], board: str) -> tuple[str, ...]:
    """COST_ORDER, with instructions for cycles if a variant was counted there and not priced."""
    found = [one for name in variants if (one := document.find(task, name, board))]
    counted = [one.metrics for one in found if UNPRICED in one.metrics]
    priced = bool(counted) and all("cycles" in metrics for metrics in counted)
    return COST_ORDER if priced else (*COST_ORDER[:-1], UNPRICED)


def _distance(one: Candidate) -> float:
    """From float32."""
    return one.costs.get(CLOSENESS, 0.0 if one.variant == BASELINE else math.inf)


def _verdict(one: Candidate, best: Candidate, equal: bool) -> str:
    if one is best:
        return "chosen"
    return _tie(best, one) if equal else "fits, costs more"


def _tie(best: Candidate, other: Candidate) -> str:
    """Why one is chosen of two that cost the same."""
    if _distance(best) == _distance(other):
        return f"costs the same and is as close to float32; {best.variant} is listed first"
    if best.variant == BASELINE:
        return f"costs the same as {BASELINE}"
    return f"costs the same; {best.variant} is closer to float32"


def _candidate(
    document: Document,
    task: str,
    variant: str,
    bounds: Mapping[str, float],
    board: str,
    needed: Sequence[str],
) -> Candidate:
    there, here = document.find(task, variant, board), document.find(task, variant)
    quality = {**(here.metrics if here else {}), **(there.metrics if there else {})}
    costs = {name: quality[name] for name in (*COSTS, CLOSENESS) if name in quality}
    if here and (note := here.note(SAME_AS_FLOAT32)):
        return Candidate(variant, costs, str(note))
    if variant in VARIANTS and VARIANTS.get(variant).stage == "control":
        return Candidate(variant, costs, "a control for retraining, not for shipping")
    for key, bound in bounds.items():
        of, _, name = key.rpartition(":")
        if of and not fnmatchcase(variant, of):
            continue
        sign = -1 if METRICS.get(name).direction == "higher" else 1
        if name not in quality or not sign * quality[name] <= sign * bound:
            shown = METRICS.get(name).format(quality[name]) if name in quality else "not measured"
            return Candidate(variant, costs, f"{name} {shown}, bound {bound:g}")
    if here and here.outcome == "skipped" and (note := here.note(NOT_AVAILABLE)):
        # What the reference does not run was never judged, whatever a board answers.
        return Candidate(variant, costs, str(note))
    if here and here.outcome == "failed":
        return Candidate(variant, costs, "its benchmark failed")
    if there is None or there.outcome == "skipped":
        reason = str(there.notes[0]) if there and there.notes else f"not measured on {board}"
        return Candidate(variant, costs, reason)
    if there.outcome != "passed":
        return Candidate(variant, costs, f"its benchmark failed on {board}")
    if missing := [name for name in needed if name not in costs]:
        return Candidate(variant, costs, f"no {missing[0]} on {board}")
    return Candidate(variant, costs)


def _worth_it(one: Candidate, baseline: Candidate, gain: Sequence[str]) -> Candidate:
    """Out if it is worse than float32 in any of `gain`."""
    if one.out or one.variant == baseline.variant:
        return one
    for name in gain:
        if one.costs[name] > baseline.costs[name]:
            metric = METRICS.get(name)
            found, plain = (
                f"{metric.format(costs[name])} {metric.unit}".rstrip()
                for costs in (one.costs, baseline.costs)
            )
            reason = f"{name} {found}, {BASELINE} {plain}"
            return Candidate(one.variant, one.costs, reason)
    return one


def _why(
    best: Candidate,
    baseline: Candidate | None,
    fit: Sequence[Candidate],
    cost_order: Sequence[str],
) -> str:
    if len(fit) == 1 and baseline is None:
        return "the only one within bounds and on the board"
    if len(fit) == 1:
        return "no other variant is within bounds, on the board, and no larger or slower"
    if baseline is not None and best.variant == BASELINE:
        return f"no quantized variant costs less, in the order {', '.join(cost_order)}"
    shown = []
    for name in cost_order:
        text = f"{name} {best.costs[name]:,} {METRICS.get(name).unit}".rstrip()
        if baseline is not None and baseline.costs[name]:
            text += f" ({best.costs[name] / baseline.costs[name] - 1:+.0%})"
        shown.append(text)
    against = f" ({BASELINE} being 0 %)" if baseline is not None else ""
    return f"the least in the order {', '.join(cost_order)}{against}: {', '.join(shown)}"
