"""Small tasks for the tests: the real code on little data."""

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tinybench.artifacts import Artifacts
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement.measure import Measurements
from tinybench.storage.cache_folder import cache_folder
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Recipe, Task
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
def warm_cache() -> Path:
    """The suite's own cache, for what takes seconds to make: one for all workers and runs.

    After `tox -e bench` the variants of our tasks are there, and few tests start TensorFlow.
    """
    folder = cache_folder(Path(__file__).parents[1])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def store(warm_cache: Path) -> Store:
    (warm_cache / "locks").mkdir(exist_ok=True)
    return Store(warm_cache)


@pytest.fixture(scope="session")
def converted(store: Store) -> list[Path]:
    """Files of the cache: sine-16x16 as float32 and as int8.

    Once a session: pytester forgets what a test imports, and TensorFlow cannot come again.
    """
    artifacts, task, names = Artifacts(store), TASKS.get("sine-16x16"), ("float32", "int8")
    for name in names:
        artifacts.artifact(task, VARIANTS.get(name))
    return [path for name in names for path in store.root.glob(f"sine-16x16-{name}-*.tflite")]


@pytest.fixture
def own_cache(converted: list[Path], warm_cache: Path, tmp_path: Path) -> Path:
    """A test's own cache: these variants and the compiler's libraries, and nothing measured."""
    folder = tmp_path / "own-cache"
    folder.mkdir()
    for path in converted:
        shutil.copy(path, folder)
    link_compiler(warm_cache, folder)
    return folder


def link_compiler(cache: Path, other: Path) -> None:
    """Let another cache have the compiler's libraries: they take seconds for each processor."""
    (cache / "zig").mkdir(parents=True, exist_ok=True)
    (other / "zig").symlink_to(cache / "zig", target_is_directory=True)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `tox -e docs` does: a link or an anchor that leads nowhere ends it."""
    folder, root = tmp_path_factory.mktemp("site"), Path(__file__).parents[1]
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir"]
    ended = subprocess.run([*build, str(folder)], cwd=root, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return folder
