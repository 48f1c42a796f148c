"""The header that tells measure.c a model, and the samples to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.boards.image import COUNTER

if TYPE_CHECKING:
    from tinybench.codegen.program import Program


def header(program: Program, samples: bytes, count: int, *, measured: bool = False) -> str:
    """C text: where inputs and outputs are, and `count` samples in flash."""
    name = program.prefix
    loads, at = [], 0
    for port in program.inputs:
        loads.append(f"memcpy_P({name}_arena + {port.offset}, from + {at}, {port.nbytes});")
        at += port.nbytes
    stores = [f"put_output({name}_arena + {p.offset}, {p.nbytes});" for p in program.outputs]
    if program.limited:
        stores.append(f"put_output((const uint8_t *)&{name}_overruns, {COUNTER});")
    reset = f"{name}_reset" if program.state_bytes else "nothing"
    return "\n".join(
        [
            '#include "model.h"',
            f"#define ARENA {name}_arena",
            f"#define ARENA_BYTES {program.arena_bytes}u",
            f"#define INVOKE {name}_invoke",
            f"#define RESET {reset}",
            f"#define CLEARED {int(program.cleared)}",
            f"#define MEASURED {int(measured)}",
            f"#define SAMPLES {count}u",
            f"#define SAMPLE_BYTES {at}u",
            f"#define LOAD(from) {' '.join(loads)}",
            f"#define STORE {' '.join(stores)}",
            f"static const uint8_t samples[] PROGMEM = {{ {', '.join(map(str, samples))} }};",
            "",
        ]
    )
