"""One micro-program for each rule and core, with the cycles that the rule gives it.

A program is a segment: it begins where a branch went to, its last instruction goes on elsewhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import pytest

from tinybench.boards import BOARDS, elf, toolchain
from tinybench.boards.emulated import EmulatedBoard
from tinybench.cycles.pricing import CORES, Segment, price

from ..components import needs

pytestmark = needs("cortex-m4")


class Micro(NamedTuple):
    """Assembly, instructions separated by `;`, and its cycles; `odd` puts it at 2 mod 4."""

    text: str
    cycles: int
    odd: bool = False


M0 = [
    Micro("adds r0, #1; lsls r1, r0, #2", 2),
    Micro("muls r0, r1", 1),
    Micro("ldr r0, [r7]; ldr r1, [r7]", 4),
    Micro("str r0, [r7]; strb r0, [r7, r1]", 4),
    Micro("ldm r7!, {r0, r1, r2}", 4),
    Micro("push {r4, lr}", 3),
    Micro("pop {r4, r5}", 3),
    Micro("beq 9f; nop", 2),
]
PIPELINED = [
    # Loads and stores.
    Micro("ldr r0, [r7]", 2),
    Micro("ldr r0, [r7]; ldr r1, [r7]; ldr r2, [r7]", 4),
    Micro("ldr r0, [r7]; ldr r1, [r0]", 4),
    Micro("ldr r0, [r7]; ldrb r1, [r7, r2]", 3),
    Micro("ldr r0, [r7]; nop", 2),
    Micro("ldr r0, [r7]; str r0, [r6]", 2),
    Micro("ldr r0, [r7]; str r1, [r0]", 3),
    Micro("ldr r0, [r7]; str r1, [r6, r5]", 4),
    Micro("str r0, [r7]; str r1, [r7]", 2),
    Micro("str r0, [r7, r1]", 2),
    Micro("str r0, [r7]; ldr r1, [r7]", 4),
    Micro("str r0, [r7]; ldm r7!, {r1, r2}", 5),
    Micro("ldm r7!, {r0, r1, r2}", 4),
    Micro("stm r7!, {r0, r1, r2}", 4),
    Micro("push {r4, r5, lr}", 4),
    Micro("pop {r4, r5}", 3),
    Micro("pop {r4, pc}", 6),
    Micro("ldrd r0, r1, [r7]", 3),
    Micro("strd r0, r1, [r7]", 3),
    Micro("ldr pc, [r7]", 5),
    # Addresses that were only just computed.
    Micro("adds r7, #1; ldr r0, [r7]", 4),
    Micro("adds r6, #1; ldr r0, [r7, r6]", 4),
    Micro("adds r7, #1; str r0, [r7]", 3),
    Micro("adds r7, #1; nop; ldr r0, [r7]", 4),
    Micro("ldr r0, [r7], #4; str r0, [r7]", 2),
    # Branches and where they go.
    Micro("b 9f", 2),
    Micro("beq 9f", 2),
    Micro("beq 9f; nop", 2),
    Micro("cbz r0, 9f", 2),
    Micro("cbz r0, 9f; nop", 2),
    Micro("bl 9f", 2),
    Micro("bx lr", 3),
    Micro("blx r0", 3),
    Micro("mov pc, r0", 3),
    Micro("tbb [pc, r0]", 6),
    Micro("subs r0, #1; nop; nop; bne 8b", 5),
    Micro("add.w r0, r0, r1; b 8b", 3),
    Micro("add.w r0, r0, r1; b 8b", 4, odd=True),
    # Fetches of words.
    Micro("ldm r7!, {r0, r1}; " + "; ".join(["add.w r0, r0, r1"] * 3), 7),
    Micro("ldm r7!, {r0, r1}; " + "; ".join(["add.w r0, r0, r1"] * 2), 5),
    Micro("nop; ldm r7!, {r0, r1}; " + "; ".join(["add.w r0, r0, r1"] * 3), 7),
    # Conditions, divisions, system registers.
    Micro("it eq; addeq r0, r1", 2),
    Micro("adds r0, #1; it eq; addeq r0, r1", 2),
    # Jumps in a condition that was not met, or the segment would end there; and one that was.
    Micro("it eq; bxeq lr; nop", 3),
    Micro("it eq; bleq .+4; nop", 3),
    Micro("it eq; popeq {r4, pc}; nop", 3),
    Micro("it eq; ldreq pc, [r7]; nop", 3),
    Micro("it eq; moveq pc, r0; nop", 3),
    Micro("it eq; bxeq lr", 4),
    Micro("it eq; popeq {r4, pc}", 7),
    Micro("udiv r0, r1, r2", 7),
    Micro("mrs r0, basepri", 2),
]
M3 = [
    Micro("mla r0, r1, r2, r3", 2),
    Micro("umull r0, r1, r2, r3", 4),
    Micro("smlal r0, r1, r2, r3", 5),
    Micro("ldr r0, [r7]; ldr r1, [r6], #4", 4),
    Micro("ldr r0, [r7], #4; ldr r1, [r6]", 3),
]
M4 = [
    Micro("mla r0, r1, r2, r3", 1),
    Micro("smlad r0, r1, r2, r0; smlal r0, r1, r2, r3; umaal r0, r1, r2, r3", 3),
    Micro("ldr r0, [r7], #4; ldr r1, [r7], #4", 4),
    Micro("ldr r0, [r7], #4; ldr r1, [r6], #4", 3),
    Micro("vadd.f32 s0, s1, s2; vmul.f32 s3, s1, s2", 2),
    Micro("vadd.f32 s0, s1, s2; vmul.f32 s3, s0, s2", 3),
    Micro("vadd.f32 s0, s1, s2; nop; vmul.f32 s3, s0, s2", 3),
    Micro("vfma.f32 s0, s1, s2", 3),
    Micro("vdiv.f32 s0, s1, s2", 14),
    Micro("vldr s0, [r7]; vldr s1, [r7, #4]", 3),
    Micro("vldmia r7!, {s0-s3}", 5),
    Micro("vpush {d8, d9}", 5),
    Micro("vmov r0, s0; vmov s1, r1", 2),
    Micro("vmov r0, r1, d0; nop", 3),
    Micro("vmov s2, s3, r0, r1; nop", 3),
]
M33 = [
    Micro("ldr r0, [r7]; adds r1, r0, #1", 3),
    Micro("ldr r0, [r7]; nop; adds r1, r0, #1", 3),
    Micro("ldr r0, [r7]; str r0, [r6]", 2),
    Micro("ldr r0, [r7]; mla r0, r1, r2, r0", 2),
    Micro("ldr r0, [r7]; mla r0, r0, r2, r1", 3),
    Micro("ldr r0, [r7], #4; ldr r1, [r7]", 2),
    Micro("ldm r7!, {r0, r1, r2}", 3),
    Micro("ldm r7!, {r0, r1, r2}; adds r0, #1", 4),
    Micro("ldm r7!, {r0, r1, r2}; adds r2, #1", 5),
    Micro("stm r7!, {r0, r1, r2}", 3),
    Micro("ldrd r0, r1, [r7]", 2),
    Micro("add.w r0, r1, r2, lsl #2; adds r3, r0, #1", 3),
    Micro("lsls r0, r1, #2; adds r3, r0, #1", 2),
    Micro("uxtb.w r0, r1, ror #8; adds r3, r0, #1", 2),
    Micro("muls r0, r1; adds r3, r0, #1", 3),
    Micro("smlad r0, r1, r2, r0; smlad r0, r3, r4, r0", 2),
    Micro("vadd.f32 s0, s1, s2; vadd.f32 s3, s0, s1", 3),
    Micro("vfma.f32 s0, s1, s2; vfma.f32 s0, s3, s4", 7),
    Micro("adds r0, #1; nop", 1),
    Micro("add.w r0, r0, r1; nop", 2),
    Micro("adds r0, #1; it eq; addeq r0, r1", 2),
    Micro("adds r0, #1; b 9f", 2),
    Micro("add.w r0, r0, r1; b 9f", 3),
    Micro("adds r0, #1; beq 9f; add.w r0, r0, r1", 2),
    Micro("bx lr", 3),
    Micro("bl 9f", 2),
    Micro("add.w r0, r0, r1; add.w r0, r0, r1; add.w r0, r0, r1", 3, odd=True),
]
PROGRAMS: Mapping[str, list[Micro]] = {
    "cortex-m0": [
        *M0,
        Micro("b 9f", 3),
        Micro("bl 9f", 4),
        Micro("bx lr", 3),
        Micro("pop {r4, pc}", 5),
        Micro("mrs r0, primask", 4),
    ],
    "cortex-m0plus": [
        *M0,
        Micro("b 9f", 2),
        Micro("bl 9f", 3),
        Micro("bx lr", 2),
        Micro("pop {r4, pc}", 4),
        Micro("mrs r0, primask", 3),
    ],
    "cortex-m3": [*PIPELINED, *M3],
    "cortex-m4": [*PIPELINED, *M4],
    "cortex-m33": M33,
}
ALL = [(core, number) for core, programs in PROGRAMS.items() for number in range(len(programs))]
SCRIPT = b"SECTIONS { . = 0x1000; .text : { *(.text) } }"


@pytest.fixture(scope="session")
def assembled(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, elf.Elf]:
    """A program for each core: each micro-program is between `begin_N` and `end_N`."""
    made = {}
    for core, programs in PROGRAMS.items():
        lines = [".syntax unified", ".thumb"]
        for number, micro in enumerate(programs):
            lines += [".p2align 2", "nop" * micro.odd, f".global begin_{number}, end_{number}"]
            lines += [
                f"begin_{number}:",
                "8:",
                *micro.text.split(";"),
                f"end_{number}:",
                "nop",
                "9: nop",
            ]
        board = BOARDS.get(core)
        assert isinstance(board, EmulatedBoard)
        target = board.target
        data = toolchain.compile_(
            {"micro.S": "\n".join([*lines, ""]).encode(), "micro.ld": SCRIPT},
            [
                *("-target", target.triple, f"-mcpu={target.cpu}", "-nostdlib"),
                *("-Wl,-T,micro.ld", "-Wl,-e,begin_0", "micro.S"),
            ],
            "micro.elf",
            tmp_path_factory.mktemp(core),
            tmp_path_factory.mktemp(f"{core}-zig"),
        )
        made[core] = elf.read(data)
    return made


def code(program: elf.Elf, address: int, size: int) -> bytes:
    for segment in program.segments:
        offset = address - segment.address
        if 0 <= offset < len(segment.data):
            return segment.data[offset : offset + size]
    raise AssertionError(hex(address))


def cycles(core: str, program: elf.Elf, number: int, *, count: int = 1, cut: bool = False) -> int:
    """The price of a micro-program, of one block or `cut` into blocks of a word."""
    begin, end = (program.symbols[f"{mark}_{number}"] for mark in ("begin", "end"))
    marks = [begin, *range(begin + 4, end, 4), end] if cut else [begin, end]
    blocks = tuple((low, high - low) for low, high in itertools.pairwise(marks))
    return price(core, [Segment(blocks, count)], partial(code, program))


@pytest.mark.parametrize(("core", "number"), ALL)
def test_a_rule(core: str, number: int, assembled: Mapping[str, elf.Elf]) -> None:
    program, micro = assembled[core], PROGRAMS[core][number]

    assert program.symbols[f"begin_{number}"] % 4 == 2 * micro.odd
    assert cycles(core, program, number) == micro.cycles, micro.text


@pytest.mark.parametrize("core", CORES)
def test_segments_add_up(core: str, assembled: Mapping[str, elf.Elf]) -> None:
    """Where the emulator cut one says nothing of the core."""
    program = assembled[core]
    for number, micro in enumerate(PROGRAMS[core]):
        assert cycles(core, program, number, count=1000, cut=True) == 1000 * micro.cycles
