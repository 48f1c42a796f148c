"""The README's "your own model", run as it stands there."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tinybench.tensorflow import load_keras3

pytestmark = pytest.mark.slow

README = Path(__file__).parents[2] / "README.md"
SECTION = re.findall(r"^## Your own model\n(.*?)^## ", README.read_text("utf-8"), re.M | re.S)[0]


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and data; made before any pytester, which forgets what is imported within it."""
    folder = tmp_path_factory.mktemp("brought")
    classes = np.arange(200) % 2
    noise = np.random.default_rng(1).normal(0, 0.1, (200, 8, 1))
    x = (noise + classes[:, None, None]).astype(np.float32)
    keras = load_keras3()
    layers = [keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")]
    model = keras.Sequential([keras.Input((8, 1)), *layers])
    model.set_weights([np.outer(np.ones(8), [-1.0, 1.0]), np.array([4.0, -4.0])])
    model.save(folder / "model.keras")
    np.savez(folder / "test.npz", x=x, y=classes, class_names=["still", "run"])
    return folder


@pytest.fixture
def files(brought: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with them and with the files that the section has."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(pytester.path / "cache"))
    shutil.copytree(brought, pytester.path, dirs_exist_ok=True)
    for block in re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL):
        name = block.splitlines()[0].removeprefix("# ").strip()
        (pytester.path / name).write_text(block, "utf-8")
    return pytester.path


def command(name: str) -> list[str]:
    """The words of the command of that name."""
    (line,) = re.findall(rf"^{name} .*$", SECTION, re.M)
    return shlex.split(line)


def test_the_front_door(files: Path, pytester: pytest.Pytester) -> None:
    """The command prints a row a variant and what to ship, as is shown below it."""
    ran = pytester.run(sys.executable, "-m", *command("tinybench bench"), "--no-time")

    assert ran.ret == 0
    printed = [re.split(r"  +", line.strip())[0] for line in ran.outlines]
    shown = SECTION.split("```\n")[2].splitlines()
    names = [re.split(r"  +", line.strip())[0] for line in shown]
    assert names[:11] == printed[:11]
    assert shown[-1].split(":")[0].rpartition(" ")[0] == "ship"
    assert any(line.startswith("ship ") for line in ran.outlines)


def test_the_same_in_pytest(files: Path, pytester: pytest.Pytester) -> None:
    """The suite measures the task of the conftest.py."""
    more = ("--tinybench-variant=int8", "--tinybench-json=out.json", "-k", "test_variant")
    result = pytester.runpytest_subprocess(*command("pytest")[1:], *more)

    assert result.ret == 0
    results = json.loads((files / "out.json").read_text("utf-8"))["results"]
    made = {each["id"]: each for each in results}
    assert made["motion-int8"]["metrics"]["accuracy"] == 1


def test_a_task_that_is_trained_here(files: Path, pytester: pytest.Pytester) -> None:
    """Its two files and its command make, verify and measure all variants."""
    options = re.findall(r"`pytest (--tinybench-task-module=.*?)`", SECTION)[0]
    result = pytester.runpytest_subprocess(*shlex.split(options))

    result.assert_outcomes(passed=9)
    results = json.loads((files / "out.json").read_text("utf-8"))["results"]
    assert {each["variant"] for each in results} >= {"float32", "int8", "qat-int8"}
