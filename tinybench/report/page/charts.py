"""The page's charts as Vega-Lite, built by Altair: what is drawn, not from which rows.

Every chart reads the data set `rows`, which the page's script fills with the rows of the chosen
task, board and variants. Colours are the page's CSS variables: one drawing serves light, dark and
print. A chart has two editions, for values that a linear axis can show and for those it cannot;
where errors are shown, a third one shows the accuracy of classifiers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import altair as alt

from tinybench.report import rows

Spec: TypeAlias = dict[str, Any]

SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
COLOURS = 9
"""How many `--c0`, `--c1`, ... the style sheet has."""
VERSION = "v" + alt.SCHEMA_VERSION[1:].rsplit(".", 1)[0]
"""Of Vega-Lite, as Altair writes it and as the library that reads it is asked for."""
EDITIONS = ("linear", "log")
STEP = 24
"""Height of a row, in pixels."""
LABEL_LIMIT = 130

CHANGE = (
    "datum.change === null ? '' : "
    "datum.metric === 'accuracy' ? format(datum.change, '+.3~r') + ' points' : "
    "datum.change < 1000 ? format(datum.change, '+.3~r') + ' %' : "
    "'×' + format(1 + datum.change / 100, '.3~g')"
)
"""A change in words; a large one as a factor."""

CONFIG: Spec = {
    "background": None,
    "aria": False,  # the page has a label for each chart, and its numbers in a table
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--ink)",
        "titleFontWeight": "normal",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "labelLimit": LABEL_LIMIT,
        "labelOverlap": True,
        "labelFlush": False,
    },
    "text": {"color": "var(--ink)"},
    "rule": {"color": "var(--soft)"},
    "legend": {"labelColor": "var(--ink)", "labelFontSize": 12, "labelLimit": LABEL_LIMIT},
}


@dataclass(frozen=True, slots=True)
class Palette:
    """A colour and a shape for each variant, the same in every chart and in the legend."""

    variants: Sequence[str]

    def colour_of(self, index: int) -> str:
        return f"var(--c{index % COLOURS})"

    def shape_of(self, index: int) -> str:
        return SHAPES[index % len(SHAPES)]

    def colour(self) -> alt.Scale:
        return alt.Scale(
            domain=list(self.variants), range=[*map(self.colour_of, range(len(self.variants)))]
        )

    def shape(self) -> alt.Scale:
        return alt.Scale(
            domain=list(self.variants), range=[*map(self.shape_of, range(len(self.variants)))]
        )


def all_charts(palette: Palette) -> dict[str, dict[str, Spec]]:
    """Every chart by name and edition."""
    return {
        "flash": _fronts(palette, "flash_bytes", "instructions"),
        "instructions": _fronts(palette, "instructions", "flash_bytes"),
        "file": _fronts(palette, "tflite_bytes", None),
        "compare": _editions(compare, palette),
        "profile": {"linear": profile()},
        "layers": _editions(layers, palette),
        "training": _editions(training),
        "history": _editions(history, palette),
    }


def front(
    edition: str, palette: Palette, cost: str, size: str | None, quality: str = rows.ERROR
) -> Spec:
    """Quality against a cost; the line joins the variants that no closed one beats on both."""
    source = alt.Chart(alt.NamedData("rows"))
    x = alt.X(
        cost,
        type="quantitative",
        title=heading(cost),
        scale=alt.Scale(zero=False, padding=14, nice=False),
        axis=alt.Axis(tickCount=5),
    )
    y = _value(quality, edition, heading(quality))
    line = source.transform_filter(f"datum.front_{cost}")
    line = line.mark_line(interpolate="step-after", strokeDash=[4, 3], color="var(--soft)")
    shown = {
        "shape": alt.Shape("variant:N", legend=None, scale=palette.shape()),
        "stroke": alt.Stroke("variant:N", legend=None, scale=palette.colour()),
        "fill": alt.Fill("variant:N", legend=None, scale=palette.colour()),
        "fillOpacity": alt.condition("datum.front", alt.value(0.75), alt.value(0)),
        "tooltip": _tooltip("task", "variant", "same", "division", "board", quality, cost, size),
    }
    if size:
        area = alt.Scale(range=[60, 420], zero=False)
        shown["size"] = alt.Size(size, type="quantitative", legend=None, scale=area)
    points = source.mark_point(strokeWidth=2, size=130, opacity=1)
    joined = line.encode(x=x, y=y, order=alt.Order(f"{cost}:Q"))
    layered = alt.layer(joined, points.encode(x=x, y=y, **shown))
    return _spec(layered.properties(width="container", height=300))


def compare(edition: str, palette: Palette) -> Spec:
    """A metric by variant, with the change against float32.

    The page's script sets `start` and `limit`, the ends of the axis, to leave room for the text.
    """
    source = alt.Chart(alt.NamedData("rows"))
    start, limit = alt.param(name="start", value=0.1), alt.param(name="limit", value=1)
    if edition == "linear":
        scale = alt.Scale(domainMin=0, domainMax=alt.ExprRef("limit"), nice=False)
        marks = source.mark_bar(height={"band": 0.6})
    else:
        ends = {"domainMin": alt.ExprRef("start"), "domainMax": alt.ExprRef("limit")}
        scale = alt.Scale(type="log", nice=False, **ends)
        marks = source.mark_point(size=90, filled=True, opacity=1)
    axis = _axis(edition, 4)
    x = alt.X("value:Q", title=None, scale=scale, axis=axis)
    y = alt.Y("variant:N", title=None, sort=list(palette.variants))
    colour = alt.Color("variant:N", legend=None, scale=palette.colour())
    tooltip = _tooltip("task", "variant", "division", "board", "metric", "value", "change")
    text = source.transform_calculate(label=f"format(datum.value, '.4~g') + '  ' + ({CHANGE})")
    both = alt.layer(
        marks.encode(x=x, y=y, color=colour, tooltip=tooltip),
        text.mark_text(align="left", dx=8).encode(x=x, y=y, text="label:N", tooltip=tooltip),
    )
    layered = both.add_params(start, limit)
    return _spec(layered.properties(width="container", height={"step": STEP}))


def profile() -> Spec:
    """Instructions of a variant's operators in the order in which they run."""
    chart = alt.Chart(alt.NamedData("rows")).mark_bar(stroke="var(--paper)", strokeWidth=1)
    names = alt.Legend(
        orient="bottom",
        columns=alt.ExprRef("width < 420 ? 1 : 4"),
        title=None,
        symbolType="square",
    )
    colours = alt.Scale(range=[f"var(--c{index})" for index in range(COLOURS)])
    axis = alt.Axis(tickCount=6)
    chart = chart.encode(
        x=alt.X("instructions:Q", title=heading("instructions"), stack="zero", axis=axis),
        y=alt.Y("variant:N", title=None, sort=None),
        color=alt.Color("operator:N", legend=names, scale=colours),
        order=alt.Order("index:Q"),
        tooltip=_tooltip(
            *("variant", "board", "index", "operator"),
            *("instructions", "cycles", "reads", "writes"),
        ),
    )
    return _spec(chart.properties(width="container", height={"step": STEP}))


