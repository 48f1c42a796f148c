"""Boards by name and of one's own, as commands have them: run, list, the Tab key, and errors."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ..components import needs

MODEL = Path(__file__).parents[2] / "firmware" / "model" / "model.tflite"
MINE = '[tool.tinybench.boards.mine]\npart = "stm32vldiscovery"\nflash = "64K"\n'
BROKEN = MINE.replace("flash", "flsh")
SAID = "unknown setting 'flsh' (did you mean 'flash'?); valid: clock_hz, code_cache, "


def tinybench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinybench", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
@needs("cortex-m3")
def test_a_project_runs_on_its_own_board(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(MINE)

    listed = json.loads(tinybench(tmp_path, "list", "boards", "--json").stdout)["boards"]
    ran = tinybench(tmp_path, "run", str(MODEL), "--on", "mine", "--json", "--samples", "1")
    wrong = tinybench(tmp_path, "run", str(MODEL), "--on", "min")

    assert (listed[-1]["name"], listed[-1]["flash_bytes"]) == ("mine", 64 << 10)
    assert json.loads(ran.stdout)["board"] == "mine", ran.stderr
    assert "unknown board or runtime 'min' (did you mean 'mine'?)" in wrong.stderr


@pytest.mark.slow
@needs("cortex-m3")
def test_a_broken_table_stops_what_needs_it(tmp_path: Path) -> None:
    """What is tinybench's own runs; what may be of the table says what is wrong with it."""
    (tmp_path / "pyproject.toml").write_text(BROKEN)

    ours = tinybench(tmp_path, "run", str(MODEL), "--on", "cortex-m3", "--samples", "1")
    mine = tinybench(tmp_path, "run", str(MODEL), "--on", "mine")
    listed = tinybench(tmp_path, "list", "boards")

    assert ours.returncode == 0, ours.stderr
    for one in (mine, listed):
        assert (one.returncode, one.stdout) == (2, "")
        assert SAID in one.stderr
        assert one.stderr.endswith("[declared-board]\n")
