"""Does the generated C give TFLM's bytes on a board, and what does it cost there?"""

import pytest

from tinybench import Benchmark

pytestmark = pytest.mark.exact


@pytest.mark.tinybench("board")
def test_board(tinybench: Benchmark) -> None:
    """The test split, run on the board, answers as TFLM does; one inference is counted."""
    tinybench.record(tinybench.measure())
