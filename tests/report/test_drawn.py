"""Figures that are there are not drawn again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench import environment
from tinybench.report import drawn, plots
from tinybench.report.drawn import Plot
from tinybench.report.plots import Curve
from tinybench.storage.store import Store

from ..components import require

require("matplotlib")


def training(last: float = 1.0) -> dict[str, Plot]:
    curve = np.array([3.0, 2.0, last], np.float32)
    return {"mine/training": Plot(plots.training, ([Curve("loss", curve)],))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A figure of an earlier report, whose cache is gone."""
    drawn.write(training(), Store(tmp_path / "lost"), tmp_path / "figures")
    return tmp_path / "figures"


def drawn_now(wanted: dict[str, Plot], folder: Path) -> int:
    """How many figures are drawn with an empty cache."""
    cache = folder.parent / "cache"
    drawn.write(wanted, Store(cache), folder)
    return len(list(cache.glob("figure-*.png")))


def test_one_that_is_there_stays(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")}

    assert drawn_now(training(), folder) == 0
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.*")} == before


def test_one_that_is_there_stays_with_other_versions(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report in a fresh clone changes no file, whatever is installed there."""
    monkeypatch.setattr(environment, "package_version", lambda name: f"another {name}")

    assert drawn_now(training(), folder) == 0


def test_what_a_figure_is_drawn_from_does_not_depend_on_who_shares_what() -> None:
    """Pickled, a text that is one object in two places is another than two equal ones."""
    text = "loss"
    parts = [Curve(text, np.array([1.0], np.float32)), Curve(text, np.array([1.0], np.float32))]
    other = [Curve("".join(list(text)), one.training.copy()) for one in parts]
    shared = Plot(plots.training, (parts, {text: (1, 2.5)}))

    assert (
        Plot(plots.training, (other, {"".join(list(text)): [1, 2.5]})).source() == shared.source()
    )
    assert Plot(plots.training, (parts[:1], {text: (1, 2.5)})).source() != shared.source()


def test_other_arrays_are_drawn(folder: Path) -> None:
    assert drawn_now(training(last=0.5), folder) == 1
    assert drawn_now(training(last=0.5), folder) == 1


def test_other_code_draws_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder.parent / "other.py"
    other.write_text("# another plots.py\n", encoding="utf-8")
    monkeypatch.setattr(plots, "__file__", str(other))

    assert drawn_now(training(), folder) == 1


@pytest.mark.parametrize("text", ["", "[]", '{"mine/training": 5}'])
def test_a_damaged_list_draws_again(folder: Path, text: str) -> None:
    (folder / drawn.LIST).write_text(text, encoding="utf-8")

    assert drawn_now(training(), folder) == 1


@pytest.mark.parametrize("content", [None, b"edited"])
def test_a_file_that_is_gone_or_edited_is_drawn_again(folder: Path, content: bytes | None) -> None:
    path = folder / "mine" / "training.png"
    expected = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)

    drawn_now(training(), folder)

    assert path.read_bytes() == expected
