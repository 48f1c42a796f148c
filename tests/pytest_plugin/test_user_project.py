"""The plugin in somebody else's project: own task, documents, processes, failures."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tinybench.results import document as results
from tinybench.results import illustration

pytestmark = pytest.mark.slow

SELECTED = ("--tinybench-task=mine", "--tinybench-variant=float32,int8", "-p", "no:cacheprovider")


def document(path: Path) -> dict[str, Any]:
    return {each["id"]: each for each in json.loads(path.read_text("utf-8"))["results"]}


def test_own_task(project: pytest.Pytester) -> None:
    """A task from conftest.py is trained, converted, measured and written down."""
    result = project.runpytest_subprocess(
        *SELECTED, "--tinybench-json=out.json", "--benchmark-json=pb.json", "-v"
    )

    result.assert_outcomes(passed=9)
    result.stdout.fnmatch_lines(
        ["*::test_variant?mine-int8? PASSED*", "*::test_latency?mine-int8-tflm? PASSED*"]
    )
    found = document(project.path / "out.json")
    assert found["mine-int8"]["metrics"]["tflite_bytes"] > 0
    assert found["mine-int8"]["metrics"]["mse_vs_float32"] > 0
    assert found["mine-float32"]["metrics"]["mse_vs_float32"] == 0
    assert found["mine-int8-tflm"]["metrics"]["host_us"] > 0
    rows = json.loads((project.path / "pb.json").read_text("utf-8"))["benchmarks"]
    info = {row["extra_info"]["tinybench"]["id"]: row["extra_info"]["tinybench"] for row in rows}
    assert info["mine-int8-tflm"]["schema"] == 2
    exact = found["mine-int8"]["metrics"]
    assert exact.items() <= info["mine-int8-litert"]["metrics"].items()
    assert info["mine-int8-tflm"]["metrics"]["arena_bytes"] > 0


def test_same_document_under_xdist(project: pytest.Pytester) -> None:
    """Exact metrics are the same, whatever processes measured them."""
    for name, more in (("one.json", ()), ("two.json", ("-n", "2"))):
        result = project.runpytest_subprocess(
            *SELECTED, *more, "-k", "test_variant", f"--tinybench-json={name}"
        )
        result.assert_outcomes(passed=2)

    one, two = (document(project.path / name) for name in ("one.json", "two.json"))
    assert one == two
    # What a report shows beyond numbers is written beside each, the same bytes.
    figures = [project.path / f"{name}.illustrations" / "mine.npz" for name in ("one", "two")]
    assert figures[0].read_bytes() == figures[1].read_bytes()


NO_KERAS = """
import sys
for name in ("tensorflow", "tf_keras", "ai_edge_litert.interpreter", "tflite_micro"):
    sys.modules[name] = None
