"""The figures of a document: what the tutorials show of each task, and quality against size.

This module takes arrays from illustrations and numbers from the document; `plots`, `class_plots`
and `tradeoffs` draw them. matplotlib is the extra `report`, imported when something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.boards import DEFAULT_BOARD
from tinybench.report import class_plots, drawn, plots, rows, tradeoffs
from tinybench.report.class_plots import Sample
from tinybench.report.drawn import Plot
from tinybench.report.plots import Curve
from tinybench.report.tradeoffs import Panel, Point

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from tinybench.results.document import Document
    from tinybench.results.illustration import Illustration, Samples
    from tinybench.results.record import Result
    from tinybench.storage.store import Store

OVERALL = "quality-against-size"
ALT_TEXTS = {
    "data": "the data without and with noise, and its three splits",
    "samples": "test inputs with their class and the classes that float32 and int8 name",
    "training": "loss and metric on training and validation data by epoch",
    "predictions": "predictions of Keras, TFLite and int8 TFLite against the actual values",
    "confusion": "confusion matrices of float32 and int8",
    "pareto": "quality of each variant against its size and instructions, the best ones joined",
    "layers": "difference of each variant from float32 layer by layer",
    "graph": "the model's operators from input to output",
    OVERALL: "size of each variant's file against its quality",
}
"""What each figure shows, in the order of the tutorials."""

JUDGED = ("float32", "int8", "file")
SAMPLES: dict[str, Callable[..., bytes]] = {
    "audio": class_plots.spectrograms,
    "motion": class_plots.traces,
    "image": class_plots.pictures,
}
"""How inputs of a modality are drawn."""
FILE_AXIS = "size of the .tflite file (B) ↓"
FILE, ON_BOARD = "tflite_bytes", ("flash_bytes", "instructions")


def key_of(task: str, name: str) -> str:
    """A figure's key in what `draw` returns."""
    return f"{task}/{name}"


def draw(
    document: Document, illustrations: Mapping[str, Illustration], store: Store, folder: Path
) -> dict[str, Path]:
    """Write `figures/<task>/<name>.png` of the document's tasks, and return the paths by key.

    Also `figures/quality-against-size.png`, keyed OVERALL. A task without an illustration has the
    figures that its results alone give. Equal inputs give equal bytes.
    """
    wanted: dict[str, Plot] = {}
    for task in rows.tasks(document):
        plots_of_task = _task(document, task, illustrations.get(task))
        wanted |= {key_of(task, figure): plot for figure, plot in plots_of_task}
    if panels := quality_against_size(document):
        wanted[OVERALL] = Plot(tradeoffs.quality_against_cost, (panels,))
    return drawn.write(wanted, store, folder / "figures")


def quality_against_size(document: Document) -> tuple[Panel, ...]:
    """A panel a task: every variant whose size and quality are known."""
    return tuple(
        panel
        for task in rows.tasks(document)
        for name, output in rows.outputs_of(document, task)
        if (panel := _panel(document, task, output, (FILE, None), FILE_AXIS, name))
    )


def pareto(document: Document, task: str) -> tuple[Panel, ...]:
    """Quality against the file, and against flash and instructions on the default board.

    On a board the quality is of its own outputs, if it ran the whole test split.
    """
    boards = rows.boards(document, task)
    board = DEFAULT_BOARD if DEFAULT_BOARD in boards else next(iter(boards), None)
    titles = {FILE: "By LiteRT", **dict.fromkeys(ON_BOARD, f"On {board}")}
    outputs = rows.outputs_of(document, task)
    found = (
        _panel(
            document,
            task,
            output,
            (cost, board if cost in ON_BOARD else None),
            heading(cost),
            f"{output}: {title}" if output else title,
        )
        for _, output in outputs
        for cost, title in titles.items()
    )
    return tuple(replace(panel, marks_front=True) for panel in found if panel)


def heading(metric: str) -> str:
    """A metric's name with its unit and the arrow to better values."""
    return rows.heading(rows.metric(metric))


