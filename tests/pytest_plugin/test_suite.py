"""The suite itself, below `bench/`: any part of it compares with its baseline as the whole does.

The baseline is the published one. The benchmarks are real; what they make is cached between runs.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "results" / "baseline.json"
GATES = "--tinybench-fail-on=mse:2%,tflite_bytes:0"
EXACT = ("-m", "exact", "--benchmark-disable")
ONE = ("--tinybench-task=sine-16x16", "--tinybench-variant=int8")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, warm_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the suite in a process of its own, with a document and a storage of its own."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(warm_cache))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-q"]
        command += ["-o", f"cache_dir={tmp_path / 'pytest'}", f"--tinybench-json={tmp_path}/x.json"]
        command += [f"--benchmark-storage={tmp_path / 'benchmarks'}", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)

    return run


def against(path: Path) -> tuple[str, str]:
    return f"--tinybench-baseline={path}", GATES


def passed(result: subprocess.CompletedProcess[str]) -> bool:
    """Whether a run ended well, compared something, and missed nothing."""
    said = result.stdout + result.stderr
    assert "INTERNALERROR" not in said, said
    assert "Traceback" not in said, said
    assert " missing" not in said, said
    assert re.search(r"no change.* \(values\)", said), said
    return result.returncode == 0


SELECTIONS: dict[str, Sequence[str]] = {
    "task": ("bench", *EXACT, "--tinybench-task=sine-16x16"),
    "task and variant": ("bench", *EXACT, *ONE),
    "variant and keyword": ("bench", *EXACT, *ONE, "-k", "int8 and sine"),
    "keyword of tests and tasks": ("bench", *EXACT, "-k", "int8 and sine-16x16-kink"),
    "one stage": ("bench", "--benchmark-disable", *ONE, "-m", "not timing"),
    "one file": ("bench/test_variants.py", *ONE),
    "one function": ("bench/test_variants.py::test_variant", *ONE),
    "one node": ("bench/test_variants.py::test_variant[sine-16x16-int8]",),
    "workers": ("bench", *EXACT, *ONE, "-n", "2"),
    "deselected": (
        "bench",
        *EXACT,
        *ONE,
        "--deselect=bench/test_variants.py::test_runtime[sine-16x16-int8-tflm]",
    ),
    "last failed": ("bench", *EXACT, *ONE, "--lf"),
    "failed first": ("bench", *EXACT, *ONE, "--ff"),
    "stepwise": ("bench", *EXACT, *ONE, "--sw"),
    "board": ("bench/test_board.py", *ONE, "--tinybench-board=cortex-m4"),
    "runtime": ("bench/test_variants.py", *ONE, "--tinybench-runtime=tflm"),
}


@pytest.mark.parametrize("selection", SELECTIONS.values(), ids=SELECTIONS)
def test_part_of_the_suite(run: Run, selection: Sequence[str]) -> None:
    """Nothing that was left out is missing, and what was measured is compared."""
    at_places = any(part.startswith(("--tinybench-board", "--tinybench-run")) for part in selection)
    gates = "--tinybench-fail-on=mse:2%" if at_places else GATES

    assert passed(run(*selection, f"--tinybench-baseline={PUBLISHED}", gates))


@pytest.mark.parametrize("plugin", ["randomly", "rerunfailures"])
def test_other_plugins(run: Run, plugin: str) -> None:
    """Tests in another order, and tests that may run again."""
    more = ("-p", "randomly") if plugin == "randomly" else ("--reruns=1",)

    assert passed(run("bench", *EXACT, *ONE, *more, *against(PUBLISHED)))


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "xdist"])
def test_regression_in_a_part(run: Run, tmp_path: Path, workers: tuple[str, ...]) -> None:
    """What got worse is red, whatever part of the suite measures it."""
    edited = edit(tmp_path, "sine-16x16-int8", lambda metrics: metrics.update(tflite_bytes=3000))

    result = run("bench", *EXACT, *ONE, *workers, *against(edited))

    assert result.returncode == 1
    assert "sine-16x16-int8: tflite_bytes regressed from 3000 B to 3112 B" in result.stdout


def test_missing_metric_in_a_part(run: Run, tmp_path: Path) -> None:
    """A selected test that no longer measures what it did is red."""
    edited = edit(tmp_path, "sine-16x16-int8", lambda metrics: metrics.update(auc=1))

    result = run(
        "bench",
        *EXACT,
        *ONE,
        f"--tinybench-baseline={edited}",
        "--tinybench-fail-on=tflite_bytes:0,auc:0",
    )

    assert result.returncode == 1
    assert "sine-16x16-int8: auc is missing; the baseline has 1" in result.stdout


def test_time_between_runs(run: Run) -> None:
    """pytest-benchmark stores a run; a later one of one task is compared with it."""
    part = ("bench", "-m", "timing", "--tinybench-runtime=litert")
    assert run(*part, *ONE, "--benchmark-autosave").returncode == 0

    assert passed(run(*part, *ONE, "--benchmark-compare", GATES))


def test_another_board_alone(run: Run) -> None:
    """The table has that board's columns."""
    result = run("bench/test_board.py", *ONE, "--tinybench-board=cortex-m0plus")

    assert result.returncode == 0
    line = next(one for one in result.stdout.splitlines() if one.strip().startswith("variant"))
    costs = ["flash", "B", "ram", "B", "cycles"]
    assert line.split() == ["variant", *costs, "mse", "cortex-m0plus"]
    assert "flash, ram and cycles are those of cortex-m0plus" in result.stdout
    assert "not validated" in result.stdout


def edit(folder: Path, name: str, change: Callable[[dict[str, Any]], None]) -> Path:
    """The published baseline with the metrics of one result changed."""
    document = json.loads(PUBLISHED.read_text("utf-8"))
    change(next(one for one in document["results"] if one["id"] == name)["metrics"])
    path = folder / "baseline.json"
    path.write_text(json.dumps(document), "utf-8")
    return path
