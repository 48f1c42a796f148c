"""A new metric touches one place: by its group it is in a table, on the page and in the frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from tinybench.metrics import METRICS, Group, Metric
from tinybench.report.overview import overview
from tinybench.report.page import render
from tinybench.report.publish import publish
from tinybench.report.tables import tables
from tinybench.results import frame
from tinybench.results.document import Document

from ..documents import result_of

NEW = "brand_new"


class Home(NamedTuple):
    """What a metric of a group is recorded of, and where it is shown."""

    variant: str | None
    place: str | None
    table: str
    column: str = NEW
    beside: str = "mse"


HOMES: dict[Group, Home] = {
    "": Home("int8", None, "others", "value"),
    "errors": Home("int8", None, "quality"),
    "classes": Home("int8", None, "classification", beside="accuracy"),
    "fidelity": Home("int8", None, "quality"),
    "file": Home("int8", None, "cost"),
    "arena": Home("int8", "tflm", "cost"),
    "values": Home("int8", "tflm", "runtimes"),
    "board": Home("int8", "cortex-m4", "boards", beside="instructions"),
    "time": Home("int8", "litert", "latency", f"{NEW}_litert"),
    "pair": Home("int8", "litert", "others", "value"),
    "training": Home(None, None, "training"),
}
IN_THE_OVERVIEW = ("errors", "classes", "fidelity", "file", "arena", "board")
Register = Callable[[Group], Document]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Add a metric of a group, and make the document of one value of it."""

    def add(group: Group) -> Document:
        list(METRICS)  # loads the built-in ones
        metric = Metric(NEW, "A new metric", "parsecs", group=group, headline=True)
        monkeypatch.setitem(METRICS._items, NEW, metric)
        home = HOMES[group]
        found = Document({}, {"mine": {}}, created="2026-01-01T00:00:00+00:00")
        if home.place:
            found.add(result_of("mine", "int8", metrics={"mse": 1.0}))
        metrics = {home.beside: 1.0, NEW: 42}
        found.add(result_of("mine", home.variant, home.place, metrics=metrics))
        return found

    return add


def test_every_group_has_a_home() -> None:
    """All but bounds, which comparisons need and no reader."""
    assert set(HOMES) == set(get_args(Group)) - {"bound"}


@pytest.mark.parametrize("group", HOMES)
def test_it_is_in_the_table_and_the_csv_file_of_its_group(
    register: Register, group: Group, tmp_path: Path
) -> None:
    document, home = register(group), HOMES[group]

    (one,) = [table for table in tables(document) if table.name == home.table]
    publish(document, tmp_path)

    assert one.frame[home.column].dropna().tolist() == [42]
    shown = one.rendered()
    texts = [*map(str, shown.columns), *map(str, shown.to_numpy().ravel())]
    assert any("(parsecs) ↓" in text for text in texts)
    assert "42" in (tmp_path / f"{home.table}.csv").read_text("utf-8")


@pytest.mark.parametrize("group", HOMES)
def test_it_is_on_the_page_and_in_the_frame(register: Register, group: Group) -> None:
    document = register(group)

    page, made = render(document, script=""), frame(document)

    assert "A new metric" in page
    assert "parsecs" in page
    assert made[made.metric == NEW][["value", "unit", "group"]].to_numpy().tolist() == [
        [42.0, "parsecs", group]
    ]


@pytest.mark.parametrize("group", IN_THE_OVERVIEW)
def test_a_headline_is_in_the_overview(register: Register, group: Group) -> None:
    assert overview(register(group)).frame[NEW].dropna().tolist() == [42]


def test_no_built_in_metric_is_without_a_group() -> None:
    assert METRICS.of("") == ()
