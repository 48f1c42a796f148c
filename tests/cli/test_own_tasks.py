"""Tasks of a user's project are known to every command, as they are to pytest."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tinybench.cli import inifile, main
from tinybench.results.document import Document, write
from tinybench.training import checkpoint as checkpoints
from tinybench.training.checkpoint import Checkpoint

from ..documents import result_of

TASK = """
from functools import partial
from pathlib import Path
from tinybench import TASKS, Recipe, Task
from tinybench.tasks.sine import dense_relu, noisy_sine

TASKS.add(
    Task(
        name="product",
        summary="A user's own task",
        data=noisy_sine,
        build=partial(dense_relu, units=(4,)),
        recipe=Recipe(epochs=2, batch_size=64, fine_tune_epochs=1),
        bounds={"mse": 10.0},
        checkpoints=CHECKPOINTS,
    )
)
"""
WITHOUT = TASK.replace("CHECKPOINTS", "None")
COMMITTED = TASK.replace("CHECKPOINTS", "Path(__file__).parent / 'weights'")
REMEDY = "correct it, or keep what the command `tinybench` cannot load in another file"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, warm_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a module of Python in the project's folder, in a process of its own."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(warm_cache))
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly -p no:hypothesispytest")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run(module: str, *arguments: str, folder: str = ".") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", module, *arguments]
        where = tmp_path / folder
        return subprocess.run(command, cwd=where, capture_output=True, text=True, timeout=300)

    return run


def names(listed: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.split()[0] for line in listed.stdout.splitlines()[2:]]


def test_a_conftest_is_known(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(WITHOUT + "print('to nobody')\n", "utf-8")

    listed = run("tinybench", "list", "tasks", "--json")

    assert json.loads(listed.stdout)["tasks"][-1]["name"] == "product"
    assert listed.stderr == "to nobody\n"


def test_so_are_those_above_it_up_to_the_root(run: Run, tmp_path: Path) -> None:
    """As pytest loads them at start, with the modules beside them and those of `pythonpath`."""
    (tmp_path / "conftest.py").write_text("raise SystemExit('above the root')", "utf-8")
    root, inner = tmp_path / "root", tmp_path / "root" / "a" / "b"
    inner.mkdir(parents=True)
    (root / "src").mkdir()
    (root / "src" / "theirs.py").write_text(WITHOUT, "utf-8")
    (root / "pytest.ini").write_text("[pytest]\npythonpath = src\n", "utf-8")
    (root / "beside.py").write_text("import theirs", "utf-8")
    (root / "conftest.py").write_text("import beside", "utf-8")
    second = WITHOUT.replace("product", "inner")
    (inner / "conftest.py").write_text("from tinybench import TASKS\nTASKS.get('product')" + second)

    listed = run("tinybench", "list", "tasks", folder="root/a/b")

    assert names(listed)[-2:] == ["product", "inner"]
    assert listed.stderr == ""


@pytest.mark.parametrize("given", ["other/tasks.py", "mine"])
def test_a_module_is_known(run: Run, tmp_path: Path, given: str) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "tasks.py").write_text(WITHOUT, "utf-8")
    (tmp_path / "mine.py").write_text(WITHOUT, "utf-8")

    assert names(run("tinybench", "list", "tasks", f"--task-module={given}"))[-1] == "product"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n1 / 0\n", "conftest.py:2: ZeroDivisionError: division by zero"),
        ("def f(:\n", "conftest.py:1: SyntaxError: "),
        ("import nowhere", "conftest.py:1: ModuleNotFoundError: No module named 'nowhere'"),
        ("import pytest\npytest.skip('x\\ny', allow_module_level=True)", "conftest.py:2: Skipped"),
        ("exit(3)", "conftest.py:1: SystemExit: 3"),
        (
            "import json\njson.loads('{')",
            "conftest.py:2: JSONDecodeError: Expecting property name enclosed in double quotes",
        ),
        (WITHOUT + WITHOUT, "conftest.py:24: ValueError: task 'product' is registered twice"),
        (
            WITHOUT.replace("mse", "msee"),
            "conftest.py:8: UnknownNameError: unknown metric 'msee' (did you mean 'mse'?)",
        ),
    ],
)
def test_a_conftest_that_raises_is_one_line(run: Run, tmp_path: Path, text: str, said: str) -> None:
    """The end of a command that asks for what may stand there, and a warning for all others."""
    (tmp_path / "conftest.py").write_text(text, "utf-8")

    asked = run("tinybench", "export", "absent", "--to", "model")
    listed = run("tinybench", "list", "tasks")

    assert asked.returncode == 2
    assert asked.stderr.startswith(f"tinybench: error: cannot load {tmp_path}/{said}")
    assert asked.stderr.endswith(f"; {REMEDY} [own-tasks-broken]\n")
    assert asked.stderr.count("\n") == 1
    assert listed.returncode == 0
    assert listed.stderr == asked.stderr.replace("error", "warning", 1)
    assert "sine-16x16" in names(listed)


def test_a_command_without_tasks_loads_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("1 / 0", "utf-8")

    for arguments in (["inspect", "none.tflite"], ["run", "none.tflite"], ["cache"]):
        assert "ZeroDivisionError" not in run("tinybench", *arguments).stderr


def test_a_place_of_ones_own_is_looked_for_there(run: Run, tmp_path: Path) -> None:
    text = "from tinybench.runtimes import RUNTIMES, litert\n"
    text += "RUNTIMES.add(litert.LiteRT('mine', 'My own', 'AUTO'))\n"
    (tmp_path / "conftest.py").write_text(text, "utf-8")

    assert "No such file" in run("tinybench", "run", "none.tflite", "--on", "mine").stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("none.py", "--task-module none.py: there is no file "),
        ("nowhere", "cannot load --task-module nowhere: ModuleNotFoundError: No module named 'now"),
        ("raises.py", "cannot load {}/raises.py:1: ZeroDivisionError: division by zero; correct"),
        ("raises", "cannot load {}/raises.py:1: ZeroDivisionError: division by zero; name a mod"),
    ],
)
def test_a_module_that_cannot_be_loaded(run: Run, tmp_path: Path, given: str, said: str) -> None:
    """The end of any command, and of pytest: it was asked for."""
    (tmp_path / "raises.py").write_text("1 / 0", "utf-8")

    listed = run("tinybench", "list", "--task-module", given)
    tested = run("pytest", "--tinybench-task-module", given)

    assert listed.returncode == 2
    assert listed.stderr.startswith(f"tinybench: error: {said.format(tmp_path)}")
    assert tested.returncode == pytest.ExitCode.USAGE_ERROR
    option = said.format(tmp_path).replace("--task", "--tinybench-task")
    assert f"ERROR: {option}" in tested.stderr


def test_under_pytest_nothing_is_loaded_twice(run: Run, tmp_path: Path) -> None:
    """The command in a test, called twice: pytest has loaded the conftest.py."""
    (tmp_path / "conftest.py").write_text(WITHOUT, "utf-8")
    (tmp_path / "test_it.py").write_text(
        "from tinybench.cli import main\n"
        "def test_it(capsys):\n"
        "    assert main(['list', 'tasks']) == main(['list', '--task-module=conftest.py']) == 0\n"
        "    assert 'product' in capsys.readouterr().out\n",
        "utf-8",
    )

    for mode in ("prepend", "importlib"):
        done = run("pytest", f"--import-mode={mode}")
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("files", "folder", "root"),
    [
        ({"pyproject.toml": "[tool.pytest.ini_options]"}, "a", "."),
        ({"pyproject.toml": "[project]", "a/setup.py": ""}, "a", "."),
        ({"setup.py": ""}, "a", "."),
        ({"a/tox.ini": "[pytest]\n", "pytest.ini": ""}, "a", "a"),
        ({}, "a", "a"),
    ],
)
def test_root(tmp_path: Path, files: dict[str, str], folder: str, root: str) -> None:
    (tmp_path / "a").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")

    assert inifile.root(tmp_path / folder) == tmp_path / root


def test_recommend_knows_the_tasks_of_a_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Measured elsewhere, and not registered here: the bounds are those of the document."""
    made = Document({})
    for variant, mse in (("float32", 0.1), ("int8", 0.3)):
        costs = {"flash_bytes": 5.0, "ram_bytes": 5.0, "instructions": 5.0}
        made.add(result_of("elsewhere", variant, metrics={"mse": mse}))
        made.add(result_of("elsewhere", variant, "cortex-m4", metrics=costs))
    made.tasks["elsewhere"] = {"bounds": {"mse": 0.2}}
    write(made, tmp_path / "out.json")
    monkeypatch.chdir(tmp_path)

    assert main(["recommend", "elsewhere", "--document", "out.json"]) == 0

    told = capsys.readouterr().out
    assert re.search(r"int8 .* mse 0\.3\S*, bound 0\.2\n", told)
    assert "ship float32" in told


