"""The runtime and the board of docs/how-to/runtimes-and-boards.md get what ours have."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from ..components import needs
from ..pytest_plugin.conftest import PLAIN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "runtimes-and-boards.md").read_text("utf-8")
RUNTIME, BOARD, ADDED = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(ENTRY_POINTS,) = re.findall(r"```toml\n(\[project\..*?)```", PAGE, re.DOTALL)
MODELS = ROOT / "tests" / "tflite" / "models"
COMMAND = (sys.executable, "-c", "from tinybench.cli import main; raise SystemExit(main())")
WAYS = ("conftest", "entry points")
SELECTED = (
    *("--tinybench-task=sine-16x16", "--tinybench-variant=float32,int8"),
    *("--tinybench-runtime=numpy", "--tinybench-board=tiny-m0", "-p", "no:cacheprovider"),
)

pytestmark = [needs("cortex-m0plus", "tflm"), pytest.mark.slow]

BENCHMARKS = """
import pytest
from tinybench import latency

@pytest.mark.exact
@pytest.mark.tinybench("runtime")
def test_runtime(tinybench):
    tinybench.record(tinybench.measure())

@pytest.mark.exact
@pytest.mark.tinybench("board")
def test_board(tinybench):
    tinybench.record(tinybench.measure())

@pytest.mark.timing
@pytest.mark.tinybench("runtime")
def test_latency(tinybench, benchmark):
    benchmark.pedantic(tinybench.call(), rounds=3, iterations=2)
    tinybench.record(host_us=benchmark.stats.stats.median * 1e6)
    tinybench.annotate(benchmark)
