"""`tinybench bench` as a process: interrupted, killed, twice at once, unread, and its bar."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinybench.storage import hashing

from ..components import needs
from ..interrupts import heed_interrupts

pytestmark = [pytest.mark.slow, needs("/proc")]

SECONDS = 180
TERMINAL = """
import os, pty, sys
found = pty.spawn(["sh", "-c", "stty rows 30 cols 100; exec \\"$@\\"", "sh", *sys.argv[1:]])
sys.exit(os.waitstatus_to_exitcode(found))
"""


class Run:
    """Starts it in a group of its own, in a folder and with a cache that the test has alone."""

    def __init__(self, strangers: Path, folder: Path) -> None:
        self.strangers, self.folder, self.cache = strangers, folder, folder / "cache"
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *options: str, through: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        model, data = self.strangers / "m3.keras", self.strangers / "data.npz"
        command = [*through, sys.executable, "-m", "tinybench", "bench", model, "--data", data]
        command += ["--no-time", "--variant=float32,int8", "--on=litert-ref"]
        started = subprocess.Popen(
            [*map(str, command), f"--cache={self.cache}", *options],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=heed_interrupts,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._started.append(started)
        return started

    def until_made(self, what: str, started: subprocess.Popen[str]) -> None:
        """Wait for an entry of the cache; the run must not end before."""
        end = time.monotonic() + SECONDS
        while not any(self.cache.glob(what)):
            assert started.poll() is None, started.communicate()
            assert time.monotonic() < end
            time.sleep(0.02)

    def ended(self, started: subprocess.Popen[str]) -> tuple[int, str, str]:
        out, err = started.communicate(timeout=SECONDS)
        return started.returncode, out, err

    def sound(self) -> bool:
        """Whether each entry of the cache has the bytes that its name says; notes have no hash."""
        files = [path for path in self.cache.glob("[!.]*-*-*.*") if path.is_file()]
        return all(
            path.stem.endswith(hashing.of_bytes(path.read_bytes())[:16]) for path in files
        ) and bool(files)

    def left(self, started: subprocess.Popen[str]) -> list[int]:
        """Processes of its group that are there after a second at most."""
        for _ in range(100):
            if not (found := list(_group(started.pid))):
                break
            time.sleep(0.05)
        return found

    def close(self) -> None:
        for one in self._started:
            if one.poll() is None:
                os.killpg(one.pid, signal.SIGKILL)
                one.communicate()


def _group(number: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == number and fields[0] != "Z":
            yield int(path.parent.name)


@pytest.fixture
def run(strangers: Path, tmp_path: Path) -> Iterator[Run]:
    made = Run(strangers, tmp_path)
    yield made
    made.close()


def test_an_interrupt_is_one_line(run: Run) -> None:
    started = run.start("--document=a/x.json")
    run.until_made("*float32*.npz", started)
    os.killpg(started.pid, signal.SIGINT)

    status, out, err = run.ended(started)

    assert status == 130
    assert out == ""
    assert err == "tinybench: interrupted; no file was left half written\n"
    assert not run.left(started)
    assert run.sound()
    assert not (run.folder / "a").exists()


def test_a_killed_run_leaves_what_two_others_go_on_from(run: Run) -> None:
    killed = run.start("--document=a.json")
    run.until_made("*float32*.tflite", killed)
    killed.kill()
    run.ended(killed)
    assert not run.left(killed)
    assert run.sound()
    assert not (run.folder / "a.json").exists()
    before = set(run.cache.iterdir())

    both = [run.start(f"--document={name}.json") for name in "bc"]
    ended = [run.ended(one) for one in both]

    assert [(status, err) for status, _, err in ended] == [(0, ""), (0, "")]
    b, c = (out.replace(f"{name}.json", "") for name, (_, out, _) in zip("bc", ended, strict=True))
    assert b == c
    assert run.sound()
    assert before <= set(run.cache.iterdir())
    keys = [path.name.rsplit("-", 1)[0] for path in run.cache.glob("*-*.*")]
    assert len(keys) == len(set(keys))


def test_a_fresh_cache_says_nothing_else(run: Run) -> None:
    """Neither TensorFlow nor a bar, where nobody watches; a reader that left is no error."""
    started = run.start()
    assert started.stdout is not None
    started.stdout.close()

    assert started.wait(SECONDS) == 141
    assert started.stderr is not None
    assert started.stderr.read() == ""


def test_a_terminal_has_a_bar_that_names_the_steps(run: Run) -> None:
    status, out, _ = run.ended(run.start(through=(sys.executable, "-c", TERMINAL)))

    assert status == 0
    for step in ("reading model and data", "m3-float32", "m3-int8", "m3-int8-litert-ref"):
        assert step in out
    assert out.splitlines()[-1] == "written: results/latest.json"
