"""The kernels' C where int has 16 bits, as an 8-bit AVR's compiler sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.components import find, needs

KERNELS = Path(__file__).parents[2] / "tinybench" / "codegen" / "kernels"
RANGES = (
    "CONV_GROUPS_S8",
    "CONV_S8",
    "DEPTHWISE_MULTIPLIER_S8",
    "DEPTHWISE_S8",
    "FULLY_CONNECTED_S8",
    "TRANSPOSE_CONV_S8",
)


@needs("avr-gcc")
def test_no_kernel_shifts_or_overflows_an_int_of_16_bits(tmp_path: Path) -> None:
    """The compiler warns of shifts beyond int and of numbers that lose their high half."""
    source = tmp_path / "kernels.c"
    for kernel in sorted(KERNELS.glob("*.h")):
        source.write_text(f'#include "{kernel.name}"\nint main(void) {{ return 0; }}\n')
        finished = subprocess.run(
            [find("avr-gcc") or "", "-std=c99", "-mmcu=atmega328p", "-fsyntax-only", "-Werror"]
            + ["-Wall", "-Wextra", "-Wconversion", "-Wno-unused-function", "-Wno-unknown-pragmas"]
            + [f"-DTB_{name}_RANGE=TB_RANGE_ANY" for name in RANGES]
            + [f"-I{KERNELS}", str(source)],
            capture_output=True,
            text=True,
            check=False,
        )

        assert finished.stderr == "", kernel.name
