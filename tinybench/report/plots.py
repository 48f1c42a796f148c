"""Plain arrays to PNG bytes, always the same for the same arrays and versions.

Panels take arrays of one feature; what a task's figures are made of is collected in `figures`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.report.canvas import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    SKY,
    drawing,
    legend_below,
    panels,
    spans,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats: TypeAlias = NDArray[Any]
NAME_WIDTH = 22
LEFT = 0.1
"""Where the boxes of a graph begin, as a part of the figure's width."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity by epoch, on training data and, if it was recorded, on validation data."""

    name: str
    training: Floats
    validation: Floats | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A variant: bytes of its file, its error, and whether it was trained further (open)."""

    variant: str
    size: float
    error: float
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Layer:
    """A box of the graph; `sources` are the indexes of the layers that it reads."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    sources: tuple[int, ...] = ()


@drawing
def data(splits: Mapping[str, tuple[Floats, Floats]], truth: Floats | None) -> Figure:
    """Noise-free data, noisy data, the splits; panels that would repeat another are left out.

    `splits` are x (N,) and y (N,) by name; `truth` (all N,) is in their order.
    """
    x, y = (np.concatenate(columns) for columns in zip(*splits.values(), strict=True))
    noisy = truth is not None and not np.array_equal(truth, y)
    figure, axes = panels(3 if noisy else 2, sharey=True)
    if truth is not None and noisy:
        axes[0].plot(x, truth, ".", color=BLUE, markersize=3)
        axes[0].set_title("Data without noise")
    axes[-2].plot(x, y, ".", color=BLUE, markersize=3)
    axes[-2].set_title("Data with noise" if noisy else "Data")
    for (name, (own_x, own_y)), colour, marker in zip(
        splits.items(), (SKY, ORANGE, RED), ".^x", strict=False
    ):
        label = f"{name} ({len(own_x)})"
        axes[-1].plot(own_x, own_y, marker, color=colour, markersize=4, label=label)
    axes[-1].set_title("Splits")
    for one in axes:
        one.set(xlabel="x")
    axes[0].set(ylabel="y")
    legend_below(axes[-1], columns=3)
    return figure


