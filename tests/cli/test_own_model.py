"""Everything that docs/own-model.md shows is run as it stands there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.storage.cache_folder import CACHE_VARIABLE

from ..components import needs

pytestmark = [pytest.mark.slow, needs("elftools", "unicorn", "ziglang")]

PAGE = Path(__file__).parents[2] / "docs" / "own-model.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
ELSEWHERE = "pip install"
"""How a block of other programs begins."""
FAST = "--no-time"


def blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(PAGE.read_text("utf-8"))


def commands() -> list[str]:
    """The page's commands, in its order."""
    shells = [text for kind, text in blocks() if kind == "sh" and not text.startswith(ELSEWHERE)]
    return [line for text in shells for line in text.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files of the page, and what the two that are programs make."""
    path = tmp_path_factory.mktemp("own")
    for kind, text in blocks():
        if kind == "python":
            (path / text.splitlines()[0].removeprefix("# ")).write_text(text, "utf-8")
    for program in ("make_example.py", "layers.py"):
        subprocess.run([sys.executable, program], cwd=path, check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def ran(folder: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """Every command of the page, run one after the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(folder / "cache"))
        patch.delenv("PYTEST_XDIST_WORKER", raising=False)
        return {command: _run(command, folder) for command in commands()}


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    name, *arguments = shlex.split(command)
    more = [FAST] if arguments[0] == "bench" else []
    whole = [sys.executable, "-m", name, *arguments, *more]
    return subprocess.run(whole, cwd=folder, capture_output=True, text=True, timeout=500)


def test_a_command_does_what_the_page_says(
    ran: dict[str, subprocess.CompletedProcess[str]],
) -> None:
    failed = {name: one.stdout + one.stderr for name, one in ran.items() if one.returncode}

    assert failed == {}
    assert len(ran) == len(set(commands())) >= 10
