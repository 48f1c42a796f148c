"""First models of people who are not us: each gets its table, and loses nobody else's."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from .strangers import MODELS, TABLE, Project, Run

pytestmark = pytest.mark.slow

ALL = "conv1d,ready,lstm,tokens,ordered,fire,logits,diverges,two,h5,h5-zero"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project(tmp_path_factory.mktemp("strangers"), TABLE)
    done = made.python("-c", MODELS)
    assert done.returncode == 0, done.stdout
    return made


@pytest.fixture(scope="module")
def run(project: Project) -> Run:
    """All tasks in one run, in int8 and beside it float32."""
    return project.suite(ALL, "float32,int8")


@pytest.fixture(scope="module")
def variants(project: Project, run: Run) -> Run:
    """Every variant of three of them, those of a user's own too; after `run`, on its cache."""
    return project.suite("conv1d,ready,h5", "*", "-k", "test_variant or board", name="all")


def test_one_that_diverges_takes_nobody_along(run: Run) -> None:
    """It has its rows and says once why; all others have their table."""
    reason = "task 'diverges', stage float32, seed 1: the loss became NaN or infinite by epoch 1"
    reason += " [not-finite]"
    failed = {name for name, one in run.results.items() if one["outcome"] == "failed"}
    places = ("", "-tflm", "-cortex-m4")

    assert run.status == 1
    assert failed == {f"diverges-{one}{place}" for one in ("float32", "int8") for place in places}
    assert all(run.results[name]["problems"] == [reason] for name in failed)
    assert run.row("diverges", "int8").split()[1] == "FAILED,"
    assert run.lines.count(reason) == 1
    assert "1 failed, " in run.lines[-1]
    assert "7 for the same reason" in run.lines[-1]
    assert len(run.lines) < 80
    assert "Traceback" not in run.text


def test_conv1d(run: Run) -> None:
    assert run.row("conv1d", "int8")
    assert run.metrics("conv1d-int8")["mse"] < 2 * run.metrics("conv1d-float32")["mse"]
    assert run.metrics("conv1d-int8-cortex-m4")["tflm_mismatches"] == 0


def test_lstm(run: Run) -> None:
    found = run.metrics("lstm-int8")

    assert found["macs"] == 14 * 4 * 20 * (14 + 20) + 200 == 38_280
    assert 7_000 < found["tflite_bytes"] < 8_000
    assert found["accuracy"] > 0.9
    assert run.metrics("lstm-int8-tflm")["accuracy"] > 0.9


@pytest.mark.parametrize(("task", "least"), [("tokens", 0.95), ("ordered", 0.999)])
def test_int8_is_as_good_as_float32(run: Run, task: str, least: float) -> None:
    """Ids stay int32, and every class is calibrated with."""
    accuracy = run.metrics(f"{task}-int8")["accuracy"]

    assert accuracy >= least
    assert accuracy == pytest.approx(run.metrics(f"{task}-float32")["accuracy"], abs=0.01)
    assert run.metrics(f"{task}-int8-tflm")["accuracy"] == pytest.approx(accuracy, abs=0.01)


def test_one_sigmoid_of_two_labels(run: Run) -> None:
    found, theirs = run.metrics("fire-int8"), run.metrics("fire-float32")

    for name in ("accuracy", "precision", "recall", "auc"):
        assert found[name] == pytest.approx(theirs[name], abs=0.03)
    assert found["accuracy"] > 0.9


def test_logits(run: Run) -> None:
    assert run.metrics("logits-int8")["accuracy"] > 0.7


def test_two_inputs(run: Run) -> None:
    assert run.row("two", "int8")
    assert run.metrics("two-int8")["mse"] < 0.1
    assert run.metrics("two-int8-cortex-m4")["tflm_mismatches"] == 0


@pytest.mark.parametrize("task", ["ready", "h5", "h5-zero"])
def test_what_is_trained_already_is_not_trained(run: Run, task: str) -> None:
    """A Keras 3 file; a build() that loads, without a recipe and with one of no epochs."""
    assert run.row(task, "int8")
    assert run.metrics(f"{task}-int8")["mse_vs_float32"] < 0.01
    assert run.metrics(f"{task}-int8-cortex-m4")["tflm_mismatches"] == 0


