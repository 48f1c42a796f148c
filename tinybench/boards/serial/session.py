"""A model on a board at the other end of a wire, and what it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tinybench.boards.base import OperatorTime, Timing
from tinybench.boards.image import COUNTER, joined, split
from tinybench.boards.serial import frames
from tinybench.boards.serial.link import Link, RestartedError
from tinybench.boards.serial.wire import SerialError

if TYPE_CHECKING:
    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Port, Program

RESTARTS = 2
"""How often a board may begin anew while it is asked one thing."""
READ_BYTES = 512
"""Of one answer: a longer one is rarely whole on a noisy line."""
REPETITIONS = 5


class SerialSession:
    """One model on the board; see `tinybench.boards.base.BoardSession`."""

    def __init__(
        self,
        link: Link,
        model: Program,
        said: dict[str, Any],
        clock_hz: int | None,
        timeout: float,
        *,
        timed: bool = True,
    ) -> None:
        """`said` is the board's answer to `h`. Of one that is not `timed` the ticks say nothing."""
        self._timed = timed
        self._link = link
        self._model = model
        self._hash = said["value"]
        self._unit = said["ticks"]
        self._write_bytes = (said["line"] - frames.FRAME_BYTES) // 2
        self._clock_hz = clock_hz
        self._timeout = timeout

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        samples = joined(self._model, inputs)
        rows: list[bytes] = []
        restarts, fresh = 0, True
        while len(rows) < len(samples):
            try:
                if fresh:
                    self._begin()
                    fresh = False
                elif self._model.cleared:
                    self._link.ask("z")
                rows.append(self._infer(samples[len(rows)].tobytes()))
            except RestartedError as error:
                restarts += 1
                self._again(error, restarts)
                fresh = True
                if self._model.state_bytes:
                    rows.clear()  # what it kept of the samples before is lost
        return split(self._model, b"".join(rows), len(samples))

    def time(self, sample: Sequence[Bytes], program: int = 0) -> Timing:
        data = joined(self._model, sample, exactly=1).tobytes()
        for restarts in range(1, RESTARTS + 2):
            try:
                return self._time(data)
            except RestartedError as error:
                self._again(error, restarts)
        raise AssertionError("unreachable")

    def _time(self, sample: bytes) -> Timing:
        """The least of several times: an interrupt makes one longer, nothing makes one shorter."""
        self._begin()
        self._write(sample)
        stack = self._ticks("s")
        wholes, rounds = [], []
        for _ in range(REPETITIONS if self._timed else 1):
            self._load(sample)
            wholes.append(self._ticks("i"))
            self._load(sample)
            rounds.append([self._ticks("o", f"{i:04x}") for i in range(len(self._model.operators))])
        # A counter that stands still, as an emulator's may, tells nothing.
        works = self._timed and min(wholes) > 0
        parts = [min(times) if works else None for times in zip(*rounds, strict=True)]
        whole = min(wholes) if works else None
        return Timing(
            self._cycles(whole),
            self._milliseconds(whole),
            stack or None,
            tuple(
                OperatorTime(name, self._cycles(ticks), self._milliseconds(ticks))
                for name, ticks in zip(self._model.operators, parts, strict=True)
            ),
        )

    def _cycles(self, ticks: int | None) -> int | None:
        return ticks if self._unit == "cycles" else None

    def _milliseconds(self, ticks: int | None) -> tuple[float, float] | None:
        hertz = {"ns": 1_000_000_000, "cycles": self._clock_hz}.get(self._unit)
        if not hertz or ticks is None:
            return None
        return (1e3 * ticks / hertz,) * 2

    def _ticks(self, letter: str, arguments: str = "") -> int:
        return int(self._link.ask(letter, arguments, seconds=self._timeout)["value"])

    def _again(self, error: RestartedError, restarts: int) -> None:
        """A new conversation with a board that has begun anew; the error if that is too often."""
        if restarts > RESTARTS:
            raise SerialError(
                f"{error}, {restarts} times: is its supply weak, or does its watchdog bite?"
            ) from None
        if self._link.hello()["value"] != self._hash:
            raise SerialError(f"{error}, and has another model since") from None

    def _begin(self) -> None:
        self._link.ask("f")
        if self._model.state_bytes:
            self._link.ask("z")

    def _load(self, sample: bytes) -> None:
        if self._model.state_bytes:
            self._link.ask("z")
        self._write(sample)

    def _infer(self, sample: bytes) -> bytes:
        self._write(sample)
        before = self._overruns()
        self._ticks("i")
        found = b"".join(self._read(port) for port in self._model.outputs)
        if not self._model.limited:
            return found
        return found + (self._overruns() - before).to_bytes(COUNTER, "little")

    def _overruns(self) -> int:
        return int(self._link.ask("v")["value"]) if self._model.limited else 0

    def _write(self, sample: bytes) -> None:
        at = 0
        for port in self._model.inputs:
            data = sample[at : at + port.nbytes]
            at += port.nbytes
            for start in range(0, len(data), self._write_bytes):
                part = data[start : start + self._write_bytes]
                self._link.ask("w", f"{port.offset + start:08x}{part.hex()}")

    def _read(self, port: Port) -> bytes:
        found = b""
        while len(found) < port.nbytes:
            size = min(READ_BYTES, port.nbytes - len(found))
            said = self._link.ask("r", f"{port.offset + len(found):08x}{size:04x}")
            found += bytes.fromhex(said["value"])
        return found
