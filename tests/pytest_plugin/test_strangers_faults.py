"""What goes wrong in people's own code: said once, with its place, and nothing else is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..interrupts import heed_interrupts
from .strangers import HEAD, Project, Run

pytestmark = pytest.mark.slow

FAULTS = (
    HEAD
    + """
def no_build(keras):
    raise ValueError("no such layer")


def no_data(seed):
    raise OSError("the disk is gone")


def no_call(keras):
    class Mine(keras.layers.Layer):
        def call(self, x):
            raise TypeError("not these numbers")

    return keras.Sequential([keras.layers.Input((8, 1)), Mine(), keras.layers.Dense(1)])


def no_metric(truth, prediction):
    raise ZeroDivisionError("nothing to divide")


def no_options(converter, samples):
    raise KeyError("no such option")


def crash(converter, samples):
    os.kill(os.getpid(), signal.SIGSEGV)


once = Recipe(1, 64)
METRICS.add(Metric("mine", "Mine", of=no_metric))
TASKS.add(Task("good", "", waves, conv1d, once))
TASKS.add(Task("no-build", "", waves, no_build, once))
TASKS.add(Task("no-data", "", no_data, conv1d, once))
TASKS.add(Task("no-call", "", waves, no_call, once))
TASKS.add(Task("no-metric", "", waves, conv1d, once, metrics=("mine",)))
VARIANTS.add(Variant("no-options", "", no_options, rule="int8", default=False))
VARIANTS.add(Variant("crashes", "", crash, rule="int8", default=False))
"""
)
TASKS = "good,no-build,no-data,no-call,no-metric"
VARIANTS = "int8,no-options,crashes"


def place(text: str, conftest: str = FAULTS) -> str:
    """Where a line stands in the conftest.py."""
    found = next(i for i, line in enumerate(conftest.splitlines(), 1) if text in line)
    return f"conftest.py:{found}"


REASONS = [
    f"task 'no-build', stage float32: ValueError: no such layer ({place('no such layer')})",
    f"task 'no-data': OSError: the disk is gone ({place('disk')})",
    f"task 'no-call', stage float32: TypeError: not these numbers ({place('not these')})",
    f"metric mine: ZeroDivisionError: nothing to divide ({place('nothing to')})",
    f"task 'good', no-options: KeyError: 'no such option' ({place('such option')})",
    "task 'good', crashes: the converter ended with SIGSEGV",
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("faults"), FAULTS)


@pytest.fixture(scope="module")
def run(project: Project) -> Run:
    return project.suite(TASKS, VARIANTS)


def test_each_reason_is_shown_once(run: Run) -> None:
    """As a failed test; the table has it a second time, below the task's rows."""
    above = run.text[: run.text.index(" tinybench =")]

    assert run.status == 1
    assert [above.count(reason) for reason in REASONS] == [1] * len(REASONS)
    assert "Traceback" not in run.text
    assert len(run.lines) < 120


def test_what_does_not_fail_is_complete(run: Run) -> None:
    found = run.results
    for place in ("", "-tflm", "-cortex-m4"):
        assert found[f"good-int8{place}"]["outcome"] == "passed"
        for variant in ("no-options", "crashes"):
            assert found[f"good-{variant}{place}"]["outcome"] == "failed"
            assert len(found[f"good-{variant}{place}"]["problems"]) == 1
    assert run.row("good", "int8").split()[1] == f"{run.metrics('good-int8')['mse']:.4g}"
    # A metric that fails is a problem beside what was measured.
    assert found["no-metric-int8"]["metrics"]["tflite_bytes"] > 0


def test_two_workers_find_the_same(run: Run, project: Project) -> None:
    both = project.suite(TASKS, VARIANTS, "-n", "2", name="two")

    assert both.status == 1
    assert both.results == run.results
    above = both.text[: both.text.index(" tinybench =")]
    assert [above.count(reason) for reason in REASONS] == [1] * len(REASONS)


NO_FLOAT32 = (
    HEAD
    + """
def no_options(converter, samples):
    raise KeyError("no such option")


VARIANTS.remove("float32")
VARIANTS.add(Variant("float32", "", no_options))
TASKS.add(Task("mine", "", waves, conv1d, Recipe(1, 64)))
"""
)


def test_int8_is_measured_without_float32(tmp_path: Path) -> None:
    run = Project(tmp_path, NO_FLOAT32).suite("mine", "float32,int8")

    where = place("such option", NO_FLOAT32)
    said = f"task 'mine', float32: KeyError: 'no such option' ({where}) [own-code-raised]"
    assert run.status == 1
    assert run.results["mine-float32"]["problems"] == [said]
    assert run.metrics("mine-int8")["mse"] < 20
    assert run.results["mine-int8-cortex-m4"]["outcome"] == "passed"
    assert run.row("mine", "int8")


SLOW = (
    HEAD
    + """
TASKS.add(Task("done", "", waves, conv1d, Recipe(1, 64)))
TASKS.add(Task("long", "", waves, conv1d, Recipe(100_000, 64)))
"""
)


def test_an_interrupt_leaves_no_half_file(tmp_path: Path) -> None:
    """By Ctrl-C in a training: what was made before is in the cache and in the document."""
    project = Project(tmp_path, SLOW)
    command = [sys.executable, "-m", "pytest", "--pyargs", "tinybench.bench.test_variants"]
    options = ["--tinybench-task=done,long", "--tinybench-variant=int8", "-k", "test_variant"]
    child = subprocess.Popen(
        [*command, *options, "--tinybench-json=out.json"],
        cwd=tmp_path,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )
    unfinished = project.cache / "unfinished"
    until = time.monotonic() + 240
    while not list(unfinished.glob("long-*/*.npz")) and time.monotonic() < until:
        assert child.poll() is None
        time.sleep(0.2)
    # As the terminal does it: to every process of the group.
    os.killpg(child.pid, signal.SIGINT)
    text, _ = child.communicate(timeout=60)

    assert child.returncode == pytest.ExitCode.INTERRUPTED
    assert len(text.splitlines()) < 60
    run = Run(child.returncode, text, tmp_path / "out.json")
    assert run.metrics("done-int8")["tflite_bytes"] > 0
    names = project.cached("*")
    assert [name for name in names if name.endswith((".tmp", ".part"))] == []
    assert not [name for name in names if name.startswith("long-")]
    again = project.suite("done", "int8", "-W", "error::tinybench.storage.store.StoreWarning")
    assert again.status == 0
    assert set(names) <= set(project.cached("*"))
