"""Builds are kept between test runs: the compiler's own library takes seconds for each target."""

from pathlib import Path

import pytest

from tinybench.storage.store import Store

from ..conftest import link_compiler


@pytest.fixture
def fresh_store(store: Store, tmp_path: Path) -> Store:
    """Empty, but for the compiler's own library."""
    folder = tmp_path / "store"
    folder.mkdir()
    link_compiler(store.root, folder)
    return Store(folder)
