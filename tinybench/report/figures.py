"""The figures of a document: what the tutorials show of each task, and quality against size.

This module collects the arrays; `tinybench.report.plots` draws them. matplotlib is the extra
`report` and is imported when something is drawn.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tinybench import environment, hashing
from tinybench.report import plots, rows
from tinybench.report.plots import Curve, Layer, Point
from tinybench.runtimes import RUNTIMES
from tinybench.store import Store, write_atomically
from tinybench.tasks import TASKS
from tinybench.variants import VARIANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybench import tflite
    from tinybench.document import Document
    from tinybench.measure import Bench
    from tinybench.tasks import Task

Plot: TypeAlias = tuple[Callable[..., bytes], tuple[Any, ...]]
"""A function of `plots` and its arguments."""

HERE = Path(__file__).parent

OVERALL = "quality-against-size"
ALT_TEXTS = {
    "data": "the data without and with noise, and its three splits",
    "training": "loss and metric on training and validation data by epoch",
    "predictions": "predictions of Keras, TFLite and int8 TFLite against the actual values",
    "graph": "the float model's operators from input to output",
    OVERALL: "size of each variant's file against its mean squared error",
}
"""What each figure shows, in the order of the tutorials."""

PREDICTED = {
    "Keras": ("float32", "keras"),
    "TFLite": ("float32", "litert"),
    "TFLite int8": ("int8", "litert"),
}


def key_of(task: str, name: str) -> str:
    """A figure's key in what `draw` returns."""
    return f"{task}/{name}"


def draw(document: Document, bench: Bench, folder: Path) -> dict[str, Path]:
    """Write `figures/<task>/<name>.png` for the document's tasks that are registered here.

    Also `figures/quality-against-size.png`, keyed OVERALL. Trains and converts nothing that the
    cache has; equal inputs give equal bytes.
    """
    wanted: dict[str, Plot] = {}
    for name in rows.tasks(document):
        if name in TASKS:
            plots_of_task = _task(document, bench, TASKS.get(name))
            wanted |= {key_of(name, figure): plot for figure, plot in plots_of_task}
    if points := quality_points(document):
        wanted[OVERALL] = plots.quality_against_size, (points,)
    made = {key: _drawn(bench.pipeline.store, key, *plot) for key, plot in wanted.items()}
    paths = {key: folder / "figures" / f"{key}.png" for key in made}
    for key, path in paths.items():
        write_atomically(path, made[key])
    return paths


def _drawn(store: Store, key: str, function: Callable[..., bytes], arguments: Any) -> bytes:
    """The PNG, from the cache if the same code has drawn the same arrays."""
    inputs = {
        "function": function.__name__,
        "arguments": hashing.of_bytes(pickle.dumps(arguments, protocol=5)),
        "code": [
            hashing.of_bytes((HERE / name).read_bytes()) for name in ("plots.py", "canvas.py")
        ],
        "matplotlib": environment.package_version("matplotlib"),
    }
    name = f"figure-{key.replace('/', '-')}"
    return store.get(name, inputs, "png", lambda: function(*arguments))


def quality_points(document: Document) -> dict[str, list[Point]]:
    """By task, every variant whose size and error are known."""
    found: dict[str, list[Point]] = {}
    for one in rows.of_variants(document):
        size, mse = one.metrics.get("tflite_bytes"), one.metrics.get("mse")
        if size is not None and mse is not None and one.variant:
            is_open = rows.division(one.variant) == "open"
            found.setdefault(one.task, []).append(Point(one.variant, size, mse, is_open))
    return found


def layers_of(model: tflite.Model) -> list[Layer]:
    """The graph's inputs and operators, each with the indexes of the layers that it reads."""
    layers: list[Layer] = []
    made_by: dict[int, int] = {}
    for index in model.inputs:
        tensor = model.tensors[index]
        made_by[index] = len(layers)
        layers.append(Layer(tensor.name, tensor.dtype, tensor.shape, 0))
    for operator in model.operators:
        tensors = [model.tensors[index] for index in operator.inputs if index != -1]
        # Not the shapes and axes that RESHAPE and its like read.
        weights = [one for one in tensors if one.data is not None and one.dtype.startswith("float")]
        output = model.tensors[operator.outputs[0]]
        names = [output.name, *(one.name for one in weights)]
        activation = (operator.options or {}).get("fused_activation_function", "NONE")
        kind = operator.name if activation == "NONE" else f"{operator.name} + {activation}"
        sources = tuple(made_by[one.index] for one in tensors if one.index in made_by)
        for index in operator.outputs:
            made_by[index] = len(layers)
        count = sum(one.elements for one in weights)
        layers.append(Layer(layer_name(names), kind, output.shape, count, sources))
    return layers


def layer_name(tensors: list[str]) -> str:
    """The Keras layer's name: the middle of the first name like `model/dense_0/MatMul;...`."""
    for name in tensors:
        parts = name.split(";")[0].split("/")
        if len(parts) > 2:
            return "/".join(parts[1:-1])
    return tensors[0].split(";")[0]


def _task(document: Document, bench: Bench, task: Task) -> Iterator[tuple[str, Plot]]:
    data = bench.pipeline.dataset(task)
    named = data.splits()
    flat = all(split.x.shape[1:] == (1,) == split.y.shape[1:] for split in named.values())
    if flat:
        truths = [split.truth for split in named.values() if split.truth is not None]
        yield (
            "data",
            (
                plots.data,
                (
                    {name: (part.x.ravel(), part.y.ravel()) for name, part in named.items()},
                    np.concatenate(truths).ravel() if len(truths) == len(named) else None,
                ),
            ),
        )
    history = bench.pipeline.checkpoint(task, "float32").history
    names = [name for name in history if not name.startswith("val_")]
    curves = [Curve(_words(name), history[name], history.get(f"val_{name}")) for name in names]
    loss = _words(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", task.recipe.loss).lower())
    yield "training", (plots.training, (curves, loss))
    measured = set(rows.variants(document, task.name))
    predicted = {
        label: bench.predictions(task, VARIANTS.get(variant), RUNTIMES.get(runtime)).values
        for label, (variant, runtime) in PREDICTED.items()
        if variant in measured
    }
    if predicted:
        x = data.test.x.ravel() if flat else None
        yield "predictions", (plots.predictions, (x, data.test.y, predicted))
    if "float32" in measured:
        layers = layers_of(bench.graph(task, VARIANTS.get("float32")))
        yield "graph", (plots.graph, (layers,))


def _words(name: str) -> str:
    return name.replace("_", " ")