def test_only_the_stages_of_the_selected_variants_are_trained(run: Run, project: Project) -> None:
    assert project.cached("conv1d-float32-*.npz")
    assert project.cached("*-qat-*.npz") == project.cached("*-control-*.npz") == []


def test_every_variant(variants: Run) -> None:
    """What tfmot lacks and what needs training are labels; int8 is there."""
    assert variants.status == 1
    assert variants.row("conv1d", "int8")
    for name in ("dynamic", "float16", "int8-float-io", "int16x8", "uint8", "float32-control"):
        assert variants.results[f"conv1d-{name}"]["outcome"] == "passed"
    notes = variants.results["conv1d-qat-int8"]["notes"]
    assert notes == [{"kind": "not-available", "reason": "tfmot has no Conv1D"}]
    assert any(
        "conv1d-qat-int8" in line and "tfmot has no Conv1D" in line for line in variants.lines
    )


@pytest.mark.parametrize("task", ["ready", "h5"])
def test_what_needs_training_is_a_label(variants: Run, task: str) -> None:
    for name in ("qat-int8", "float32-control"):
        (note,) = variants.results[f"{task}-{name}"]["notes"]
        assert note["kind"] == "not-available"
        assert note["reason"].startswith("needs training data and a recipe: ")


def test_a_rule_of_a_users_own(variants: Run) -> None:
    """It is what their variant is verified by; without one a line says how to add it."""
    found = variants.results["conv1d-my-uint8"], variants.results["conv1d-unruled"]
    lines = [line for line in variants.lines if line.startswith("no rule says")]

    assert [one["outcome"] for one in found] == ["passed", "failed"]
    assert found[0]["metrics"]["mse"] == variants.metrics("conv1d-uint8")["mse"]
    assert found[1]["problems"] == lines
    assert "RULES.add(Rule(" in lines[0]


FIVE_LINES = """
from pathlib import Path
from tinybench import TASKS, Task

HERE = Path(__file__).parent
TASKS.add(Task.of(HERE / "waves.keras", HERE / "data.npz"))
"""


def test_five_lines_get_the_whole_suite(project: Project, tmp_path: Path) -> None:
    """A Keras 3 file and an .npz: variants, runtimes, host time and a board, and exit status 0."""
    shutil.copy(project.folder / "waves.keras", tmp_path)
    x = np.random.default_rng(1).normal(size=(200, 8, 1)).astype("float32")
    np.savez(tmp_path / "data.npz", x=x, y=x.sum(axis=1))
    mine = Project(tmp_path, FIVE_LINES)

    done = mine.python(
        *("-m", "pytest", "--pyargs", "tinybench.bench", "--tinybench-json=out.json"),
        *("--tinybench-task=waves", "--tinybench-variant=float32,int8"),
    )

    run = Run(done.returncode, done.stdout, tmp_path / "out.json")
    assert run.status == 0
    assert len(run.row("waves", "int8").split()) >= 8
    assert run.metrics("waves-int8-tflm")["host_us"] > 0
    theirs = run.metrics("waves-float32-keras")["mse"]
    assert theirs == pytest.approx(run.metrics("waves-float32")["mse"], rel=1e-6)
    assert run.metrics("waves-int8-cortex-m4")["instructions"] > 0


def test_every_command_knows_a_task_of_a_conftest(run: Run, project: Project) -> None:
    """Those that train, write, choose and measure; a task with a recipe, and a ready-made one."""
    assert run.status == 1  # it is there
    board = "--on=cortex-m4"
    for arguments, said in (
        (["train", "conv1d"], "conv1d qat: not available: tfmot has no Conv1D"),
        (["export", "h5", "--to", "model"], "model"),
        (["recommend", "fire", "--document", "out.json", board], "int8"),
        (["bench", "two", "--variant=float32,int8", "--no-time", board], "two"),
    ):
        done = project.python("-m", "tinybench", *arguments)
        assert done.returncode == 0, done.stdout
        assert said in done.stdout
    assert (project.folder / "model" / "model.c").is_file()
