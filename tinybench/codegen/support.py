"""Whether C code can be generated for a model from outside, found out in a process of its own.

The generator is Python and raises errors that explain themselves, but a damaged file can be long
to plan, and a large one long to write.
"""

from __future__ import annotations

from dataclasses import dataclass

from tinybench import codegen, tflite
from tinybench.console.worker import TIMEOUT_SECONDS, ChildError, Worker
from tinybench.errors import TinybenchError


@dataclass(frozen=True, slots=True)
class Support:
    """If it is supported: the operators that run, and the bytes of the arena.

    `lower_bound` is what is alive at once: no plan of the arena is smaller. `state_bytes` are kept
    beside it from one inference to the next. `refusals` has an entry for each reason why it is not
    supported.
    """

    supported: bool
    operators: int | None = None
    arena_bytes: int | None = None
    lower_bound: int | None = None
    state_bytes: int | None = None
    refusals: tuple[str, ...] = ()


def support_of(data: bytes, timeout: float = TIMEOUT_SECONDS) -> Support:
    """Try to generate C code; what goes wrong, a crash or a hang too, is a refusal."""
    try:
        with Worker() as child:
            return child.call(attempt, data, timeout=timeout)
    except ChildError as error:
        return Support(supported=False, refusals=(f"model: code generation {error}",))


def attempt(data: bytes) -> Support:
    """Try to generate C code in this process."""
    try:
        if refused := codegen.refusals(tflite.read(data)):
            return Support(supported=False, refusals=tuple(refused))
        made = codegen.generate(data)
    except TinybenchError as error:
        return Support(supported=False, refusals=(str(error),))
    return Support(
        supported=True,
        operators=len(made.program.operators),
        arena_bytes=made.program.arena_bytes,
        lower_bound=made.plan.lower_bound,
        state_bytes=made.program.state_bytes,
    )
