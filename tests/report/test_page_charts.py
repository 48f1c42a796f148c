"""Charts are what Vega-Lite takes, read the page's rows, and need no colour of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ..components import require

require("altair")

from tinybench.report.page import charts

PALETTE = charts.Palette([f"variant {index}" for index in range(12)])
CHARTS = charts.all_charts(PALETTE)
SPECS = [(name, edition) for name, made in CHARTS.items() for edition in made]
STYLE = Path(charts.__file__).parent / "templates" / "page.css"


@pytest.mark.parametrize(("name", "edition"), SPECS)
def test_a_chart_compiles_to_vega(name: str, edition: str) -> None:
    require("vl_convert")
    import vl_convert

    spec = {**CHARTS[name][edition], "datasets": {"rows": [{"task": "a"}]}}
    if isinstance(spec["height"], dict):
        spec["height"] = 100  # as the page's script does

    vega = vl_convert.vegalite_to_vega(spec, vl_version=charts.VERSION, config=charts.CONFIG)

    assert "rows" in [one["name"] for one in vega["data"]]


def test_colours_are_variables_that_the_style_sheet_has() -> None:
    text = json.dumps([CHARTS, charts.CONFIG])
    style = STYLE.read_text(encoding="utf-8")

    assert not re.search(r"#[0-9a-fA-F]{3,8}\b", text)
    used = set(re.findall(r"var\((--\w+)\)", text))
    assert used
    for name in used:
        assert len(re.findall(rf"{name}: #", style)) == 2, f"{name} in light and in dark"


def test_neighbours_in_the_legend_differ_in_colour_and_shape() -> None:
    marks = [(PALETTE.colour_of(index), PALETTE.shape_of(index)) for index in range(40)]

    assert len(set(marks)) == len(marks)


def test_headings_have_unit_and_direction() -> None:
    assert charts.heading("flash_bytes") == "flash_bytes (B) ↓"
    assert charts.heading("never-registered") == "never-registered"