@pytest.mark.slow
def test_own_checkpoints_are_made_and_checked(run: Run, tmp_path: Path) -> None:
    """`train --save` writes them, `--check` fails where training gives others."""
    conftest, folder = tmp_path / "conftest.py", tmp_path / "weights"
    conftest.write_text(COMMITTED, "utf-8")

    before = run("tinybench", "train", "product", "--check")
    saved = run("tinybench", "train", "product", "--save")
    same = run("tinybench", "train", "product", "--check")

    assert [one.returncode for one in (before, saved, same)] == [1, 0, 0]
    assert "no committed checkpoint to compare with; --save writes one" in before.stdout
    assert same.stdout.count("equal to the committed checkpoint, bit for bit") == 3

    edit(folder, "control", loss=1, weight=1e-6)
    edit(folder, "qat", loss=2, weight=1e-6)
    other = run("tinybench", "train", "product", "--check")
    assert other.returncode == 1
    assert other.stdout.count("differs from the committed checkpoint: weights by up to ") == 2
    wrong = "not the committed checkpoints within 5.00% of val_loss: product qat; if that is meant"
    assert wrong in other.stdout

    conftest.write_text(COMMITTED.replace("epochs=2", "epochs=3"), "utf-8")
    changed = run("tinybench", "export", "product")
    assert changed.stderr.endswith("tinybench train product --save [other-architecture]\n")


