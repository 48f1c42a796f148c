"""A real computer with Linux as a board: a program is copied there, runs, is timed, and goes."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tinybench.boards import toolchain
from tinybench.boards.base import TIMEOUT_SECONDS, BoardError, Image, OperatorTime, Timing
from tinybench.boards.linux import build, requests
from tinybench.boards.linux.emulated import GIB, GRACE_SECONDS
from tinybench.boards.linux.remote import Address, Remote, RemoteError
from tinybench.boards.linux.targets import LINUX_TARGETS, LinuxTarget, target_of
from tinybench.errors import missing_packages
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.boards.base import Bytes
    from tinybench.codegen.program import Program

ROUNDS = 200
MOST_MILLISECONDS = 2000
RANGE = (10, 90)
"""Percentiles of the rounds' times: interrupts and other programs are above them."""


@dataclass(frozen=True, slots=True)
class SshBoard:
    """What `ssh` reaches at an address; without a target it is asked what it is."""

    name: str
    summary: str
    address: Address
    target: LinuxTarget | None = None
    folder: str = "/tmp"
    timeout: float = TIMEOUT_SECONDS

    @property
    def default(self) -> bool:
        return False

    @property
    def identity(self) -> None:
        """Times are measured each time, so no answer is kept."""
        return

    @property
    def flash_bytes(self) -> int:
        return 4 * GIB

    @property
    def ram_bytes(self) -> int:
        return GIB

    @property
    def clock_hz(self) -> None:
        """It changes with load and heat there."""
        return

    @property
    def time_basis(self) -> str:
        low, high = RANGE
        return (
            f"measured on {self.address} by its own clock, {low}th to {high}th percentile of up to "
            f"{ROUNDS} inferences in a row, weights and code in the caches"
        )

    def unavailable(self) -> str | None:
        needs = missing_packages("a board by ssh", "asyncssh")
        return needs or toolchain.missing("ziglang", "elftools")

    def build(self, programs: Program | Sequence[Program], store: Store | None = None) -> Image:
        target = self.target or _asked(self.address)
        return build.image(target, self.name, programs, store)

    @contextlib.contextmanager
    def start(self, image: Image, store: Store | None = None) -> Iterator[SshSession]:
        if image.board != self.name:
            raise BoardError(f"an image for {image.board} does not run on {self.name}")
        with Remote(self.address) as remote:
            machine = remote.machine()
            if self.target and machine not in self.target.machines:
                raise RemoteError(
                    f"{self.name}: {self.address} is {machine}, which does not run programs for "
                    f"{self.target.name}; correct `processor`, or leave it out"
                )
            with remote.holding(image.elf, self.folder) as path:
                yield SshSession(image, remote, path, self.timeout)

    def with_timeout(self, seconds: float) -> SshBoard:
        return replace(self, timeout=seconds)


@dataclass(frozen=True, slots=True)
class SshSession:
    """One program there; each request is a process of its own."""

    image: Image
    remote: Remote
    path: str
    timeout: float

    def run(self, inputs: Sequence[Bytes], program: int = 0) -> list[Bytes]:
        model = self.image.programs[program]
        answer = self._ask(requests.run_request(model, program, inputs))
        try:
            return requests.outputs(model, answer, len(inputs[0]))
        except BoardError as error:
            raise BoardError(f"{self.image.board}: {error}") from None

    def time(self, sample: Sequence[Bytes], program: int = 0) -> Timing:
        """Milliseconds of one inference and of each operator, as the board's `time_basis` says."""
        import numpy as np

        model = self.image.programs[program]
        most = min(MOST_MILLISECONDS, math.ceil(self.timeout * 500))
        request = requests.time_request(model, program, sample, ROUNDS, most)
        rounds = requests.times(model, self._ask(request))
        ranges = (np.percentile(rounds, RANGE, axis=0) / 1e6).T.tolist()
        whole, *operators = [(low, high) for low, high in ranges]
        profile = tuple(
            OperatorTime(name, None, milliseconds)
            for name, milliseconds in zip(model.operators, operators, strict=True)
        )
        return Timing(None, whole, None, profile)

    def _ask(self, request: bytes) -> bytes:
        command = f"exec {self.path} {math.ceil(self.timeout)}"
        done = self.remote.run(command, request, self.timeout + GRACE_SECONDS)
        if done.status:
            reason = requests.explained(done.status, done.said)
            raise BoardError(f"{self.image.board}: the program {reason}")
        return done.output


@functools.lru_cache(maxsize=8)
def _asked(address: Address) -> LinuxTarget:
    with Remote(address) as remote:
        machine = remote.machine()
    target = target_of(machine)
    if target is None:
        known = ", ".join(one.name for one in LINUX_TARGETS)
        raise RemoteError(f"{address} is {machine!r}, for which nothing is built; known: {known}")
    return target
