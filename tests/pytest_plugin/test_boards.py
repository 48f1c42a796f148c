"""Boards through the plugin: `bench/test_board.py` in a project of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tinybench.boards import DEFAULT_BOARD

from ..components import needs

pytestmark = pytest.mark.slow

BENCH = Path(__file__).parents[2] / "bench" / "test_board.py"


@pytest.fixture
def benchmark_of_boards(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, warm_cache: Path
) -> pytest.Pytester:
    """A project with that benchmark, and a cache that stays: builds take seconds."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(warm_cache))
    pytester.makepyfile(test_board=BENCH.read_text("utf-8"))
    return pytester


def run(project: pytest.Pytester, *arguments: str, task: str = "sine-16x16") -> pytest.RunResult:
    return project.runpytest_subprocess(
        f"--tinybench-task={task}", "--tinybench-json=out.json", "-rs", *arguments
    )


@needs(DEFAULT_BOARD, "tflm")
def test_measured_and_refused(benchmark_of_boards: pytest.Pytester) -> None:
    """A variant is counted and profiled; one without C code is labelled with the reason."""
    result = run(benchmark_of_boards, "--tinybench-variant=int8,float16")

    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*float16 constants do not run on a device*"])
    document = json.loads((benchmark_of_boards.path / "out.json").read_text("utf-8"))
    found: dict[str, Any] = {each["id"]: each for each in document["results"]}
    int8, float16 = (found[f"sine-16x16-{name}-cortex-m4"] for name in ("int8", "float16"))
    assert int8["metrics"]["tflm_mismatches"] == 0
    assert [entry["operator"] for entry in int8["profile"]] == ["FULLY_CONNECTED"] * 3
    assert float16["outcome"] == "skipped"
    assert float16["metrics"] == {}
    assert float16["notes"][0]["kind"] == "host-only"
    assert document["environment"]["toolchain"]["compiler"].startswith("zig cc ")
    result.stdout.fnmatch_lines(["*variant*flash B*ram B*cycles*"])


ROOMY = """
from pathlib import Path
import numpy as np
from tinybench import TASKS, Task

x = np.zeros((8, 49, 40, 1), np.float32)
TASKS.add(Task.of({path!r}, (x, np.arange(8) % 2), name="words"))
"""
DSCNN = BENCH.parents[1] / "results" / "models" / "keyword-dscnn-float32.tflite"


@needs(DEFAULT_BOARD)
def test_what_does_not_fit_is_a_row(benchmark_of_boards: pytest.Pytester) -> None:
    """With the reason, printed once; where it fitted in the baseline, it is missing."""
    project = benchmark_of_boards
    project.makeconftest(ROOMY.format(path=str(DSCNN)))
    on_small = "--tinybench-board=cortex-m0plus"
    result = run(project, on_small, task="words")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        ["  file * not available on cortex-m0plus", "*arena of * does not fit its 32,768 *"]
    )
    path = project.path / "out.json"
    document = json.loads(path.read_text("utf-8"))
    (found,) = document["results"]
    assert found["outcome"] == "skipped"
    (note,) = found["notes"]
    assert note["kind"] == "not-available"
    assert note["reason"].startswith("arena of ")

    found["metrics"] = {"instructions": 1}
    document["tests"] = {test: ["instructions"] for test in found["tests"]}
    (project.path / "fitted.json").write_text(json.dumps(document), "utf-8")
    gated = run(project, on_small, "--tinybench-baseline=fitted.json", task="words")
    assert gated.ret == 1
    gated.stdout.fnmatch_lines(["*words-file-cortex-m0plus: missing (*does not fit its 32,768 *"])


WITHOUT_TOOLS = """
import sys

sys.modules |= dict.fromkeys(("ziglang", "elftools", "unicorn"))
"""


def test_skipped_with_the_reason_where_the_tools_are_missing(
    benchmark_of_boards: pytest.Pytester,
) -> None:
    """Nothing is trained or converted for it."""
    benchmark_of_boards.makeconftest(WITHOUT_TOOLS)

    result = run(benchmark_of_boards, "--tinybench-variant=int8")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs ziglang, pyelftools, unicorn: pip install *"])
