"""From machine code to what the rules ask of an instruction; capstone decodes."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tinybench.errors import TinybenchError


class UnknownInstructionError(TinybenchError, ValueError):
    """Machine code that a core's table does not have: its cycles would be a guess."""

    page = "unknown-instruction"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of Thumb code.

    `name` is capstone's identifier: without condition and size. `reads` and `writes` are registers,
    double ones as their two halves; `address` registers are those of a memory operand, base and
    index. `words` is how many a load or a store moves; `stored` what a store stores. `added` are
    the registers that a multiplication adds to. `shifted` is for an operand that is shifted on its
    way.
    """

    at: int
    size: int
    name: str
    reads: frozenset[str]
    writes: tuple[str, ...]
    address: frozenset[str] = frozenset()
    base: str = ""
    stored: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    words: int = 1
    indexed: bool = False
    writes_back: bool = False
    shifted: bool = False
    conditional: bool = False

    @property
    def straddles(self) -> bool:
        """Whether its 32 bits lie in two words of memory."""
        return self.size == 4 and self.at % 4 == 2

    @property
    def jumps(self) -> bool:
        """Whether it writes the program counter as a register."""
        return "pc" in self.writes

    @property
    def moves_pair(self) -> bool:
        """Whether it moves two registers of the core from or to those of the FPU."""
        if self.name != "vmov":
            return False
        return len(self.writes) == 2 or sum(not name.startswith("s") for name in self.reads) == 2


MANY = frozenset(["ldm", "ldmdb", "stm", "stmdb", "vldmdb", "vldmia", "vstmdb", "vstmia"])
PUSHES = frozenset(["push", "vpush"])
POPS = frozenset(["pop", "vpop"])
PAIRS = frozenset(["ldrd", "strd"])
STORING = ("st", "vst", "push", "vpush")
ADDING = ("mla", "mls", "smla", "smls", "smmla", "smmls", "umaal", "umlal")
COMPARING = frozenset(["cbz", "cbnz"])
ROTATING = ("sxt", "uxt")
LONG_SUMS = ("smlal", "smlsld", "umaal", "umlal")


@functools.cache
def _capstone() -> tuple[Any, Any]:
    import capstone

    decoder = capstone.Cs(
        capstone.CS_ARCH_ARM,
        capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS | capstone.CS_MODE_V8,
    )
    decoder.detail = True
    return capstone, decoder


def decoded(code: bytes, address: int) -> Iterator[Instruction]:
    """The instructions of Thumb code; UnknownInstructionError for bytes that are none."""
    _, decoder = _capstone()
    end = address
    for found in decoder.disasm(code, address):
        end = found.address + found.size
        yield _instruction(found, decoder)
    if end != address + len(code):
        at = end - address
        raise UnknownInstructionError(
            f"no instruction is known by the bytes {code[at : at + 4].hex(' ')} at 0x{end:x}"
        )


def _instruction(found: Any, decoder: Any) -> Instruction:
    name = decoder.insn_name(found.id)
    if name == "hint":
        name = found.mnemonic.partition(".")[0]
    capstone, _ = _capstone()
    reads: list[str] = []
    writes: list[str] = []
    listed: list[str] = []
    address: list[str] = []
    base, indexed, shifted = "", False, False
    for operand in found.operands:
        if operand.type == capstone.arm.ARM_OP_MEM:
            base = found.reg_name(operand.mem.base)
            address.append(base)
            if operand.mem.index:
                address.append(found.reg_name(operand.mem.index))
                indexed = True
        elif operand.type == capstone.arm.ARM_OP_REG:
            names = _halves(found.reg_name(operand.reg))
            listed += names
            if operand.access & capstone.CS_AC_WRITE:
                writes += names
            # Capstone knows no access of some operands: those that are shifted are read.
            if operand.access & capstone.CS_AC_READ or not operand.access:
                reads += names
            if operand.shift.type and not name.startswith(ROTATING):
                shifted = True
    words = 1
    if name in MANY:
        base, *listed = listed
        address = [base]
        reads, writes = ([base, *listed], []) if _stores(name) else ([base], listed)
        words = len(listed)
    elif name in PUSHES | POPS:
        base, address, words = "sp", ["sp"], len(listed)
        reads, writes = (["sp", *listed], []) if name in PUSHES else (["sp"], listed)
    elif name in PAIRS:
        words = 2
    elif name in ("vldr", "vstr"):
        words = len(listed)
        reads, writes = (listed, []) if name == "vstr" else ([], listed)
    elif name in ("tbb", "tbh"):
        writes = ["pc"]
    writes_back = bool(found.writeback) or name in PUSHES | POPS
    added: list[str] = []
    if name.startswith(LONG_SUMS):
        added = listed[:2]
    elif name.startswith(ADDING):
        added = listed[3:]
    return Instruction(
        at=found.address,
        size=found.size,
        name=name,
        reads=frozenset([*reads, *address, *added]),
        writes=tuple([*writes, base] if writes_back and base else writes),
        address=frozenset(address),
        base=base,
        stored=frozenset(reads) - {base} if _stores(name) else frozenset(),
        added=frozenset(added),
        words=words,
        indexed=indexed,
        writes_back=writes_back,
        shifted=shifted,
        conditional=name in COMPARING
        or found.cc not in (capstone.arm.ARM_CC_AL, capstone.arm.ARM_CC_INVALID),
    )


def _stores(name: str) -> bool:
    return name.startswith(STORING)


def _halves(register: str) -> list[str]:
    if register[0] == "d" and register[1:].isdigit():
        number = int(register[1:])
        return [f"s{2 * number}", f"s{2 * number + 1}"]
    return [register]
