"""`tinybench report`: tables, figures and the page from one document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tinybench import environment
from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.cli.streams import teller
from tinybench.errors import require_packages
from tinybench.report import publish, walkthrough
from tinybench.results import document, illustration
from tinybench.results.document import Document
from tinybench.results.illustration import Illustration
from tinybench.storage.store import Store, alone, write_atomically

EXTRA = ("pandas", "matplotlib", "altair", "jinja2", "vl_convert")
"""Packages of the extra `report`, as they are imported."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Write README.md, CSV files, figures and index.html, a page that needs no network, from a "
        "result document."
    )
    parser.epilog = examples("report results/baseline.json", "report --no-figures --to tables")
    parser.add_argument(
        "document",
        nargs="?",
        type=Path,
        default=options.LATEST,
        metavar="DOCUMENT",
        help=f"Result document (default: {options.LATEST})",
    )
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="Folder to write to (default: the document's)"
    )
    parser.add_argument("--no-figures", action="store_true", help="Write tables only")
    parser.add_argument(
        "--history",
        type=Path,
        default=options.BASELINE,
        metavar="FILE",
        help=f"Document whose versions in git are the history (default: {options.BASELINE})",
    )
    options.add_json(parser)
    options.add_task_module(parser, asks=False)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    return run(
        given.document, given.to, given.cache, not given.no_figures, given.history, given.json
    )


def run(
    path: Path,
    folder: Path | None,
    cache: Path,
    with_figures: bool,
    history: Path,
    as_json: bool = False,
) -> int:
    """Write everything below `folder` and name what was written."""
    found = document.read(path)
    target = folder or path.parent
    if with_figures:
        require_extra("a report with figures and the page (--no-figures: without)")
    illustrations, absent = illustration.read_all(path, found)
    store = Store(cache)
    figures: dict[str, Path] = {}
    page = None
    with alone(target):
        if with_figures:
            from tinybench.report import figures as drawing

            figures = drawing.draw(found, illustrations, store, target)
            page = _page(found, illustrations, store, history, figures, target)
        pages = walkthrough.pages(found, illustrations)
        written = publish.publish(found, target, figures, pages, page)
    say = teller(as_json)
    say(f"written: {target / 'README.md'}, and {len(written) + len(figures) - 1} more files")
    if absent:
        more = f", and {len(absent) - 1} more tasks" if len(absent) > 1 else ""
        print(f"left out: some figures and pages; {absent[0]}{more}", file=sys.stderr)
    if page is not None:
        say(f"page: {target / publish.PAGE}, {len(page.encode())} B")
    if as_json:
        paths = sorted(map(str, (*written, *figures.values())))
        value = {"document": str(path), "folder": str(target), "written": paths, "left_out": absent}
        print(json.dumps(value, indent=1, ensure_ascii=False))
    return Exit.OK


def write_page(path: Path, target: Path, cache: Path) -> None:
    """Write the page alone, of a document and what stands beside it."""
    found = document.read(path)
    illustrations, _ = illustration.read_all(path, found)
    page = _page(found, illustrations, Store(cache), options.BASELINE, {}, target.parent)
    write_atomically(target, page.encode())


def require_extra(what: str) -> None:
    """MissingPackageError unless figures and the page can be made."""
    require_packages(what, *EXTRA)


def _page(
    found: Document,
    illustrations: Mapping[str, Illustration],
    store: Store,
    history: Path,
    figures: Mapping[str, Path],
    target: Path,
) -> str:
    from tinybench.report.page import details, render
    from tinybench.report.page.history import versions

    return render(
        found,
        script=_library(store),
        details=details.collect(found, illustrations),
        versions=versions(history),
        figures=figures,
        links=publish.links(figures, target),
    )


def _library(store: Store) -> str:
    """The charting library, which takes seconds to bundle, from the cache if it is there."""
    from tinybench.report.page import charts, library

    inputs = {
        "vega-lite": charts.VERSION,
        "snippet": library.SNIPPET,
        "bundler": environment.package_version("vl-convert-python"),
    }
    return store.get("vega", inputs, "js", lambda: library.bundle().encode()).decode()
