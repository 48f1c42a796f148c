"""The README and the page of variants show what the command prints."""

from pathlib import Path

import pytest

from tinybench.report import terminal
from tinybench.results import document

from .examples import blocks

ROOT = Path(__file__).parents[1]
README, BASELINE = ROOT / "README.md", ROOT / "results" / "baseline.json"


def test_tables_are_the_baselines() -> None:
    """Those of docs/explanation/variants.md are of the committed measurements, to the letter."""
    (shown,) = [one for one in blocks("docs/explanation/variants.md") if one.language == "text"]
    whole = "\n".join(["", *terminal.lines(document.read(BASELINE)), ""])

    tables = shown.text.rstrip("\n").split("\n...\n")
    assert len(tables) == 2
    assert all(f"\n{table}\n" in whole for table in tables)


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 110


@pytest.mark.parametrize("command", ["tox -e bench", "tox "])
def test_first_commands(command: str) -> None:
    """The two commands stand before the first heading, each with its own set-up."""
    top = "".join(one.text for one in blocks("README.md") if one.heading == "tinybench")

    assert f"python3 -m pip install tox && {command}" in top


def test_the_front_door_comes_first() -> None:
    """One line from nothing to the table of a model of one's own, on the first screen."""
    first = blocks("README.md")[0]
    install, bench = first.text.split("&&")

    assert first.line < 12
    assert install.strip() == "pip install 'pytest-tinybench[all]'"
    assert bench.split()[:2] == ["tinybench", "bench"]
