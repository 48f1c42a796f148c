"""Is every variant what its name says, and how good, how large and how much work is it?"""

import pytest

from tinybench import Benchmark

pytestmark = pytest.mark.exact


@pytest.mark.tinybench("variant")
def test_variant(tinybench: Benchmark) -> None:
    """The file is what its name says, and the float model meets the task's bounds."""
    tinybench.record(tinybench.measure())


@pytest.mark.tinybench("runtime")
def test_runtime(tinybench: Benchmark) -> None:
    """A runtime that takes the file gives the values that LiteRT gives, but for rounding."""
    tinybench.record(tinybench.measure())
