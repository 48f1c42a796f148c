"""Plain arrays to PNG bytes, always the same for the same arrays and versions.

Panels take arrays of one feature; what a task's figures are made of is collected in `figures`.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    from tinybench.results.illustration import Box

Floats: TypeAlias = NDArray[Any]
LINES, MARKERS = (BLUE, ORANGE, RED, SKY, GREY, "#009E73", "#CC79A7"), "osx^Dv+"
FULL_INT8 = "int8"
NAME_WIDTH = 22
LEFT = 0.1
"""Where the boxes of a graph begin, as a part of the figure's width."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity by epoch, on training data and, if it was recorded, on validation data."""

    name: str
    training: Floats
    validation: Floats | None = None


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
def graph(layers: Sequence[Box]) -> Figure:
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
def layer_errors(layers: Sequence[str], variants: Mapping[str, Sequence[float]]) -> Figure:
    """A line a variant, int8's the boldest: how far outputs are from float32's; 0 has no mark."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(5.6, 2.4 + 0.3 * len(layers)), 3.9), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(layers))
    for index, (name, errors) in enumerate(variants.items()):
        values = np.array(errors, dtype=float)
        axes.plot(
            places,
            np.where(values > 0, values, np.nan),
            color=LINES[index % len(LINES)],
            marker=MARKERS[index % len(MARKERS)],
            markersize=4,
            label=name,
            linewidth=2.0 if name == FULL_INT8 else 1.2,
            zorder=3 if name == FULL_INT8 else 2,
        )
    axes.set_yscale("log")
    steep = 60 if len(layers) > 8 else 20
    axes.set_xticks(places, layers, ha="right", fontsize=8, rotation=steep, rotation_mode="anchor")
    axes.set(ylabel="relative error ↓", title="Difference from float32 after each layer")
    figure.legend(loc="outside lower center", ncols=3)
    return figure
