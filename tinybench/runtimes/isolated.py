"""Trying a model from outside in a process of its own.

The runtimes are C++ that trusts its input: a damaged file can crash them. What this project
converted itself runs in-process; a file that somebody hands over is tried here first.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass

TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of loading a model and running it once on zeros.

    `reason` is empty if it ran. `arena` holds TFLM's arena bytes (`total`, `head`, `tail`).
    """

    runtime: str
    reason: str = ""
    arena: dict[str, int] | None = None


def attempt(data: bytes, runtime: str) -> Attempt:
    """Load and run a `.tflite` once in a child process; a crash or a hang is a reason."""
    command = [sys.executable, "-m", "tinybench.runtimes.isolated", runtime]
    try:
        child = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        return Attempt(runtime, f"did not finish within {TIMEOUT_SECONDS} s")
    if child.returncode < 0:
        return Attempt(runtime, f"crashed ({signal.Signals(-child.returncode).name})")
    try:
        return Attempt(runtime, **json.loads(child.stdout.splitlines()[-1]))
    except (ValueError, IndexError, TypeError):
        said = child.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        return Attempt(runtime, f"failed: {said[-1]}")


def _try_here(runtime_name: str, data: bytes) -> Attempt:
    import numpy as np

    from tinybench import tflite
    from tinybench.runtimes import RUNTIMES, Artifact, RefusalError

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
            session.run(np.zeros((1, *tensor.shape[1:]), tensor.dtype))
        except (RuntimeError, ValueError) as error:
            return Attempt(runtime_name, str(error).splitlines()[0])
    arena = getattr(session, "arena", None)
    return Attempt(runtime_name, arena=asdict(arena()) if arena else None)


if __name__ == "__main__":
    found = asdict(_try_here(sys.argv[1], sys.stdin.buffer.read()))
    found.pop("runtime")
    print(json.dumps(found))
