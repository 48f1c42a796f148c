"""Gates in pytest: every way in which a run can differ from its baseline, and its exit status.

The benchmarks record numbers from a file, so that a mutation is an edit of that file.
"""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from . import inner

pytestmark = pytest.mark.slow

GATES = "mse:2%,tflite_bytes:0,instructions:1%"
GATED = ("--tinybench-baseline=good.json", f"--tinybench-fail-on={GATES}")

BENCHMARKS = """
import json
from pathlib import Path
import pytest

VALUES = json.loads((Path(__file__).parent / "values.json").read_text())

@pytest.mark.tinybench("task", only=list(VALUES))
def test_costs(tinybench):
    found = VALUES[tinybench.task.name]
    if "skip" in found:
        pytest.skip(found["skip"])
    tinybench.record(**found)
"""

VALUES: dict[str, dict[str, Any]] = {
    "sine-8": {"mse": 0.1, "tflite_bytes": 100, "instructions": 1000, "host_us": 1.0},
    "sine-16": {"mse": 0.2, "tflite_bytes": 200, "instructions": 2000, "host_us": 1.0},
}


@pytest.fixture(scope="session")
def good() -> dict[str, str]:
    """The document of a good run, once it was made."""
    return {}


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, good: dict[str, str]
) -> pytest.Pytester:
    """A project with the document of a good run; its tasks' weights are committed."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(pytester.path / "cache"))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(test_bench=BENCHMARKS)
    measure(pytester)
    path = pytester.path / "good.json"
    if not good:
        assert run(pytester, f"--tinybench-json={path}").ret == 0
        good["text"] = path.read_text("utf-8")
    path.write_text(good["text"], "utf-8")
    return pytester


def measure(project: pytest.Pytester, **changes: dict[str, Any] | None) -> None:
    """What the benchmarks will record: changes by task, None for a benchmark that is removed."""
    names = {name.replace("-", "_"): name for name in (*VALUES, "linear")}
    found = {name: dict(values) for name, values in VALUES.items()}
    for key, values in changes.items():
        if values is None:
            del found[names[key]]
        else:
            found.setdefault(names[key], {}).update(values)
    (project.path / "values.json").write_text(json.dumps(found), "utf-8")


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return inner.run(project, *arguments)


def edit(project: pytest.Pytester, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the baseline: the run then differs from it the other way round."""
    path = project.path / "good.json"
    value = json.loads(path.read_text("utf-8"))
    change(value)
    path.write_text(json.dumps(value), "utf-8")


MUTATIONS: dict[str, tuple[dict[str, Any], int, str]] = {
    "nothing": ({}, 0, "8 no change (values)"),
    "worse mse": (
        {"sine_8": {"mse": 0.11}},
        1,
        "sine-8: mse regressed from 0.1 to 0.11, +10 %; the gate is mse:2%",
    ),
    "better mse": ({"sine_8": {"mse": 0.09}}, 0, "improved*sine-8*mse*-10 %"),
    "bigger file": (
        {"sine_16": {"tflite_bytes": 201}},
        1,
        "sine-16: tflite_bytes regressed from 200 B to 201 B, +0.5 %; the gate is tflite_bytes:0",
    ),
    "more instructions": (
        {"sine_8": {"instructions": 1011}},
        1,
        "sine-8: instructions regressed from 1000 instr to 1011 instr, +1.1 %*",
    ),
    "slower host": ({"sine_8": {"host_us": 9.0}}, 0, "regressed*host_us*not gated*"),
    "benchmark removed": (
        {"sine_16": None},
        1,
        "sine-16: missing; the baseline has its mse, tflite_bytes, instructions, host_us",
    ),
    "benchmark skipped": (
        {"sine_16": {"skip": "no emulator"}},
        1,
        "sine-16: missing (Skipped: no emulator); the baseline has its*",
    ),
    "benchmark added": ({"linear": {"mse": 3.0}}, 0, "new*linear*mse*"),
    "NaN": ({"sine_8": {"mse": float("nan")}}, 1, "metric mse is nan; it must be finite"),
}


