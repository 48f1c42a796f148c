"""How long does one inference take on this computer? No predictor of a board's time."""

from typing import TYPE_CHECKING

import pytest

from tinybench import Benchmark, latency

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


@pytest.mark.timing
@pytest.mark.tinybench("runtime")
def test_latency(tinybench: Benchmark, benchmark: "BenchmarkFixture") -> None:
    """Time one warm inference; beside it, the cost of a Python call that does nothing.

    With `--tinybench-time-against-baseline`, also time it against the stored model: only that can
    fail.
    """
    call = tinybench.call()

    iterations = latency.iterations_per_round(call)
    with latency.uncollected():
        benchmark.pedantic(
            call,
            rounds=latency.ROUNDS,
            iterations=iterations,
            warmup_rounds=latency.WARMUP_ROUNDS,
        )

    # Not there if it was not timed, nor where the fixture is pytest-codspeed's.
    if stats := getattr(benchmark, "stats", None):
        tinybench.record(host_us=stats.stats.median * 1e6, noop_us=latency.noop_us())
    tinybench.annotate(benchmark)
    tinybench.time_against_baseline()
