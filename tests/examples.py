"""The fenced blocks of the documentation: what a reader copies, and what is said to be printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
NAMED = re.compile(r"# (\w+\.py)\n")


class Block(NamedTuple):
    """A block, the heading that it stands under, and the line at which it begins."""

    page: str
    heading: str
    line: int
    language: str
    text: str

    @property
    def file(self) -> str:
        """The file that it is, if its first line says so."""
        found = NAMED.match(self.text) if self.language == "python" else None
        return found[1] if found else ""


def pages() -> list[str]:
    """Every page of the documentation, as a path from the root of the repository."""
    found = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md"))
    return ["README.md", "CONTRIBUTING.md", "firmware/README.md", *found]


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in its order."""
    found, heading, opened = [], "", 0
    lines = (ROOT / page).read_text("utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("```"):
            if opened:
                text = "".join(f"{each}\n" for each in lines[opened : number - 1])
                language = lines[opened - 1].removeprefix("```").strip()
                found.append(Block(page, heading, opened, language, text))
            opened = 0 if opened else number
        elif line.startswith("#") and not opened:
            heading = line.lstrip("# ")
    assert not opened, f"{page}:{opened}: this block has no end"
    return found


def shell(
    text: str, folder: Path, cache: Path, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run commands as a reader does, with this Python's programs first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "TINYBENCH_CACHE": str(cache), "COLUMNS": "200"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=500,
    )


RUN = "tests/test_docs_examples.py::test_page"
_HELP = "tests/cli/test_explain.py::test_an_example_gives_what_the_page_is_about"
_METRIC = "tests/pytest_plugin/test_own_metric.py"
_RECIPE = "tests/test_ci_recipe.py"
_ADVICE = "tests/measurement/test_advice.py"
_README = "tests/pytest_plugin/test_readme_example.py"
_COMMITTED = "tests/firmware/test_committed_model.py"
PLACES: dict[str, str | dict[str, str | list[str]]] = {
    "README.md": {
        "tinybench": [
            f"{_README}::test_the_front_door",
            f"{_README}::test_the_front_door",
            "tests/test_readme.py::test_first_commands",
        ],
        "Any `.tflite`": RUN,
        "Onto the device": RUN,
        "Red when it got worse": [f"{_README}::test_the_gate", f"{_README}::test_the_gate"],
    },
    "CONTRIBUTING.md": "tests/test_contributing.py::test_environments",
    "firmware/README.md": {
        "Firmware": [RUN, RUN, f"{_COMMITTED}::test_readme_shows_what_the_emulated_board_prints"],
        "From sound to words, from motion to gestures": [
            RUN,
            RUN,
            RUN,
        ],
        "What the benchmark prints": [
            f"{_COMMITTED}::test_readme_shows_what_the_emulated_board_prints"
        ],
        "Add a board": ["tests/firmware/test_board_recipe.py::test_the_recipe_runs_as_it_stands"],
        "Use the model in your own project": RUN,
        "Two models in one program": RUN,
    },
    "docs/architecture.md": "tests/test_rooms.py::test_every_room_is_in_the_table",
    "docs/explanation/variants.md": {
        "A table, and what it says": ["tests/test_readme.py::test_tables_are_the_baselines"],
        "Which one to ship": RUN,
    },
    "docs/how-to/ci.md": {
        "Once: publish a baseline": f"{_RECIPE}::test_a_stranger_follows_the_recipe",
        "Gates": f"{_RECIPE}::test_gates_of_the_recipe_are_the_default_ones",
        "*": f"{_RECIPE}::test_commands_run",
    },
    "docs/how-to/data.md": "tests/test_docs.py::test_options_of_pytest",
    "docs/how-to/own-metric.md": f"{_METRIC}::test_a_metric_of_your_own",
    "docs/how-to/own-model.md": {
        "From PyTorch and ONNX": "tests/cli/test_own_model.py::test_what_runs_elsewhere",
        "*": "tests/cli/test_own_model.py::test_every_command_ends_well",
    },
    "docs/how-to/own-task.md": f"{_README}::test_a_task_that_is_trained_here",
    "docs/how-to/packages.md": (
        "tests/export/test_packages.py::test_cmake_finds_the_package_and_its_example_runs"
    ),
    "docs/how-to/runtimes-and-boards.md": "tests/machines/test_users_own.py::test_benchmarks",
    "docs/how-to/serial-boards.md": (
        "tests/boards/serial/test_board.py::test_a_board_is_flashed_once"
    ),
    "docs/reference/advice.md": f"{_ADVICE}::test_an_example_gets_its_own_advice_and_no_other",
    "docs/reference/documents.md": "tests/results/test_frame.py::test_examples_of_the_docs",
}
"""The test of all blocks of a page, of a heading (* is any other), or of each block under it."""


def run_by(page: str) -> list[tuple[Block, str]]:
    """Each block of a page and its test; what nobody names is run as it stands."""
    named = PLACES.get(page, RUN)
    if page.startswith("docs/help/") and page != "docs/help/index.md":
        named = _HELP
    if isinstance(named, str):
        named = {"*": named}
    found: list[tuple[Block, str]] = []
    for heading, group in groupby(blocks(page), lambda block: block.heading):
        under, tests = list(group), named.get(heading, named.get("*"))
        assert tests is not None, f"{page}: nobody runs what is under {heading!r}"
        each = [tests] * len(under) if isinstance(tests, str) else tests
        assert len(each) == len(under), f"{page}: {len(under)} blocks are under {heading!r}"
        found += zip(under, each, strict=True)
    return found
