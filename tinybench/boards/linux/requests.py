"""What is said to a program for Linux, and what it answers; see `firmware/boards/linux/serve.c`."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tinybench.boards.base import BoardError
from tinybench.boards.image import COUNTER, joined, split

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Program

    Times = NDArray[np.uint64]

RUN, TIME = 1, 2
REQUEST = struct.Struct("<IIII")
ROUNDS = struct.Struct("<I")
ENDS = {
    -14: "did not end within its limit of time",
    3: "did not get all of its input, or could not write its output",
    4: "does not have this model",
    5: "had not enough memory",
    142: "did not end within its limit of time",
}
"""What an exit status says; -14 and 142 are the alarm, as Python and as a shell tell it."""


def run_request(model: Program, index: int, inputs: Sequence[Bytes]) -> bytes:
    samples = joined(model, inputs)
    return REQUEST.pack(RUN, index, len(samples), 0) + samples.tobytes()


def outputs(model: Program, answer: bytes, count: int) -> list[Bytes]:
    """What the answer to `run_request` says; BoardError if it is not whole, or a loop was left."""
    size = sum(port.nbytes for port in model.outputs) + COUNTER * model.limited
    if len(answer) != size * count:
        raise BoardError(f"{len(answer):,} of {size * count:,} bytes of answers came")
    return split(model, answer, count)


def time_request(
    model: Program, index: int, sample: Sequence[Bytes], rounds: int, most_ms: int
) -> bytes:
    data = joined(model, sample, exactly=1).tobytes()
    return REQUEST.pack(TIME, index, rounds, most_ms) + data


def times(model: Program, answer: bytes) -> Times:
    """Nanoseconds, a row a round: of the whole inference, then of each operator."""
    import numpy as np

    columns = len(model.operators) + 1
    rounds = ROUNDS.unpack(answer[: ROUNDS.size])[0] if len(answer) >= ROUNDS.size else 0
    if not rounds or len(answer) != ROUNDS.size + 8 * columns * rounds:
        raise BoardError(f"{len(answer):,} bytes are no answer to a measurement")
    return np.frombuffer(answer, np.uint64, offset=ROUNDS.size).reshape(rounds, columns)


def explained(status: int, said: bytes) -> str:
    """Why a program ended with this status, and its last words if there are any."""
    words = said.decode(errors="replace").strip().splitlines()
    reason = ENDS.get(status, f"ended with status {status}")
    return f"{reason}: {words[-1]}" if words and status not in ENDS else reason