def layers(edition: str, palette: Palette) -> Spec:
    """How far each layer's output is from float32's, by variant."""
    chart = alt.Chart(alt.NamedData("rows")).mark_line(point={"size": 60, "filled": True})
    chart = chart.encode(
        x=alt.X("layer:O", title="layer, in the order of running", sort=None, axis=_level(160)),
        y=_value("error", edition, "relative error ↓"),
        color=alt.Color("variant:N", legend=None, scale=palette.colour()),
        tooltip=_tooltip("task", "variant", "layer", "operator", "error"),
    )
    return _spec(chart.properties(width="container", height=300))


def training(edition: str) -> Spec:
    """A quantity by epoch: stages by colour, validation dashed."""
    below = alt.Legend(orient="bottom", title=None)
    chart = alt.Chart(alt.NamedData("rows")).mark_line(strokeWidth=1.5)
    stages = alt.Scale(range=[f"var(--c{index})" for index in (0, 1, 2, 3)])
    dashes = alt.Scale(domain=["training", "validation"], range=[[1, 0], [3, 2]])
    chart = chart.encode(
        x=alt.X("epoch:Q", title="epoch"),
        y=_value("value", edition, None),
        color=alt.Color("stage:N", scale=stages, sort=None, legend=below),
        strokeDash=alt.StrokeDash("split:N", scale=dashes, legend=below),
        tooltip=_tooltip("stage", "split", "quantity", "epoch", "value"),
    )
    return _spec(chart.properties(width="container", height=300))


