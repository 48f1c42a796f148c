"""The page itself: everything is collected here and put into the template.

The template engine escapes every text; data for the charts are JSON that cannot end its script.
The same inputs give the same bytes: no clock, no random number, no order that could change.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from tinybench.report import rows
from tinybench.report.figures import ALT_TEXTS, OVERALL, key_of
from tinybench.report.overview import overview
from tinybench.report.page import charts, history, provenance
from tinybench.report.page import rows as drawn
from tinybench.report.page.cells import sheet
from tinybench.report.page.details import Details
from tinybench.report.page.library import bundle
from tinybench.report.tables import judged, tables

if TYPE_CHECKING:
    from tinybench.results.document import Document

MOST_BYTES = 2_900_000
"""Figures that would make the page larger are linked instead."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A variant in the legend."""

    name: str
    colour: str
    shape: str
    division: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure: embedded as a data URL, or a link where the page would become too large."""

    source: str
    text: str
    embedded: bool


def render(
    document: Document,
    *,
    details: Details | None = None,
    versions: Sequence[history.Version] = (),
    figures: Mapping[str, Path] | None = None,
    links: Mapping[str, str] | None = None,
    script: str | None = None,
) -> str:
    """The page as HTML.

    `details` are curves and layers, `versions` the committed baselines, `figures` the files of
    `tinybench.report.figures.draw` and `links` where they are as seen from the page; each may be
    missing. `script` stands in for the charting library.
    """
    details = details or Details()
    found = history.joined(versions, history.current(document))
    by_task = (rows.variants(document, task) for task in rows.tasks(document))
    names = list(dict.fromkeys(chain.from_iterable(by_task)))
    palette = charts.Palette(names)
    drawable = {
        "boards": drawn.on_boards(document),
        "files": drawn.files(document),
        "compared": drawn.compared(document),
        "profiles": drawn.profiles(document),
        "layers": details.layers,
    }
    data = {
        "rows": drawable,
        "training": details.training,
        "history": history.series(found),
        "versions": [version.name for version in found],
        "charts": charts.all_charts(palette),
        "config": charts.CONFIG,
    }
    made = tables(document)
    context = {
        "created": document.created,
        "commit": provenance.commit(document.environment),
        "failed": rows.failures(document),
        "tasks": [
            name for task in rows.tasks(document) for name, _ in rows.outputs_of(document, task)
        ],
        "boards": rows.boards(document),
        "choices": [
            Choice(name, palette.colour_of(at), palette.shape_of(at), rows.division(name))
            for at, name in enumerate(names)
        ],
        "compared": _present(drawable["compared"], drawn.compared_by()),
        "quantities": _quantities(details),
        "metrics": [(name, charts.heading(name)) for name in history.metrics(found)],
        "history": history.changed(found),
        "overview": sheet(overview(document)),
        **_words(document),
        "judged": judged(made),
        "sheets": [sheet(one, f"{one.name}.csv") for one in made],
        "machine": provenance.machine(document),
        "provenance": provenance.tasks(document),
        "sources": provenance.sources(document),
        "commands": provenance.COMMANDS,
        "git": bool(document.environment.get("git")),
        "trained": any(
            map(
                rows.is_trained,
                chain.from_iterable(
                    entry.get("checkpoints", {}).values() for entry in document.tasks.values()
                ),
            )
        ),
        "data": htmlsafe_json_dumps(data, separators=(",", ":"), allow_nan=False),
        "library": Markup(bundle() if script is None else script),
        "has": {name: bool(one["rows"]) for name, one in drawable.items()},
    }
    bare = _template().render(context, pictures={}, overall=None)
    left = MOST_BYTES - len(bare.encode())
    pictures, overall = _pictures(figures or {}, links or {}, rows.tasks(document), left)
    page: str = _template().render(context, pictures=pictures, overall=overall) + "\n"
    return page


def _words(document: Document) -> dict[str, Any]:
    """What to call quality, of errors and of accuracies, and where in a chart it is best."""
    words = {
        rows.ERROR: ("Error", "mean squared error", "bottom left"),
        rows.ACCURACY: ("Accuracy", "accuracy", "top left"),
    }
    found = [words[name] for name in rows.qualities(document)]
    names, spoken, corners = zip(*found, strict=True)
    return {
        "quality": " or ".join(names).capitalize(),
        "spoken": " or ".join(spoken),
        "corner": ", of accuracies at the ".join(corners),
        "classifiers": rows.ACCURACY in rows.qualities(document),
    }


def _pictures(
    figures: Mapping[str, Path], links: Mapping[str, str], tasks: Sequence[str], left: int
) -> tuple[dict[str, list[Picture]], Picture | None]:
    """By task, its figures in reading order, and the one of all tasks."""
    keys = [OVERALL, *(key_of(task, name) for task in tasks for name in ALT_TEXTS)]
    shown: dict[str, Picture] = {}
    for key in keys:
        if (path := figures.get(key)) is None or not path.is_file():
            continue
        text = ALT_TEXTS[key.rpartition("/")[2]]
        source = "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
        embedded = len(source) <= left
        left -= len(source) if embedded else 0
        shown[key] = Picture(source if embedded else links.get(key, ""), text, embedded)
    by_task = {
        task: [shown[key_of(task, name)] for name in ALT_TEXTS if key_of(task, name) in shown]
        for task in tasks
    }
    return by_task, shown.get(OVERALL)


def _present(found: drawn.Columnar, names: Sequence[str]) -> list[tuple[str, str]]:
    """Which of these metrics any row is of, with their headings."""
    at = found["columns"].index("metric")
    there = {row[at] for row in found["rows"]}
    return [(name, charts.heading(name)) for name in names if name in there]


def _quantities(details: Details) -> list[str]:
    """What was recorded while training, on training data."""
    names = {
        name: None
        for stages in details.training.values()
        for curves in stages.values()
        for name in curves["values"]
        if not name.startswith("val_")
    }
    return list(names)


@functools.cache
def _template() -> Any:
    loader = PackageLoader("tinybench.report.page")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def verbatim(name: str) -> Markup:
        """A style sheet or script of our own: no template, and not escaped."""
        return Markup(loader.get_source(environment, name)[0])

    environment.globals["verbatim"] = verbatim
    return environment.get_template("page.html")
