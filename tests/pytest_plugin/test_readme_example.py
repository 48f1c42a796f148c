"""The README's model of one's own and docs/how-to/own-task.md, run as they stand there."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tinybench.results import document
from tinybench.tensorflow import load_keras3

from ..components import needs
from ..examples import blocks

pytestmark = pytest.mark.slow

README = blocks("README.md")
OWN_TASK = blocks("docs/how-to/own-task.md")


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's model and data, the same anywhere: weights are drawn, and labels its answers.

    Made before any pytester, which forgets what is imported within it.
    """
    folder = tmp_path_factory.mktemp("brought")
    keras, random = load_keras3(), np.random.default_rng(1)
    layers = [
        keras.layers.Conv1D(8, 5, strides=2, activation="relu"),
        keras.layers.Conv1D(16, 5, activation="relu"),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(3, activation="softmax"),
    ]
    model = keras.Sequential([keras.Input((32, 3)), *layers])
    shapes = [each.shape for each in model.get_weights()]
    weights = [
        random.normal(0, np.prod(shape[:-1]) ** -0.5, shape) if len(shape) > 1 else np.zeros(shape)
        for shape in shapes
    ]
    weights[-2] *= 20
    model.set_weights(weights)
    x = random.normal(size=(500, 32, 3)).astype(np.float32)
    x *= random.uniform(0.3, 2, (500, 1, 3)).astype(np.float32)
    weights[-1] = -np.median(np.log(model.predict(x, verbose=0)), axis=0)
    model.set_weights(weights)
    y = model.predict(x, verbose=0).argmax(axis=1)
    wrong = random.random(500) < 0.1
    y[wrong] = random.integers(0, 3, wrong.sum())
    model.save(folder / "model.keras")
    np.savez(folder / "test.npz", x=x, y=y, class_names=["still", "walk", "run"])
    return folder


@pytest.fixture
def files(brought: Path, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with them and with the files that both pages have."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(pytester.path / "cache"))
    shutil.copytree(brought, pytester.path, dirs_exist_ok=True)
    for block in (*README, *OWN_TASK):
        if name := block.file:
            (pytester.path / name).write_text(block.text, "utf-8")
    return pytester.path


def cells(line: str) -> list[str]:
    return re.split(r"  +", line.strip())


@needs("cortex-m4", "tflm")
def test_the_front_door(files: Path, pytester: pytest.Pytester) -> None:
    """The command prints a row a variant and which one to ship, as is shown below it."""
    front_door, shown = README[0], README[1].text.splitlines()
    command = front_door.text.split("&&")[1].partition("#")[0]

    ran = pytester.run(sys.executable, "-m", *shlex.split(command), "--no-time")

    assert ran.ret == 0
    printed = [cells(line) for line in ran.outlines]
    for line in shown:
        if line not in ("...", "µs are this computer's, no predictor of a board"):
            row = cells(line)
            # The ninth cell is the times, which this run does not take.
            assert row[:8] + row[9:] in printed


def test_the_gate(files: Path, pytester: pytest.Pytester) -> None:
    """The suite measures the task of the conftest.py; what it measured is compared with itself."""
    (gate,) = [one for one in README if one.text.startswith("pytest ")]
    first, accept, second, _ = (line.partition("  #")[0] for line in gate.text.splitlines())
    few = ("--tinybench-variant=int8", "-m", "exact")

    assert pytester.runpytest_subprocess(*shlex.split(first)[1:], *few).ret == 0
    assert pytester.run(sys.executable, "-m", *shlex.split(accept)).ret == 0
    assert pytester.runpytest_subprocess(*shlex.split(second)[1:], *few).ret == 0
    made = document.read(files / "results" / "baseline.json").results
    assert made["motion-int8"].metrics["accuracy"] > 0.9


def test_a_task_that_is_trained_here(files: Path, pytester: pytest.Pytester) -> None:
    """Its two files and its command make, verify and measure all variants."""
    (command,) = [one.text for one in OWN_TASK if one.language == "sh"]
    result = pytester.runpytest_subprocess(*shlex.split(command)[1:])

    result.assert_outcomes(passed=9)
    results = json.loads((files / "out.json").read_text("utf-8"))["results"]
    assert {each["variant"] for each in results} >= {"float32", "int8", "qat-int8"}