@pytest.mark.parametrize(("changes", "status", "line"), MUTATIONS.values(), ids=MUTATIONS)
def test_mutations(
    project: pytest.Pytester, changes: dict[str, Any], status: int, line: str
) -> None:
    """The verdict and the exit status of each."""
    measure(project, **changes)

    result = run(project, *GATED)

    assert result.ret == status
    # Behind it stands the name of a page, if there is one.
    result.stdout.fnmatch_lines([f"*{line}*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*INTERNALERROR*")


@pytest.mark.parametrize("name", ["worse mse", "benchmark removed", "better mse"])
@pytest.mark.parametrize(
    "mode", [("-n", "2"), ("--benchmark-disable",), ("-p", "no:benchmark")], ids=str
)
def test_every_mode(project: pytest.Pytester, name: str, mode: tuple[str, ...]) -> None:
    """Where pytest-benchmark's own gate passes silently, ours does as it always does."""
    changes, status, line = MUTATIONS[name]
    measure(project, **changes)

    result = run(project, *GATED, *mode)

    assert result.ret == status
    result.stdout.fnmatch_lines([f"*{line}"])


def test_regression_is_an_ordinary_failure(project: pytest.Pytester) -> None:
    """One failed test, in the short summary, in junit XML, and in the document."""
    measure(project, sine_8={"mse": 0.11})

    result = run(project, *GATED, "--junitxml=junit.xml", "--tinybench-json=new.json")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["FAILED test_bench.py::test_costs?sine-8? - Failed: sine-8: mse*"])
    assert "mse regressed from 0.1 to 0.11" in (project.path / "junit.xml").read_text("utf-8")
    outcomes = {
        one["id"]: one["outcome"]
        for one in json.loads((project.path / "new.json").read_text("utf-8"))["results"]
    }
    assert outcomes == {"sine-8": "failed", "sine-16": "passed"}


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["serial", "xdist"])
def test_missing_is_an_ordinary_failure(project: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """Though there is no test that could fail."""
    measure(project, sine_16=None)

    result = run(project, *GATED, *workers, "--junitxml=junit.xml", "--tinybench-json=new.json")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["FAILED test_bench.py::test_costs?sine-16? - Failed: sine-16: missing; the*"]
    )
    assert '<failure message="Failed: sine-16: missing' in (project.path / "junit.xml").read_text(
        "utf-8"
    )
    assert '"outcome": "failed"' in (project.path / "new.json").read_text("utf-8")


def test_many_failures_are_counted_by_metric(project: pytest.Pytester) -> None:
    """The test's own message has each of them."""
    names = [f"recall_{number}" for number in range(25)]
    measure(project, sine_8={"mse": 0.2} | dict.fromkeys(names, 0.5))

    def better(value: dict[str, Any]) -> None:
        (found,) = (each for each in value["results"] if each["id"] == "sine-8")
        found["metrics"] |= dict.fromkeys(names, 0.75)

    edit(project, better)
    found = run(project, GATED[0], "--tinybench-fail-on=mse:2%,recall_*:0")

    assert found.ret == 1
    found.stdout.fnmatch_lines(["*recall_24 regressed from 0.75 to 0.5*", "regressed: 25 recall_*"])
    found.stdout.fnmatch_lines(["26 failed: 25 recall_[*], 1 mse"])


@pytest.mark.parametrize(
    ("selection", "missed"),
    [
        ([], True),
        (["-k", "sine-16"], True),
        (["-k", "sine-8"], False),
        (["-m", "exact"], False),
        (["--tinybench-task=sine-16"], True),
        (["--tinybench-task=sine-8"], False),
        (["test_bench.py"], True),
        (["test_bench.py::test_costs"], True),
        (["test_bench.py::test_costs[sine-8]"], False),
        (["test_other.py"], False),
        (["--deselect=test_bench.py::test_costs[sine-16]"], False),
        (["-n", "2"], True),
        (["-p", "randomly"], True),
        (["-p", "rerunfailures", "--reruns=1"], True),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_gone_is_selected_like_any_other_test(
    project: pytest.Pytester, selection: list[str], missed: bool
) -> None:
    """What a part of the suite leaves out is not missed; what it would have run is."""
    measure(project, sine_16=None)
    project.makepyfile(test_other="def test_other(): pass")

    result = run(project, *GATED[:1], "--tinybench-fail-on=mse:2%", *selection)

    failed = "test_costs?sine-16? - Failed: sine-16: mis*"
    if missed:
        assert result.ret == 1
        result.stdout.fnmatch_lines([f"FAILED test_bench.py::{failed}"])
    else:
        # Of another file, and of a mark that no test has, nothing was compared.
        assert result.ret == (4 if selection in (["-m", "exact"], ["test_other.py"]) else 0)
        result.stdout.no_fnmatch_line("*missing*")


def test_what_is_gone_fails_again_where_only_failures_run(project: pytest.Pytester) -> None:
    """`--lf` after it failed selects it, and nothing else."""
    measure(project, sine_16=None)
    for more in ((), ("--lf",)):
        result = run(project, *GATED, *more)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["FAILED test_bench.py::test_costs?sine-16? - Failed: sine-16: mis*"]
    )


def test_a_removed_file_is_missed_by_its_folder(project: pytest.Pytester) -> None:
    """And not by a run of another file."""
    (project.path / "test_bench.py").unlink()
    project.makepyfile(test_other="def test_other(): pass")

    assert run(project, *GATED).ret == 1
    assert run(project, *GATED, "test_other.py").ret == 4


def test_second_run_after_a_failure(project: pytest.Pytester) -> None:
    """A failing run does not become what the next one is compared with."""
    measure(project, sine_8={"mse": 0.11})

    for _ in range(2):
        assert run(project, *GATED, "--tinybench-json=latest.json").ret == 1


def test_run_would_overwrite_its_baseline(project: pytest.Pytester) -> None:
    result = run(project, *GATED, "--tinybench-json=good.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *good.json is the baseline and would be overwritten*"])