"""


class Project:
    """A project with the benchmarks, and with both machines added in one of two ways."""

    def __init__(self, pytester: pytest.Pytester, way: str) -> None:
        self.pytester = pytester
        self.source = pytester.path / "conftest.py"
        if way == "entry points":
            self.source = pytester.path / "installed" / "mine.py"
            self._install()
        pytester.makepyfile(test_own=BENCHMARKS)
        self.write(RUNTIME + BOARD + (ADDED if way == "conftest" else ""))

    def _install(self) -> None:
        """As `pip install` leaves a distribution."""
        folder = self.source.parent / "mine-1.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
        groups = re.sub(r'project\.entry-points\."(.*)"', r"\1", ENTRY_POINTS).replace('"', "")
        (folder / "entry_points.txt").write_text(groups)

    def write(self, text: str) -> None:
        self.source.write_text(text, "utf-8")

    def edit(self, old: str, new: str) -> None:
        text = self.source.read_text("utf-8")
        assert old in text
        self.write(text.replace(old, new))

    def run(self, *arguments: str) -> pytest.RunResult:
        return self.pytester.runpytest_subprocess(
            *SELECTED, "--tinybench-json=out.json", *arguments
        )

    def command(self, *arguments: str) -> str:
        done = self.pytester.run(*COMMAND, *arguments)
        assert done.ret == 0, done.stderr.str()
        return done.stdout.str()

    def found(self, name: str = "out.json") -> dict[str, dict[str, Any]]:
        document = json.loads((self.pytester.path / name).read_text("utf-8"))
        return {each["id"]: each for each in document["results"]}


def project_of(
    way: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> Project:
    monkeypatch.setenv("TINYBENCH_CACHE", str(cache))
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "installed"))
    monkeypatch.setenv("PYTEST_ADDOPTS", PLAIN)
    # Or pytest-benchmark takes the inner run for a worker of the outer one, and times nothing.
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return Project(pytester, way)


@pytest.fixture
def project(
    request: pytest.FixtureRequest,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    own_cache: Path,
) -> Project:
    """Parametrized with the way; by entry points if a test says none."""
    return project_of(getattr(request, "param", WAYS[1]), pytester, monkeypatch, own_cache)


@pytest.mark.parametrize("project", WAYS, indirect=True)
def test_benchmarks(project: Project) -> None:
    """With the metrics that ours have, and the same numbers where they do the same."""
    result = project.run("--tinybench-runtime=tflm", "--tinybench-board=cortex-m0plus")

    result.assert_outcomes(passed=10)
    found = {name.removeprefix("sine-16x16-"): one for name, one in project.found().items()}
    ours, own = found["float32-tflm"]["metrics"], found["float32-numpy"]["metrics"]
    assert set(ours) - set(own) == {"arena_head_bytes", "arena_tail_bytes"}
    assert own["arena_bytes"] == 8 * (16 + 16)
    assert own["mse"] == pytest.approx(ours["mse"], rel=1e-5)
    assert own["host_us"] > 0
    assert "int8-numpy" not in found
    for variant in ("float32", "int8"):
        board, wrapped = (found[f"{variant}-{name}"] for name in ("cortex-m0plus", "tiny-m0"))
        assert wrapped["metrics"] == board["metrics"]
        assert wrapped["profile"] == board["profile"]
    assert found["int8-tiny-m0"]["metrics"]["tflm_mismatches"] == 0
    result.stdout.fnmatch_lines(["*variant*flash B*ram B*cycles*"])


@pytest.mark.parametrize("project", WAYS, indirect=True)
def test_answers_are_kept_until_it_is_repaired(project: Project, own_cache: Path) -> None:
    """Of a runtime and of a board, each by its own code."""

    def kept() -> list[int]:
        return [len([*own_cache.glob(f"sine-16x16-*-{name}-*")]) for name in ("numpy", "tiny-m0")]

    project.run("-m", "exact").assert_outcomes(passed=3)
    once = kept()
    project.run("-m", "exact").assert_outcomes(passed=3)
    assert kept() == once == [1, 2]

    project.edit("values @ weights.T + bias", "values @ weights.T - bias")
    faulty = project.run("-m", "exact")
    faulty.assert_outcomes(passed=2, failed=1)
    faulty.stdout.fnmatch_lines(
        ["*silently wrong on numpy: *% of the samples differ by more than *"]
    )

    project.edit("values @ weights.T - bias", "values @ weights.T + bias")
    project.run("-m", "exact").assert_outcomes(passed=3)
    # They are in one file, so an edit of one is an edit of the other.
    assert kept() == [2, 4]


@pytest.mark.parametrize("project", WAYS, indirect=True)
def test_comparison_and_gates(project: Project) -> None:
    """What got worse on it fails the run."""
    gates = ("--tinybench-baseline=base.json", "--tinybench-fail-on=arena_bytes:0,instructions:0")
    project.run("-m", "exact", "--tinybench-json=base.json").assert_outcomes(passed=3)
    project.run("-m", "exact", *gates).assert_outcomes(passed=3)

    project.edit("total=8 *", "total=16 *")
    project.edit('BOARDS.get("cortex-m0plus")', 'BOARDS.get("cortex-m3")')
    result = project.run("-m", "exact", *gates)

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*regressed*sine-16x16-float32-numpy*arena_bytes*256*512*"])


@pytest.mark.parametrize("project", WAYS, indirect=True)
def test_too_large(project: Project) -> None:
    """What the board itself says fails the test, in its words."""
    project.edit("4 * 1024", "2048")

    result = project.run("-m", "exact", "-k", "test_board and int8")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["tiny-m0: 36 bytes of RAM are too many [[]board-failed]"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_list(project: Project) -> None:
    assert re.search(
        r"numpy +Dense layers of floats in NumPy +available", project.command("list", "runtimes")
    )
    assert re.search(
        r"tiny-m0 +Cortex-M0\+ .* +32 KiB +4 KiB +available", project.command("list", "boards")
    )


def test_run(project: Project, own_cache: Path) -> None:
    """The command runs any model on both, compares them, and says what one cannot run."""
    model, cache = str(MODELS / "dense-float32.tflite"), f"--cache={own_cache}"

    on_runtime = json.loads(project.command("run", model, "--on=numpy", "--json", cache))
    on_board = json.loads(project.command("run", model, "--on=tiny-m0", "--json", cache))

    assert (on_runtime["runtime"], on_runtime["board"]) == ("numpy", None)
    assert on_runtime["arena_bytes"] == 256
    assert (on_board["runtime"], on_board["board"]) == (None, "tiny-m0")
    assert all(on_board[name] for name in ("instructions", "reads", "flash_bytes", "profile"))
    refused = project.pytester.run(
        *COMMAND, "run", str(MODELS / "conv-float32.tflite"), "--on=numpy", cache
    )
    assert refused.ret == 2
    refused.stderr.fnmatch_lines(["*numpy: has no *"])


def test_compared_with_ours(project: Project, own_cache: Path) -> None:
    model, cache = str(MODELS / "dense-int8.tflite"), f"--cache={own_cache}"

    found = project.command("run", model, "--on=tiny-m0", "--against=tflm", "--json", cache)

    assert json.loads(found)["against"]["equal"]