@drawing
def training(curves: Sequence[Curve], loss: str = "") -> Figure:
    """The first curve (the loss) whole, then every curve without its steep beginning."""
    epochs = len(curves[0].training)
    # The tutorials skip 50 or 100 epochs; of a short training, half.
    skipped = min(100, epochs // 2)
    shown = [(curves[0], 0), *((curve, skipped) for curve in curves)]
    figure, axes = panels(len(shown))
    for one, (curve, start) in zip(axes, shown, strict=True):
        by_epoch = np.arange(start + 1, epochs + 1)
        one.plot(by_epoch, curve.training[start:], color=BLUE, label="training")
        if curve.validation is not None:
            held_out = curve.validation[start:]
            one.plot(by_epoch, held_out, color=ORANGE, linewidth=1, label="validation")
        title = curve.name[:1].upper() + curve.name[1:]
        one.set_title(f"{title} after epoch {start}" if start else title)
        unit = f" ({loss})" if loss and curve is curves[0] else ""
        one.set(xlabel="epoch", ylabel=f"{curve.name}{unit}")
    axes[0].set_yscale("log" if spans(curves[0].training) else "linear")
    axes[0].legend()
    return figure


@drawing
def predictions(x: Floats | None, actual: Floats, predicted: Mapping[str, Floats]) -> Figure:
    """The first prediction and the actual values, all predictions, and how they differ.

    Over x (N,), or over the actual values where x is None because it has more dimensions.
    """
    first = next(iter(predicted))
    along = actual.ravel() if x is None else x
    order = np.argsort(along, kind="stable")
    label = "actual value" if x is None else "x"
    figure, axes = panels(3 if len(predicted) > 1 else 1)
    styles: dict[str, dict[str, Any]] = {
        name: {"color": colour, "marker": marker, "markersize": size, "fillstyle": "none"}
        for name, colour, marker, size in zip(
            predicted, (BLUE, ORANGE, RED), "osx", (7, 4, 4), strict=False
        )
    }

    def plot(one: Axes, values: Floats, name: str) -> None:
        one.plot(along[order], values.ravel()[order], linestyle="none", label=name, **styles[name])

    for one, names in zip(axes, ([first], list(predicted)), strict=False):
        one.plot(along[order], actual.ravel()[order], ".", color=GREY, markersize=4, label="actual")
        for name in names:
            plot(one, predicted[name], name)
        one.set(xlabel=label, ylabel="y")
        legend_below(one, columns=4)
    axes[0].set_title(f"{first} prediction and actual values")
    if len(axes) > 1:
        axes[1].set_title("Predictions by model")
        for name, values in list(predicted.items())[1:]:
            plot(axes[2], values - predicted[first], name)
        axes[2].axhline(0, color=GREY, linewidth=0.8)
        axes[2].set_title(f"Difference from {first}")
        axes[2].set(xlabel=label, ylabel="difference of y")
        legend_below(axes[2], columns=4)
    return figure


@drawing
def graph(layers: Sequence[Layer]) -> Figure:
    """Boxes from top to bottom, and an arrow to each box from those that it reads."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    figure = Figure(figsize=(5.0, 0.4 + 0.78 * len(layers)))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0, 1), ylim=(len(layers) - 0.35, -0.55))
    axes.axis("off")
    total = sum(layer.parameters for layer in layers)
    for index, layer in enumerate(layers):
        shape = "×".join(map(str, layer.shape)) or "scalar"
        count = f" · {layer.parameters} parameters" if layer.parameters else ""
        name = layer.name if len(layer.name) <= NAME_WIDTH else f"{layer.name[: NAME_WIDTH - 1]}…"
        box = Rectangle((LEFT, index - 0.3), 1 - 2 * LEFT, 0.6, facecolor="#EAF3FA", edgecolor=BLUE)
        axes.add_patch(box)
        text = f"{name}: {layer.kind}\noutput {shape}{count}"
        axes.text(0.5, index, text, ha="center", va="center", linespacing=1.4)
        for source in layer.sources:
            # To the next box straight; past others, in a bow on their left.
            steps = index - source
            start, end = ((0.5, source + 0.3), (0.5, index - 0.3))
            if steps > 1:
                start, end = (LEFT, source), (LEFT, index)
            bow = f"arc3,rad={0 if steps == 1 else 0.6 / steps}"
            style = {"arrowstyle": "-|>", "color": GREY, "connectionstyle": bow, "shrinkA": 0}
            axes.annotate("", xy=end, xytext=start, arrowprops={**style, "shrinkB": 0})
    axes.text(
        0.99, len(layers) - 0.4, f"{total} parameters in all", ha="right", va="bottom", color=GREY
    )
    return figure


@drawing
def quality_against_size(tasks: Mapping[str, Sequence[Point]]) -> Figure:
    """A panel a task: size of the file against error, each point named."""
    from matplotlib.figure import Figure

    columns = min(2, len(tasks))
    height = -(-len(tasks) // columns)
    figure = Figure(figsize=(5.6 * columns, 3.2 * height), layout="constrained")
    grid = figure.subplots(height, columns, squeeze=False).ravel()
    for one, (task, points) in zip(grid, tasks.items(), strict=False):
        _quality_panel(one, points)
        one.set_title(task)
    for unused in grid[len(tasks) :]:
        unused.axis("off")
    handles, labels = _markers()
    figure.legend(handles, labels, loc="outside lower center", ncols=2)
    return figure


def _quality_panel(axes: Axes, points: Sequence[Point]) -> None:
    """Size upwards, so that the names can stand in a column beside the panel and none overlap."""
    for point in points:
        axes.plot(point.error, point.size, **_marker(point.is_open))
    if spans(np.array([point.error for point in points])):
        axes.set_xscale("log")
    else:
        axes.locator_params(axis="x", nbins=5)
    axes.margins(x=0.08, y=0.1)
    axes.set(xlabel="mse ↓", ylabel="size of the .tflite file (B) ↓")
    sizes = sorted({point.size for point in points})
    low, high = axes.get_ylim()
    levels = spread([(size - low) / (high - low) for size in sizes], gap=0.085)
    for size, level in zip(sizes, levels, strict=True):
        row = sorted((one for one in points if one.size == size), key=lambda one: one.error)
        axes.annotate(
            _names(row),
            xy=(row[-1].error, size),
            xytext=(1.04, level),
            textcoords="axes fraction",
            va="center",
            fontsize=8,
            arrowprops={"arrowstyle": "-", "color": "#BBBBBB", "linewidth": 0.6, "shrinkB": 4},
        )
    axes.set_ylim(low, high)


def _names(row: Sequence[Point]) -> str:
    """Variants of one size from left to right, those on one point joined by an equals sign."""
    text = row[0].variant
    for before, point in pairwise(row):
        same = (before.error, before.is_open) == (point.error, point.is_open)
        text += f" = {point.variant}" if same else f", {point.variant}"
    return text


def spread(levels: Sequence[float], gap: float) -> list[float]:
    """Rising levels moved as little as a sweep up and down needs, to be `gap` apart below 1."""
    placed: list[float] = []
    for level in levels:
        placed.append(max(level, placed[-1] + gap if placed else 0.0))
    limit = 1.0
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed


def _marker(is_open: bool) -> dict[str, Any]:
    shape = {"marker": "D", "color": RED} if is_open else {"marker": "o", "color": BLUE}
    return {**shape, "markersize": 6, "linestyle": "none"}


def _markers() -> tuple[list[Any], list[str]]:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], **_marker(is_open)) for is_open in (False, True)]
    return handles, ["closed: the float model's weights", "open: trained further"]