def another_seed(value: dict[str, Any]) -> None:
    value["tasks"]["sine-8"]["definition"]["recipe"]["seed"] = 7


def another_compiler(value: dict[str, Any]) -> None:
    value["environment"]["toolchain"]["compiler"] = "zig cc 0.1"


def another_data_set(value: dict[str, Any]) -> None:
    value["tasks"]["sine-8"]["data"]["sha256"] = "0" * 64


def another_converter(value: dict[str, Any]) -> None:
    value["environment"]["versions"]["tensorflow"] = "2.18.0"


def another_calibration_set(value: dict[str, Any]) -> None:
    value["tasks"]["sine-8"]["calibration"]["sha256"] = "0" * 64


@pytest.mark.parametrize(
    ("change", "across", "line"),
    [
        (another_seed, "definition", "task sine-8 is defined otherwise: seed 7, now 1"),
        (another_compiler, "compiler", "another compiler: compiler zig cc 0.1, now zig cc *"),
        (another_converter, "converter", "another converter: tensorflow 2.18.0, now *"),
        (another_data_set, "data", "task sine-8 has another data set (00000000, now *)"),
        (another_calibration_set, "calibration", "task sine-8 has another calibration set (*"),
    ],
)
def test_not_comparable(
    project: pytest.Pytester, change: Callable[[dict[str, Any]], None], across: str, line: str
) -> None:
    """Exit status 4 and the reason, unless the difference is one that was asked for."""
    edit(project, change)
    result = run(project, *GATED)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([f"ERROR: * is not comparable: {line} [[]blind-gate]"])
    assert run(project, *GATED, f"--tinybench-across={across}").ret == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([f"--tinybench-fail-on={GATES}"], "gates * have no baseline to compare with*"),
        (["-o", f"tinybench_fail_on={GATES}"], "gates * have no baseline to compare with*"),
        ([*GATED, "-k", "nothing"], "mse:2%: nothing was compared"),
        ([GATED[0], "--tinybench-fail-on=arena_bytes:0"], "arena_bytes:0: nothing was compared"),
        (
            ["--benchmark-compare", f"--tinybench-fail-on={GATES}"],
            "gates * have no baseline to compare with: give a run stored with*",
        ),
    ],
)
def test_nothing_to_compare(project: pytest.Pytester, arguments: list[str], line: str) -> None:
    """Exit status 4 after the run: a gate that saw nothing does not pass."""
    result = run(project, *arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines([f"ERROR: {line} [[]blind-gate]"])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--tinybench-baseline=none.json"], "cannot read none.json: No such file or directory"),
        (["--tinybench-baseline=none"], "'none' is neither a file nor a commit of the repository*"),
        ([GATED[0], "--tinybench-fail-on=mze:1%"], "unknown metric 'mze' (did you mean 'mse'?)*"),
        ([GATED[0], "--tinybench-fail-on=host_us:9%"], "gate 'host_us:9%': host_us is noisy*"),
        # What a variable gives that is not set.
        ([GATED[0], "--tinybench-fail-on="], "no gate in '', which would judge nothing;*"),
        ([GATED[0], "--tinybench-fail-on= , "], "no gate in ' , ', which would judge nothing;*"),
        ([GATED[0], "-o", "tinybench_fail_on="], "no gate in '', which would judge nothing;*"),
        (["--tinybench-baseline="], "--tinybench-baseline is empty; name a file or a commit"),
        ([GATED[0], "--tinybench-across=moon"], "unknown difference 'moon'*"),
    ],
)
def test_usage_error(project: pytest.Pytester, arguments: list[str], line: str) -> None:
    """Exit status 4 before anything is measured."""
    result = run(project, *arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {line} [[]*]"])


def test_usage_error_under_xdist(project: pytest.Pytester) -> None:
    """Said once, before workers start."""
    result = run(project, GATED[0], "--tinybench-fail-on=mze:1%", "-n", "1")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: unknown metric 'mze' (did you mean 'mse'?)*"])


def test_ini(project: pytest.Pytester) -> None:
    """Gates of the project; a run without benchmarks is none of their business."""
    project.makeini(f"[pytest]\ntinybench_fail_on = {GATES}\n")
    project.makepyfile(test_other="def test_other(): pass")
    measure(project, sine_8={"mse": 0.11})

    assert run(project, GATED[0]).ret == 1
    assert run(project, "test_other.py").ret == 0


def test_a_baseline_alone_is_gated_by_default(project: pytest.Pytester) -> None:
    measure(project, sine_8={"mse": 0.11})

    result = run(project, GATED[0])

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*sine-8: mse regressed from*, +10 %; the gate is quality:2%"])


def test_whoever_only_looks_says_so(project: pytest.Pytester) -> None:
    measure(project, sine_8={"mse": 0.11}, sine_16=None)

    result = run(project, GATED[0], "--tinybench-fail-on=none")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["*tinybench compared with good.json*", "regressed*", "missing*"])