def _panel(
    document: Document,
    task: str,
    output: str,
    of: tuple[str, str | None],
    axis: str,
    title: str,
) -> Panel | None:
    """The quality of one output of a task's variants against a cost on a place."""
    cost, place = of

    def own(variant: str | None, where: str | None) -> Result | None:
        result = document.find(task, variant, where)
        wanted = f"{task}@{output}" if output else task
        parts = rows.by_output([result] if result else [])
        return next((one for one in parts if one.task == wanted), result)

    results = [own(name, place) for name in rows.variants(document, task)]
    found = [one for one in results if one and cost in one.metrics]
    name = rows.ACCURACY if any(rows.is_classifier(document, one) for one in found) else rows.ERROR
    # A board that ran a part of the test split has no quality of its own: the file's, then.
    judged = [(one, _with(name, one, own(one.variant, None))) for one in found]
    points = tuple(_point(one, by, cost, name) for one, by in judged if by)
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


def labels_of(document: Document, task: str) -> list[str]:
    """The classes of a task's confusion matrices: their names, or numbers where they have none."""
    found = (document.find(task, variant) for variant in JUDGED)
    size = max((len(one.confusion) for one in found if one), default=0)
    return rows.classes(document, task) or [str(number) for number in range(size)]


def confusions(document: Document, task: str) -> list[tuple[str, NDArray[Any]]]:
    """The matrices of float32, int8 and a `.tflite` with a title, those that the document has."""
    found = []
    for variant in JUDGED:
        result = document.find(task, variant)
        count = len(labels_of(document, task))
        if result and count and list(map(len, result.confusion)) == [count] * count:
            accuracy = rows.value(result, rows.ACCURACY)
            title = variant if accuracy is None else f"{variant}: accuracy {accuracy:.3f}"
            found.append((title, np.array(result.confusion)))
    return found


def _task(
    document: Document, task: str, illustration: Illustration | None
) -> Iterator[tuple[str, Plot]]:
    """The figures of a task, in reading order."""
    samples = illustration.samples if illustration else None
    if samples and (draw_samples := SAMPLES.get(samples.modality)):
        yield "samples", Plot(draw_samples, (_samples(samples),))
    if matrices := confusions(document, task):
        labels = labels_of(document, task)
        yield "confusion", Plot(class_plots.confusion, (labels, matrices))
    if illustration and illustration.splits:
        yield "data", Plot(plots.data, (dict(illustration.splits), illustration.truth))
    if illustration and illustration.history:
        yield "training", Plot(plots.training, (_curves(illustration), illustration.loss))
    if illustration and (found := illustration.predictions):
        yield "predictions", Plot(plots.predictions, (found.x, found.actual, dict(found.by_model)))
    if panels := pareto(document, task):
        yield "pareto", Plot(tradeoffs.quality_against_cost, (panels,))
    if illustration and (lines := _errors_by_layer(illustration)):
        names = list(next(iter(lines.values())))
        values = {variant: [own.get(name, 0.0) for name in names] for variant, own in lines.items()}
        yield "layers", Plot(plots.layer_errors, (names, values))
    if illustration and illustration.graph:
        yield "graph", Plot(plots.graph, (list(illustration.graph),))


def _curves(illustration: Illustration) -> list[Curve]:
    history = illustration.history
    names = [name for name in history if not name.startswith("val_")]
    return [
        Curve(name.replace("_", " "), history[name], history.get(f"val_{name}")) for name in names
    ]


def _samples(found: Samples) -> list[Sample]:
    return [
        Sample(x, true, tuple((model, named[at]) for model, named in found.named.items()))
        for at, (x, true) in enumerate(zip(found.x, found.true, strict=True))
    ]


def _errors_by_layer(illustration: Illustration) -> dict[str, dict[str, float]]:
    """By variant, the error of each layer; without variants that equal float32."""
    errors = {
        variant: {record["layer"]: record["error"] for record in found}
        for variant, found in illustration.layers.items()
    }
    return {variant: own for variant, own in errors.items() if any(own.values())}
