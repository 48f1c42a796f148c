"""A headless Chromium with the page open, from a real file and with the real charting library."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinybench.results.document import Document, read

from ..report.page_documents import TASK, hostile, with_boards, with_classifier
from .browser import Browser

DOCUMENT = Path(__file__).parents[1] / "report" / "document.json"
CURVES = {"epochs": [1, 2, 3], "values": {"loss": [9.0, 2.0, 0.1], "val_loss": [9.5, 3.0, 0.2]}}
LAYER = {"task": TASK, "operator": "FULLY_CONNECTED"}


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files of the page of a real document, with a classifier, and of one of hostile names."""
    for name in ("altair", "jinja2", "vl_convert"):
        pytest.importorskip(name)
    folder = tmp_path_factory.mktemp("page")
    names = {"real": "index", "classes": "classes", "hostile": "hostile"}
    written = {key: folder / f"{name}.html" for key, name in names.items()}
    written["real"].write_text(_page(with_boards(read(DOCUMENT))), encoding="utf-8")
    both = with_classifier(with_boards(read(DOCUMENT)))
    written["classes"].write_text(_page(both), encoding="utf-8")
    written["hostile"].write_text(_page(hostile()), encoding="utf-8")
    (folder / "quality.csv").write_text("task,variant\n", encoding="utf-8")
    return written


def _page(document: Document) -> str:
    from tinybench.report.page import render
    from tinybench.report.page.details import LAYER as NAMES
    from tinybench.report.page.details import Details
    from tinybench.report.page.history import Version, current
    from tinybench.report.page.rows import columnar

    errors = [(f"{at} dense_{at}", 0.001 * 40**at) for at in range(3)]
    layers = [
        {**LAYER, "variant": variant, "layer": layer, "error": error * factor}
        for variant, factor in (("int8", 1.0), ("float16", 0.1))
        for layer, error in errors
    ]
    now = current(document).values
    older = Version("0123456789", "2026-01-01", "abcdef", {key: 2 * now[key] for key in now})
    details = Details({TASK: {"float32": CURVES, "qat": CURVES}}, columnar(layers, NAMES))
    return render(document, details=details, versions=[older])


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; skipped, saying why, where there is none."""
    pytest.importorskip("selenium")
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    browser = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        missing = "chromedriver" if browser else "Chromium"
        pytest.skip(f"{missing} is not installed (Debian: apt install chromium chromium-driver)")
    opened = Browser.start(browser, driver)
    yield opened
    opened.driver.quit()


@pytest.fixture
def page(chromium: Browser, pages: dict[str, Path]) -> Iterator[Browser]:
    """The real page, freshly loaded on a wide light screen; nothing may complain meanwhile."""
    chromium.open(pages["real"])
    yield chromium
    assert chromium.complaints() == []
    assert chromium.requested() == [pages["real"].as_uri()]
