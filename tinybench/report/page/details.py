"""What a document does not hold: training curves, and quantization error layer by layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tinybench.report import rows
from tinybench.report.page.rows import Columnar, columnar, plain
from tinybench.report.table import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybench.results.document import Document
    from tinybench.results.illustration import Curves, Illustration

LAYER = ("task", "variant", "layer", "operator", "error")


@dataclass(frozen=True, slots=True)
class Details:
    """Curves by task and stage, and a row a layer of a variant; empty where nothing is known."""

    training: dict[str, Any] = field(default_factory=dict)
    layers: Columnar = field(default_factory=lambda: columnar([], LAYER))


def collect(document: Document, illustrations: Mapping[str, Illustration]) -> Details:
    """Details of the document's tasks that have an illustration."""
    curves: dict[str, Any] = {}
    records: list[Record] = []
    for name in rows.tasks(document):
        if (found := illustrations.get(name)) is None:
            continue
        curves[name] = {stage: _drawn(one) for stage, one in found.curves.items()}
        for variant, layers in found.layers.items():
            key = {"task": name, "variant": variant}
            # What equals float32 has no place on an axis of powers of ten.
            records += [{**key, **record} for record in layers if record["error"] > 0]
    return Details(curves, columnar(records, LAYER))


def _drawn(curves: Curves) -> dict[str, Any]:
    values = {name: [plain(float(at)) for at in curve] for name, curve in curves.values.items()}
    return {"epochs": [int(epoch) for epoch in curves.epochs], "values": values}
