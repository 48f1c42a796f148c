"""A benchmark that passes on its second try has passed: its document and what reads it."""

import json
from pathlib import Path

import pytest

from tinybench.cli import main

pytestmark = pytest.mark.slow

BENCHMARKS = """
from pathlib import Path
import pytest

VALUES = {"mse": 0.01, "tflite_bytes": 100, "flash_bytes": 10, "ram_bytes": 10, "instructions": 10}

def is_first(request):
    mark = Path(__file__).with_name(f"{request.node.name}.tried")
    tried = mark.exists()
    mark.touch()
    return not tried

@pytest.fixture
def in_setup(request):
    assert not request.node.name.startswith("test_setup") or not is_first(request)

@pytest.fixture
def in_teardown(request):
    yield
    assert not request.node.name.startswith("test_teardown") or not is_first(request)

@pytest.mark.flaky(reruns=2)
@pytest.mark.tinybench("variant", only=["sine-8"])
def test_call(tinybench, request):
    tinybench.record(**VALUES)
    assert not is_first(request)

@pytest.mark.tinybench("board", only=["sine-8"])
def test_call_on_board(tinybench, request):
    assert not is_first(request)
    tinybench.record(**VALUES)

@pytest.mark.tinybench("variant", only=["sine-16"])
def test_setup(in_setup, tinybench):
    tinybench.record(**VALUES)

@pytest.mark.tinybench("variant", only=["linear"])
def test_teardown(in_teardown, tinybench):
    tinybench.record(**VALUES)
"""
ONE = ("--tinybench-variant=float32,int8", "--tinybench-json=out.json", "-o", "reruns=1")


def test_passed_on_the_second_try(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    warm_cache: Path,
) -> None:
    """In any phase; what the first try recorded is not there twice, and `recommend` chooses."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly -p no:hypothesispytest")
    monkeypatch.setenv("TINYBENCH_CACHE", str(warm_cache))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(test_bench=BENCHMARKS)

    result = pytester.runpytest_inprocess("-q", *ONE)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["* 8 rerun*"])
    found = json.loads((pytester.path / "out.json").read_text("utf-8"))["results"]
    assert len(found) == 8
    for one in found:
        assert (one["outcome"], one["problems"], one["notes"]) == ("passed", [], [])
        assert len(one["metrics"]) == 5
    assert main(["recommend", "sine-8", "--document", str(pytester.path / "out.json")]) == 0
    assert "failed" not in capsys.readouterr().out
