"""Generated programs on this computer, under the sanitizers: a session as boards have it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.boards import toolchain
from tinybench.codegen import Program

from ..components import find, require

Bytes = NDArray[np.uint8]

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror")
# -O0: the sanitizers see what is written, not what is left of it, and builds take a third.
OPTIMIZATION = ("-O0", "-ffp-contract=off", "-g1")
TIMEOUT_SECONDS = 120

MAIN = """
int main(int argc, char **argv) {
  const struct model *m = &models[atoi(argv[argc - 2])];
  memset(m->arena, 0xA5, m->arena_bytes);
  if (m->reset) {
    memset(m->state, 0xA5, m->state_bytes);
    m->reset();
  }
  for (int n = atoi(argv[argc - 1]); n > 0; n--) {
    for (const struct port *p = m->inputs; p->bytes; p++) {
      if (fread(m->arena + p->offset, 1, p->bytes, stdin) != p->bytes) return 2;
    }
    m->invoke();
    for (const struct port *p = m->outputs; p->bytes; p++) {
      if (fwrite(m->arena + p->offset, 1, p->bytes, stdout) != p->bytes) return 3;
    }
  }
  return 0;
}
"""


class HostError(AssertionError):
    """A program did not compile, or a sanitizer stopped it; the message is what was said."""


def compiler() -> tuple[str, ...] | None:
    """The command of a C compiler with the sanitizers that it has, or None."""
    if found := find("C compiler"):
        return found, "-fsanitize=address,undefined", "-fno-sanitize-recover=all"
    if toolchain.missing(toolchain.COMPILER) is None:
        # Its own: only the undefined behaviour sanitizer, which stops the program.
        command = (sys.executable, "-m", toolchain.COMPILER, "cc")
        return *command, "-fsanitize=undefined", "-fsanitize-trap=undefined"
    return None


def require_compiler() -> tuple[str, ...]:
    """The same for a test, which skips without one."""
    command = compiler()
    if command is None:
        require("C compiler")
    assert command is not None
    return command


@dataclass(frozen=True, slots=True)
class HostSession:
    """Programs in one executable, each of which runs in a process of its own."""

    executable: Path
    programs: tuple[Program, ...]

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        """N inferences, as `tinybench.boards.base.BoardSession` has them."""
        model = self.programs[program]
        count = len(inputs[0]) if inputs else 1
        rows = np.concatenate([np.zeros((count, 0), np.uint8), *inputs], axis=1)
        done = subprocess.run(
            [self.executable, str(program), str(count)],
            input=rows.tobytes(),
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"},
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace")
            raise HostError(f"{model.prefix}: status {done.returncode}\n{said[:3000]}")
        sizes = [port.nbytes for port in model.outputs]
        table = np.frombuffer(done.stdout, np.uint8).reshape(count, sum(sizes))
        return np.split(table, np.cumsum(sizes)[:-1], axis=1)


def build(programs: Sequence[Program], folder: Path) -> HostSession:
    """Compile programs of different prefixes; HostError with the compiler's words."""
    command = compiler()
    assert command is not None
    for program in programs:
        for name, data in program.files.items():
            path = folder / program.prefix / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    (folder / "main.c").write_text(_main(programs))
    sources = [f"{program.prefix}/{program.prefix}.c" for program in programs]
    arguments = [*WARNINGS, *OPTIMIZATION, "main.c", *sources, "-o", "programs"]
    done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise HostError(done.stderr[:3000])
    return HostSession(folder / "programs", tuple(programs))


def _main(programs: Sequence[Program]) -> str:
    lines = ["#include <stdio.h>", "#include <stdlib.h>", "#include <string.h>"]
    lines += [f'#include "{program.prefix}/{program.prefix}.h"' for program in programs]
    lines += [
        "struct port { size_t offset, bytes; };",
        "struct model { uint8_t *arena; size_t arena_bytes; void (*invoke)(void);",
        "  const struct port *inputs, *outputs;",
        "  uint8_t *state; size_t state_bytes; void (*reset)(void); };",
    ]
    table = []
    for program in programs:
        prefix, kinds = program.prefix, (program.inputs, program.outputs)
        for kind, ports in zip(("inputs", "outputs"), kinds, strict=True):
            items = "".join(f"{{{port.offset}, {port.nbytes}}}, " for port in ports)
            lines.append(f"static const struct port {prefix}_{kind}[] = {{{items}{{0, 0}}}};")
        members = f"{prefix}_arena, sizeof {prefix}_arena, {prefix}_invoke"
        state = f"{prefix}_state, sizeof {prefix}_state, {prefix}_reset"
        state = state if program.state_bytes else "0, 0, 0"
        table.append(f"  {{{members}, {prefix}_inputs, {prefix}_outputs, {state}}},")
    lines += ["static const struct model models[] = {", *table, "};", MAIN]
    return "\n".join(lines)


def raw(arrays: Sequence[NDArray[Any]]) -> Bytes:
    """Equal arrays as rows of bytes."""
    return np.stack(
        [np.frombuffer(np.ascontiguousarray(each).tobytes(), np.uint8) for each in arrays]
    )
