"""Gates against runs that pytest-benchmark stored: what its own gate lets through."""

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SELECTED = ("--tinybench-task=mine", "--tinybench-variant=float32,int8", "-p", "no:cacheprovider")
LATENCY = (*SELECTED, "-k", "latency and litert and not ref")
GATED = ("--benchmark-compare", "--tinybench-fail-on=mse:2%,tflite_bytes:0")


def stored(project: pytest.Pytester) -> list[Path]:
    return sorted(project.path.glob(".benchmarks/*/*.json"))


def improve(path: Path) -> None:
    """Make a stored run better than the code is: the next run is then worse."""
    value = json.loads(path.read_text("utf-8"))
    for benchmark in value["benchmarks"]:
        for one in benchmark["extra_info"]["tinybench"]["results"]:
            if one["id"] == "mine-int8":
                one["metrics"]["mse"] /= 2
    path.write_text(json.dumps(value), "utf-8")


def failed(path: Path) -> list[dict[str, Any]]:
    value: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["tinybench"]["failed"]
    return value


def test_stored_runs(project: pytest.Pytester) -> None:
    """Compared with the newest run that passed; a failing run is stored and never compared with."""
    run = project.runpytest_subprocess
    assert run(*LATENCY, "--benchmark-autosave").ret == 0
    assert run(*LATENCY, *GATED, "--benchmark-autosave").ret == 0
    improve(stored(project)[-1])

    for _ in range(2):
        result = run(*LATENCY, *GATED, "--benchmark-autosave")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(
            [
                "*tinybench compared with *0002_*",
                "FAILED *test_latency?mine-int8-litert? - Failed: mine-int8: mse*",
            ]
        )

    paths = stored(project)
    assert [bool(failed(path)) for path in paths] == [False, False, True, True]
    for mode in (["-n", "2"], ["--benchmark-disable"]):
        assert run(*LATENCY, *GATED, *mode).ret == pytest.ExitCode.TESTS_FAILED
    named = run(*LATENCY, "--benchmark-compare=0003", GATED[1])
    assert named.ret == pytest.ExitCode.USAGE_ERROR
    named.stderr.fnmatch_lines(["ERROR: *0003_*.json is of a run that failed (mine-int8-litert)*"])


def test_variant_tests_report_what_they_are_about(project: pytest.Pytester) -> None:
    """With both tests selected, the test of the variant fails and the timing of it does not."""
    run = project.runpytest_subprocess
    selected = (*SELECTED, "-k", "test_variant or (latency and litert and not ref)")
    assert run(*selected, "--benchmark-autosave").ret == 0
    improve(stored(project)[-1])

    result = run(*selected, *GATED)

    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["FAILED *test_variant?mine-int8? - Failed: mine-int8: mse*"])