def history(edition: str, palette: Palette) -> Spec:
    """A metric by version of the baseline, a line a variant."""
    chart = alt.Chart(alt.NamedData("rows")).mark_line(point={"size": 60, "filled": True})
    chart = chart.encode(
        x=alt.X("version:O", title="version, oldest first", sort=None, axis=_level(100)),
        y=_value("value", edition, None),
        color=alt.Color("variant:N", legend=None, scale=palette.colour()),
        detail="on:N",
        tooltip=_tooltip("version", "task", "variant", "on", "metric", "value"),
    )
    return _spec(chart.properties(width="container", height=300))


def heading(name: str) -> str:
    """A metric's name with its unit and the arrow to better values."""
    return rows.heading(rows.metric(name))


def _editions(make: Any, *arguments: Any) -> dict[str, Spec]:
    return {edition: make(edition, *arguments) for edition in EDITIONS}


def _fronts(palette: Palette, cost: str, size: str | None) -> dict[str, Spec]:
    """Both editions for errors, and one for the accuracy of classifiers."""
    accuracy = front("linear", palette, cost, size, rows.ACCURACY)
    return {**_editions(front, palette, cost, size), "accuracy": accuracy}


def _value(name: str, edition: str, title: str | None) -> alt.Y:
    kind: Any = edition
    scale = alt.Scale(type=kind, nice=False, padding=12)
    if edition == "linear":
        scale.zero = False
    axis = _axis(edition, 6)
    return alt.Y(name, type="quantitative", title=title, scale=scale, axis=axis)


def _axis(edition: str, count: int) -> alt.Axis:
    """On a logarithmic axis, powers of ten are named and stand out among the lines."""
    if edition == "linear":
        return alt.Axis(tickCount=count)
    power = "log(datum.value) / LN10"
    test = f"abs({power} - round({power})) < 1e-6"
    faint = {"condition": {"test": test, "value": 1}, "value": 0.2}
    text = "datum.value < 1e-3 || datum.value >= 1e5 ? format(datum.value, '.0e') : datum.value"
    return alt.Axis(tickCount=count, labelExpr=f"{test} ? ({text}) : ''", gridOpacity=faint)


def _level(limit: int) -> alt.Axis:
    return alt.Axis(labelAngle=-30, labelLimit=limit)


NUMBERS = {"mse": ".4~g", "accuracy": ".4~g", "value": ".6~g", "change": "+.3~r", "error": ".3~g"}


def _tooltip(*names: str | None) -> list[alt.Tooltip]:
    return [
        alt.Tooltip(
            name,
            type="quantitative" if name in NUMBERS else "nominal",
            title=TITLES.get(name) or heading(name),
            format=NUMBERS.get(name, ""),
        )
        for name in filter(None, names)
    ]


TITLES = {
    "same": "the same point",
    "change": "against float32 (%, of accuracy: points)",
    "error": "relative error ↓",
    "reads": heading("memory_reads"),
    "writes": heading("memory_writes"),
}


def _spec(chart: Any) -> Spec:
    """The chart without the theme that Altair adds: the page has its own."""
    spec: Spec = chart.to_dict()
    for unused in ("config", "$schema"):
        spec.pop(unused, None)
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec
