"""The README shows what the command prints."""

from pathlib import Path

import pytest

from tinybench import document
from tinybench.report import terminal

ROOT = Path(__file__).parents[2]
README, BASELINE = ROOT / "README.md", ROOT / "results" / "baseline.json"


def test_table_is_the_baselines() -> None:
    """The table is the summary of the committed measurements, to the letter."""
    shown = README.read_text("utf-8").split("```text\n")[1].split("```")[0]

    assert shown.splitlines() == terminal.lines(document.read(BASELINE))


@pytest.mark.parametrize("command", ["tox -e bench", "tox "])
def test_first_commands(command: str) -> None:
    """The two commands stand in the first lines, each with its own set-up."""
    first = README.read_text("utf-8").split("```")[1]

    assert f"python3 -m pip install tox && {command}" in first
