"""What `--help` says: every command the same way, with examples that can be copied."""

from __future__ import annotations

import argparse
import re
import shlex

import pytest

from tinybench.cli import main
from tinybench.cli.main import COMMANDS, build, parse

ON = ("bench", "recommend", "run", "play", "time", "emulate")
"""Commands that take a place."""
NO_TABLE = ("completion",)
"""Commands whose output is not tinybench's to shape."""


def parser_of(command: str) -> argparse.ArgumentParser:
    return build(command)[1][command]


@pytest.mark.parametrize("command", COMMANDS)
def test_options_have_one_spelling(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The place is `--on`, the target `--to`, and what prints a table has `--json`."""
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])

    text = capsys.readouterr().out
    options = set(re.findall(r"^  (?:-h, )?(--[\w-]+)", text, re.MULTILINE))
    assert left.value.code == 0
    assert "--help" in options
    assert not options & {"--board", "--runtime", "--output", "--out", "--baseline", "--target"}
    assert ("--json" in options) == (command not in NO_TABLE)
    assert ("--on" in options) == (command in ON)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_text_is_one_phrase(command: str) -> None:
    """With a capital first, or the name of something, and no full stop."""
    for action in parser_of(command)._actions:
        said = action.help or ""
        assert re.match(r"[A-Z]|bash\b", said), f"{action.option_strings or action.dest}: {said!r}"
        assert not said.rstrip().endswith("."), said


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_can_be_copied(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each is a line of its own, also in a narrow window, and is what the command takes."""
    with pytest.raises(SystemExit):
        main([command, "--help"])

    text = capsys.readouterr().out
    examples = re.findall(r"^  (tinybench .+)$", text.partition("\nexamples:\n")[2], re.MULTILINE)
    assert examples
    for line in examples:
        _, *words = shlex.split(line)
        assert words[0] == command
        assert callable(parse(words).run)


@pytest.mark.parametrize("columns", ["40", "200"])
def test_text_fills_the_window_and_tables_stay(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = parser_of("compare").format_help()

    assert "  mse:2%                  mse may get worse by 2 % of its old value\n" in text
    assert ("origin/main... HEAD --format markdown --exit-zero" in text) is True
    described = text[text.index("A and B are") : text.index("\n\nVerdicts")].splitlines()
    assert max(map(len, described)) < int(columns)
    assert (len(described) > 3) == (columns == "40")
