"""What a document says of the tasks that were measured, beside their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinybench.artifacts.provenance import describe_task
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement.measure import Measurements
from tinybench.results.record import Result
from tinybench.tasks import TASKS


def describe(bench: Measurements, results: Iterable[Result]) -> dict[str, Any]:
    """The entries of the tasks that anything was measured of, by name.

    Nothing is made for it: it tells of the stages and outputs of the variants that are there.
    """
    measured = [one for one in results if one.metrics or one.outcome == "passed"]
    found = {}
    for name in sorted({one.task for one in measured}):
        task, own = TASKS.get(name), [one for one in measured if one.task == name]
        stages = {_stage(one.variant) for one in own}
        found[name] = describe_task(bench.artifacts, task, stages | {"float32"})
        made = [one.variant for one in own if one.sha256 and one.variant in VARIANTS]
        if made and (heads := bench.heads(task, VARIANTS.get(made[0]))):
            found[name]["heads"] = heads
    return found


def _stage(variant: str | None) -> str:
    return VARIANTS.get(variant).stage if variant and variant in VARIANTS else "float32"
