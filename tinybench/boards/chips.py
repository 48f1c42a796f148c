"""Microcontrollers, modules and boards by name: a processor with the memory that one can buy.

`catalogue.toml` has them, in the settings in which a project declares a board of its own.
"""

from __future__ import annotations

import functools
from pathlib import Path

from tinybench.boards.declared.declaration import Declaration, parsed
from tinybench.boards.declared.target import target_of
from tinybench.boards.targets import CORTEX_M0, TARGETS, Target

CATALOGUE = Path(__file__).with_name("catalogue.toml")


def processors() -> dict[str, Target]:
    """What a board's setting `processor` may name."""
    return {target.name: target for target in (*TARGETS, CORTEX_M0)}


@functools.cache
def chips() -> tuple[Target, ...]:
    """A target for each."""
    known = processors()
    return tuple(
        target_of(Declaration(name, settings, f"{CATALOGUE}: [{name}]"), "processor", known)
        for name, settings in parsed(CATALOGUE).items()
    )
