"""Asking a module in a process of its own: a crash or a hang there is an answer here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

TIMEOUT_SECONDS = 60


class ChildError(Exception):
    """The child did not answer; the message says why."""


def ask(module: str, arguments: list[str], request: bytes, timeout: float) -> bytes:
    """What a module that ends in `answer` says to a request; ChildError if it does not."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        child = subprocess.run(command, input=request, capture_output=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise ChildError(f"did not finish within {timeout:g} s") from None
    if child.returncode < 0:
        raise ChildError(f"crashed ({signal.Signals(-child.returncode).name})")
    if child.returncode or not child.stdout:
        said = child.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise ChildError(f"failed: {said[-1]}")
    return child.stdout


def answer(make: Callable[[], bytes]) -> None:
    """Answer the request of a parent; what libraries print goes to standard error."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        answers.write(make())
