"""The README shows what the command prints."""

from pathlib import Path

import pytest

from tinybench.report import terminal
from tinybench.results import document

ROOT = Path(__file__).parents[1]
README, BASELINE = ROOT / "README.md", ROOT / "results" / "baseline.json"


def test_tables_are_the_baselines() -> None:
    """Each table is one of the summary of the committed measurements, to the letter."""
    shown = README.read_text("utf-8").split("```text\n")[1].split("```")[0]
    whole = "\n".join(["", *terminal.lines(document.read(BASELINE)), ""])

    blocks = shown.rstrip("\n").split("\n...\n")
    assert len(blocks) == 5
    assert all(f"\n{block}\n" in whole for block in blocks)


@pytest.mark.parametrize("command", ["tox -e bench", "tox "])
def test_first_commands(command: str) -> None:
    """The two commands stand in the first lines, each with its own set-up."""
    first = README.read_text("utf-8").split("```")[3]

    assert f"python3 -m pip install tox && {command}" in first


def test_the_front_door_comes_first() -> None:
    """One line from nothing to the table of a model of one's own, on the first screen."""
    text = README.read_text("utf-8")
    install, bench = text.split("```")[1].split("&&")

    assert len(text.partition("tinybench bench ")[0].splitlines()) < 12
    section = text.partition("## Your own model")[2].split("```")[1]
    assert install.removeprefix("sh").strip() in section
    assert bench.partition("#")[0].strip() in section
