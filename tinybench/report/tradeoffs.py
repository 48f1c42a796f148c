"""What quality costs: plots of variants by quality and a cost, and which of them no other beats."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tinybench.report.canvas import BLUE, RED, drawing, spans
from tinybench.report.pareto_front import front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS: dict[str, dict[str, Any]] = {
    "closed: the float model's weights": {"marker": "o", "color": BLUE},
    "open: trained further": {"marker": "D", "color": RED},
}
BEATEN: dict[str, Any] = {"marker": "o", "color": BLUE, "fillstyle": "none"}


@dataclass(frozen=True, slots=True)
class Point:
    """A variant: a cost, its quality with the interval if known; open if it was trained further."""

    variant: str
    cost: float
    quality: float
    is_open: bool = False
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """Points with the headings of the two axes; `higher` quality is better if so stated.

    With `marks_front`, closed points that no other beats on both axes are joined, others hollow.
    """

    title: str
    cost: str
    quality: str
    points: tuple[Point, ...]
    higher: bool = False
    marks_front: bool = False


@drawing
def quality_against_cost(panels: Sequence[Panel]) -> Figure:
    """Panels side by side, two in a row, each point named."""
    from matplotlib.figure import Figure

    columns = min(2, len(panels))
    height = -(-len(panels) // columns)
    figure = Figure(figsize=(5.6 * columns, 3.2 * height), layout="constrained")
    grid = figure.subplots(height, columns, squeeze=False).ravel()
    for one, panel in zip(grid, panels, strict=False):
        _draw(one, panel)
        one.set_title(panel.title)
    unused = list(grid[len(panels) :])
    for one in unused:
        one.axis("off")
    if any(panel.marks_front for panel in panels) and unused:
        unused[0].legend(*_legend(marks_front=True), loc="center")
    else:
        legend = _legend(any(panel.marks_front for panel in panels))
        figure.legend(*legend, loc="outside lower center", ncols=2)
    return figure


def _draw(axes: Axes, panel: Panel) -> None:
    """Cost upwards, so that the names can stand in a column beside the panel and none overlap."""
    points = panel.points
    best = on_front(panel)
    for point in points:
        if point.interval:
            axes.plot(point.interval, [point.cost] * 2, color="#CCCCCC", linewidth=0.8, zorder=1)
    for point in points:
        mark = dict(zip((False, True), MARKS.values(), strict=True))[point.is_open]
        if panel.marks_front and not point.is_open and point not in best:
            mark = BEATEN
        axes.plot(point.quality, point.cost, linestyle="none", markersize=6, **mark)
    if panel.marks_front:
        line = sorted((point.quality, point.cost) for point in best)
        where: Literal["pre", "post"] = "pre" if panel.higher else "post"
        style: dict[str, Any] = {"color": BLUE, "linestyle": "--", "linewidth": 0.8}
        if line:
            axes.step(*zip(*line, strict=True), where=where, zorder=1, **style)
    if spans(np.array([point.quality for point in points])):
        axes.set_xscale("log")
    else:
        axes.locator_params(axis="x", nbins=5)
    axes.margins(x=0.08, y=0.1)
    axes.set(xlabel=panel.quality, ylabel=panel.cost)
    costs = sorted({point.cost for point in points})
    low, high = axes.get_ylim()
    levels = spread([(cost - low) / (high - low) for cost in costs], gap=0.085)
    for cost, level in zip(costs, levels, strict=True):
        row = sorted((one for one in points if one.cost == cost), key=lambda one: one.quality)
        axes.annotate(
            _names(row),
            xy=(row[-1].quality, cost),
            xytext=(1.04, level),
            textcoords="axes fraction",
            va="center",
            fontsize=8,
            arrowprops={"arrowstyle": "-", "color": "#BBBBBB", "linewidth": 0.6, "shrinkB": 4},
        )
    axes.set_ylim(low, high)


def on_front(panel: Panel) -> list[Point]:
    """Closed points that no other closed one beats."""
    closed = [point for point in panel.points if not point.is_open]
    sign = -1 if panel.higher else 1
    flags = front([(sign * point.quality, point.cost) for point in closed])
    return [point for point, flag in zip(closed, flags, strict=True) if flag]


def _names(row: Sequence[Point]) -> str:
    """Variants of one cost from left to right, those on one point joined by an equals sign."""
    text = row[0].variant
    for before, point in pairwise(row):
        same = (before.quality, before.is_open) == (point.quality, point.is_open)
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


def _legend(marks_front: bool) -> tuple[list[Any], list[str]]:
    from matplotlib.lines import Line2D

    beaten = {"closed, beaten on both axes": BEATEN} if marks_front else {}
    shown = {**MARKS, **beaten}
    handles = [Line2D([], [], linestyle="none", markersize=6, **mark) for mark in shown.values()]
    return handles, list(shown)
