"""Boards and runtimes by name, as one thing."""

from __future__ import annotations

from typing import TypeAlias

from tinybench.boards import BOARDS, Board, SizedBoard
from tinybench.machines.board import BoardMachine
from tinybench.machines.execution import Machine
from tinybench.machines.runtime import RuntimeMachine
from tinybench.registry import UnknownNameError
from tinybench.runtimes import RUNTIMES
from tinybench.storage.store import Store

Memory: TypeAlias = tuple[int | None, int | None]
"""Bytes of flash and of RAM; None is what a board has."""


def find(
    name: str,
    store: Store | None = None,
    timeout: float | None = 60.0,
    memory: Memory = (None, None),
) -> Machine:
    """The board or runtime of that name; UnknownNameError lists all of both.

    `timeout` limits the seconds of one run: that of a runtime's process, or of the program on a
    board. None is for a file that can be trusted: a runtime then has no process of its own. A board
    whose memory has a fixed size, and a runtime, do not look at `memory`.
    """
    if name in BOARDS:
        board: Board = BOARDS.get(name)
        if isinstance(board, SizedBoard) and memory != (None, None):
            board = board.with_memory(*memory)
        return BoardMachine(board, store, timeout)
    if name in RUNTIMES:
        return RuntimeMachine(RUNTIMES.get(name), store, timeout)
    names = [item.name for item in (*BOARDS, *RUNTIMES)]
    raise UnknownNameError("board or runtime", name, names)


def has_memory(machine: Machine | None) -> bool:
    """Whether it is a board whose memory can have any size."""
    return isinstance(machine, BoardMachine) and isinstance(machine.board, SizedBoard)
