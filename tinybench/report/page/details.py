"""What a document does not hold: training curves, and quantization error layer by layer.

Both are made from the cache of the benchmarks, or made again if it has them no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tinybench.conversion.variants import VARIANTS
from tinybench.measurement import layers
from tinybench.report import rows
from tinybench.report.page.rows import Columnar, columnar, plain
from tinybench.report.table import Record
from tinybench.tasks import TASKS

if TYPE_CHECKING:
    from tinybench.measurement.measure import Measurements
    from tinybench.results.document import Document
    from tinybench.training.checkpoint import Checkpoint

LAYER = ("task", "variant", "layer", "operator", "error")
POINTS = 150
"""Epochs of a curve that are drawn."""


@dataclass(frozen=True, slots=True)
class Details:
    """Curves by task and stage, and a row a layer of a variant; empty where nothing is known."""

    training: dict[str, Any] = field(default_factory=dict)
    layers: Columnar = field(default_factory=lambda: columnar([], LAYER))


def collect(document: Document, bench: Measurements) -> Details:
    """Details of the document's tasks and variants that are registered here."""
    curves: dict[str, Any] = {}
    records: list[Record] = []
    for name in rows.tasks(document):
        if name not in TASKS:
            continue
        task = TASKS.get(name)
        measured = rows.variants(document, name)
        stages = dict.fromkeys(VARIANTS.get(one).stage for one in measured if one in VARIANTS)
        curves[name] = {
            stage: curves_of(bench.artifacts.checkpoint(task, stage)) for stage in stages
        }
        for variant in layers.comparable(measured):
            key = {"task": name, "variant": variant.name}
            found = layers.errors(bench, task, variant)
            # What equals float32 has no place on an axis of powers of ten.
            records += [{**key, **record} for record in found if record["error"] > 0]
    return Details(curves, columnar(records, LAYER))


def curves_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """Every k-th epoch and the last, counted from 1, with each quantity's values there."""
    history = checkpoint.history
    length = max(map(len, history.values()), default=0)
    step = max(1, -(-length // POINTS))
    shown = sorted({*range(0, length, step), *([length - 1] if length else [])})
    values = {name: [plain(float(curve[at])) for at in shown] for name, curve in history.items()}
    return {"epochs": [at + 1 for at in shown], "values": values}
