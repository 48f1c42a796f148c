"""The figures of a document: what the tutorials show of each task, and quality against size.

This module collects the arrays; `plots`, `class_plots` and `tradeoffs` draw them. matplotlib is
the extra `report` and is imported when something is drawn.
"""

from __future__ import annotations

import pickle
import re
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tinybench import environment
from tinybench.boards import DEFAULT_BOARD
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement import layers
from tinybench.measurement.layers import BASELINE
from tinybench.metrics.quality import classes
from tinybench.report import canvas, class_plots, pareto_front, plots, rows, tradeoffs
from tinybench.report.class_plots import COLUMNS, Sample
from tinybench.report.plots import Curve
from tinybench.report.tradeoffs import Panel, Point
from tinybench.runtimes import REFERENCE_RUNTIME, RUNTIMES
from tinybench.storage import hashing
from tinybench.storage.store import Store, write_atomically
from tinybench.tasks import TASKS
from tinybench.tflite.layers import layers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence, Set
    from types import ModuleType

    from numpy.typing import NDArray

    from tinybench.measurement.measure import Measurements
    from tinybench.results.document import Document
    from tinybench.results.record import Result
    from tinybench.tasks import Split, Task

Plot: TypeAlias = tuple[Callable[..., bytes], tuple[Any, ...]]
"""A plotting function and its arguments."""

OVERALL = "quality-against-size"
ALT_TEXTS = {
    "data": "the data without and with noise, and its three splits",
    "samples": "test inputs with their class and the classes that float32 and int8 name",
    "training": "loss and metric on training and validation data by epoch",
    "predictions": "predictions of Keras, TFLite and int8 TFLite against the actual values",
    "confusion": "confusion matrices of float32 and int8",
    "pareto": "quality of each variant against its size and instructions, the best ones joined",
    "layers": "difference of each variant from float32 layer by layer",
    "graph": "the float model's operators from input to output",
    OVERALL: "size of each variant's file against its quality",
}
"""What each figure shows, in the order of the tutorials."""

PREDICTED = {
    "Keras": ("float32", "keras"),
    "TFLite": ("float32", "litert"),
    "TFLite int8": ("int8", "litert"),
}
JUDGED = ("float32", "int8")
SAMPLES: dict[str, Callable[..., bytes]] = {
    "audio": class_plots.spectrograms,
    "motion": class_plots.traces,
    "image": class_plots.pictures,
}
"""How inputs of a modality are drawn."""
FILE, ON_BOARD = "tflite_bytes", ("flash_bytes", "instructions")
FEW = 12
"""Figures that are drawn before other processes would have started."""
MISTAKES, MOST_SAMPLES = 4, 24
MOST_PAIRS = 6
"""Classes up to which two samples of each are shown."""


def key_of(task: str, name: str) -> str:
    """A figure's key in what `draw` returns."""
    return f"{task}/{name}"


def draw(document: Document, bench: Measurements, folder: Path) -> dict[str, Path]:
    """Write `figures/<task>/<name>.png` for the document's tasks that are registered here.

    Also `figures/quality-against-size.png`, keyed OVERALL. Trains and converts nothing that the
    cache has; equal inputs give equal bytes.
    """
    wanted: dict[str, Plot] = {}
    for name in rows.tasks(document):
        if name in TASKS:
            plots_of_task = _task(document, bench, TASKS.get(name))
            wanted |= {key_of(name, figure): plot for figure, plot in plots_of_task}
    if panels := quality_against_size(document):
        wanted[OVERALL] = tradeoffs.quality_against_cost, (panels,)
    made = _all_drawn(bench.artifacts.store, wanted)
    paths = {key: folder / "figures" / f"{key}.png" for key in made}
    for key, path in paths.items():
        write_atomically(path, made[key])
    return paths


def _all_drawn(store: Store, wanted: Mapping[str, Plot]) -> dict[str, bytes]:
    """The PNGs; many are drawn in two processes, as matplotlib takes half a second for each."""
    if len(wanted) <= FEW:
        return {key: _drawn(store, key, *plot) for key, plot in wanted.items()}
    with ProcessPoolExecutor(2, get_context("spawn")) as processes:
        pending = {key: processes.submit(_drawn, store, key, *plot) for key, plot in wanted.items()}
        return {key: future.result() for key, future in pending.items()}


