"""What a board is: something that builds a model's C code, runs it, and says what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from tinybench.errors import NotAvailableError, TinybenchError
from tinybench.storage.store import Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tinybench.codegen.program import Program

    Bytes: TypeAlias = NDArray[np.uint8]


TIMEOUT_SECONDS = 60.0


class BoardError(TinybenchError, RuntimeError):
    """A model cannot be built for a board, or failed on it; the message says where and why."""

    page = "board-failed"


class NoBoardError(BoardError):
    """A board that cannot be used here; the message says what it takes."""

    page = "no-board"


class ProgramError(BoardError):
    """A file that is no program for a board."""

    page = "not-a-program"


class DoesNotFitError(BoardError, NotAvailableError):
    """A model is too large for a board; the message has both numbers."""

    page = "does-not-fit"


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What made an image: a number of bytes or instructions means nothing without it."""

    compiler: str
    version: str
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """A linked program with one or more models, and what the models add to an empty one.

    Sizes are differences between the sections of this image and of one with the same startup code
    and `main` but no model. `code_bytes` is machine code with the library routines that it needs,
    `weight_bytes` is constant data (and initial values of variables), `flash_bytes` is both;
    `ram_bytes` is variables, so it contains the arena and not the stack.
    """

    board: str
    programs: tuple[Program, ...] = field(repr=False)
    elf: bytes = field(repr=False)
    symbols: Mapping[str, int] = field(repr=False)
    code_bytes: int
    weight_bytes: int
    ram_bytes: int
    toolchain: Toolchain

    @property
    def flash_bytes(self) -> int:
        return self.code_bytes + self.weight_bytes


@dataclass(frozen=True, slots=True)
class OperatorCost:
    """What one operator's function executed; None is what cannot be counted or priced there."""

    name: str
    instructions: int
    reads: int | None
    writes: int | None
    cycles: int | None = None
    milliseconds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """What one inference executed, exact and repeatable.

    `instructions` is from the first instruction of `<prefix>_invoke` to its return, both included;
    `reads` and `writes` are data accesses to memory, not instruction fetches. `stack_bytes` is
    from the stack pointer at the call down to the lowest address that was accessed: the frames of
    `<prefix>_invoke` and of everything below it, without the caller's. A board that cannot count
    accesses reports None. `profile` has the operators in the order in which they run; the loop
    that calls them is in `instructions` only. `cycles` are the core's, with memory that never lets
    it wait; `milliseconds` are the least and the most that the board's clock and memory profile
    give. Both are None where there are no rules or no profile; `TimedBoard` says what they stand
    on.
    """

    instructions: int
    reads: int | None
    writes: int | None
    stack_bytes: int | None
    profile: tuple[OperatorCost, ...]
    cycles: int | None = None
    milliseconds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class OperatorTime:
    """What one operator took by the board's own clock; None is what that does not tell."""

    name: str
    cycles: int | None
    milliseconds: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Timing:
    """What one inference took by the board's own clock, which counts no instructions.

    `profile` has the operators in the order in which they run. `stack_bytes` is how deep an
    inference reached into the stack, None where that is not known.
    """

    cycles: int | None
    milliseconds: tuple[float, float] | None
    stack_bytes: int | None
    profile: tuple[OperatorTime, ...]


class BoardSession(Protocol):
    """A board that has booted an image. Every array is bytes, (N, bytes of the port)."""

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        """N inferences in one go: one array for each input port, to one for each output port.

        The arena is filled with 0xA5 once, before the first; as on a device, nothing clears it
        between inferences. `<prefix>_reset` gives the program's state its first values before the
        first, or before each if it is `cleared`.
        """


@runtime_checkable
class CountingSession(Protocol):
    """What a session may offer besides: what an inference, the first after a reset, executes."""

    def count(self, sample: Sequence[Bytes], program: int = 0) -> Counters:
        """Counters of one inference on one sample, (1, bytes of the port) for each input port."""


@runtime_checkable
class TimingSession(Protocol):
    """What a session may offer in the place of counts: how long an inference takes there."""

    def time(self, sample: Sequence[Bytes], program: int = 0) -> Timing:
        """One sample, as `CountingSession` has it."""


class Board(Protocol):
    """One processor with its memory, real or emulated. What else it can do, the next two say.

    It may have `version` and `identity` as a runtime does; see `tinybench.runtimes.base.Runtime`.
    """

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def flash_bytes(self) -> int: ...

    @property
    def ram_bytes(self) -> int: ...

    def unavailable(self) -> str | None:
        """Why this board cannot be used on this machine, or None."""

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        """Compile and link for this board; BoardError or DoesNotFitError if that fails."""

    def start(
        self, image: Image, store: Store | None = None
    ) -> AbstractContextManager[BoardSession]:
        """Boot an image. Without a store, what is slow to make is made again."""


@runtime_checkable
class PatientBoard(Protocol):
    """What a board may offer besides: another limit of the time that one request may take."""

    @property
    def timeout(self) -> float:
        """Seconds."""

    def with_timeout(self, seconds: float) -> Board:
        """The same board with that limit."""


@runtime_checkable
class SizedBoard(Protocol):
    """What a board may offer besides: other sizes of its memory."""

    def with_memory(self, flash: int | None, ram: int | None) -> Board:
        """The same board with so many bytes; None leaves a size. BoardError if that cannot be."""


@runtime_checkable
class TimedBoard(Protocol):
    """What a board may offer besides: what its cycles and milliseconds stand on."""

    @property
    def clock_hz(self) -> int | None: ...

    @property
    def time_basis(self) -> str | None:
        """The rules and their version, the memory profile, the values held fixed; for people.

        None for a board that tells no cycles.
        """


@dataclass(frozen=True, slots=True)
class Firmware:
    """What a whole program printed, and the status that it ended with."""

    output: str
    status: int


@runtime_checkable
class FirmwareBoard(Protocol):
    """What a board may offer besides: to run an ELF file from reset to its exit."""

    def run_firmware(
        self, elf: bytes, store: Store | None = None, timeout: float = TIMEOUT_SECONDS
    ) -> Firmware:
        """A fault, or a program that does not end in `timeout` seconds, raises BoardError."""


def counted(session: BoardSession, sample: Sequence[Bytes], program: int = 0) -> Counters:
    """Counters of one inference, as `CountingSession` says; BoardError where nothing counts."""
    if not isinstance(session, CountingSession):
        raise BoardError("this board does not count instructions")
    return session.count(sample, program)


def limited(board: Board, seconds: float) -> Board:
    """The board with this limit for one request; one that has no such setting has its own."""
    return board.with_timeout(seconds) if isinstance(board, PatientBoard) else board
