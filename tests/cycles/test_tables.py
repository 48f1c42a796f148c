"""Each table has every instruction of its core, and nothing is guessed."""

from __future__ import annotations

import pytest

from tinybench.cycles import mnemonics as of
from tinybench.cycles.decoding import UnknownInstructionError
from tinybench.cycles.pricing import CORES, Segment, price

from ..components import needs

pytestmark = needs("cortex-m4")

WAITING = ("bkpt", "dbg", "hlt", "svc", "udf", "wfe", "wfi")
"""What takes as long as something else: no table has it."""


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("cortex-m0", "cortex-m3"), ("cortex-m3", "cortex-m4"), ("cortex-m4", "cortex-m33")],
)
def test_a_later_architecture_has_what_an_earlier_one_has(smaller: str, larger: str) -> None:
    assert set(CORES[smaller].timings) < set(CORES[larger].timings)


def test_every_mnemonic_is_in_the_table_of_the_largest_core() -> None:
    named = [value for value in vars(of).values() if isinstance(value, frozenset)]

    assert frozenset().union(*named) | {"mul"} == set(CORES["cortex-m33"].timings)


@pytest.mark.parametrize("core", CORES)
def test_the_table_has_no_instruction_that_waits(core: str) -> None:
    assert not CORES[core].timings.keys() & set(WAITING)


@pytest.mark.parametrize(
    ("core", "code", "said"),
    [
        ("cortex-m4", "00be", "cortex-m4 has no rule for `bkpt` at 0x1000"),
        ("cortex-m4", "c046 30bf", "cortex-m4 has no rule for `wfi` at 0x1002"),
        ("cortex-m3", "20fb0203", "cortex-m3 has no rule for `smlad` at 0x1000"),
        ("cortex-m0", "b0fbf1f0", "cortex-m0 has no rule for `udiv` at 0x1000"),
        ("cortex-m33", "00bf ffff", "no instruction is known by the bytes ff ff at 0x1002"),
    ],
)
def test_an_unknown_instruction_is_an_error(core: str, code: str, said: str) -> None:
    data = bytes.fromhex(code)
    with pytest.raises(UnknownInstructionError, match=said):
        price(core, [Segment(((0x1000, len(data)),), 1)], lambda address, size: data)


def test_what_is_not_validated_says_so() -> None:
    assert "not validated" in CORES["cortex-m0plus"].basis
    assert "cortex-m7" not in CORES
