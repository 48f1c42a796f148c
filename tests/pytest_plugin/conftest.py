"""A user's project: one task and one benchmark of their own."""

from pathlib import Path

import pytest

# Tests in their own order, each once. Hypothesis takes longer to import than all the rest.
PLAIN = "-p no:randomly -p no:rerunfailures -p no:hypothesispytest"

CONFTEST = """
from functools import partial
from tinybench import TASKS, Recipe, Task
from tinybench.tasks.sine import dense_relu, noisy_sine

TASKS.add(
    Task(
        name="mine",
        summary="A user's own task",
        data=noisy_sine,
        build=partial(dense_relu, units=(4,)),
        recipe=Recipe(epochs=2, batch_size=64, fine_tune_epochs=1),
        bounds={"mse": 10.0},
    )
)
"""

BENCHMARK = """
import pytest
from tinybench import latency

@pytest.mark.tinybench("variant")
def test_variant(tinybench):
    tinybench.record(tinybench.measure())

@pytest.mark.timing
@pytest.mark.tinybench("runtime")
def test_latency(tinybench, benchmark):
    benchmark.pedantic(tinybench.call(), rounds=3, iterations=2)
    if not benchmark.disabled:
        tinybench.record(host_us=benchmark.stats.stats.median * 1e6)
    tinybench.annotate(benchmark)
"""


@pytest.fixture(autouse=True)
def plain_inner_runs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever plugins are installed here."""
    if "pytester" in request.fixturenames:
        # It takes the variable away when it starts.
        request.getfixturevalue("pytester")
        monkeypatch.setenv("PYTEST_ADDOPTS", PLAIN)


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, warm_cache: Path
) -> pytest.Pytester:
    """The project's files, in an empty folder."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(warm_cache))
    # Or pytest-benchmark takes the inner run for a worker of the outer one, and times nothing.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_bench=BENCHMARK)
    return pytester
