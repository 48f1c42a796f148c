"""What a document does not hold: training curves, and quantization error layer by layer.

Both are made from the cache of the benchmarks, or made again if it has them no more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench import environment, hashing, tflite
from tinybench.measure import REFERENCE_RUNTIME, predict
from tinybench.report import rows
from tinybench.report.figures import layer_name
from tinybench.report.page.rows import BASELINE, Columnar, columnar, plain
from tinybench.report.table import Record
from tinybench.runtimes import RUNTIMES, Artifact, RefusalError
from tinybench.tasks import TASKS
from tinybench.tflite.cut import cut
from tinybench.variants import VARIANTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.checkpoint import Checkpoint
    from tinybench.document import Document
    from tinybench.measure import Bench
    from tinybench.tasks import Task
    from tinybench.variants import Variant

LAYER = ("task", "variant", "layer", "operator", "error")
CONVERSIONS = ("QUANTIZE", "DEQUANTIZE")
POINTS = 150
"""Epochs of a curve that are drawn."""
SAMPLES = 100
"""Test samples that a layer's error is taken over."""


@dataclass(frozen=True, slots=True)
class Details:
    """Curves by task and stage, and a row a layer of a variant; empty where nothing is known."""

    training: dict[str, Any] = field(default_factory=dict)
    layers: Columnar = field(default_factory=lambda: columnar([], LAYER))


def collect(document: Document, bench: Bench) -> Details:
    """Details of the document's tasks and variants that are registered here."""
    curves: dict[str, Any] = {}
    records: list[Record] = []
    for name in rows.tasks(document):
        if name not in TASKS:
            continue
        task = TASKS.get(name)
        measured = [one for one in rows.variants(document, name) if one in VARIANTS]
        stages = dict.fromkeys(VARIANTS.get(one).stage for one in measured)
        curves[name] = {
            stage: curves_of(bench.pipeline.checkpoint(task, stage)) for stage in stages
        }
        for variant in map(VARIANTS.get, measured):
            # Another training's weights differ for more reasons than quantization.
            if variant.division == "closed" and variant.name != BASELINE:
                records += _layers(bench, task, variant)
    return Details(curves, columnar(records, LAYER))


def curves_of(checkpoint: Checkpoint) -> dict[str, Any]:
    """Every k-th epoch and the last, counted from 1, with each quantity's values there."""
    history = checkpoint.history
    length = max(map(len, history.values()), default=0)
    step = max(1, -(-length // POINTS))
    shown = sorted({*range(0, length, step), *([length - 1] if length else [])})
    values = {name: [plain(float(curve[at])) for at in shown] for name, curve in history.items()}
    return {"epochs": [at + 1 for at in shown], "values": values}


def _layers(bench: Bench, task: Task, variant: Variant) -> list[Record]:
    """Layers where a variant has an error; from the cache if the same files gave them."""
    float32 = bench.pipeline.artifact(task, VARIANTS.get(BASELINE))
    artifact = bench.pipeline.artifact(task, variant)
    x = bench.pipeline.dataset(task).test.x[:SAMPLES]
    inputs = {
        "files": [float32.sha256, artifact.sha256],
        "x": hashing.of_arrays({"x": x}),
        "runtime": environment.package_version("ai-edge-litert"),
    }

    def make() -> bytes:
        return json.dumps(list(layer_errors(float32, artifact, x))).encode()

    name = f"{task.name}-{variant.name}-layers"
    found: list[Record] = json.loads(bench.pipeline.store.get(name, inputs, "json", make))
    # What equals float32 has no place on an axis of powers of ten.
    wrong = [record for record in found if record["error"] > 0]
    return [{"task": task.name, "variant": variant.name, **record} for record in wrong]


def layer_errors(float32: Artifact, other: Artifact, x: NDArray[np.float32]) -> Iterator[Record]:
    """Root mean square of a layer's difference from float32, in parts of that of float32's output.

    Nothing if the two do not have the same layers: conversions between types are no layer.
    """
    plain_model, model = tflite.read(float32.data), tflite.read(other.data)
    layers = [one for one in plain_model.operators if one.name not in CONVERSIONS]
    others = [one for one in model.operators if one.name not in CONVERSIONS]
    if [one.name for one in layers] != [one.name for one in others]:
        return
    for number, (layer, counterpart) in enumerate(zip(layers, others, strict=True)):
        try:
            expected = outputs_after(float32, layer.index, x)
            found = outputs_after(other, counterpart.index, x)
        except (RefusalError, tflite.ModelError):
            continue  # a layer with several outputs, or one that the runtime cannot end with
        size = float(np.sqrt(np.mean(np.square(expected, dtype=np.float64))))
        difference = np.square(found.astype(np.float64) - expected)
        if size > 0:
            yield {
                "layer": f"{number} {_name(plain_model, layer)}",
                "operator": layer.name,
                "error": float(np.sqrt(np.mean(difference))) / size,
            }


def _name(model: tflite.Model, operator: tflite.Operator) -> str:
    """The Keras layer's name: of the output or, if that has the model's own, of the weights."""
    tensors = [model.tensors[index] for index in operator.inputs if index != -1]
    weights = [one.name for one in tensors if one.data is not None]
    return layer_name([model.tensors[operator.outputs[0]].name, *weights])


def outputs_after(artifact: Artifact, operator: int, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Real outputs of an operator for inputs (N, *input shape)."""
    ended = Artifact(f"{artifact.name}-{operator}", cut(artifact.data, operator))
    session = RUNTIMES.get(REFERENCE_RUNTIME).load(ended)
    return predict(session, tflite.read(ended.data), x).values
