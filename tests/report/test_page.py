"""The page holds everything, is safe, small, and always the same for the same document."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tinybench.report.tables import tables
from tinybench.results.document import Document, digest

from ..components import require
from .page_documents import HOSTILE, hostile, large, with_boards

require("altair", "jinja2")

from tinybench.report.page import page as pages
from tinybench.report.page import render
from tinybench.report.page.cells import MOST_ROWS
from tinybench.report.page.details import LAYER, Details
from tinybench.report.page.rows import columnar

LAYERS = columnar(
    [{"task": "linear", "variant": "int8", "layer": "0 dense", "operator": "ADD", "error": 0.5}],
    LAYER,
)
CURVES = {"epochs": [1, 2], "values": {"loss": [2.0, 1.0], "val_loss": [3.0, 2.0]}}
DETAILS = Details({"linear": {"float32": CURVES}}, LAYERS)
VOID = {"meta", "link", "br", "img", "input", "path", "use"}


class Elements(HTMLParser):
    """Every element with its attributes, and the names of those that were not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def make(document: Document, **more: Any) -> str:
    return render(document, script="", **more)


def data_of(page: str) -> dict[str, Any]:
    """What the charts are drawn from."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found
    value: dict[str, Any] = json.loads(found[1])
    return value


def test_the_same_document_gives_the_same_bytes(document: Document) -> None:
    first = make(with_boards(document), details=DETAILS)
    document.results = dict(reversed(document.results.items()))

    assert make(document, details=DETAILS) == first


def test_elements_are_closed_and_their_names_unique(document: Document) -> None:
    found = Elements(make(with_boards(document), details=DETAILS))

    names = [attributes["id"] for _, attributes in found.found if "id" in attributes]
    assert found.open == []
    assert len(names) == len(set(names))


def test_every_link_inside_the_page_leads_somewhere(document: Document) -> None:
    found = Elements(make(with_boards(document), details=DETAILS))

    names = {f"#{attributes['id']}" for _, attributes in found.found if "id" in attributes}
    links = {one["href"] for one in found.all("a") if str(one["href"]).startswith("#")}
    assert links
    assert links <= names


def test_nothing_is_loaded_from_elsewhere(document: Document) -> None:
    found = Elements(make(with_boards(document), details=DETAILS))

    sources = {one["src"] for tag in ("script", "img") for one in found.all(tag) if "src" in one}
    assert {str(source).partition(",")[0] for source in sources} <= {"data:image/png;base64"}
    assert [one["href"] for one in found.all("link")] == ["data:,"]
    (policy,) = (one for one in found.all("meta") if "http-equiv" in one)
    assert str(policy["content"]).startswith("default-src 'none'; ")


def test_every_table_is_there_with_units_directions_and_full_numbers(document: Document) -> None:
    text = make(with_boards(document))

    for table in tables(document):
        assert f'<table id="t-{table.name}">' in text
        assert f'href="{table.name}.csv"' in text
    assert "tflite_bytes (B) ↓</button>" in text
    assert "reduced_bytes (B) ↑</button>" in text
    assert '<td class="n" data-v="0.01042816417318182">0.01043</td>' in text
    assert 'title="The .tflite file (lower is better)"' in text


def test_every_chart_is_there_with_what_it_is_drawn_from(document: Document) -> None:
    page = make(with_boards(document), details=DETAILS)

    figures = [one for one in Elements(page).all("figure") if "data-chart" in one]
    data = data_of(page)
    assert {one["data-chart"] for one in figures} == set(data["charts"])
    for figure in figures:
        rows = str(figure["data-rows"])
        assert data[rows] if rows in ("training", "history") else data["rows"][rows]["rows"]


def test_what_is_not_known_is_said(document: Document) -> None:
    text = make(document)

    for words in ("has no profile of a board", "Not computed", "nothing was trained"):
        assert words in text
    charts = {one.get("data-chart") for one in Elements(text).all("figure")}
    assert not charts & {"flash", "profile", "layers", "training"}


def test_names_cannot_break_the_page_or_run_in_it() -> None:
    page = make(hostile())

    found = Elements(page)
    assert found.open == []
    assert found.all("img") == []
    assert "<img" not in page
    assert len(found.all("script")) == page.count("</script>") == 3
    assert not any(name.startswith("on") for _, attributes in found.found for name in attributes)
    assert data_of(page)["rows"]["profiles"]["rows"][0][0] == HOSTILE


def test_failures_hashes_and_commands_are_told(document: Document) -> None:
    document.results["linear-int8"].outcome = "failed"

    text = make(with_boards(document))

    assert "<strong>1 failed:</strong> linear-int8</p>" in text
    for entry in document.tasks.values():
        assert entry["data"]["sha256"] in text
        assert all(one["sha256"] in text for one in entry["checkpoints"].values())
    assert digest(document) in text
    task = "--tinybench-task=sine-16x16 --tinybench-variant=float32"
    again = f"pytest --pyargs tinybench.bench {task}"
    names = {name for one in document.results.values() for name in one.metrics}
    for name in names:
        assert f'<tr id="metric-{name}"><th scope="row">{name}</th>' in text
    assert f"<code>{again} --tinybench-board=cortex-m4</code>" in text


def test_figures_are_in_the_page_until_it_would_be_too_large(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = {}
    for name, size in (("linear/data", 300), ("linear/graph", 30_000), ("linear/training", 30)):
        figures[name] = tmp_path / f"{name.replace('/', '-')}.png"
        figures[name].write_bytes(b"x" * size)
    figures["linear/predictions"] = tmp_path / "never-drawn.png"
    links = {name: f"figures/{name}.png" for name in figures}
    room = len(make(document).encode()) + 2000
    monkeypatch.setattr(pages, "MOST_BYTES", room)

    page = make(document, figures=figures, links=links)

    found = Elements(page)
    sources = [str(one["src"]) for one in found.all("img")]
    assert sorted(map(len, sources)) == [62, 422]
    assert all(str(one["alt"]).startswith("linear: ") for one in found.all("img"))
    assert "figures/linear/graph.png" in [one.get("href") for one in found.all("a")]
    assert "never-drawn" not in page
    assert len(page.encode()) < room


@pytest.mark.slow
def test_ten_thousand_benchmarks_leave_room_for_the_library() -> None:
    page = make(large(10_000))

    assert len(page.encode()) < 2_000_000
    assert page.count("<tr>") > 5 * MOST_ROWS
    assert f"{1000 - MOST_ROWS} more rows are in quality.csv" in page


def test_an_empty_document_is_a_page() -> None:
    found = Elements(make(Document({}, created="never")))

    assert found.open == []
    assert [one.get("id") for one in found.all("table")] == [
        *("t-overview", "t-history", "t-metrics")
    ]


def test_a_classifier_is_on_the_page_as_in_the_tables(both: Document) -> None:
    page = make(with_boards(both))

    assert Elements(page).open == []
    for table in tables(both):
        assert f'<table id="t-{table.name}">' in page
    for title in ("accuracy ↑", "worst recall ↑", "recall by class ↑", "→ right"):
        assert f"{title}</button>" in page
    for words in ("left 200/30/50, right 200/30/50", "accuracy ≥ 0.7", "CC0"):
        assert f"<dd>{words}</dd>" in page
    assert "Error or accuracy against flash, on the board" in page
    assert "at the bottom left, of accuracies at the top left." in page
    metrics = {one.get("data-metric") for one in Elements(page).all("figure")}
    assert {"mse", "accuracy"} <= metrics
    data = data_of(page)
    assert all("accuracy" in data["charts"][name] for name in ("flash", "instructions", "file"))


def test_a_page_of_classifiers_speaks_of_no_errors(classes: Document) -> None:
    page = make(classes)

    assert "Accuracy against flash, on the board" in page
    assert "Error against" not in page
    assert "mse" not in data_of(page)["rows"]["boards"]["columns"]


def test_the_figure_of_all_tasks_stands_behind_how_good_they_are(
    both: Document, tmp_path: Path
) -> None:
    path = tmp_path / "overall.png"
    path.write_bytes(b"x" * 30)

    page = make(both, figures={"quality-against-size": path})

    places = [page.index(text) for text in ('id="classification"', "<img", 'id="confusion"')]
    assert places == sorted(places)
