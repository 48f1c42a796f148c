"""Do the tutorials' ways to a .tflite, by SavedModel and by command line, compute the same?"""

import pytest

from tinybench import (
    REFERENCE_RUNTIME,
    RUNTIMES,
    TASKS,
    VARIANTS,
    Benchmark,
    predict,
    saved_model,
    tflite,
    value_problem,
)

pytestmark = pytest.mark.exact

BUILT_IN = [task.name for task in TASKS if TASKS.is_installed(task.name) and task.is_trained]
"""Shown for these: how a user's model was made and what it takes is theirs to know."""


@pytest.mark.tinybench("task", only=BUILT_IN)
def test_load_again(tinybench: Benchmark) -> None:
    """A SavedModel that is loaded again predicts what the saved model predicted, bit for bit."""
    artifacts = tinybench.bench.artifacts

    loaded = saved_model.reloaded_predictions(artifacts, tinybench.task)

    expected = artifacts.reference(tinybench.task)
    assert {name: values.tobytes() for name, values in loaded.items()} == {
        name: values.tobytes() for name, values in expected.items()
    }


@pytest.mark.tinybench("task", only=BUILT_IN)
@pytest.mark.parametrize("variant", ["float32", "int8"])
def test_saved_model_route(tinybench: Benchmark, variant: str) -> None:
    """Converting the SavedModel gives the outputs of our own file, byte for byte.

    With batch norm but for rounding: there the converter computes 1/sqrt with the processor's own
    approximation, and ours does not let it (`tinybench.conversion.batch_norm`).
    """
    bench, task = tinybench.bench, tinybench.task
    runtime = RUNTIMES.get(REFERENCE_RUNTIME)
    theirs = saved_model.artifact(bench.artifacts, task, VARIANTS.get(variant))

    found = predict(
        runtime.load(theirs), tflite.read(theirs.data), bench.artifacts.evaluation(task).test.x
    )

    ours = bench.predictions(task, VARIANTS.get(variant), runtime)
    weights = bench.artifacts.checkpoint(task, "float32").weights
    if any(name.endswith("/moving_variance") for name in weights):
        assert value_problem(found, ours) is None
    else:
        assert found.raw.tobytes() == ours.raw.tobytes()


@pytest.mark.tinybench("task", only=["linear"])
def test_command_line_converter(tinybench: Benchmark) -> None:
    """`tflite_convert` writes the bytes that the Python API writes for the same SavedModel.

    Shown for the linear tutorial, where it comes from: it starts TensorFlow once more.
    """
    artifacts, task = tinybench.bench.artifacts, tinybench.task

    by_command = saved_model.command_line_artifact(artifacts, task)

    assert by_command.data == saved_model.artifact(artifacts, task, VARIANTS.get("float32")).data
