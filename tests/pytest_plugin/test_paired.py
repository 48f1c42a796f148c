"""`--tinybench-time-against-baseline` in a user's project. Nothing is timed: each ends as told."""

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

OLD = Path(__file__).parents[1] / "tflite" / "models" / "dense-int8.tflite"
SELECTED = (
    "--tinybench-task=mine",
    "--tinybench-variant=int8",
    "--tinybench-runtime=litert,tflm",
    "--tinybench-json=out.json",
    "-p",
    "no:cacheprovider",
)

TIMINGS = """
import pytest

@pytest.mark.tinybench("runtime")
def test_timing(tinybench):
    found = tinybench.time_against_baseline()
    print("returned", found and found.verdict)
"""

FIXED = """
import numpy as np
from tinybench.pytest_plugin import paired
from tinybench.timing.conditions import Conditions
from tinybench.timing.outcome import PairedTiming
from tinybench.timing.stats import Interval

def time_pair(a, b, rules):
    for side in (a, b):
        call, kept = side.load()
        call()
    low, value, high = RATIO
    samples = np.full((24, 2, 2, 2, 2), 5e-5)
    samples[..., 1, :] *= value
    samples[0, 0, 0, 0, 0] = 1.0
    ratio = Interval(low, value, high)
    return PairedTiming(
        a=a.name, b=b.name, sha256=(a.sha256, b.sha256), rules=rules, ratio=ratio,
        verdict=rules.judge(ratio), samples=samples, iterations=50, seconds=1.0,
        conditions=Conditions(2, 9.0, (), 1.0, 0.0, 0.0),
    )

paired.time_pair = time_pair
"""


@pytest.fixture
def timings(project: pytest.Pytester) -> pytest.Pytester:
    """A project whose stored int8 model is another one than it makes now."""
    (project.path / "test_bench.py").unlink()
    project.makepyfile(test_it=TIMINGS)
    folder = project.path / "results" / "models"
    folder.mkdir(parents=True)
    (folder / "mine-int8.tflite").write_bytes(OLD.read_bytes())
    return project


def run(project: pytest.Pytester, *more: str, ratio: str = "(1, 1, 1)") -> pytest.RunResult:
    conftest = project.path / "conftest.py"
    text = conftest.read_text("utf-8").split("\nRATIO = ")[0]
    conftest.write_text(f"{text}\nRATIO = {ratio}\n{FIXED}", "utf-8")
    return project.runpytest_subprocess(*SELECTED, *more)


def metrics(project: pytest.Pytester) -> dict[str, dict[str, float]]:
    results = json.loads((project.path / "out.json").read_text("utf-8"))["results"]
    return {each["id"]: each["metrics"] for each in results}


def test_regression_fails(timings: pytest.Pytester) -> None:
    """One readable line in the failure, the short summary and junit XML; exit status 1."""
    result = run(
        timings,
        "--tinybench-time-against-baseline",
        "--junitxml=junit.xml",
        "-ra",
        ratio="(1.04, 1.05, 1.06)",
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=2)
    line = (
        "mine-int8-tflm: regressed: +5.00 % time, 99 % interval +4.00 to +6.00 %; "
        "noise threshold ±2 %; 1 µs stored, now 1.05 µs"
    )
    result.stdout.fnmatch_lines([line, "FAILED *test_timing?mine-int8-tflm? - *mine-int8-tflm: *"])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert line in (timings.path / "junit.xml").read_text("utf-8")


def test_timing_is_recorded(timings: pytest.Pytester) -> None:
    """Ratio, interval, rounds and outliers go into the document, of a failed paired timing too."""
    run(timings, "--tinybench-time-against-baseline", ratio="(1.04, 1.05, 1.06)")

    assert metrics(timings)["mine-int8-tflm"] == {
        "time_ratio": 1.05,
        "time_ratio_low": 1.04,
        "time_ratio_high": 1.06,
        "time_rounds": 24,
        "time_outliers": 1,
    }


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [
        ("(0.8, 0.9, 0.95)", "improved"),
        ("(0.99, 1.0, 1.01)", "no change"),
        ("(1.001, 1.01, 1.015)", "within noise"),
        ("(1.01, 1.03, 1.05)", "undecided"),
    ],
)
def test_all_else_passes(timings: pytest.Pytester, ratio: str, verdict: str) -> None:
    """And is shown, with advice and the place of the raw samples."""
    result = run(timings, "--tinybench-time-against-baseline", "-rP", ratio=ratio)

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            f"returned {verdict}",
            "*= tinybench timings =*",
            f"mine-int8-litert: {verdict}: *24 rounds of 2 × 2 ABBA *1 outliers of 384 samples",
            "note: load: 9.0 processes wanted the 2 cores *",
            "samples: *timings",
        ]
    )
    folder = Path(next(line for line in result.outlines if "samples: " in line).split(": ")[1])
    assert list(folder.glob("mine-int8-litert-*.npz"))


def test_threshold(timings: pytest.Pytester) -> None:
    result = run(
        timings,
        "--tinybench-time-against-baseline",
        "--tinybench-time-threshold=10%",
        ratio="(1.04, 1.05, 1.06)",
    )

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*within noise*noise threshold ±10 %*"])


def test_same_file_is_not_timed(timings: pytest.Pytester, warm_cache: Path) -> None:
    """Equal bytes take equal time: a paired timing could only be wrong."""
    run(timings, "--tinybench-time-against-baseline")
    results = json.loads((timings.path / "out.json").read_text("utf-8"))["results"]
    (made,) = warm_cache.glob(f"mine-int8-*-{results[0]['sha256'][:16]}.tflite")
    (timings.path / "results" / "models" / "mine-int8.tflite").write_bytes(made.read_bytes())

    result = run(timings, "--tinybench-time-against-baseline", "-rP", ratio="(2, 2, 2)")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["returned None", "mine-int8-tflm: no change: the stored model is the same file"]
    )


def test_without_the_option(timings: pytest.Pytester) -> None:
    result = run(timings, "-rP", ratio="(2, 2, 2)")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["returned None"])
    result.stdout.no_fnmatch_line("*tinybench timings*")


def test_nothing_to_judge(timings: pytest.Pytester) -> None:
    """A run that asked to be timed against and had none did not pass: exit status 4, and why."""
    (timings.path / "results" / "models" / "mine-int8.tflite").unlink()

    result = run(timings, "--tinybench-time-against-baseline")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        [
            "mine-int8-tflm: new: no stored model *mine-int8.tflite: No such file*accept*",
            "ERROR: nothing was timed: *",
        ]
    )


def test_no_test_asks_for_a_timing(timings: pytest.Pytester) -> None:
    assert (
        run(timings, "--tinybench-time-against-baseline", "-k", "nothing").ret
        == pytest.ExitCode.USAGE_ERROR
    )


def test_new_variant_passes(timings: pytest.Pytester) -> None:
    """What has no stored model yet is shown as new beside the timings that took place."""
    result = run(timings, "--tinybench-time-against-baseline", "--tinybench-variant=float32")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["mine-float32-tflm: new: no stored model *"])


def test_refused_under_xdist(timings: pytest.Pytester) -> None:
    """Other workers would be timed with the timings."""
    result = run(timings, "--tinybench-time-against-baseline", "-n", "2")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*--tinybench-time-against-baseline times alone on the machine: leave out -n*"]
    )


def test_unusable_threshold(timings: pytest.Pytester) -> None:
    result = run(timings, "--tinybench-time-threshold=0")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'0' is not a percentage between 0 and 100*"])
