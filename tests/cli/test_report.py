"""`tinybench report`: what it writes, and what it says when it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.cli import report as command
from tinybench.results import document
from tinybench.results.document import Document

from ..components import needs
from ..documents import result_of

pytestmark = needs("altair", "jinja2", "matplotlib")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A document of a task that is not registered: nothing has to be trained for it."""
    found = Document({}, created="2026-01-01T00:00:00+00:00")
    metrics = {"mse": 0.5, "tflite_bytes": 100}
    found.add(result_of("mine", "int8", metrics=metrics, sha256="0" * 64))
    document.write(found, tmp_path / "latest.json")
    return tmp_path / "latest.json"


def test_a_page_is_written_beside_the_tables(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_library", lambda store: "/* the library */")
    arguments = ["report", str(path), "--to", str(tmp_path / "out"), "--cache", str(tmp_path / "c")]

    assert main(arguments) == 0

    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "/* the library */" in page
    assert "mine" in page
    readme = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "[index.html](index.html)" in readme
    assert f"page: {tmp_path / 'out' / 'index.html'}, " in capsys.readouterr().out


def test_tables_only(path: Path, tmp_path: Path) -> None:
    assert main(["report", str(path), "--no-figures", "--cache", str(tmp_path / "c")]) == 0

    assert not (tmp_path / "index.html").exists()
    assert "index.html" not in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_missing_extra_is_one_line(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "EXTRA", ("matplotlib", "never_packaged"))

    assert main(["report", str(path)]) == 2

    error = capsys.readouterr().err
    assert error.startswith("tinybench: error: figures and the page need never_packaged: pip")
    assert "--no-figures" in error
