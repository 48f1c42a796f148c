"""How commands end: the table of exit statuses, and output that nobody reads."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.cli.status import Exit

from ..components import needs

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "tests" / "tflite" / "models" / "dense-int8.tflite"
BASELINE = ROOT / "results" / "baseline.json"
START = [sys.executable, "-c", "import sys; from tinybench.cli import main; sys.exit(main())"]


def test_table_of_the_docs() -> None:
    text = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")

    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE)

    assert rows == [(str(int(one)), one.name) for one in Exit]


COMMANDS = {
    "alone": [],
    "help": ["--help"],
    "help of one": ["compare", "--help"],
    "version": ["--version"],
    "list": ["list"],
    "inspect": ["inspect", str(MODEL)],
    "inspect --json": ["inspect", str(MODEL), "--json"],
    "compare": ["compare", str(BASELINE), str(BASELINE)],
    "compare --format": ["compare", str(BASELINE), str(BASELINE), "--format", "csv"],
    "recommend": ["recommend", "sine-16x16", "--document", str(BASELINE)],
    "accept": ["accept", str(BASELINE), "--to", "new.json"],
    "export": ["export", "--file", str(MODEL), "--to", "model"],
    "run": ["run", str(MODEL), "--on", "litert"],
    "explain": ["explain"],
    "cache": ["cache"],
    "doctor": ["doctor", "--json"],
    "completion": ["completion", "fish"],
}
EACH = """
import json, os, sys
from tinybench.cli import main
told = os.dup(2)
for name, arguments in json.loads(sys.argv[1]).items():
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, 1)
    os.close(writer)
    try:
        status = main(arguments)
    except SystemExit as left:
        status = left.code
    # Both were led nowhere.
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(told, 2)
    print(name, status, file=sys.stderr, flush=True)
"""
"""Runs each with its output going to a pipe of its own that has no reader."""


def unread(arguments: list[str], unbuffered: str = "") -> tuple[int, bytes]:
    """Exit status and messages of a command whose output goes to a pipe without a reader."""
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    try:
        done = subprocess.run(
            [*START, *arguments], stdout=writer, stderr=subprocess.PIPE, env=environment
        )
    finally:
        os.close(writer)
    return done.returncode, done.stderr


@needs("tflm")
def test_output_that_nobody_reads(tmp_path: Path) -> None:
    """As `head` leaves it: no message, of no command."""
    done = subprocess.run(
        [sys.executable, "-c", EACH, json.dumps(COMMANDS)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        capture_output=True,
        text=True,
    )

    assert done.stderr.splitlines() == [f"{name} {Exit.BROKEN_PIPE:d}" for name in COMMANDS]


def test_unbuffered_output_that_nobody_reads() -> None:
    """Then printing fails, and not the end."""
    assert unread(["list"], unbuffered="1") == (Exit.BROKEN_PIPE, b"")


def test_what_was_measured_is_written_though_nobody_reads(tmp_path: Path, warm_cache: Path) -> None:
    """`tinybench bench … --json | head -1` measured for minutes, perhaps."""
    written = tmp_path / "latest.json"
    where = ["--document", str(written), "--cache", str(warm_cache)]
    command = ["bench", "sine-8", "--variant", "float32", "--on", "litert", "--no-time", "--json"]

    assert unread([*command, *where], unbuffered="1") == (Exit.BROKEN_PIPE, b"")
    assert json.loads(written.read_bytes())["results"]


@needs("POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("arguments", ["list", "inspect"])
def test_output_that_is_closed(tmp_path: Path, arguments: str, closed: str) -> None:
    """The command does its work and prints nowhere, certainly not into files that it opens."""
    more = [str(MODEL)] if arguments == "inspect" else []
    command = ["sh", "-c", f'"$@" {closed}', "sh", *START, arguments, *more]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@needs("/dev/full")
def test_output_to_a_full_disk() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*START, "list"], stdout=full, stderr=subprocess.PIPE)

    assert done.returncode == Exit.ERROR
    assert done.stderr == b"tinybench: error: No space left on device [file-system]\n"
