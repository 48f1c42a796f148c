"""A user's classifier: its metrics, its rule for int8, its gates, and other data by option."""

import json
from typing import Any

import pytest

pytestmark = pytest.mark.slow

CONFTEST = """
import os
from pathlib import Path
import numpy as np
from tinybench import TASKS, VARIANTS, Dataset, Recipe, Split, Task
from tinybench.conversion.variants import Variant, _int8

SPREAD = 0.5


def cloud(seed, count, labels):
    random = np.random.default_rng(seed)
    which = random.integers(0, len(labels), count)
    angle = 2 * np.pi * which / len(labels)
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1) + SPREAD * random.normal(size=(count, 2))
    return Split(x.astype(np.float32), np.eye(len(labels), dtype=np.float32)[which])


def task(folder=None, labels=()):
    labels = labels or ("east", "west", "norð")
    source = (Path(folder) / "source.txt").read_text("utf-8") if folder else "clouds"

    def data(seed):
        splits = (cloud(seed + index, count, labels) for index, count in enumerate((300, 60, 90)))
        return Dataset(*splits, source, licence="CC0", groups="draws: 300, 60, 90")

    def build(keras):
        dense = keras.layers.Dense
        return keras.Sequential(
            [keras.Input((2,)), dense(8, "relu"), dense(len(labels), "softmax")]
        )

    return Task(
        "clouds",
        "Points around a circle",
        data,
        build,
        Recipe(
            epochs=30,
            batch_size=32,
            learning_rate=0.03,
            loss="CategoricalCrossentropy",
            metric="categorical_accuracy",
            fine_tune_epochs=2,
            patience=5,
        ),
        bounds={"accuracy": BOUND},
        labels=labels,
        elsewhere=task,
    )


def ruined(converter, samples):
    _int8(converter, samples + 100)


BOUND = float(os.environ.get("BOUND", "0.75"))
TASKS.add(task())
VARIANTS.add(Variant("int8-ruined", "Calibrated with other inputs", ruined, rule="int8"))
"""

BENCHMARK = """
import pytest

@pytest.mark.tinybench("variant")
def test_variant(tinybench):
    tinybench.record(tinybench.measure())

@pytest.mark.tinybench("runtime")
def test_runtime(tinybench):
    tinybench.record(tinybench.measure())
"""

RUN = ("--tinybench-task=clouds", "--tinybench-json=out.json", "-p", "no:cacheprovider")
FEW = ("--tinybench-variant=float32,int8", "--tinybench-runtime=tflm")


@pytest.fixture
def project(project: pytest.Pytester) -> pytest.Pytester:
    """The project with this task and these benchmarks in place of its own."""
    project.makeconftest(CONFTEST)
    project.makepyfile(test_bench=BENCHMARK)
    return project


def written(project: pytest.Pytester) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((project.path / "out.json").read_text("utf-8"))
    return value


def results(project: pytest.Pytester) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in written(project)["results"]}


def test_metrics_of_a_classifier(project: pytest.Pytester) -> None:
    """Accuracy in its interval, recalls, agreement and the confusion matrix, on every place."""
    project.runpytest_subprocess(*RUN, *FEW).assert_outcomes(passed=4)

    found = results(project)
    for name in ("clouds-float32", "clouds-int8", "clouds-int8-tflm"):
        metrics, confusion = found[name]["metrics"], found[name]["confusion"]
        right = sum(row[index] for index, row in enumerate(confusion))
        assert sum(map(sum, confusion)) == 90
        assert metrics["accuracy"] == right / 90 > 0.75
        assert metrics["accuracy_low"] < metrics["accuracy"] < metrics["accuracy_high"]
        assert metrics["recall_norð"] == confusion[2][2] / sum(confusion[2])
        assert "mse" not in metrics
    assert found["clouds-float32"]["metrics"]["agreement"] == 1
    assert found["clouds-int8"]["metrics"]["agreement"] > 0.95
    entry = written(project)["tasks"]["clouds"]
    assert entry["labels"] == ["east", "west", "norð"]
    assert entry["data"]["licence"] == "CC0"
    assert sum(entry["data"]["test"].values()) == 90


def test_a_float_model_below_its_bound_fails(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOUND", "0.999")

    result = project.runpytest_subprocess(*RUN, *FEW, "-k", "test_variant")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*the float model's accuracy is 0.*; its bound is 0.999*"])


def test_int8_may_lose_one_point(project: pytest.Pytester) -> None:
    """A variant whose integers are useless is a failure that says by how much."""
    result = project.runpytest_subprocess(
        *RUN, "--tinybench-variant=int8-ruined", "-k", "test_variant"
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*accuracy 0.* is more than 1 point below float32's 0.*"])


def test_a_gate_on_recalls(project: pytest.Pytester) -> None:
    """Against a baseline in which east was found more often."""
    arguments = (*RUN, *FEW, "-k", "test_variant")
    project.runpytest_subprocess(*arguments).assert_outcomes(passed=2)
    document = written(project)
    for each in document["results"]:
        each["metrics"]["recall_east"] = 1.0
    (project.path / "baseline.json").write_text(json.dumps(document), "utf-8")

    result = project.runpytest_subprocess(
        *arguments, "--tinybench-baseline=baseline.json", "--tinybench-fail-on=recall_*:0"
    )

    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*recall_east*"])


def test_other_data_and_classes_by_option(project: pytest.Pytester) -> None:
    """The task is trained on them, and the document says what they were."""
    (project.path / "own").mkdir()
    (project.path / "own" / "source.txt").write_text("my own points", "utf-8")

    result = project.runpytest_subprocess(
        *RUN,
        *FEW,
        *("-k", "test_variant"),
        *("--tinybench-data=clouds=own", "--tinybench-labels=clouds=in,out"),
    )

    result.assert_outcomes(passed=2)
    entry = written(project)["tasks"]["clouds"]
    assert (entry["data"]["source"], entry["labels"]) == ("my own points", ["in", "out"])
    assert 0.5 <= results(project)["clouds-int8"]["metrics"]["auc"] <= 1


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("clouds=nowhere", "*data of task 'clouds': *nowhere is not a folder*"),
        # A project that has tasks of its own does not run ours by default.
        ("keyword=.", "*'keyword=.' is of no use: what is worked on is clouds; leave it out*"),
    ],
)
def test_other_data_that_are_of_no_use(project: pytest.Pytester, option: str, message: str) -> None:
    result = project.runpytest_subprocess(*RUN, f"--tinybench-data={option}")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
