"""Trying and running a model from outside in a process of its own.

The runtimes are C++ that trusts its input: a damaged file can crash them. What this project
converted itself runs in-process; a file that somebody hands over runs here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tinybench.console.worker import TIMEOUT_SECONDS, ChildError, Worker
from tinybench.runtimes.base import NoRuntimeError, Ran, RefusalError, answered

if TYPE_CHECKING:
    from tinybench.runtimes.base import Codes
    from tinybench.tflite import Model, Tensor


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of loading a model and running it once on zeros, or the nearest that it takes.

    `reason` is empty if it ran; it was not `tried` where the runtime is not there. `arena` holds
    the arena's bytes (`total`, `head`, `tail`) where the runtime tells them.
    """

    runtime: str
    reason: str = ""
    arena: dict[str, int] | None = None
    tried: bool = True


def attempt(data: bytes, runtime: str) -> Attempt:
    """Load and run a `.tflite` once in a child process; a crash or a hang is a reason."""
    # Not the shared process: what a damaged file did to the memory ends with it.
    try:
        with Worker() as child:
            return child.call(_try_here, runtime, data, timeout=TIMEOUT_SECONDS)
    except ChildError as failed:
        return Attempt(runtime, str(failed))


def run(
    data: bytes, runtime: str, inputs: Sequence[Codes], timeout: float = TIMEOUT_SECONDS
) -> Ran:
    """Run a `.tflite` on samples in a child process; RefusalError if it does not, or crashes.

    Each of `inputs` has the samples of one input, as `batch_shape` says.
    """
    try:
        with Worker() as child:
            return child.call(_run_here, runtime, data, inputs, timeout=timeout)
    except (ChildError, RefusalError) as failed:
        # A runtime that names itself is not named twice.
        named = str(failed).startswith(f"{runtime}:")
        text, page = str(failed), getattr(failed, "page", "")
        raise RefusalError(text if named else f"{runtime}: {text}", page=page) from None


# What follows runs in the child.
def _try_here(runtime_name: str, data: bytes) -> Attempt:
    from tinybench import tflite
    from tinybench.runtimes import RUNTIMES, ArenaSession, Artifact
    from tinybench.tflite.model import PLAIN

    runtime = RUNTIMES.get(runtime_name)
    if reason := runtime.unavailable():
        return Attempt(runtime_name, reason, tried=False)
    model = tflite.read(data)
    try:
        session = runtime.load(Artifact("model", data))
    except RefusalError as refusal:
        return Attempt(runtime_name, str(refusal))
    tensors = [model.tensors[index] for index in model.inputs]
    if tensors and all(tensor.dtype in PLAIN for tensor in tensors):
        inputs = [_plain_input(model, tensor) for tensor in tensors]
        try:
            answered(session, inputs, len(model.outputs))
        except (RuntimeError, ValueError, TypeError) as error:
            return Attempt(runtime_name, (str(error).splitlines() or [type(error).__name__])[0])
    arena = asdict(session.arena()) if isinstance(session, ArenaSession) else None
    return Attempt(runtime_name, arena=arena)


def _plain_input(model: Model, tensor: Tensor) -> Codes:
    """One sample of zeros, or of what comes next to them where the model looks something up."""
    import numpy as np

    from tinybench.runtimes import batch_shape
    from tinybench.tflite.domains import domain_of

    domain = domain_of(model, tensor)
    values = np.full(tensor.elements, 0) if domain is None else domain.nearest(0)
    return np.resize(values, batch_shape(tensor.shape, 1)).astype(tensor.dtype)


def _run_here(runtime_name: str, data: bytes, inputs: Sequence[Codes]) -> Ran:
    """Run, or raise RefusalError."""
    from tinybench import tflite
    from tinybench.console import capture
    from tinybench.runtimes import RUNTIMES, Artifact

    runtime = RUNTIMES.get(runtime_name)
    if reason := runtime.unavailable():
        raise NoRuntimeError(reason)
    outputs = len(tflite.read(data).outputs)
    session = runtime.load(Artifact("model", data))
    with capture.stderr() as said:
        try:
            ran = answered(session, inputs, outputs)
        except (RuntimeError, ValueError, TypeError) as error:
            failure: Exception | None = error
        else:
            failure = None
    if failure:
        lines = str(failure).splitlines()[:1] + said.lines()
        raise RefusalError("; ".join(dict.fromkeys(lines)) or type(failure).__name__)
    return ran
