"""`--tinybench-duel` in somebody's project. Duels end as they are told to: nothing is timed."""

import json
from pathlib import Path

import pytest

OLD = Path(__file__).parents[1] / "unit" / "tflite" / "models" / "dense-int8.tflite"
SELECTED = (
    "--tinybench-task=mine",
    "--tinybench-variant=int8",
    "--tinybench-runtime=litert,tflm",
    "--tinybench-json=out.json",
    "-p",
    "no:cacheprovider",
)

DUELS = """
import pytest

@pytest.mark.tinybench("runtime")
def test_duel(tinybench):
    found = tinybench.duel()
    print("returned", found and found.verdict)
"""

FIXED = """
import numpy as np
from tinybench import referee
from tinybench.conditions import Conditions
from tinybench.outcome import Duel
from tinybench.stats import Interval

def fight(a, b, rules):
    for side in (a, b):
        call, kept = side.load()
        call()
    low, value, high = RATIO
    samples = np.full((24, 2, 2, 2, 2), 5e-5)
    samples[..., 1, :] *= value
    samples[0, 0, 0, 0, 0] = 1.0
    ratio = Interval(low, value, high)
    return Duel(
        a=a.name, b=b.name, sha256=(a.sha256, b.sha256), rules=rules, ratio=ratio,
        verdict=rules.judge(ratio), samples=samples, iterations=50, seconds=1.0,
        conditions=Conditions(2, 9.0, (), 1.0, 0.0, 0.0),
    )

referee.fight = fight
"""


@pytest.fixture
def duels(project: pytest.Pytester) -> pytest.Pytester:
    """A project whose stored int8 model is another one than it makes now."""
    (project.path / "test_bench.py").unlink()
    project.makepyfile(test_duels=DUELS)
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


def test_regression_fails(duels: pytest.Pytester) -> None:
    """One readable line in the failure, the short summary and junit XML; exit status 1."""
    result = run(
        duels, "--tinybench-duel", "--junitxml=junit.xml", "-ra", ratio="(1.04, 1.05, 1.06)"
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=2)
    line = (
        "mine-int8-tflm: regressed: +5.00 % time, 99 % interval +4.00 to +6.00 %; "
        "noise threshold ±2 %; 1 µs stored, now 1.05 µs"
    )
    result.stdout.fnmatch_lines([line, "FAILED *test_duel?mine-int8-tflm? - *mine-int8-tflm: *"])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert line in (duels.path / "junit.xml").read_text("utf-8")


def test_duel_is_recorded(duels: pytest.Pytester) -> None:
    """Ratio, interval, rounds and outliers go into the document, of a failed duel too."""
    run(duels, "--tinybench-duel", ratio="(1.04, 1.05, 1.06)")

    assert metrics(duels)["mine-int8-tflm"] == {
        "duel_ratio": 1.05,
        "duel_ratio_low": 1.04,
        "duel_ratio_high": 1.06,
        "duel_rounds": 24,
        "duel_outliers": 1,
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
def test_all_else_passes(duels: pytest.Pytester, ratio: str, verdict: str) -> None:
    """And is shown, with advice and the place of the raw samples."""
    result = run(duels, "--tinybench-duel", "-rP", ratio=ratio)

    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            f"returned {verdict}",
            "*= tinybench duels =*",
            f"mine-int8-litert: {verdict}: *24 rounds of 2 × 2 ABBA *1 outliers of 384 samples",
            "note: load: 9.0 processes wanted the 2 cores *",
            "samples: *duels",
        ]
    )
    folder = Path(next(line for line in result.outlines if "samples: " in line).split(": ")[1])
    assert list(folder.glob("mine-int8-litert-*.npz"))


def test_threshold(duels: pytest.Pytester) -> None:
    result = run(
        duels,
        "--tinybench-duel",
        "--tinybench-duel-threshold=10%",
        ratio="(1.04, 1.05, 1.06)",
    )

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*within noise*noise threshold ±10 %*"])


def test_same_file_is_not_timed(duels: pytest.Pytester) -> None:
    """Equal bytes take equal time: a duel could only be wrong."""
    run(duels, "--tinybench-duel")
    cache = next(duels.path.parent.parent.rglob("mine-int8-*.tflite"), None)
    assert cache is not None
    (duels.path / "results" / "models" / "mine-int8.tflite").write_bytes(cache.read_bytes())

    result = run(duels, "--tinybench-duel", "-rP", ratio="(2, 2, 2)")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(
        ["returned None", "mine-int8-tflm: no change: the stored model is the same file"]
    )


def test_without_the_option(duels: pytest.Pytester) -> None:
    result = run(duels, "-rP", ratio="(2, 2, 2)")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["returned None"])
    result.stdout.no_fnmatch_line("*tinybench duels*")


def test_nothing_to_judge(duels: pytest.Pytester) -> None:
    """A run that asked for duels and had none did not pass: exit status 4, and why."""
    (duels.path / "results" / "models" / "mine-int8.tflite").unlink()

    result = run(duels, "--tinybench-duel")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        [
            "mine-int8-tflm: new: no stored model *mine-int8.tflite: No such file*accept*",
            "ERROR: no duel took place: *",
        ]
    )


def test_no_test_asks_for_a_duel(duels: pytest.Pytester) -> None:
    assert run(duels, "--tinybench-duel", "-k", "nothing").ret == pytest.ExitCode.USAGE_ERROR


def test_new_variant_passes(duels: pytest.Pytester) -> None:
    """What has no stored model yet is shown as new beside the duels that took place."""
    result = run(duels, "--tinybench-duel", "--tinybench-variant=int8-per-tensor")

    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["mine-int8-per-tensor-tflm: new: no stored model *"])


def test_refused_under_xdist(duels: pytest.Pytester) -> None:
    """Other workers would be timed with the duels."""
    result = run(duels, "--tinybench-duel", "-n", "2")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--tinybench-duel times alone on the machine: leave out -n*"])


def test_unusable_threshold(duels: pytest.Pytester) -> None:
    result = run(duels, "--tinybench-duel-threshold=0")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*'0' is not a percentage between 0 and 100*"])
