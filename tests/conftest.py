"""Small tasks for the tests: the real code on little data."""

from functools import partial
from pathlib import Path

import pytest

from tinybench.artifacts import Artifacts
from tinybench.measurement.measure import Measurements
from tinybench.storage.store import Store
from tinybench.tasks import Recipe, Task
from tinybench.tasks.sine import dense_relu, kink_biases, noisy_sine

from .components import require


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        require(*mark.args)


@pytest.fixture
def small() -> Task:
    """The sine with 8 and 4 units and three epochs, with no committed checkpoint."""
    return Task(
        name="small",
        summary="A quick sine",
        data=noisy_sine,
        build=partial(dense_relu, units=(8, 4)),
        recipe=Recipe(epochs=3, batch_size=64, fine_tune_epochs=2),
        bounds={},
        initialize=kink_biases,
    )


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    return Artifacts(Store(tmp_path / "cache"))


@pytest.fixture
def bench(artifacts: Artifacts) -> Measurements:
    return Measurements(artifacts)


@pytest.fixture(scope="session")
def warm_cache(pytestconfig: pytest.Config) -> Path:
    """A cache that stays between runs, for what takes seconds to make: conversions and builds."""
    assert pytestconfig.cache is not None
    return Path(pytestconfig.cache.mkdir("tinybench-boards"))
