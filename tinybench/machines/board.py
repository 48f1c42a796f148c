"""A board as a machine: a model's C code, built for it and run there."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tinybench.boards import Board, CountingSession, TimingSession, limited
from tinybench.boards.base import NoBoardError
from tinybench.machines.execution import Cost, Execution, OperatorCost
from tinybench.machines.kept import kept
from tinybench.storage import hashing
from tinybench.storage.identity import Identity, identity_of
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.boards import BoardSession, Image
    from tinybench.codegen import Generated
    from tinybench.codegen.program import Program
    from tinybench.machines.execution import Array
    from tinybench.runtimes import Artifact


@dataclass(frozen=True, eq=False)
class BoardMachine:
    """What a board answers to a model; with `keep`, from the store if it did so before.

    `timeout` is the limit of one request in seconds, where the board has such a setting; None
    leaves it.
    """

    board: Board
    store: Store | None = None
    timeout: float | None = None
    keep: bool = False
    kind: str = "board"

    @property
    def name(self) -> str:
        return self.board.name

    @property
    def summary(self) -> str:
        return self.board.summary

    @cached_property
    def identity(self) -> Identity | None:
        return identity_of(self.board)

    def unavailable(self) -> str | None:
        return self.board.unavailable()

    def build(self, program: Program) -> Image:
        """An image for the board; BoardError if it cannot be used here, or it does not fit."""
        if reason := self.unavailable():
            raise NoBoardError(f"{self.name}: {reason}")
        return self.board.build(program, self.store)

    def start(self, image: Image) -> AbstractContextManager[BoardSession]:
        """Boot an image that was built."""
        board = self.board if self.timeout is None else limited(self.board, self.timeout)
        return board.start(image, self.store)

    def run(
        self,
        model: Artifact,
        inputs: Sequence[Array],
        *,
        count: bool = True,
        most_instructions: int | None = None,
    ) -> Execution:
        import numpy as np

        from tinybench.codegen import generate

        made = generate(model.data)
        image = self.build(made.program)
        samples = len(inputs[0])
        raw = [
            np.frombuffer(values.tobytes(), np.uint8).reshape(samples, port.nbytes)
            for values, port in zip(inputs, made.program.inputs, strict=True)
        ]
        question = {
            "program": hashing.of_bytes(image.elf),
            "inputs": hashing.of_arrays({str(port): array for port, array in enumerate(raw)}),
            "count": count,
            "most": most_instructions,
        }
        ran = kept(
            self,
            self.store if self.keep else None,
            model.name,
            question,
            lambda: self._ask(made, image, raw, count=count, most=most_instructions),
        )
        cost = replace(
            ran.cost,
            flash_bytes=image.flash_bytes,
            code_bytes=image.code_bytes,
            weight_bytes=image.weight_bytes,
            ram_bytes=image.ram_bytes,
            arena_bytes=made.program.arena_bytes,
            state_bytes=made.program.state_bytes,
        )
        return Execution(ran.outputs, cost, image.toolchain)

    def _ask(
        self, made: Generated, image: Image, raw: list[Array], *, count: bool, most: int | None
    ) -> Execution:
        samples, cost = len(raw[0]), Cost()
        with self.start(image) as session:
            if count and isinstance(session, CountingSession):
                counters = session.count([array[:1] for array in raw])
                if most is not None:
                    samples = max(1, most // max(1, counters.instructions))
                cost = Cost(
                    instructions=counters.instructions,
                    reads=counters.reads,
                    writes=counters.writes,
                    stack_bytes=counters.stack_bytes,
                    profile=_profile(made, counters.profile),
                    cycles=counters.cycles,
                    milliseconds=counters.milliseconds,
                )
            elif count and isinstance(session, TimingSession):
                timing = session.time([array[:1] for array in raw])
                cost = Cost(
                    stack_bytes=timing.stack_bytes,
                    cycles=timing.cycles,
                    milliseconds=timing.milliseconds,
                )
            outputs = session.run([array[:samples] for array in raw])
        return Execution(_typed(made, outputs), cost)


def _typed(made: Generated, outputs: Sequence[Array]) -> list[Array]:
    import numpy as np

    from tinybench.runtimes import batch_shape

    return [
        np.frombuffer(values.tobytes(), port.dtype).reshape(batch_shape(port.shape, len(values)))
        for port, values in zip(made.program.outputs, outputs, strict=True)
    ]


def _profile(made: Generated, costs: Sequence[Any]) -> tuple[OperatorCost, ...]:
    called = [step.operator for step in made.steps if step.runs]
    return tuple(
        OperatorCost(
            operator.index,
            operator.name,
            # One without outputs changes a state: what it assigns.
            made.model.tensors[(*operator.outputs, *reversed(operator.inputs))[0]].name,
            cost.instructions,
            cost.reads,
            cost.writes,
            cost.cycles,
            cost.milliseconds,
        )
        for operator, cost in zip(called, costs, strict=True)
    )
