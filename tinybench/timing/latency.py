"""How a call is timed on this computer: warm, one thread, fixed rounds."""

from __future__ import annotations

import contextlib
import functools
import gc
import math
import statistics
import time
from collections.abc import Callable, Iterator

ROUNDS = 50
WARMUP_ROUNDS = 5
ROUND_SECONDS = 5e-4
"""A round is as many calls as fill about this, so that the clock's own cost vanishes."""


def iterations_per_round(call: Callable[[], object]) -> int:
    """How many calls fill a round, found by doubling."""
    count = 1
    while True:
        start = time.perf_counter()
        for _ in range(count):
            call()
        spent = time.perf_counter() - start
        if spent >= ROUND_SECONDS / 2:
            return max(1, math.ceil(count * ROUND_SECONDS / spent))
        count *= 2


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Switch the garbage collector off: it would run within somebody's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def median_us(call: Callable[[], object]) -> float:
    """Median time of a call in µs, without the garbage collector."""
    iterations, samples = iterations_per_round(call), []
    with uncollected():
        for _ in range(WARMUP_ROUNDS + ROUNDS):
            start = time.perf_counter()
            for _ in range(iterations):
                call()
            samples.append((time.perf_counter() - start) / iterations)
    return statistics.median(samples[WARMUP_ROUNDS:]) * 1e6


@functools.cache
def noop_us() -> float:
    """Median cost in µs of a Python call that does nothing, timed as an inference is."""
    return median_us(lambda: None)
