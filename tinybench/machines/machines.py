"""Boards and runtimes as one thing: what runs a `.tflite` file on samples and says what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from tinybench.boards import BOARDS, Board, BoardError, Toolchain
from tinybench.registry import UnknownNameError
from tinybench.runtimes import RUNTIMES, Runtime
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.codegen import Generated

    Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True)
class OperatorCost:
    """What one operator executed: its index and schema name, and the tensor that it computes."""

    index: int
    operator: str
    name: str
    instructions: int
    reads: int | None
    writes: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model takes, for its first sample; None is what the machine does not tell.

    Units and meanings are those of `tinybench.boards.base.Image` and `Counters`.
    """

    instructions: int | None = None
    reads: int | None = None
    writes: int | None = None
    flash_bytes: int | None = None
    code_bytes: int | None = None
    weight_bytes: int | None = None
    ram_bytes: int | None = None
    arena_bytes: int | None = None
    stack_bytes: int | None = None
    profile: tuple[OperatorCost, ...] | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """One array for each output, with the samples first, and the cost if it was asked for."""

    outputs: list[Array]
    cost: Cost
    toolchain: Toolchain | None = None


class Machine(Protocol):
    """A board or a runtime."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def kind(self) -> str:
        """`board` or `runtime`."""

    def run(self, data: bytes, inputs: Sequence[Array], *, count: bool = True) -> Execution:
        """Run all samples, each input as `batch_shape` says; the machine's own error if it fails.

        With `count`, also measure the first sample, where that takes an inference of its own.
        """


def find(name: str, store: Store | None = None, timeout: float = 60.0) -> Machine:
    """The board or runtime of that name; UnknownNameError lists all of both.

    `timeout` limits the seconds of one run: that of a runtime's process, or of the program on an
    emulated board.
    """
    if name in BOARDS:
        return _BoardMachine(BOARDS.get(name), store, timeout)
    if name in RUNTIMES:
        return _RuntimeMachine(RUNTIMES.get(name), timeout)
    names = [item.name for item in (*BOARDS, *RUNTIMES)]
    raise UnknownNameError("board or runtime", name, names)


@dataclass(frozen=True, slots=True)
class _BoardMachine:
    """The model's C code, built for a board and run there."""

    board: Board
    store: Store | None
    timeout: float
    kind: str = "board"

    @property
    def name(self) -> str:
        return self.board.name

    @property
    def summary(self) -> str:
        return self.board.summary

    def run(self, data: bytes, inputs: Sequence[Array], *, count: bool = True) -> Execution:
        import numpy as np

        from tinybench.codegen import generate

        if reason := self.board.unavailable():
            raise BoardError(f"{self.name}: {reason}")
        made = generate(data)
        image = self.board.build(made.program, self.store)
        samples = len(inputs[0])
        raw = [
            np.frombuffer(values.tobytes(), np.uint8).reshape(samples, port.nbytes)
            for values, port in zip(inputs, made.program.inputs, strict=True)
        ]
        with self._limited().start(image, self.store) as session:
            outputs = session.run(raw)
            counters = session.count([array[:1] for array in raw]) if count else None
        cost = Cost(
            flash_bytes=image.flash_bytes,
            code_bytes=image.code_bytes,
            weight_bytes=image.weight_bytes,
            ram_bytes=image.ram_bytes,
            arena_bytes=made.program.arena_bytes,
        )
        if counters:
            cost = replace(
                cost,
                instructions=counters.instructions,
                reads=counters.reads,
                writes=counters.writes,
                stack_bytes=counters.stack_bytes,
                profile=_profile(made, counters.profile),
            )
        return Execution(_typed(made, outputs), cost, image.toolchain)

    def _limited(self) -> Board:
        from tinybench.boards.emulated import EmulatedBoard
        from tinybench.boards.qemu import QemuBoard

        # A board from elsewhere has a limit of its own.
        if isinstance(self.board, EmulatedBoard | QemuBoard):
            return replace(self.board, timeout=self.timeout)
        return self.board


def _typed(made: Generated, outputs: Sequence[Array]) -> list[Array]:
    import numpy as np

    from tinybench.runtimes import batch_shape

    return [
        np.frombuffer(values.tobytes(), port.dtype).reshape(batch_shape(port.shape, len(values)))
        for port, values in zip(made.program.outputs, outputs, strict=True)
    ]


def _profile(made: Generated, costs: Sequence[Any]) -> tuple[OperatorCost, ...]:
    called = [step.operator for step in made.steps if step.calls]
    return tuple(
        OperatorCost(
            operator.index,
            operator.name,
            made.model.tensors[operator.outputs[0]].name,
            cost.instructions,
            cost.reads,
            cost.writes,
        )
        for operator, cost in zip(called, costs, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _RuntimeMachine:
    """A runtime of this computer, in a process of its own: the file may come from anywhere."""

    runtime: Runtime
    timeout: float
    kind: str = "runtime"

    @property
    def name(self) -> str:
        return self.runtime.name

    @property
    def summary(self) -> str:
        return self.runtime.summary

    def run(self, data: bytes, inputs: Sequence[Array], *, count: bool = True) -> Execution:
        from tinybench.runtimes import isolated

        ran = isolated.run(data, self.name, inputs, self.timeout)
        return Execution(ran.outputs, Cost(arena_bytes=ran.arena["total"] if ran.arena else None))