"""


def test_illustrations_are_those_of_the_document(project: pytest.Pytester) -> None:
    """They are of the variants that were measured, and made of the cache where it has them."""
    arguments = (*SELECTED, "-k", "test_variant and int8", "--tinybench-json=out.json")
    project.runpytest_subprocess(*arguments).assert_outcomes(passed=1)
    path = project.path / "out.json"
    found, problems = illustration.read_all(path, results.read(path))

    assert problems == []
    assert list(found["mine"].files) == ["int8"]
    assert "Dense" in found["mine"].summary

    project.runpytest_subprocess(*SELECTED, "-k", "latency and int8", "--tinybench-json=out.json")
    assert not (project.path / "out.illustrations" / "mine.npz").exists()


def test_a_warm_run_puts_illustrations_together_without_keras(project: pytest.Pytester) -> None:
    arguments = (*SELECTED, "-k", "test_variant", "--tinybench-json=out.json", "-n", "1")
    project.runpytest_subprocess(*arguments).assert_outcomes(passed=2)
    path = project.path / "out.illustrations" / "mine.npz"
    first = path.read_bytes()
    path.unlink()
    conftest = project.path / "conftest.py"
    conftest.write_text(NO_KERAS + conftest.read_text("utf-8"), "utf-8")

    result = project.runpytest_subprocess(*arguments)

    assert path.read_bytes() == first
    result.stdout.no_fnmatch_line("*no figures of*")


def test_append(project: pytest.Pytester) -> None:
    """A second stage adds to the document of the first; without the option it starts anew."""
    timing = ("-k", "latency", "--tinybench-runtime=tflm")
    for more in (("-k", "test_variant"), (*timing, "--tinybench-append")):
        project.runpytest_subprocess(*SELECTED, "--tinybench-json=out.json", *more)
    both = document(project.path / "out.json")

    project.runpytest_subprocess(*SELECTED, "--tinybench-json=out.json", *timing)

    assert {"mine-int8", "mine-int8-tflm"} <= set(both)
    assert "mine-int8" not in document(project.path / "out.json")


def test_append_to_another_environment(project: pytest.Pytester) -> None:
    """Numbers of another machine are not mixed in: exit 4 and the reason; the file is kept."""
    arguments = (*SELECTED, "--tinybench-json=out.json", "-k", "test_variant")
    project.runpytest_subprocess(*arguments)
    path = project.path / "out.json"
    value = json.loads(path.read_text("utf-8"))
    value["environment"]["machine"]["cpu"] = "another"
    path.write_text(json.dumps(value), "utf-8")
    before = path.read_bytes()

    result = project.runpytest_subprocess(*arguments, "--tinybench-append")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*cannot add to *out.json: it was measured with another machine*"])
    assert path.read_bytes() == before


def test_benchmark_disabled(project: pytest.Pytester) -> None:
    """Without timing the exact metrics are there and no time is made up."""
    result = project.runpytest_subprocess(
        *SELECTED,
        *("--benchmark-disable", "--tinybench-runtime=litert*,tflm", "--tinybench-json=out.json"),
    )

    result.assert_outcomes(passed=8)
    metrics = [each["metrics"] for each in document(project.path / "out.json").values()]
    assert metrics
    assert not any("host_us" in each for each in metrics)


def test_failure_is_one_line(project: pytest.Pytester) -> None:
    """A missed bound is an ordinary failure, in the short summary and in junit XML."""
    conftest = project.path / "conftest.py"
    conftest.write_text(conftest.read_text("utf-8").replace("10.0", "0.001"), "utf-8")

    result = project.runpytest_subprocess(
        *SELECTED, "-k", "test_variant", "--junitxml=junit.xml", "--tinybench-json=out.json"
    )

    result.assert_outcomes(passed=1, failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    line = "mine-float32: the float model's mse is *; its bound is 0.001"
    result.stdout.fnmatch_lines([line])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert "its bound is 0.001" in (project.path / "junit.xml").read_text("utf-8")
    assert document(project.path / "out.json")["mine-float32"]["outcome"] == "failed"


def test_bad_data_is_one_line(project: pytest.Pytester) -> None:
    """NaN in a user's data is said with split and array, before anything is trained."""
    conftest = project.path / "conftest.py"
    text = conftest.read_text("utf-8").replace("data=noisy_sine", "data=broken")
    conftest.write_text(
        text.replace(
            "TASKS.add(",
            "def broken(seed):\n"
            "    from dataclasses import replace\n"
            "    data = noisy_sine(seed)\n"
            "    return replace(data, train=replace(data.train, y=data.train.y * float('nan')))\n\n"
            "TASKS.add(",
            1,
        ),
        "utf-8",
    )

    result = project.runpytest_subprocess(*SELECTED, "-k", "test_variant and int8")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["y of the train split has 600 values that are NaN or infinite [[]not-finite]"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


BREAKS = """

def broken(keras):
    print("once")
    raise ValueError("no such layer")

def crashing(converter, samples):
    os.kill(os.getpid(), signal.SIGSEGV)

"""


def test_a_broken_model_is_one_line(project: pytest.Pytester) -> None:
    """With its place in conftest.py, shown once; the next test does not try again, and fails."""
    conftest = project.path / "conftest.py"
    text = conftest.read_text("utf-8").replace("partial(dense_relu, units=(4,))", "broken")
    text = text.replace("TASKS.add(", f"{BREAKS}TASKS.add(", 1)
    conftest.write_text(text, "utf-8")
    line = text.splitlines().index('    raise ValueError("no such layer")') + 1

    result = project.runpytest_subprocess(*SELECTED, "-k", "test_variant")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*1 failed, *1 for the same reason in *"])
    place = f"(conftest.py:{line}) [own-code-raised]"
    said = f"task 'mine', stage float32: ValueError: no such layer {place}"
    assert result.outlines.count(said) == 1
    assert result.outlines.count("once") == 1
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_crash_of_the_converter_is_one_line(project: pytest.Pytester) -> None:
    """The other variants are measured."""
    conftest = project.path / "conftest.py"
    text = conftest.read_text("utf-8").replace("TASKS.add(", f"{BREAKS}TASKS.add(", 1)
    more = '\nVARIANTS.add(Variant("mine", "Crashes", crashing, rule="int8"))\n'
    head = "import os, signal\nfrom tinybench import VARIANTS, Variant\n"
    conftest.write_text(f"{head}{text}{more}", "utf-8")

    result = project.runpytest_subprocess(
        "--tinybench-task=mine", "--tinybench-variant=mine,int8", "-k", "test_variant"
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["task 'mine', mine: the converter ended with SIGSEGV [[]process-ended]"]
    )


SILENTLY_WRONG = """
from tinybench import RUNTIMES
from tinybench.runtimes.litert import LiteRT

class Wrong(LiteRT):
    def load(self, artifact):
        session = super().load(artifact)
        real = session.run_ports
        session.run_ports = lambda inputs: [-one for one in real(inputs)]
        return session

RUNTIMES.add(Wrong("wrong", "Answers, but not with the model's values", "AUTO"))
"""


def test_silently_wrong_runtime_fails(project: pytest.Pytester) -> None:
    """A runtime that returns no error but other values fails the value check."""
    conftest = project.path / "conftest.py"
    conftest.write_text(conftest.read_text("utf-8") + SILENTLY_WRONG, "utf-8")
    project.makepyfile(
        test_values="""
        import pytest

        @pytest.mark.tinybench("runtime")
        def test_runtime(tinybench):
            tinybench.record(tinybench.measure())
        """
    )

    result = project.runpytest_subprocess(
        *SELECTED, "test_values.py", "--tinybench-runtime=wrong,tflm"
    )

    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "mine-int8-wrong: silently wrong on wrong: *% of the samples differ by more than 16 "
            "LSB, by up to *; at most 2% is rounding; the first operator that differs *"
        ]
    )


