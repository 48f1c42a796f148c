"""The pages of docs/help, and their examples run as a reader would."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

from tinybench.cli import main
from tinybench.errors import TinybenchError, shown

ROOT = Path(__file__).parents[1]
HELP = ROOT / "docs" / "help"
MODELS = Path(__file__).parent / "tflite" / "models"
THERE = {
    "model.tflite": MODELS / "dense-int8.tflite",
    "photos.tflite": MODELS / "conv-int8.tflite",
    "dynamic.tflite": MODELS / "wide-dynamic.tflite",
    "results/baseline.json": ROOT / "results" / "baseline.json",
}
"""What docs/help/index.md says is in the folder."""


class Said(NamedTuple):
    """What a page says that comes out, and what did."""

    expected: str
    found: str


def prepare(folder: Path) -> None:
    """Put the files that examples use into a folder."""
    for name, path in THERE.items():
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(path, folder / name)


def outputs(text: str) -> Iterator[Said]:
    """Run the blocks of a page in the working folder: `console`, and `python` with its `text`.

    An error of ours that Python raises is shown as the command line shows it.
    """
    printed: str | None = None
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```$", text, re.M | re.S):
        if kind == "python":
            printed = _called(partial(exec, compile(block, "example", "exec"), {}))
        elif kind == "text" and printed is not None:
            yield Said(block, printed)
        elif kind == "console":
            for command, expected in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, re.M):
                yield Said(expected, _ran(command))


def matches(said: Said) -> bool:
    """Whether it came out as the page has it: `…` is anything, and widths of columns are any."""
    expected, found = (" ".join(text.split()) for text in said)
    return re.fullmatch(".*".join(map(re.escape, expected.split("…"))), found) is not None


def _ran(command: str) -> str:
    program, *arguments = shlex.split(command)
    if program == "tinybench":
        return _called(lambda: main(arguments))
    done = subprocess.run(command, shell=True, check=True, capture_output=True, text=True)
    return done.stdout


def _called(function: Callable[[], Any]) -> str:
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            function()
        except SystemExit:
            pass
        except TinybenchError as error:
            print(shown(error))
    return said.getvalue()
