"""The metric and the head of docs/how-to/own-metric.md, added as it says."""

import json
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "own-metric.md"
SUITE = """
import pytest

@pytest.mark.tinybench("variant")
def test_variant(tinybench):
    tinybench.record(tinybench.measure())
"""


def test_a_metric_of_your_own(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in the table and in the document; the head is told there, too."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(pytester.path / "cache"))
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    pytester.makeconftest("\n".join(blocks))
    pytester.makepyfile(SUITE)

    result = pytester.runpytest_subprocess(
        "--tinybench-task=corners", "--tinybench-variant=int8", "--tinybench-json=out.json"
    )

    result.assert_outcomes(passed=1)
    result.stdout.re_match_lines([r" +variant +accuracy +top2 +worst recall", r" +int8 +\d"])
    found = json.loads((pytester.path / "out.json").read_text("utf-8"))
    assert found["tasks"]["corners"]["heads"] == {"output": "classes"}
    assert found["results"][0]["metrics"]["top2"] > 0.9


def test_one_task_that_cannot_be_trained_loses_no_other(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A loss of NaN fails that task's tests; the other's results are written."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(pytester.path / "cache"))
    block = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    broken = "BROKEN = Recipe(epochs=1, batch_size=32, loss=lambda truth, found: found * np.nan)"
    task = 'TASKS.add(Task("broken", "NaN", data, build, BROKEN))'
    pytester.makeconftest("\n".join([block, broken, task]))
    pytester.makepyfile(SUITE)

    result = pytester.runpytest_subprocess(
        "--tinybench-task=broken,corners", "--tinybench-variant=int8", "--tinybench-json=out.json"
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*task 'broken', stage float32, seed 1: the loss became NaN*"])
    found = json.loads((pytester.path / "out.json").read_text("utf-8"))["results"]
    assert {one["task"]: one["outcome"] for one in found} == {
        "broken": "failed",
        "corners": "passed",
    }