LACKS_AN_OPERATOR = """
from tinybench import RUNTIMES, RefusalError
from tinybench.runtimes.litert import LiteRT
from tinybench.runtimes.tflm import TFLM

class Lacking(LiteRT):
    def load(self, artifact):
        if "int8" in artifact.name:
            raise RefusalError(f"{self.name}: no kernel for FULLY_CONNECTED")
        return super().load(artifact)

class LaterLacking(TFLM):
    def load(self, artifact):
        session = super().load(artifact)
        def refuse(inputs):
            raise RefusalError("Node FULLY_CONNECTED (number 0) failed to invoke")
        session.run_ports = refuse
        return session

RUNTIMES.add(Lacking("lacking", "Takes no int8", "AUTO"))
RUNTIMES.add(LaterLacking("later"))
"""


def test_a_runtime_that_lacks_an_operator_fails_nobody(project: pytest.Pytester) -> None:
    """It is a row with its reason; what a device refuses is host-only, though meant for devices."""
    conftest = project.path / "conftest.py"
    conftest.write_text(conftest.read_text("utf-8") + LACKS_AN_OPERATOR, "utf-8")

    result = project.runpytest_subprocess(
        *SELECTED,
        *("-k", "latency", "-rs", "--tinybench-runtime=lacking,later", "--tinybench-json=out.json"),
    )

    result.assert_outcomes(passed=1, skipped=3)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED*not available: no kernel for FULLY_CONNECTED",
            "SKIPPED*host-only: Node FULLY_CONNECTED (number 0) failed to invoke",
        ]
    )
    found = document(project.path / "out.json")["mine-int8-lacking"]
    assert found["outcome"] == "skipped"
    assert found["notes"] == [{"kind": "not-available", "reason": "no kernel for FULLY_CONNECTED"}]
    assert "mine-int8-later" not in document(project.path / "out.json")


def test_two_runs_at_once(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs share a cold cache, and both are right."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(project.path / "cold"))
    arguments = [sys.executable, "-m", "pytest", *SELECTED, "-k", "test_variant", "-q"]
    runs = [project.popen([*arguments, f"--tinybench-json=run{index}.json"]) for index in range(2)]

    assert [run.wait(timeout=300) for run in runs] == [0, 0]
    assert document(project.path / "run0.json") == document(project.path / "run1.json")


def test_document_that_cannot_be_written(project: pytest.Pytester) -> None:
    """The tests' own summary is there, the reason too, and the exit code is not 0."""
    (project.path / "file").write_text("in the way", "utf-8")

    result = project.runpytest_subprocess(
        *SELECTED, "-k", "test_variant", "--tinybench-json=file/out.json"
    )

    result.assert_outcomes(passed=2)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: cannot write *file/out.json: *"])


def test_bound_on_an_unknown_metric(project: pytest.Pytester) -> None:
    """A misspelt metric in a task's bounds is a usage error with the valid ones."""
    conftest = project.path / "conftest.py"
    conftest.write_text(conftest.read_text("utf-8").replace('"mse"', '"msee"'), "utf-8")

    result = project.runpytest_subprocess(*SELECTED)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unknown metric 'msee' (did you mean 'mse'?); valid: mse, mae,*"])


KILL_AT_THE_SECOND_ENTRY = """
import os, signal
from tinybench.storage import store

written = []

def write_or_die(path, data, real=store.write_atomically):
    # Entries: a training that takes long writes how far it came, too, to another folder.
    if path.suffix == ".npz" and path.parent.name == "cold":
        written.append(path)
    if len(written) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    real(path, data)

store.write_atomically = write_or_die
"""


def test_killed_run(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run killed in the middle of its work leaves a cache that the next run uses."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(project.path / "cold"))
    project.makepyfile(killer=KILL_AT_THE_SECOND_ENTRY)

    killed = project.runpytest_subprocess(*SELECTED, "-k", "test_variant", "-p", "killer")

    assert killed.ret == -signal.SIGKILL
    assert len(list((project.path / "cold").glob("*.npz"))) == 1

    result = project.runpytest_subprocess(
        *SELECTED, "-k", "test_variant", "-W", "error::tinybench.storage.store.StoreWarning"
    )

    result.assert_outcomes(passed=2)


def test_a_benchmark_of_tasks_that_are_not_selected_is_skipped(project: pytest.Pytester) -> None:
    project.makepyfile(
        test_bench="""
        import pytest

        @pytest.mark.tinybench("task", only=["sine-8"])
        def test_other(tinybench):
            raise AssertionError("not selected")
        """
    )

    result = project.runpytest_subprocess(*SELECTED)

    result.assert_outcomes(skipped=1)