def _drawn(store: Store, key: str, function: Callable[..., bytes], arguments: Any) -> bytes:
    """The PNG, from the cache if the same code has drawn the same arrays."""
    inputs = {
        "function": function.__name__,
        "arguments": hashing.of_bytes(pickle.dumps(arguments, protocol=5)),
        "code": [_code(one) for one in (sys.modules[function.__module__], canvas, pareto_front)],
        "matplotlib": environment.package_version("matplotlib"),
    }
    name = f"figure-{key.replace('/', '-')}"
    return store.get(name, inputs, "png", lambda: function(*arguments))


def _code(module: ModuleType) -> str:
    return hashing.of_bytes(Path(str(module.__file__)).read_bytes())


def quality_against_size(document: Document) -> tuple[Panel, ...]:
    """A panel a task: every variant whose size and quality are known."""
    return tuple(
        panel
        for task in rows.tasks(document)
        if (panel := _panel(document, task, FILE, None, "size of the .tflite file (B) ↓", task))
    )


def pareto(document: Document, task: str) -> tuple[Panel, ...]:
    """Quality against the file, and against flash and instructions on the default board.

    On a board the quality is of its own outputs, if it ran the whole test split.
    """
    boards = rows.boards(document, task)
    board = DEFAULT_BOARD if DEFAULT_BOARD in boards else next(iter(boards), None)
    titles = {FILE: "By LiteRT", **dict.fromkeys(ON_BOARD, f"On {board}")}
    found = (
        _panel(document, task, cost, board if cost in ON_BOARD else None, heading(cost), title)
        for cost, title in titles.items()
    )
    return tuple(replace(panel, marks_front=True) for panel in found if panel)


def heading(metric: str) -> str:
    """A metric's name with its unit and the arrow to better values."""
    return rows.heading(rows.metric(metric))


def _panel(
    document: Document, task: str, cost: str, place: str | None, axis: str, title: str
) -> Panel | None:
    results = [document.find(task, name, place) for name in rows.variants(document, task)]
    found = [one for one in results if one and cost in one.metrics]
    name = rows.ACCURACY if any(rows.is_classifier(document, one) for one in found) else rows.ERROR
    # A board that ran a part of the test split has no quality of its own: the file's, then.
    judged = [(one, _with(name, one, document.find(task, one.variant))) for one in found]
    points = tuple(_point(one, of, cost, name) for one, of in judged if of)
    higher = rows.metric(name).direction == "higher"
    return Panel(title, axis, heading(name), points, higher) if points else None


def _with(metric: str, *results: Result | None) -> Result | None:
    """The first result that has a metric."""
    return next((one for one in results if one and metric in one.metrics), None)


def _point(result: Result, judged: Result, cost: str, quality: str) -> Point:
    variant = result.variant or ""
    low, high = (rows.value(judged, f"{quality}_{end}") for end in ("low", "high"))
    return Point(
        variant,
        result.metrics[cost],
        judged.metrics[quality],
        rows.division(variant) == "open",
        None if low is None or high is None else (low, high),
    )


def confusions(document: Document, task: str) -> list[tuple[str, NDArray[Any]]]:
    """The matrices of float32 and int8 with a title, as far as the document has them."""
    count = len(rows.classes(document, task))
    found = []
    for variant in JUDGED:
        result = document.find(task, variant)
        if result and count and list(map(len, result.confusion)) == [count] * count:
            accuracy = rows.value(result, rows.ACCURACY)
            title = variant if accuracy is None else f"{variant}: accuracy {accuracy:.3f}"
            found.append((title, np.array(result.confusion)))
    return found


