"""Programs of several exported models, which check each other's test vectors in turns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinybench.codegen import Names
from tinybench.export import files, of_file

from .subjects import write

CHECK = """
static int wrong_{prefix}(int n) {{
  int wrong = 0;
  for (int p = 0; p < {upper}_INPUTS; p++) {{
    const struct {test}test_port *port = &{test}test_inputs[p];
    unsigned char *to = (unsigned char *)port->arena;
    const unsigned char *from = port->bytes + (uint32_t)n * port->size;
    for (uint32_t i = 0; i < port->size; i++) to[i] = from[i];
  }}
  {prefix}_invoke();
  for (int p = 0; p < {upper}_OUTPUTS; p++) {{
    const struct {test}test_port *port = &{test}test_outputs[p];
    const unsigned char *given = (const unsigned char *)port->arena;
    const unsigned char *expected = port->bytes + (uint32_t)n * port->size;
    for (uint32_t i = 0; i < port->size; i++) wrong += given[i] != expected[i];
  }}
  return wrong;
}}
"""


def exported(folder: Path, models: Sequence[tuple[Path, Names]]) -> None:
    """Each in a folder of its prefix, with TFLM's answers."""
    for path, names in models:
        write(folder / names.prefix, files(of_file(path), names))


def includes(models: Sequence[tuple[Path, Names]]) -> str:
    return "".join(
        f'#include "{names.prefix}/{names.prefix}_data.h"\n'
        f'#include "{names.prefix}/{names.file("test_vectors.h")}"\n'
        for _, names in models
    )


def checks(models: Sequence[tuple[Path, Names]]) -> str:
    """A function for each model, and one that says how many bytes are wrong over all vectors."""
    text, calls = "", ""
    for _, names in models:
        test = names.own("test_").removesuffix("test_")
        own = names.own("test_x").removesuffix("test_x")
        text += CHECK.format(prefix=names.prefix, upper=names.upper, test=test or own)
        count = names.own("TEST_VECTORS")
        calls += f"    if (n < {count}) wrong += wrong_{names.prefix}(n);\n"
    return (
        f"{text}\nstatic int all_wrong(void) {{\n  int wrong = 0;\n"
        f"  for (int n = 0; n < 64; n++) {{\n{calls}  }}\n  return wrong;\n}}\n"
    )


def arena(name: str) -> str:
    """What the user writes once, below the headers of all models that share it."""
    return f"uint8_t {name}[{name.upper()}_BYTES] __attribute__((aligned(16)));\n"
