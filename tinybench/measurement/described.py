"""What a document says of the tasks that were measured, beside their numbers."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from tinybench.artifacts.provenance import describe_task
from tinybench.conversion.variants import VARIANTS
from tinybench.errors import TinybenchError
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
        names = dict.fromkeys(one.variant or "" for one in own if one.sha256)
        variants = [VARIANTS.get(one) for one in names if one in VARIANTS]
        stages = {"float32", *(one.stage for one in variants)}
        # One task that cannot be told of takes no other along.
        with suppress(TinybenchError):
            found[name] = describe_task(bench.artifacts, task, stages)
            if variants and (heads := bench.heads(task, variants[0])):
                found[name]["heads"] = heads
    return found
