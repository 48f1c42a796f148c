"""What runs a `.tflite` file on samples and says what it cost: a board and a runtime alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.boards import Toolchain
    from tinybench.runtimes import Artifact
    from tinybench.storage.identity import Identity

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
    cycles: int | None = None
    milliseconds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What a model takes, for its first sample; None is what the machine does not tell.

    Units and meanings are those of `tinybench.boards.base.Image` and `Counters`. `arena_bytes` is
    the one buffer of generated C or, of a runtime, what `tinybench.runtimes.base.Arena` says;
    `state_bytes` are beside it, what generated C keeps from one inference to the next.
    """

    instructions: int | None = None
    reads: int | None = None
    writes: int | None = None
    flash_bytes: int | None = None
    code_bytes: int | None = None
    weight_bytes: int | None = None
    ram_bytes: int | None = None
    arena_bytes: int | None = None
    state_bytes: int | None = None
    arena_head_bytes: int | None = None
    arena_tail_bytes: int | None = None
    stack_bytes: int | None = None
    profile: tuple[OperatorCost, ...] | None = None
    cycles: int | None = None
    milliseconds: tuple[float, float] | None = None


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

    @property
    def identity(self) -> Identity | None:
        """Who answers, with version and code; None if that is not known and nothing is kept."""

    def unavailable(self) -> str | None:
        """Why it cannot be used here, or None."""

    def run(
        self,
        model: Artifact,
        inputs: Sequence[Array],
        *,
        count: bool = True,
        most_instructions: int | None = None,
    ) -> Execution:
        """Run all samples, each input as `batch_shape` says; the machine's own error if it fails.

        With `count`, also measure the first sample, where that takes an inference of its own. One
        that counts instructions then runs no more samples than `most_instructions` allow.
        """
