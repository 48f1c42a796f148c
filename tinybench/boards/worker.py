"""The emulator's process: boots a program, runs its functions, counts what they execute.

Unicorn is under the GPL, so it lives in a program of its own, which is reached through messages
(see `channel`). Requests, by `do`:

- `load` {target, entry, stop, segments: [[address, bytes], …], poison: [[address, bytes], …],
  stack: [low, high], hooks: path, priced, caches: [[lines, bytes], [lines, bytes]] or null},
  payload the segments' bytes: what the other requests run.
- `run` {function, reset, each, inputs: [[address, bytes], …], outputs: same, count, seconds},
  payload the inputs sample by sample: calls the function `count` times, and before the first, or
  `each`, the one that resets unless that is null; answers with the outputs likewise.
- `count` {functions, reset, inputs, outputs, seconds}, payload one sample: calls the functions in
  order on it; answers {counts: [[instructions, reads, writes, stack bytes, missed words], …]}
  and, if instructions are `priced`, the blocks that followed each other from one taken branch to
  the next: {segments: [[[address, bytes], …], …], executed: [[[segment, times], …], …]} with
  places in `segments` for each function. Missed are words of flash that are not in its `caches`
  for code and for data, which are empty at the first function.
- `call` {function, arguments, regions: [[address, bytes], …], segments, stack, back, seconds},
  payload the segments' bytes: calls one function of a program that did not start, in memory of
  these regions, to return to `back`; answers as `count`, and {result}.
- `firmware` {seconds}: runs the whole program with semihosting; answers {status}, payload its
  output.

A failure of the program answers {fault: {what, address, pc}}.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from itertools import chain
from typing import Any, BinaryIO, TypeVar

from tinybench.boards import channel
from tinybench.boards.counting import Blocks
from tinybench.boards.emulator import CountingMachine, EmulatorError, FaultError, Machine

POISON = b"\xa5"
AnyMachine = TypeVar("AnyMachine", bound=Machine)


class Worker:
    """Answers requests about the program that was loaded last."""

    def __init__(self) -> None:
        self._image: dict[str, Any] = {}
        self._contents = b""
        self._plain: Machine | None = None
        self._counting: CountingMachine | None = None

    def answer(self, request: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        """What `do` names."""
        action = {
            "load": self._load,
            "run": self._run,
            "count": self._count,
            "call": self._call,
            "firmware": self._firmware,
        }[request["do"]]
        return action(request, payload)

    def _load(self, request: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        self._image, self._contents = request, payload
        self.reset()
        return {}, b""

    def reset(self) -> None:
        """Forget the machines: the next request boots."""
        self._plain = self._counting = None

    def _run(self, request: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        if self._plain is None:
            self._plain = self._booted(Machine(self._image, self._contents))
        machine, outputs = self._plain, bytearray()
        step = sum(size for _, size in request["inputs"])
        with machine.limit(request["seconds"]):
            for number in range(request["count"]):
                if number == 0 or request["each"]:
                    _reset(machine, request)
                at = step * number
                _place(machine, request["inputs"], payload[at : at + step])
                machine.call(request["function"])
                outputs += _outputs(machine, request)
        return {}, bytes(outputs)

    def _count(self, request: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        if self._counting is None:
            self._counting = CountingMachine(
                self._image,
                self._contents,
                per_access=True,
                segments=self._image["priced"],
                caches=self._image["caches"],
            )
            self._booted(self._counting)
        machine = self._poisoned(self._counting)
        _place(machine, request["inputs"], payload)
        with machine.limit(request["seconds"]):
            _reset(machine, request)
            machine.clear_caches()
            calls = [machine.counted_call(function) for function in request["functions"]]
        # Counting must not change what is counted: the hooks work around a defect of Unicorn.
        plain = self._booted(Machine(self._image, self._contents))
        _place(plain, request["inputs"], payload)
        with plain.limit(request["seconds"]):
            _reset(plain, request)
            for function in request["functions"]:
                plain.call(function)
        if _outputs(plain, request) != _outputs(machine, request):
            return {"error": "outputs are different when instructions are counted"}, b""
        return _counted(calls), b""

    def _call(self, request: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
        image = {**self._image, **request}
        machine = CountingMachine(image, payload, per_access=True, segments=image["priced"])
        for register, value in zip(machine.arguments, request["arguments"], strict=False):
            machine.uc.reg_write(register, value)
        with machine.limit(request["seconds"]):
            counted = machine.counted_call(request["function"])
        result = int(machine.uc.reg_read(machine.arguments[0]))
        return {**_counted([counted]), "result": result}, b""

    def _booted(self, machine: AnyMachine) -> AnyMachine:
        machine.boot()
        return self._poisoned(machine)

    def _poisoned(self, machine: AnyMachine) -> AnyMachine:
        for address, size in self._image["poison"]:
            machine.write(address, POISON * size)
        return machine

    def _firmware(self, request: dict[str, Any], _: bytes) -> tuple[dict[str, Any], bytes]:
        machine = CountingMachine(self._image, self._contents, per_access=False)
        with machine.limit(request["seconds"]):
            host = machine.run_program()
        return {"status": host.status}, bytes(host.output)


def _counted(calls: Sequence[tuple[list[int], dict[Blocks, int]]]) -> dict[str, Any]:
    known = {blocks: at for at, blocks in enumerate(dict.fromkeys(chain(*(it for _, it in calls))))}
    return {
        "counts": [counts for counts, _ in calls],
        "segments": list(known),
        "executed": [
            [(known[blocks], times) for blocks, times in executed.items()] for _, executed in calls
        ],
    }


def _reset(machine: Machine, request: dict[str, Any]) -> None:
    if request["reset"] is not None:
        machine.call(request["reset"])


def _outputs(machine: Machine, request: dict[str, Any]) -> bytes:
    return b"".join(machine.read(address, size) for address, size in request["outputs"])


def _place(machine: Machine, ports: Sequence[tuple[int, int]], sample: bytes) -> None:
    at = 0
    for address, size in ports:
        machine.write(address, sample[at : at + size])
        at += size


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the other side closes the channel."""
    worker = Worker()
    while True:
        try:
            request, payload = channel.receive(requests)
        except EOFError:
            return
        try:
            header, data = worker.answer(request, payload)
        except FaultError as error:
            header, data = {"fault": error.fault}, b""
            worker.reset()
        except (EmulatorError, OSError) as error:
            header, data = {"error": str(error)}, b""
        channel.send(answers, header, data)


if __name__ == "__main__":
    # An interrupt from the keyboard is the parent's to handle: it ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    serve(sys.stdin.buffer, sys.stdout.buffer)
