"""The site of the documentation in a browser: search works, and nobody else is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from .browser import Browser

FOUND = ".md-search-result__article"


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with ThreadingHTTPServer(("localhost", 0), partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_search_without_a_network(chromium: Browser, address: str) -> None:
    chromium.driver.get("about:blank")
    chromium.complaints(), chromium.requested()

    chromium.driver.get(f"{address}index.html?q=clipped")
    chromium.wait(f"return document.querySelector('{FOUND}') !== null")

    titles = chromium.script(
        "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", FOUND
    )
    assert any("clipped-inputs" in title for title in titles)
    assert {url for url in chromium.requested() if not url.startswith(address)} == set()
    assert chromium.complaints() == []
