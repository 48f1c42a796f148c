"""The tables are held against the encodings: what decodes has a rule, or takes no time of its own.

All of 16 bits; of 32 bits capstone also reads what other processors have.
"""

from __future__ import annotations

import functools

import pytest

from tinybench.cycles import mnemonics as of
from tinybench.cycles.pricing import CORES

from ..components import needs

pytestmark = needs("cortex-m4")

WIDE = 0xE800
"""The first halfword of an instruction of 32 bits is this or more."""
EXCEPTIONS = frozenset(["bkpt", "svc", "trap", "udf"])
SLEEP = frozenset(["hint", "sevl", "wfe", "wfi"])
OF_OTHER_PROCESSORS = frozenset(["hlt", "setpan"])
SINCE_V7M = of.IF_THEN | (of.BRANCHES_V7M - of.BRANCHES_V6M)
SINCE_V8M = of.EXCHANGES_V8M - of.EXCHANGES


@functools.cache
def narrow() -> frozenset[str]:
    """The names of all instructions of 16 bits."""
    import capstone

    decoder = capstone.Cs(
        capstone.CS_ARCH_ARM,
        capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS | capstone.CS_MODE_V8,
    )
    names = set()
    for code in range(WIDE):
        for found in decoder.disasm(code.to_bytes(2, "little"), 0x1000):
            name = decoder.insn_name(found.id)
            names.add(found.mnemonic.partition(".")[0] if name == "hint" else name)
    return frozenset(names)


@pytest.mark.parametrize(
    ("core", "later"),
    [
        ("cortex-m0", SINCE_V7M | SINCE_V8M),
        ("cortex-m0plus", SINCE_V7M | SINCE_V8M),
        ("cortex-m3", SINCE_V8M),
        ("cortex-m4", SINCE_V8M),
        ("cortex-m33", frozenset()),
    ],
)
def test_every_instruction_of_16_bits_has_a_rule(core: str, later: frozenset[str]) -> None:
    without = narrow() - CORES[core].timings.keys()

    assert without == EXCEPTIONS | SLEEP | OF_OTHER_PROCESSORS | later
