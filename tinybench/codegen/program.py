"""What code generation hands on: C sources, and where the model's inputs and outputs stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output of the model: `nbytes` bytes at `offset` of the arena, row-major."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    nbytes: int


@dataclass(frozen=True, slots=True)
class Program:
    """Self-contained C99 for one model.

    `files` maps relative paths (`model.h`, `model.c`, `kernels/….h`) to their bytes; only the
    `.c` files are compiled. Every symbol begins with `prefix`: `<prefix>_arena` (the one static
    buffer), `<prefix>_invoke()` (one inference) and `<prefix>_operators`, the table of
    `void (*)(void)` functions that it calls in order, named in `operators`.

    What it keeps from one inference to the next is in `<prefix>_state`, of `state_bytes`, which
    `<prefix>_reset()` gives its first values; without any there is neither. If it is `cleared`,
    each sample is a sequence of its own and begins with a reset.

    With loops that nothing proves to end it is `limited`, and `<prefix>_overruns` counts those
    that it left.
    """

    prefix: str
    files: Mapping[str, bytes]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    operators: tuple[str, ...]
    arena_bytes: int
    state_bytes: int = 0
    cleared: bool = False
    limited: bool = False
