"""The generated C, built and run on this computer, where its reference is not installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.boards import toolchain
from tinybench.codegen import Program
from tinybench.export.folder import NoVectorsError
from tinybench.runtimes import batch_shape

COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c99", "-O1", "-ffp-contract=off", "-w")
TIMEOUT_SECONDS = 300

# Files, because standard input and output change bytes on some systems.
MAIN = """\
#include <stdio.h>
#include "{prefix}.h"
struct port {{ unsigned long offset, bytes; }};
static const struct port inputs[] = {{{inputs}}}, outputs[] = {{{outputs}}};
int main(int count, char **names) {{
  FILE *from = fopen(names[1], "rb"), *to = fopen(names[2], "wb");
  if (count != 3 || !from || !to) return 2;
{reset}  for (long n = {samples}; n > 0; n--) {{
{each}    for (const struct port *p = inputs; p->bytes; p++)
      if (fread({arena} + p->offset, 1, p->bytes, from) != p->bytes) return 3;
    {prefix}_invoke();
    for (const struct port *p = outputs; p->bytes; p++)
      if (fwrite({arena} + p->offset, 1, p->bytes, to) != p->bytes) return 4;
  }}
  return fclose(to) ? 5 : 0;
}}
"""


def compiler() -> tuple[str, ...] | None:
    """The command of a C compiler for this computer, or None: its own, or the boards' one."""
    if found := next(filter(None, map(shutil.which, COMPILERS)), None):
        return (found,)
    if toolchain.missing(toolchain.COMPILER) is None:
        return sys.executable, "-m", toolchain.COMPILER, "cc"
    return None


def run(
    command: Sequence[str], program: Program, inputs: Sequence[NDArray[Any]]
) -> list[NDArray[Any]]:
    """The outputs for N samples, an array (N, *shape) each, as a runtime gives them.

    Raise NoVectorsError, with the first line that was said, if it does not compile or run.
    """
    samples = len(inputs[0]) if inputs else 1
    with tempfile.TemporaryDirectory(prefix="tinybench-") as name:
        folder = Path(name)
        for path, data in {**program.files, "main.c": _main(program, samples)}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        rows = [np.ascontiguousarray(each).view(np.uint8).reshape(samples, -1) for each in inputs]
        (folder / "in").write_bytes(np.concatenate(rows, axis=1).tobytes() if rows else b"")
        built = [*command, *FLAGS, "main.c", f"{program.prefix}.c", "-o", "main.exe"]
        for step in (built, [str(folder / "main.exe"), "in", "out"]):
            _do(step, folder)
        sizes = [port.nbytes for port in program.outputs]
        answers = np.fromfile(folder / "out", np.uint8).reshape(samples, sum(sizes))
    parts = np.split(answers, np.cumsum(sizes)[:-1], axis=1)
    return [
        np.frombuffer(part.tobytes(), port.dtype).reshape(batch_shape(port.shape, samples))
        for part, port in zip(parts, program.outputs, strict=True)
    ]


def _main(program: Program, samples: int) -> bytes:
    inputs, outputs = (
        ", ".join([*(f"{{{port.offset}, {port.nbytes}}}" for port in ports), "{0, 0}"])
        for ports in (program.inputs, program.outputs)
    )
    arena = f"{program.prefix}_arena"
    reset = f"    {program.prefix}_reset();\n" if program.state_bytes else ""
    return MAIN.format(
        prefix=program.prefix,
        arena=arena,
        inputs=inputs,
        outputs=outputs,
        samples=samples,
        reset=reset,
        each=reset if program.cleared else "",
    ).encode()


def _do(command: Sequence[str], folder: Path) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoVectorsError(f"no test vectors: {error}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or f"status {done.returncode}"
        raise NoVectorsError(f"no test vectors: {command[0]}: {said.splitlines()[0]}")
