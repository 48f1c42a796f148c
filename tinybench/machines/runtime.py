"""A runtime of this computer as a machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tinybench import environment, tflite
from tinybench.machines.execution import Cost, Execution
from tinybench.machines.kept import kept
from tinybench.runtimes import RUNTIMES, Runtime
from tinybench.runtimes.base import NoRuntimeError, answered
from tinybench.storage import hashing
from tinybench.storage.identity import Identity, identity_of
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.machines.execution import Array
    from tinybench.runtimes import Artifact


@dataclass(frozen=True, eq=False)
class RuntimeMachine:
    """What a runtime answers to a model; with `keep`, from the store if it did so before.

    With a `timeout` in seconds it runs in a process of its own, because the file may come from
    anywhere, and a runtime trusts what it reads. Only a runtime that was added in this process,
    which no other one finds, runs here all the same.
    """

    runtime: Runtime
    store: Store | None = None
    timeout: float | None = None
    keep: bool = False
    kind: str = "runtime"

    @property
    def name(self) -> str:
        return self.runtime.name

    @property
    def summary(self) -> str:
        return self.runtime.summary

    @cached_property
    def identity(self) -> Identity | None:
        return identity_of(self.runtime)

    def unavailable(self) -> str | None:
        return self.runtime.unavailable()

    def run(
        self,
        model: Artifact,
        inputs: Sequence[Array],
        *,
        count: bool = True,
        most_instructions: int | None = None,
    ) -> Execution:
        question = {
            "model": model.sha256,
            "inputs": hashing.of_arrays({str(port): array for port, array in enumerate(inputs)}),
            # The last bits of float sums depend on the processor.
            "computer": environment.machine(),
        }
        store = self.store if self.keep else None
        return kept(self, store, model.name, question, lambda: self._ask(model, inputs))

    def _ask(self, model: Artifact, inputs: Sequence[Array]) -> Execution:
        if self.timeout is not None and RUNTIMES.is_installed(self.name):
            from tinybench.runtimes import isolated

            ran = isolated.run(model.data, self.name, inputs, self.timeout)
        elif reason := self.unavailable():
            raise NoRuntimeError(f"{self.name}: {reason}")
        else:
            ran = answered(self.runtime.load(model), inputs, len(tflite.read(model.data).outputs))
        arena = ran.arena
        if arena is None:
            return Execution(ran.outputs, Cost())
        cost = Cost(
            arena_bytes=arena.total, arena_head_bytes=arena.head, arena_tail_bytes=arena.tail
        )
        return Execution(ran.outputs, cost)
