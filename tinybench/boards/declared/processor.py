"""The two kinds of boards that are emulated: a processor, and a part with changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.boards.declared.declaration import Declaration, Kind
from tinybench.boards.declared.target import SETTINGS, target_of

if TYPE_CHECKING:
    from tinybench.boards.base import Board
    from tinybench.boards.targets import Target


def _emulated(target: Target) -> Board:
    from tinybench.boards.emulated import EmulatedBoard

    return EmulatedBoard(target)


def _of_processor(declared: Declaration) -> Board:
    from tinybench.boards.chips import processors

    return _emulated(target_of(declared, "processor", processors()))


def _of_part(declared: Declaration) -> Board:
    from tinybench.boards.chips import chips

    return _emulated(target_of(declared, "part", {one.name: one for one in chips()}))


PROCESSOR = Kind("processor", SETTINGS | {"processor"}, _of_processor)
PART = Kind("part", SETTINGS | {"part"}, _of_part)
