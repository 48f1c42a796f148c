"""Timing two models against each other so that the difference can be believed.

Between processes the median time of identical code moves by a tenth and more, so times of two
runs decide nothing. Here one process times both, and what disturbs one disturbs the other:

- a sample is as many calls as fill 50 µs, short enough that few are interrupted;
- a block is four samples, A B B A and in every other block B A A B, and gives one ratio;
- a loading lets go of both models, loads both anew, warms them up, and times a few blocks, because
  where they lie in memory counts (Mytkowicz et al., Producing Wrong Data Without Doing Anything
  Obviously Wrong, 2009);
- a round is two loadings, one begun by A and one by B, and gives one ratio. Which is the first is
  drawn: an order that kept time with the memory allocator would give each model the same place
  again and again;
- there are rounds until the bootstrap interval of the median ratio is no wider than the noise
  threshold, or until the time is up. Only the width stops it, never the verdict: stopping as
  soon as a difference shows would find one where there is none.

One thread, input buffers set once a loading, garbage collector off. No sample is thrown away.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from tinybench.console.progress import Progress, silent
from tinybench.timing import latency, stats
from tinybench.timing.conditions import Watch
from tinybench.timing.outcome import PairedTiming, Rules

Call = Callable[[], object]
Loading = list[tuple[float, float, float, float]]
"""The times of each block: A, A, B, B."""

SAMPLE_SECONDS = 5e-5
LOADING_SECONDS = 5e-3
"""Both models are loaded anew after about this; a loading has between 2 and 16 blocks."""
WARMUP_BLOCKS = 2
MIN_ROUNDS = 16
"""Fewer ratios give no interval worth its name. Then the interval is looked at after every quarter
more."""
CALIBRATIONS = 5


class Side(Protocol):
    """One side of a paired timing."""

    @property
    def name(self) -> str: ...

    @property
    def sha256(self) -> str:
        """Of the file that is timed."""

    def load(self) -> tuple[Call, object]:
        """Load the model anew, at another address; one inference, and what to keep alive for it."""


def time_pair(
    a: Side,
    b: Side,
    rules: Rules | None = None,
    *,
    clock: Callable[[], float] = time.perf_counter,
    progress: Progress = silent,
) -> PairedTiming:
    """Time A and B until the ratio is known as exactly as `rules` ask for, or the time is up.

    The ratio is B's time divided by A's: above 1, B is slower. `clock` gives seconds.
    """
    rules = rules or Rules()
    watch, start, limit = Watch(), clock(), math.ceil(rules.seconds)
    rounds: list[list[Loading]] = []
    check = MIN_ROUNDS
    gc.collect()
    with latency.uncollected():
        iterations, blocks = _plan(a, b, clock)
        for order in _orders(rules.seed):
            loadings = {turn: _loading(a, b, turn, iterations, blocks, clock) for turn in order}
            rounds.append([loadings[0], loadings[1]])
            spent = clock() - start
            late = spent >= rules.seconds
            if late or len(rounds) == check:
                check += check // 4
                samples = np.array(rounds).reshape(len(rounds), 2, blocks, 2, 2)
                ratio = stats.ratio(samples, rules.confidence, rules.seed)
                progress(min(int(spent), limit), limit)
                if late or ratio.width <= rules.threshold * ratio.value:
                    break
    few = len(rounds) < MIN_ROUNDS
    progress(limit, limit)
    return PairedTiming(
        a=a.name,
        b=b.name,
        sha256=(a.sha256, b.sha256),
        rules=rules,
        ratio=ratio,
        verdict="undecided" if few else rules.judge(ratio),
        samples=samples,
        iterations=iterations,
        seconds=clock() - start,
        conditions=watch.conditions(max(stats.spread(samples[..., side, :]) for side in (0, 1))),
    )


def _loading(
    a: Side,
    b: Side,
    turn: int,
    iterations: int,
    blocks: int,
    clock: Callable[[], float],
) -> Loading:
    """Load both, and the times of each block as (A, A, B, B); `turn` says who comes first."""
    if turn:
        (call_b, _kept_b), (call_a, _kept_a) = b.load(), a.load()
    else:
        (call_a, _kept_a), (call_b, _kept_b) = a.load(), b.load()
    found = []
    for index in range(-WARMUP_BLOCKS, blocks):
        if (index + turn) % 2:
            b1, a1, a2, b2 = (
                _sample(call, iterations, clock) for call in (call_b, call_a, call_a, call_b)
            )
        else:
            a1, b1, b2, a2 = (
                _sample(call, iterations, clock) for call in (call_a, call_b, call_b, call_a)
            )
        if index >= 0:
            found.append((a1, a2, b1, b2))
    return found


def _sample(call: Call, iterations: int, clock: Callable[[], float]) -> float:
    repeat = range(iterations)
    start = clock()
    for _ in repeat:
        call()
    return clock() - start


def _orders(seed: int) -> Iterator[list[int]]:
    """Who begins the loadings of a round, 0 or 1, without end."""
    random = np.random.default_rng(seed)
    while True:
        yield random.permutation(2).tolist()


def _plan(a: Side, b: Side, clock: Callable[[], float]) -> tuple[int, int]:
    """Calls of a sample, the same for both, and blocks of a loading."""
    seconds = (_seconds_of(a, clock) + _seconds_of(b, clock)) / 2
    iterations = max(1, round(SAMPLE_SECONDS / seconds))
    blocks = int(LOADING_SECONDS / (4 * iterations * seconds))
    return iterations, min(16, max(2, blocks - blocks % 2))


def _seconds_of(side: Side, clock: Callable[[], float]) -> float:
    """The shortest time of a call: what interrupts it makes it longer, never shorter."""
    call, _kept = side.load()
    call()
    count = 1
    while True:
        least = min(_sample(call, count, clock) for _ in range(CALIBRATIONS))
        if least >= SAMPLE_SECONDS / 2:
            return least / count
        count *= 2
