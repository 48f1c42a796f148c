"""One function of any program for a processor, called with arguments in registers and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinybench.boards import elf
from tinybench.boards.base import TIMEOUT_SECONDS, BoardError, ProgramError
from tinybench.boards.emulated import EmulatedBoard, emulator
from tinybench.boards.prices import Prices
from tinybench.boards.targets import DEVICES, KIB
from tinybench.registry import UnknownNameError
from tinybench.storage.store import Store

PAGE = 0x1000
SRAM = (0x20000000, 256 * KIB)
"""Memory that is there for arguments, beside the program's own and the processor's."""
CODE_END = 0x20000000
MOST_ARGUMENTS = 4
STACK = 64 * KIB
MOST_MEMORY = 256 * KIB * KIB
WORD = 1 << 32


@dataclass(frozen=True, slots=True)
class Called:
    """What one call executed, as in `Counters`, and the word that it returned."""

    function: str
    result: int
    instructions: int
    reads: int
    writes: int
    stack_bytes: int
    cycles: int | None


def call(
    board: EmulatedBoard,
    data: bytes,
    function: str,
    arguments: Sequence[int | str] = (),
    store: Store | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Called:
    """Call one function of an ELF file, with integers or addresses of its symbols.

    No startup code runs: variables have their initial values, all other memory is zero, so that
    a call always does the same. The program may have any addresses. Nothing waits for memory.
    """
    program = elf.read(data)
    functions = {name: first for first, _, name in program.functions}
    if function not in functions:
        raise UnknownNameError("function", function, list(functions))
    if len(arguments) > MOST_ARGUMENTS:
        raise BoardError(
            f"{len(arguments)} arguments; {MOST_ARGUMENTS} words at most are passed in registers"
        )
    words = [_word(program, argument) for argument in arguments]
    regions = merged([SRAM, (board.target.ram.start, board.target.ram.size), *program.memory])
    if (size := sum(size for _, size in regions)) > MOST_MEMORY or sum(regions[-1]) > DEVICES:
        raise ProgramError(
            f"the program occupies {size:,} bytes, up to 0x{sum(regions[-1]):08x}: at most "
            f"{MOST_MEMORY:,} bytes below 0x{DEVICES:08x} are emulated"
        )
    stack = _free(regions, STACK + PAGE)
    request = {
        "do": "call",
        "function": functions[function],
        "arguments": words,
        "regions": [*regions, (stack, STACK + PAGE)],
        "stack": (stack, stack + STACK),
        # Where the call returns to: no code of the program is there.
        "back": stack + STACK,
        "segments": [(segment.runs_at, len(segment.data)) for segment in program.segments],
        "seconds": timeout,
    }
    with emulator(board.target, data, store, anywhere=True) as running:
        header, _ = running.ask(request, b"".join(it.data for it in program.segments), timeout)
    (cost,) = Prices(board.target, program).calls(header)
    return Called(
        function,
        header["result"],
        cost.instructions,
        cost.reads,
        cost.writes,
        cost.stack_bytes,
        cost.cycles,
    )


def _word(program: elf.Elf, argument: int | str) -> int:
    if isinstance(argument, str):
        if argument not in program.symbols:
            raise UnknownNameError("symbol", argument, list(program.symbols))
        return program.symbols[argument]
    if not -WORD // 2 <= argument < WORD:
        raise BoardError(f"argument {argument} does not fit into a register of 32 bits")
    return argument % WORD


def merged(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Whole pages around ranges of address and size, sorted, without overlaps."""
    found: list[tuple[int, int]] = []
    for address, size in sorted(ranges):
        start, end = address // PAGE * PAGE, -(-(address + size) // PAGE) * PAGE
        if found and start <= sum(found[-1]):
            first = found.pop()
            start, end = first[0], max(sum(first), end)
        found.append((start, end - start))
    return found


def _free(regions: Sequence[tuple[int, int]], size: int) -> int:
    """An address below `CODE_END` with so many bytes that no region has."""
    free = CODE_END - size
    while any(start < free + size and free < start + bytes_ for start, bytes_ in regions):
        free -= PAGE
    return free
