"""Many small models with the runtime's answers, to be compared in few builds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.codegen import Program, UnsupportedError, generate

from . import recurrent_families
from .draft import Case, Draft
from .float_families import EXACT, NEAR, TABLES
from .host import Bytes, raw
from .oracle import Arrays, Oracle, RefusedError, codes
from .strategies import FAMILIES, sample

MORE = {
    name if "int16" in name else f"{name}_float32": family
    for name, family in {**EXACT, "exp": NEAR["exp"][0]}.items()
    if name not in TABLES
}
"""Families beyond `FAMILIES`; every int16 code at once does not fit the smallest board."""
NAMES = (*FAMILIES, *(name for name in MORE if name not in FAMILIES))
UNITS = {
    **{f"{name}_float32": units for name, (_, units) in NEAR.items()},
    **recurrent_families.UNITS,
}
"""Units in the last place, by family: the runtime's exponentials are the C library's."""

INPUT_SETS = 6
"""All lowest, all highest, the ends mixed, and three of any values."""
ARENA_LIMIT = 12 << 10
MODELS_LIMIT = 40
"""What one image holds beside startup code and stack on the smallest board."""


class Session(Protocol):
    """What runs programs: a board's session or this computer's."""

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]: ...


@dataclass(frozen=True, slots=True)
class Example:
    """A model with sets of inputs and the runtime's outputs for each; `name` finds it again."""

    name: str
    program: Program
    inputs: tuple[Arrays, ...]
    expected: tuple[Arrays, ...]
    units: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A model that the generator, or the runtime, does not take."""

    family: str
    name: str
    reason: str
    by_runtime: bool


@lru_cache(maxsize=4)
def drawn(
    families: tuple[str, ...], count: int, seed: int
) -> tuple[tuple[Example, ...], tuple[Refusal, ...]]:
    """`count` models of each family and the runtime's answers, and what was refused."""
    examples: list[Example] = []
    refusals: list[Refusal] = []
    for family in families:
        for number, case in enumerate(models(family, count, seed)):
            name = f"{family} seed {seed} number {number} {case}"
            try:
                # In tests, all sets of inputs are one sequence, whatever the model.
                program = replace(generate(case.data, f"m{len(examples)}").program, cleared=False)
            except UnsupportedError as error:
                refusals.append(Refusal(family, name, str(error), by_runtime=False))
                continue
            inputs = codes(tflite.read(case.data), INPUT_SETS, number)
            try:
                oracle = Oracle(case.data, case.outputs)
                expected = tuple(oracle(each) for each in inputs)
            except RefusedError as error:
                refusals.append(Refusal(family, name, str(error), by_runtime=True))
                continue
            units = UNITS.get(family, 0)
            examples.append(Example(name, program, tuple(inputs), expected, units))
    return tuple(examples), tuple(refusals)


def models(family: str, count: int, seed: int) -> list[Case]:
    """The same models every time, of any family here."""
    if family in FAMILIES:
        return sample(family, count, seed)
    drafts = [Draft(Random(f"{family}/{seed}/{number}")) for number in range(count)]
    return [draft.case(MORE[family](draft)) for draft in drafts]


def images(examples: Sequence[Example]) -> Iterator[list[Example]]:
    """Parts that fit the smallest board, in order."""
    part: list[Example] = []
    for example in examples:
        arenas = sum(each.program.arena_bytes for each in [*part, example])
        if part and (arenas > ARENA_LIMIT or len(part) == MODELS_LIMIT):
            yield part
            part = []
        part.append(example)
    if part:
        yield part


def mismatches(session: Session, examples: Sequence[Example]) -> list[str]:
    """One line for each example whose outputs differ, with the first difference.

    The session's programs are the examples', in order.
    """
    found = []
    for number, example in enumerate(examples):
        inputs = [raw(port) for port in zip(*example.inputs, strict=True)]
        outputs = session.run(inputs, program=number)
        if difference := _difference(example, outputs):
            found.append(f"{example.name}: {difference}")
    return found


def _difference(example: Example, outputs: Sequence[Bytes]) -> str | None:
    for index, (rows, port) in enumerate(zip(outputs, example.program.outputs, strict=True)):
        for number, row in enumerate(rows):
            wanted = example.expected[number][index].ravel()
            given = np.frombuffer(row.tobytes(), wanted.dtype)
            differ = _apart(given, wanted) > example.units
            if differ.any():
                at = int(differ.argmax())
                return (
                    f"input set {number}, output {index} ({port.name}): {differ.sum()} of "
                    f"{differ.size} differ, the first at {at}: {given[at]!r}, not {wanted[at]!r}"
                )
    return None


def _apart(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.int64]:
    """How many values are between; of floats, by their bits, so that a zero's sign counts."""
    if a.dtype == np.uint64:
        return np.asarray(a != b, np.int64)  # no type has room for all differences
    if a.dtype != np.float32:
        return np.asarray(np.abs(a.astype(np.int64) - b))
    bits = [values.view(np.int32).astype(np.int64) for values in (a, b)]
    # Below zero, with -0 next to +0.
    ordered = [np.where(value < 0, -(value & 0x7FFFFFFF) - 1, value) for value in bits]
    found = np.asarray(np.abs(ordered[0] - ordered[1]))
    # What is no number has no bits of its own.
    found[np.isnan(a) & np.isnan(b)] = 0
    return found
