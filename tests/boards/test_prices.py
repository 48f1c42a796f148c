"""Segments are the executed code, whole: priced at one an instruction they give its count."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from tinybench.boards import prices
from tinybench.boards.base import Counters, TimedBoard
from tinybench.boards.emulated import EmulatedBoard
from tinybench.boards.targets import TARGETS, Target
from tinybench.codegen.program import Program
from tinybench.cycles.pricing import Segment
from tinybench.cycles.profile import Cache, MemoryProfile
from tinybench.storage.store import Store

from ..components import needs
from .programs import BUSY, IF_THEN, SAMPLE, program

BY_NAME = {target.name: target for target in TARGETS}
M4 = BY_NAME["cortex-m4"]

pytestmark = needs(M4.name)


def one_each(core: str, segments: Iterable[Segment], memory: Callable[[int, int], bytes]) -> int:
    """As many as there are instructions."""
    cycles = 0
    for blocks, count in segments:
        for address, size in blocks:
            code = memory(address, size)
            at = 0
            while at < size:
                at += 4 if code[at + 1] >= 0xE8 else 2
                cycles += count
    return cycles


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """One cycle for each instruction of a Cortex-M4 or M0+."""
    monkeypatch.setattr(prices, "price", one_each)


def counted(target: Target, model: Program, store: Store) -> Counters:
    board = EmulatedBoard(target)
    with board.start(board.build(model, store), store) as session:
        return session.count(SAMPLE)


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    ("name", "model"),
    [("cortex-m4", BUSY), ("cortex-m4", IF_THEN), ("cortex-m0plus", BUSY)],
    ids=["cortex-m4", "cortex-m4 if-then", "cortex-m0plus"],
)
def test_every_instruction_is_in_a_segment(name: str, model: Program, store: Store) -> None:
    counters = counted(BY_NAME[name], model, store)

    assert counters.cycles == counters.instructions
    assert [part.cycles for part in counters.profile] == [
        part.instructions for part in counters.profile
    ]
    assert counters.milliseconds is None


@pytest.mark.usefixtures("rules")
def test_long_blocks_are_counted_whole(store: Store) -> None:
    """More instructions than a byte can count, without a branch."""
    counters = counted(
        M4, program(straight='__asm__ volatile(".rept 1000\\n nop\\n .endr");'), store
    )

    assert 1000 < counters.profile[0].instructions < 1010
    assert counters.cycles == counters.instructions


@pytest.mark.usefixtures("rules")
def test_more_paths_than_the_table_has_room(store: Store) -> None:
    """Code is entered at 150 places and left at each later one: 11,325 segments of 50 blocks."""
    many = program(
        many="""
        for (uint32_t first = 0; first < 150; first++)
          for (uint32_t steps = 1; steps <= 150 - first; steps++) {
            uint32_t left = steps;
            __asm__ volatile("adr r2, 1f\\n add r2, %1\\n orr r2, #1\\n bx r2\\n .balign 4\\n 1:\\n"
                             ".rept 150\\n subs %0, #1\\n beq.w 2f\\n .endr\\n 2:"
                             : "+r"(left) : "r"(first * 6) : "r2", "cc");
          }
        """
    )

    counters = counted(M4, many, store)

    assert counters.cycles == counters.instructions


def profile(code: Cache | None, data: Cache | None, *wait: float) -> MemoryProfile:
    return MemoryProfile(code, data, (wait[0], wait[1]), "a test")


@pytest.mark.usefixtures("rules")
def test_missed_words_are_waited_for(store: Store) -> None:
    """A table of 1 kB is read by words, twice: 128 words miss where it has no room, and again."""
    table = "static const uint32_t table[256] __attribute__((aligned(64))) = {1, 2, 3};\n"
    read = (
        "for (volatile unsigned n = 0; n < 2; n++)"
        " for (unsigned i = 0; i < 256; i++) (void)*(volatile const uint32_t *)(table + i);"
    )
    model = program(before=table, read=read)
    waits = {}
    for lines in (8, 32):
        timed = replace(
            M4, clock_hz=1_000_000, memory=profile(Cache(64, 32), Cache(lines, 32), 0, 1000)
        )
        counters = counted(timed, model, store)
        assert counters.milliseconds is not None
        assert counters.cycles is not None
        assert counters.milliseconds[0] == counters.cycles / 1000
        waits[lines] = round(counters.milliseconds[1] - counters.milliseconds[0])

    assert waits[8] - waits[32] == 128
    assert 128 < waits[32] < 128 + 30


@pytest.mark.usefixtures("rules")
def test_flash_without_waits(store: Store) -> None:
    timed = replace(M4, clock_hz=2_000_000, memory=profile(None, None, 0, 0))

    counters = counted(timed, BUSY, store)

    assert counters.cycles is not None
    assert counters.milliseconds == (counters.cycles / 2000, counters.cycles / 2000)


@pytest.mark.usefixtures("rules")
def test_board_says_what_its_time_stands_on() -> None:
    board = EmulatedBoard(
        replace(M4, clock_hz=120_000_000, memory=profile(Cache(32, 32), None, 5, 7.8))
    )

    assert isinstance(board, TimedBoard)
    assert board.time_basis == (
        "rules 1 of cortex-m4 (published figures within 2.8 %), held fixed: sdiv and udiv 7, "
        "barriers 4; 120 MHz, flash cache code 32 × 32 B, data not cached, 5 to 7.8 cycles for "
        "each 8 B that are not in it (a test); code and weights in flash, arena and stack in RAM; "
        "no interrupts, no DMA"
    )
    assert EmulatedBoard(BY_NAME["rv32imc"]).time_basis is None


def test_no_cycles_without_rules(store: Store) -> None:
    counters = counted(replace(M4, core=""), BUSY, store)

    assert counters.cycles is None
    assert counters.milliseconds is None
