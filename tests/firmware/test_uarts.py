"""Boards that one can buy, as QEMU has them: start-up code, memory and UART are the board's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ..components import needs
from .commands import run
from .test_cmake import copied, measurements, write_model

pytestmark = [
    needs("cmake", "make", "ziglang", "qemu-system-arm"),
    pytest.mark.slow,
]


@pytest.mark.parametrize(
    ("board", "preset"),
    [
        ("netduinoplus2", "cortex-m4"),
        ("microbit", "cortex-m0plus"),
        ("stm32vldiscovery", "cortex-m3"),
    ],
)
def test_the_benchmark_speaks_through_the_uart(board: str, preset: str, tmp_path: Path) -> None:
    """All 256 test vectors are right, and every byte comes out of the UART's data register."""
    folder = copied(tmp_path)
    write_model(folder / "model")
    options = (f"-DBOARD={board}", "-DREPETITIONS=1", "-B", "build")
    for step in (
        ("cmake", "--preset", preset, *options),
        ("cmake", "--build", "build", "--target", "benchmark"),
    ):
        done = run(folder, *step)
        assert done.returncode == 0, done.stdout + done.stderr

    found = measurements(uart(board, folder / "build" / "benchmark.elf"))

    assert found[0]["metric"] == "model"
    said = {one["metric"]: (one["value"], one.get("count")) for one in found}
    assert said["vectors"] == (0, 256)
    assert said["status"] == (0, None)


def uart(machine: str, program: Path) -> str:
    """What a program prints, up to its status; then it is ended, as a board has no end."""
    options = ("-display", "none", "-monitor", "none", "-serial", "stdio", "-icount", "shift=6")
    with subprocess.Popen(
        ["qemu-system-arm", "-M", machine, *options, "-kernel", str(program)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if '"status"' in line:
                break
        process.kill()
    return "".join(lines)
