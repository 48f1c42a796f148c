"""What a shell completes, asked as it asks: bash runs the script that is printed for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.cli.completion import SHELLS

from ..components import needs

CONFTEST = """
from functools import partial
from tinybench import TASKS, Recipe, Task
from tinybench.tasks.sine import dense_relu, noisy_sine

print("loading")
TASKS.add(
    Task("mine", "", noisy_sine, partial(dense_relu, units=(4,)), Recipe(epochs=2, batch_size=64))
)
"""
BOARD = """
[tool.tinybench.boards.node-of-mine]
processor = "cortex-m4"
"""
ASK = """
source <(tinybench completion bash)
while IFS= read -r line; do
  COMP_LINE=$line COMP_POINT=${#line} COMP_TYPE=9 COMPREPLY=()
  _python_argcomplete tinybench
  echo "${COMPREPLY[@]}"
done
"""
ASKED = {
    "tinybench rec": "recommend",
    "tinybench explain no-c-": "no-c-code",
    "tinybench run x --aga": "--against",
    "tinybench run mod": "model.tflite",
    "tinybench run x --on cortex-m4": "cortex-m4 cortex-m4-nodsp",
    "tinybench run x --on nod": "node-of-mine",
    "tinybench list run": "runtimes",
    "tinybench train mi": "mine",
    "tinybench play keyword x --variant qat": "qat-int8",
    "tinybench time mine/flo": "mine/float32 mine/float16 mine/float32-control",
    "tinybench train keyword --data keyword-": "keyword-dscnn=",
    "tinybench compare a b --fail-on mse_t": "mse_true",
}


@pytest.mark.slow
@needs("POSIX shell")
def test_bash(tmp_path: Path) -> None:
    """Commands, options, files and names, those of the project among them."""
    (tmp_path / "conftest.py").write_text(CONFTEST, "utf-8")
    (tmp_path / "pyproject.toml").write_text(BOARD, "utf-8")
    (tmp_path / "model.tflite").touch()
    (tmp_path / "tinybench").write_text(f'#!/bin/sh\nexec {sys.executable} -m tinybench "$@"\n')
    (tmp_path / "tinybench").chmod(0o755)

    done = subprocess.run(
        ["bash", "-c", ASK],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        input="".join(f"{line}\n" for line in ASKED),
        capture_output=True,
        text=True,
        check=True,
    )

    # Bash puts a space behind what is the only one.
    answers = [line.rstrip() for line in done.stdout.splitlines()]
    assert dict(zip(ASKED, answers, strict=True)) == ASKED
    assert done.stderr == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0

    script = capsys.readouterr().out
    assert "_ARGCOMPLETE" in script
    assert {"bash": "complete -o", "zsh": "#compdef tinybench", "fish": "complete --command"}[
        shell
    ] in script
