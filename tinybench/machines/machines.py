"""Boards and runtimes by name, as one thing."""

from __future__ import annotations

from tinybench.boards import BOARDS
from tinybench.machines.board import BoardMachine
from tinybench.machines.execution import Machine
from tinybench.machines.runtime import RuntimeMachine
from tinybench.registry import UnknownNameError
from tinybench.runtimes import RUNTIMES
from tinybench.storage.store import Store


def find(name: str, store: Store | None = None, timeout: float | None = 60.0) -> Machine:
    """The board or runtime of that name; UnknownNameError lists all of both.

    `timeout` limits the seconds of one run: that of a runtime's process, or of the program on a
    board. None is for a file that can be trusted: a runtime then has no process of its own.
    """
    if name in BOARDS:
        return BoardMachine(BOARDS.get(name), store, timeout)
    if name in RUNTIMES:
        return RuntimeMachine(RUNTIMES.get(name), store, timeout)
    names = [item.name for item in (*BOARDS, *RUNTIMES)]
    raise UnknownNameError("board or runtime", name, names)