def chosen_samples(true: NDArray[Any], predicted: Sequence[NDArray[Any]]) -> list[int]:
    """Samples worth a look: of each class the first that every model finds, then mistakes.

    Where only some models are wrong comes first. All are arrays of classes (N,).
    """
    wrong = np.stack([classes != true for classes in predicted])
    labels = np.unique(true)
    each = 2 if len(labels) <= MOST_PAIRS else 1
    right = [
        at
        for label in labels
        for at in _first((true == label) & ~np.logical_or.reduce(wrong), each)
    ]
    right = right[: MOST_SAMPLES - MISTAKES]
    room = -(-(len(right) + MISTAKES) // COLUMNS) * COLUMNS - len(right)
    by_all = np.logical_and.reduce(wrong)
    by_some = _first(np.logical_or.reduce(wrong) & ~by_all, room)
    return [*right, *by_some, *_first(by_all, room - len(by_some))]


def _first(which: NDArray[Any], count: int) -> list[int]:
    return [int(at) for at in np.flatnonzero(which)[:count]]


def _task(document: Document, bench: Measurements, task: Task) -> Iterator[tuple[str, Plot]]:
    measured = set(rows.variants(document, task.name))
    if task.labels:
        yield from _of_classes(document, bench, task)
    elif task.shipped is None:
        # Where only a part is shipped, the whole takes long to make.
        named = bench.artifacts.dataset(task).splits()
        if all(_is_flat(split) for split in named.values()):
            truths = [split.truth for split in named.values() if split.truth is not None]
            truth = np.concatenate(truths).ravel() if len(truths) == len(named) else None
            splits = {name: (part.x.ravel(), part.y.ravel()) for name, part in named.items()}
            yield "data", (plots.data, (splits, truth))
    history = bench.artifacts.checkpoint(task, "float32").history
    names = [name for name in history if not name.startswith("val_")]
    curves = [Curve(_words(name), history[name], history.get(f"val_{name}")) for name in names]
    loss = _words(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", task.recipe.loss).lower())
    yield "training", (plots.training, (curves, loss))
    if not task.labels and (predicted := _predicted(bench, task, PREDICTED, measured)):
        test = bench.artifacts.evaluation(task).test
        x = test.x.ravel() if _is_flat(test) else None
        yield "predictions", (plots.predictions, (x, test.y, predicted))
    if panels := pareto(document, task.name):
        yield "pareto", (tradeoffs.quality_against_cost, (panels,))
    if BASELINE in measured:
        yield from _errors_by_layer(bench, task, measured)
        boxes = layers_of(bench.graph(task, VARIANTS.get(BASELINE)))
        yield "graph", (plots.graph, (boxes,))


def _of_classes(document: Document, bench: Measurements, task: Task) -> Iterator[tuple[str, Plot]]:
    draw_samples = SAMPLES.get(task.modality)
    if draw_samples and (found := _samples(document, bench, task)):
        yield "samples", (draw_samples, (found,))
    if matrices := confusions(document, task.name):
        labels = rows.classes(document, task.name)
        yield "confusion", (class_plots.confusion, (labels, matrices))


def _samples(document: Document, bench: Measurements, task: Task) -> list[Sample]:
    """Test inputs worth a look; none for a document about other data, a user's own."""
    evaluation = bench.artifacts.evaluation(task)
    known = document.tasks.get(task.name, {}).get("data", {}).get("sha256")
    places = {name: (name, REFERENCE_RUNTIME) for name in JUDGED}
    measured = set(rows.variants(document, task.name))
    if known not in (None, evaluation.card.sha256) or not measured & {*JUDGED}:
        return []
    scores = _predicted(bench, task, places, measured)
    true = classes(evaluation.test.y)
    named = {model: classes(values) for model, values in scores.items()}
    return [
        Sample(
            evaluation.test.x[at],
            task.labels[true[at]],
            tuple((model, task.labels[one[at]]) for model, one in named.items()),
        )
        for at in chosen_samples(true, list(named.values()))
    ]


def _predicted(
    bench: Measurements, task: Task, places: Mapping[str, tuple[str, str]], measured: Set[str]
) -> dict[str, NDArray[np.float32]]:
    """Outputs on the test split by name of (variant, runtime), of the measured variants."""
    return {
        name: bench.predictions(task, VARIANTS.get(variant), RUNTIMES.get(runtime)).values
        for name, (variant, runtime) in places.items()
        if variant in measured
    }


def _errors_by_layer(
    bench: Measurements, task: Task, measured: Set[str]
) -> Iterator[tuple[str, Plot]]:
    names: list[str] = []
    lines: dict[str, list[float]] = {}
    for variant in layers.comparable(one.name for one in VARIANTS if one.name in measured):
        found = layers.errors(bench, task, variant)
        if any(record["error"] > 0 for record in found):
            own = {record["layer"]: record["error"] for record in found}
            names = names or list(own)
            lines[variant.name] = [own.get(name, 0.0) for name in names]
    if lines:
        yield "layers", (plots.layer_errors, (names, lines))


def _is_flat(split: Split) -> bool:
    return split.x.shape[1:] == (1,) == split.y.shape[1:]


def _words(name: str) -> str:
    return name.replace("_", " ")
