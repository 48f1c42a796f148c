"""Trying and running a model from outside in a process of its own.

The runtimes are C++ that trusts its input: a damaged file can crash them. What this project
converted itself runs in-process; a file that somebody hands over runs here.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tinybench.console.child import TIMEOUT_SECONDS, ChildError, answer, ask
from tinybench.runtimes.base import Arena, Ran, RefusalError, answered

if TYPE_CHECKING:
    from tinybench.runtimes.base import Codes

MODULE = "tinybench.runtimes.isolated"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of loading a model and running it once on zeros.

    `reason` is empty if it ran. `arena` holds the arena's bytes (`total`, `head`, `tail`) where the
    runtime tells them.
    """

    runtime: str
    reason: str = ""
    arena: dict[str, int] | None = None


def attempt(data: bytes, runtime: str) -> Attempt:
    """Load and run a `.tflite` once in a child process; a crash or a hang is a reason."""
    try:
        said = ask(MODULE, ["try", runtime], data, TIMEOUT_SECONDS)
        return Attempt(runtime, **json.loads(said.splitlines()[-1]))
    except ChildError as failed:
        return Attempt(runtime, str(failed))


def run(
    data: bytes, runtime: str, inputs: Sequence[Codes], timeout: float = TIMEOUT_SECONDS
) -> Ran:
    """Run a `.tflite` on samples in a child process; RefusalError if it does not, or crashes.

    Each of `inputs` has the samples of one input, as `batch_shape` says.
    """
    import numpy as np

    request = _packed([np.frombuffer(data, np.uint8), *inputs])
    try:
        answer = _unpacked(ask(MODULE, ["run", runtime], request, timeout))
    except ChildError as failed:
        raise RefusalError(f"{runtime}: {failed}") from None
    report = json.loads(answer[0].tobytes())
    if reason := report["reason"]:
        # A runtime that names itself is not named twice.
        raise RefusalError(reason if reason.startswith(f"{runtime}:") else f"{runtime}: {reason}")
    return Ran(answer[1:], Arena(**report["arena"]) if report["arena"] else None)


def _packed(arrays: Sequence[Codes]) -> bytes:
    import numpy as np

    stream = io.BytesIO()
    for array in arrays:
        np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)
    return stream.getvalue()


def _unpacked(data: bytes) -> list[Codes]:
    import numpy as np

    stream, arrays = io.BytesIO(data), []
    while stream.tell() < len(data):
        arrays.append(np.lib.format.read_array(stream, allow_pickle=False))
    return arrays


# What follows runs in the child.
def _try_here(runtime_name: str, data: bytes) -> Attempt:
    import numpy as np

    from tinybench import tflite
    from tinybench.runtimes import RUNTIMES, ArenaSession, Artifact, batch_shape

    runtime = RUNTIMES.get(runtime_name)
    if reason := runtime.unavailable():
        return Attempt(runtime_name, reason)
    model = tflite.read(data)
    try:
        session = runtime.load(Artifact("model", data))
    except RefusalError as refusal:
        return Attempt(runtime_name, str(refusal))
    if len(model.inputs) == len(model.outputs) == 1:
        tensor = model.tensors[model.inputs[0]]
        try:
            session.run(np.zeros(batch_shape(tensor.shape, 1), tensor.dtype))
        except (RuntimeError, ValueError) as error:
            return Attempt(runtime_name, str(error).splitlines()[0])
    arena = asdict(session.arena()) if isinstance(session, ArenaSession) else None
    return Attempt(runtime_name, arena=arena)


def _run_here(runtime_name: str, data: bytes, inputs: list[Codes]) -> Ran:
    """Run, or raise RefusalError."""
    from tinybench import tflite
    from tinybench.console import capture
    from tinybench.runtimes import RUNTIMES, Artifact

    runtime = RUNTIMES.get(runtime_name)
    if reason := runtime.unavailable():
        raise RefusalError(reason)
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


def _response(action: str, runtime_name: str, request: bytes) -> bytes:
    import numpy as np

    if action == "try":
        found = asdict(_try_here(runtime_name, request))
        found.pop("runtime")
        return json.dumps(found).encode()
    model, *inputs = _unpacked(request)
    try:
        ran = _run_here(runtime_name, model.tobytes(), inputs)
    except RefusalError as refusal:
        ran, reason = Ran([], None), str(refusal)
    else:
        reason = ""
    arena = asdict(ran.arena) if ran.arena else None
    report = json.dumps({"reason": reason, "arena": arena}).encode()
    return _packed([np.frombuffer(report, np.uint8), *ran.outputs])


if __name__ == "__main__":
    answer(lambda: _response(sys.argv[1], sys.argv[2], sys.stdin.buffer.read()))
