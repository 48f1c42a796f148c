"""What the tests of generated code share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinybench.storage.store import Store


@pytest.fixture(scope="session")
def store(pytestconfig: pytest.Config) -> Store:
    """The boards' tests use it too: the compiler's own library takes seconds for each target."""
    assert pytestconfig.cache is not None
    return Store(Path(pytestconfig.cache.mkdir("tinybench-boards")))
