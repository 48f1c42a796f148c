"""The site builds strictly, its words are the program's, and every example is run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinybench.cli.main import COMMANDS, parse
from tinybench.metrics import METRICS

from .examples import PLACES, ROOT, RUN, blocks, pages, run_by

BLOCKS = [block for page in pages() for block in blocks(page)]
OUTSIDE = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"?(?:https?:)?//(?!pytest-)")


def test_every_page_is_built(site: Path) -> None:
    """Those of docs/, and those that stand elsewhere."""
    made = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    ours = {page.removeprefix("docs/") for page in pages() if page.startswith("docs/")}

    assert {page.replace(".md", ".html") for page in ours} <= made
    assert {"index.html", "contributing.html", "changelog.html", "how-to/firmware.html"} <= made


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    loading = [
        path.name for path in site.rglob("*.html") if OUTSIDE.search(path.read_text("utf-8"))
    ]

    assert loading == []


def test_options_are_those_of_the_program(site: Path) -> None:
    page = (site / "reference" / "options.html").read_text("utf-8")

    for command in COMMANDS:
        assert f'id="tinybench-{command}"' in page
    assert "--tinybench-time-threshold" in page
    assert "tinybench_fail_on" in page


def test_each_metric_has_its_paragraph() -> None:
    """What it means, and what it does not, stands below its name."""
    text = (ROOT / "docs" / "reference" / "metrics.md").read_text("utf-8")
    paragraphs = dict(re.findall(r"^### `(.+)`\n\n(\S.*)", text, re.M))

    assert sorted(paragraphs) == sorted(metric.name for metric in METRICS)


def in_blocks() -> Iterator[tuple[str, str]]:
    """Every command of ours that a block runs, and where."""
    for block in BLOCKS:
        lines = block.text.replace("\\\n", " ").splitlines() if block.language == "sh" else []
        for part in (part for line in lines for part in re.split(r" (?:&&|\|\|) ", line)):
            if part.startswith("tinybench "):
                yield part.partition("  #")[0].strip(), f"{block.page}:{block.line}"


def in_lines() -> Iterator[tuple[str, str]]:
    """Every command that a sentence or a table names, and where."""
    for page in pages():
        text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text("utf-8"), flags=re.M | re.S)
        for inline in re.findall(r"`tinybench (\w[^`]*)`", text):
            if not inline.startswith("COMMAND"):
                yield inline, page


@pytest.mark.parametrize(("command", "place"), dict(in_blocks()).items())
def test_commands_of_blocks(command: str, place: str) -> None:
    parse(shlex.split(command)[1:])


@pytest.mark.parametrize(("command", "place"), dict(in_lines()).items())
def test_commands_of_sentences(
    command: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command is one of ours, and so are its options."""
    name, *words = command.split()
    with pytest.raises(SystemExit):
        parse([name, "--help"])

    known = {*re.findall(r"--[a-z-]+", capsys.readouterr().out)}
    assert name in COMMANDS
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known | {"--help"}


def test_options_of_pytest(pytester: pytest.Pytester) -> None:
    """And all that is checked of docs/how-to/data.md, which trains on a reader's recordings."""
    known = {
        *re.findall(r"--tinybench-[a-z-]+", pytester.runpytest_subprocess("--help").stdout.str())
    }

    for page in pages():
        text = (ROOT / page).read_text("utf-8")
        assert {*re.findall(r"--tinybench-[a-z]+(?:-[a-z]+)*", text)} <= known, page


@pytest.mark.parametrize("page", pages())
def test_every_example_is_run_or_checked_by_a_test(page: str) -> None:
    """Where `tests/examples.py` names none, `test_docs_examples.py` runs it as it stands."""
    about = "help_pages" if page.startswith("docs/help/") else page.rpartition("/")[2]
    for test in {test for _, test in run_by(page)}:
        path, _, name = test.partition("::")
        source = (ROOT / path).read_text("utf-8")

        assert re.search(rf"^def {name}\(", source, re.M), test
        assert test == RUN or about in source, f"{test} says nothing of {page}"


def test_places_are_of_pages_that_there_are() -> None:
    assert {*PLACES} <= {*pages()}


def test_languages() -> None:
    """A block without one is a drawing."""
    assert {block.page for block in BLOCKS if not block.language} == {"docs/architecture.md"}


@pytest.mark.parametrize(
    "extras",
    sorted(
        {
            *re.findall(
                r"pytest-tinybench\[([\w,]+)\]",
                "\n".join((ROOT / page).read_text("utf-8") for page in pages()),
            )
        }
    ),
)
def test_extras_that_are_named(extras: str) -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    table = text.partition("[project.optional-dependencies]")[2].partition("\n[")[0]

    assert {*extras.split(",")} <= {*re.findall(r"^(\w+) = \[", table, re.M)}
