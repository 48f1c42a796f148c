"""Everything that docs/how-to/own-model.md shows is run as it stands there."""

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

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "own-model.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
ELSEWHERE = "pip install"
"""How a block of other programs begins."""
FEW = ["--variant", "float32,int8"]


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
    """Run it, of few variants and without times where the page does not say which."""
    name, *arguments = shlex.split(command)
    if arguments[0] == "bench":
        arguments += ["--no-time"] + ([] if "--variant" in arguments else FEW)
    elif name == "pytest" and "exact" not in arguments:
        arguments += ["-m", "exact", "--tinybench-variant=float32,int8"]
    whole = [sys.executable, "-m", name, *arguments]
    return subprocess.run(whole, cwd=folder, capture_output=True, text=True, timeout=500)


def test_every_command_ends_well(ran: dict[str, subprocess.CompletedProcess[str]]) -> None:
    failed = {name: one.stdout + one.stderr for name, one in ran.items() if one.returncode}

    assert failed == {}
    assert len(ran) >= 10


def test_what_they_make(ran: dict[str, subprocess.CompletedProcess[str]], folder: Path) -> None:
    """Files and rows that the page promises."""
    aware = next(one for name, one in ran.items() if " aware " in name)
    several = next(one for name, one in ran.items() if " several " in name)

    assert "qat-int8 (open)  " in aware.stdout
    assert "not available" not in aware.stdout
    assert "kind accuracy" in several.stdout
    assert (folder / "models" / "int8.tflite").read_bytes()[4:8] == b"TFL3"
    assert (folder / "models" / "float32.tflite").exists()
    assert (folder / "src" / "model" / "manifest.json").exists()
    assert (folder / "results" / "baseline.json").exists()


def test_what_runs_elsewhere() -> None:
    """Converting from PyTorch and ONNX takes other packages: it is whole, and then comes ours."""
    programs = [text for kind, text in blocks() if kind == "py"]
    shells = [text for kind, text in blocks() if kind == "sh" and text.startswith(ELSEWHERE)]

    for program in programs:
        compile(program, PAGE.name, "exec")
    assert len(programs) == 2
    assert [text.splitlines()[-1].split()[:2] for text in shells] == [["tinybench", "bench"]]
