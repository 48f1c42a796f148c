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


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_subprocess(
        "--tinybench-task=sine-16x16", "--tinybench-json=out.json", "-rs", *arguments
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
    result.stdout.fnmatch_lines(["*variant*flash B*ram B*instr*"])


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
