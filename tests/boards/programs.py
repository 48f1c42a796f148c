"""Small C programs in the form of generated ones, each to show one thing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tinybench.codegen.program import Port, Program

INPUT = Port("x", "int8", (1, 2), 0, 2)
OUTPUT = Port("y", "int8", (1, 1), 4, 1)
SAMPLE = [np.array([[3, 4]], np.uint8)]

OPERATORS = """
#include <stdint.h>
uint8_t {prefix}_arena[{arena}] __attribute__((aligned(16)));
#define arena {prefix}_arena
{body}
void (*const {prefix}_operators[])(void) = {{{operators}}};
void {prefix}_invoke(void);
void {prefix}_invoke(void) {{
  for (unsigned i = 0; i < sizeof {prefix}_operators / sizeof *{prefix}_operators; i++)
    {prefix}_operators[i]();
}}
"""
FUNCTION = "__attribute__((noinline)) static void {name}(void) {{ {code} }}\n"


def program(
    *, prefix: str = "model", arena: int = 16, before: str = "", **operators: str
) -> Program:
    """One operator for each keyword: its name and the body of its function."""
    body = before + "".join(
        FUNCTION.format(name=name, code=code) for name, code in operators.items()
    )
    text = OPERATORS.format(prefix=prefix, arena=arena, body=body, operators=", ".join(operators))
    return Program(prefix, {"model.c": text.encode()}, (INPUT,), (OUTPUT,), tuple(operators), arena)


def samples(*pairs: Sequence[int]) -> list[NDArray[np.uint8]]:
    """Inputs (N, 2) for the programs above."""
    return [np.array(pairs, np.uint8)]


ADD_HALVE = program(
    add="arena[4] = (uint8_t)(arena[0] + arena[1]);", halve="arena[4] = arena[4] >> 1;"
)
NOTHING = program(nothing="")
FLOAT = program(
    scale="float x = (float)arena[0] * 1.5f; arena[4] = (uint8_t)x;",
    integers="int64_t x = (int64_t)arena[1] << 33; arena[4] = (uint8_t)(arena[4] + x / 3);",
)
# In an if-then block a store, then a comparison that ends the condition; then calls.
IF_THEN = program(
    before="__attribute__((noinline)) static void count(void) { arena[4]++; }\n",
    loop="""
    register uint32_t n __asm__("r4") = 100;
    do {
      __asm__ volatile("cmp %0, #50\\n ittt cc\\n strcc %0, [%1]\\n cmpcc %0, #0\\n addcc %0, #0"
                       : "+r"(n) : "r"(arena + 8) : "cc", "memory");
      count();
      n--;
    } while (n);
""",
)
# Something of everything: loops, branches, 8 to 64 bits, float, division, the stack.
BUSY = program(
    arena=256,
    fill="for (unsigned i = 8; i < 256; i++) arena[i] = (uint8_t)(i * arena[0] + arena[1]);",
    sums="""
    int64_t wide = 1; float real = 0; volatile uint8_t copy[64];
    for (unsigned i = 8; i < 256; i++) {
      if (arena[i] & 1) wide += (int64_t)arena[i] * (int8_t)arena[i - 1];
      else real += (float)arena[i] / 3.0f;
      copy[i & 63] = (uint8_t)(wide / (arena[i] + 1));
    }
    arena[4] = (uint8_t)(copy[5] + (uint8_t)(int)real);
""",
)
