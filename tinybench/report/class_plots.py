"""Plots of classifiers: sample inputs with what they were taken for, and confusion matrices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.report.canvas import BLUE, GREY, ORANGE, RED, drawing, panels, picturing, shading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure
    from numpy.typing import NDArray

COLUMNS = 6
LINE = 26
"""Characters beside each other above a panel."""
AXES = (("x", BLUE), ("y", ORANGE), ("z", RED))
FRAMES_HZ, READINGS_HZ = 50.0, 25.0
"""Rows of a spectrogram and readings of an accelerometer in a second."""
MOST_NAMED = 12
"""Classes from which a matrix has no numbers in its cells."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An input, its class, and the classes that models name, by model."""

    x: NDArray[Any]
    true: str
    predicted: tuple[tuple[str, str], ...]

    @property
    def is_right(self) -> bool:
        return all(label == self.true for _, label in self.predicted)

    @property
    def title(self) -> str:
        """`yes → no`; where models differ, a second line with `float32 yes, int8 no`."""
        named = {label for _, label in self.predicted}
        if len(named) > 1:
            said = ", ".join(f"{model} {label}" for model, label in self.predicted)
            return f"{self.true} →\n{said}"
        text = f"{self.true} → {named.pop()}"
        return text if len(text) <= LINE else text.replace("→ ", "→\n")


@shading
def spectrograms(found: Sequence[Sample]) -> Figure:
    """A panel a sample (frames, channels[, 1])."""
    figure, grid = _panels(found, shared=True)
    for one, sample in zip(grid.ravel(), found, strict=False):
        frames = sample.x.reshape(len(sample.x), -1)
        extent = (0.0, len(frames) / FRAMES_HZ, 0.0, float(frames.shape[1]))
        one.imshow(frames.T, origin="lower", aspect="auto", extent=extent, interpolation="nearest")
        one.grid(False)
    grid[-1, 0].set(xlabel="s", ylabel="channel")
    return figure


@drawing
def traces(found: Sequence[Sample]) -> Figure:
    """A panel a sample (readings, axes[, 1])."""
    figure, grid = _panels(found, shared=True)
    for one, sample in zip(grid.ravel(), found, strict=False):
        seconds = np.arange(len(sample.x)) / READINGS_HZ
        readings = sample.x.reshape(len(sample.x), -1).T
        for (name, colour), trace in zip(AXES, readings, strict=False):
            one.plot(seconds, trace, color=colour, linewidth=0.8, label=name)
    grid[-1, 0].set(xlabel="s", ylabel="g")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(AXES))
    return figure


@picturing
def pictures(found: Sequence[Sample]) -> Figure:
    """A panel a sample (height, width, 3 or 1), from 0 to 1."""
    figure, grid = _panels(found, shared=False)
    for one, sample in zip(grid.ravel(), found, strict=False):
        pixels = sample.x[..., 0] if sample.x.shape[-1] == 1 else sample.x
        one.imshow(np.clip(pixels, 0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        one.axis("off")
    return figure


def _panels(found: Sequence[Sample], shared: bool) -> tuple[Figure, NDArray[Any]]:
    """Titled axes, row by row; mistakes stand out."""
    from matplotlib.figure import Figure

    columns = min(COLUMNS, len(found))
    height = -(-len(found) // columns)
    figure = Figure(figsize=(1.9 * columns, 1.85 * height), layout="constrained")
    grid = figure.subplots(height, columns, squeeze=False, sharex=shared, sharey=shared)
    for one, sample in zip(grid.ravel(), found, strict=False):
        one.set_title(sample.title, fontsize=7.5, color="black" if sample.is_right else RED)
    for unused in grid.ravel()[len(found) :]:
        unused.axis("off")
    return figure, grid


@shading
def confusion(labels: Sequence[str], found: Sequence[tuple[str, NDArray[Any]]]) -> Figure:
    """A matrix a model: counts, coloured by their share of the true class (row)."""
    figure, axes = panels(len(found))
    for one, (title, counts) in zip(axes, found, strict=True):
        samples_of = counts.sum(axis=1, keepdims=True)
        shares = counts / np.maximum(samples_of, 1)
        image = one.imshow(shares, cmap="Blues", vmin=0, vmax=1, interpolation="nearest")
        places = range(len(labels))
        one.set_xticks(places, labels, rotation=0 if len(labels) <= 4 else 90)
        one.set_yticks(places, labels)
        one.tick_params(length=0)
        one.grid(False)
        one.set_title(title)
        one.set(xlabel="predicted class", ylabel="true class")
        if len(labels) > MOST_NAMED:
            continue
        for row, column in np.ndindex(counts.shape):
            count = int(counts[row, column])
            colour = "white" if shares[row, column] > 0.5 else (GREY if count == 0 else "black")
            one.text(column, row, str(count), ha="center", va="center", color=colour)
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.set_label("share of the true class")
    return figure