def edit(folder: Path, stage: str, *, loss: float, weight: float) -> None:
    """Multiply the losses of a committed checkpoint, and add to its weights."""
    kept = checkpoints.load(folder, stage, "product")
    weights = {name: value + np.float32(weight) for name, value in kept.weights.items()}
    history = {name: value * loss for name, value in kept.history.items()}
    provenance = {key: value for key, value in kept.provenance.items() if key != "sha256"}
    checkpoints.save(folder, stage, Checkpoint(weights, history, provenance))


@pytest.mark.slow
def test_a_task_without_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(WITHOUT, "utf-8")

    trained = run("tinybench", "train", "product")
    assert trained.returncode == 0
    for option in ("--save", "--check"):
        refused = run("tinybench", "train", "product", option)
        assert refused.returncode == 2
        assert "task 'product' has no folder of committed checkpoints; set Task(" in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["serial", "xdist"])
def test_the_suite_that_comes_along(run: Run, tmp_path: Path, workers: tuple[str, ...]) -> None:
    """Table and document of a user's task, and the commands that go on from there."""
    (tmp_path / "tasks.py").write_text(WITHOUT, "utf-8")
    own = "--tinybench-task-module=tasks.py"
    suite = ["--pyargs", "tinybench.bench", "-m", "exact", "--tinybench-task=product", own]
    suite += ["--benchmark-disable", "--tinybench-variant=float32,int8", *workers]

    measured = run("pytest", *suite, "--tinybench-json=out.json")
    again = run("pytest", *suite, "--tinybench-baseline=out.json", "--tinybench-fail-on=mse:0")

    assert measured.returncode == 0, measured.stdout
    assert "product: " not in measured.stdout  # retraining what was trained now says nothing
    assert "int8 " in measured.stdout
    document = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert list(document["tests"]) == [
        "bench/test_board.py::test_board",
        "bench/test_variants.py::test_runtime",
        "bench/test_variants.py::test_variant",
    ]
    assert again.returncode == 0, again.stdout
    assert "no change (values)" in again.stdout
    assert " missing" not in again.stdout

    advised = run("tinybench", "recommend", "product", "--document=out.json")
    assert advised.returncode == 0
    assert "product on cortex-m4, from out.json; bounds: mse at most 10\nship " in advised.stdout
    exported = run("tinybench", "export", "product", "--to=model", "--task-module=tasks.py")
    assert exported.returncode == 0
    assert (tmp_path / "model" / "model.h").exists()


@pytest.mark.slow
def test_what_a_baseline_has_more_is_missing(run: Run, tmp_path: Path) -> None:
    """Of the suite that comes along as of any other: in each of its files, and by name."""
    (tmp_path / "conftest.py").write_text(WITHOUT, "utf-8")
    one = ("--tinybench-task=product", "--tinybench-variant=int8", "--benchmark-disable")
    part = "tinybench.bench.test_variants::test_variant"
    run("pytest", "--pyargs", part, *one, "--tinybench-json=out.json")
    document = json.loads((tmp_path / "out.json").read_text("utf-8"))
    (document["results"][0]["metrics"]["auc"], name) = 1, "bench/test_variants.py::test_variant"
    document["tests"][name].append("auc")
    (tmp_path / "out.json").write_text(json.dumps(document), "utf-8")
    gate = ("--tinybench-baseline=out.json", "--tinybench-fail-on=auc:0")

    found = run("pytest", "--pyargs", part, *one, *gate)
    gone = run("pytest", "--pyargs", "tinybench.bench", *one[:1], "-k", "float32", *gate)

    assert found.returncode == 1
    assert "product-int8: auc is missing; the baseline has 1" in found.stdout
    assert " missing" not in gone.stdout