@pytest.mark.parametrize(
    "narrowed",
    [
        ["--tinybench-task=sine-8"],
        ["-k", "sine-8"],
        ["test_bench.py::test_costs[sine-8]"],
    ],
)
def test_narrow_selection_misses_nothing(project: pytest.Pytester, narrowed: list[str]) -> None:
    """What is not selected is not missing."""
    result = run(project, *GATED, *narrowed)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["4 no change (values)"])


def test_failure_of_another_kind_is_reported_once(project: pytest.Pytester) -> None:
    (project.path / "test_bench.py").write_text(BENCHMARKS + "    assert False\n", "utf-8")
    measure(project, sine_8={"mse": 0.11})

    result = run(project, *GATED)

    result.assert_outcomes(failed=2)


def test_failure_before_the_benchmark_runs_is_in_the_document(project: pytest.Pytester) -> None:
    """So that `tinybench accept` refuses it."""
    text = BENCHMARKS.replace("(tinybench)", "(broken, tinybench)")
    broken = "\n@pytest.fixture\ndef broken():\n    raise OSError\n"
    (project.path / "test_bench.py").write_text(text + broken, "utf-8")

    assert run(project, "--tinybench-json=new.json").ret == 1

    results = json.loads((project.path / "new.json").read_text("utf-8"))["results"]
    assert {one["outcome"] for one in results} == {"failed"}


def test_commit_as_baseline(project: pytest.Pytester) -> None:
    """`git show COMMIT:results/baseline.json`."""
    folder = project.mkdir("results")
    (project.path / "good.json").rename(folder / "baseline.json")
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init"], ["add", "results"], [*author, "commit", "-m", "x"]):
        subprocess.run(["git", *command], cwd=project.path, check=True, capture_output=True)
    measure(project, sine_8={"mse": 0.11})

    result = run(project, "--tinybench-baseline=HEAD", GATED[1])

    assert result.ret == 1
    result.stdout.fnmatch_lines(["*tinybench compared with HEAD (results/baseline.json at commit*"])


def test_colours(project: pytest.Pytester) -> None:
    measure(project, sine_8={"mse": 0.11})

    coloured = run(project, GATED[0], "--color=yes").stdout.str()

    assert "\x1b[31mregressed" in coloured
    assert "\x1b[31mregressed" not in run(project, GATED[0], "--color=no").stdout.str()


def test_what_was_not_tried_is_named_once(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the range that was; and the versions that differ from the baseline's."""
    about = project.mkdir("elsewhere") / "tensorflow-2.99.0.dist-info"
    about.mkdir()
    text = "Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.99.0\n"
    (about / "METADATA").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(str(about.parent))
    edit(project, lambda value: value["environment"]["versions"].update(numpy="1.26.4"))

    result = run(project, *GATED)

    assert result.ret == 0
    said = [line for line in result.outlines if "was not tried" in line]
    assert len(said) == 1
    assert said[0].startswith("WARNING: tensorflow 2.99.0 was not tried; ")
    result.stdout.fnmatch_lines(["other versions: *numpy 1.26.4, now *"])
