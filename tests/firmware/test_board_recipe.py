"""The README's recipe for a board of one's own, followed to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..components import needs
from .commands import run
from .test_cmake import FIRMWARE, copied, measurements, write_model

pytestmark = needs("cmake", "cortex-m4", "make", "POSIX shell")


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(tmp_path_factory.mktemp("recipe"))
    write_model(folder / "model")
    return folder


def test_the_recipe_runs_as_it_stands(firmware: Path) -> None:
    """Its last line is the benchmark on the emulated board; then the entry is taken away."""
    section = (FIRMWARE / "README.md").read_text("utf-8").partition("## Add a board")[2]
    [commands, *_] = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)

    done = run(firmware, "bash", "-ec", commands)

    assert done.returncode == 0, done.stdout + done.stderr
    assert measurements(done.stdout)[-1] == {"metric": "status", "value": 0, "unit": "exit"}

    # A function of another name is found, and one that is not there is an error.
    script, startup = (firmware / "boards" / "mine" / each for each in ("cortex-m.ld", "startup.c"))
    script.write_text(script.read_text().replace("ENTRY(_start)", "ENTRY(reset)"))
    run(firmware, "cmake", "--preset", "cortex-m4", "-DBOARD=mine", "-B", "build/mine")
    said = run(firmware, "cmake", "--build", "build/mine", "--target", "benchmark")
    startup.write_text(re.sub(r"\b_start\b", "reset", startup.read_text()))
    built = run(firmware, "cmake", "--build", "build/mine", "--target", "benchmark")
    ran = run(firmware, "tinybench", "emulate", "build/mine/benchmark.elf", "--on", "cortex-m4")

    assert said.returncode != 0
    assert "starts nowhere: its linker script needs ENTRY(reset), and startup.c a function" in (
        " ".join((said.stdout + said.stderr).split())
    )
    assert built.returncode == ran.returncode == 0
