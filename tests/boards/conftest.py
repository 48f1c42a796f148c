"""Builds are kept between test runs: the compiler's own library takes seconds for each target."""

from pathlib import Path

import pytest

from tinybench.storage.store import Store


@pytest.fixture(scope="session")
def store(pytestconfig: pytest.Config) -> Store:
    assert pytestconfig.cache is not None
    return Store(Path(pytestconfig.cache.mkdir("tinybench-boards")))


@pytest.fixture
def fresh_store(store: Store, tmp_path: Path) -> Store:
    """Empty, but for the compiler's own library."""
    folder = tmp_path / "store"
    folder.mkdir()
    (store.root / "zig").mkdir(exist_ok=True)
    (folder / "zig").symlink_to(store.root.resolve() / "zig", target_is_directory=True)
    return Store(folder)
