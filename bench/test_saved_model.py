"""Do the tutorials' ways to a .tflite, by SavedModel and by command line, compute the same?"""

import pytest

from tinybench import measure, saved_model, tflite
from tinybench.runtimes import RUNTIMES
from tinybench.trial import Trial
from tinybench.variants import VARIANTS

pytestmark = pytest.mark.exact


@pytest.mark.tinybench("task")
def test_load_again(tinybench: Trial) -> None:
    """A SavedModel that is loaded again predicts what the saved model predicted, bit for bit."""
    pipeline = tinybench.bench.pipeline

    loaded = saved_model.reloaded_predictions(pipeline, tinybench.task)

    assert loaded.tobytes() == pipeline.reference(tinybench.task).tobytes()


@pytest.mark.tinybench("task")
@pytest.mark.parametrize("variant", ["float32", "int8"])
def test_saved_model_route(tinybench: Trial, variant: str) -> None:
    """Converting the SavedModel gives the outputs of our own file, byte for byte.

    With batch norm but for rounding: there the converter computes 1/sqrt with the processor's own
    approximation, and ours does not let it (`tinybench.batch_norm`).
    """
    bench, task = tinybench.bench, tinybench.task
    runtime = RUNTIMES.get(measure.REFERENCE_RUNTIME)
    theirs = saved_model.artifact(bench.pipeline, task, VARIANTS.get(variant))

    found = measure.predict(
        runtime.load(theirs), tflite.read(theirs.data), bench.pipeline.evaluation(task).test.x
    )

    ours = bench.predictions(task, VARIANTS.get(variant), runtime)
    weights = bench.pipeline.checkpoint(task, "float32").weights
    if any(name.endswith("/moving_variance") for name in weights):
        assert measure.value_problem(found, ours) is None
    else:
        assert found.raw.tobytes() == ours.raw.tobytes()


@pytest.mark.tinybench("task", only=["linear"])
def test_command_line_converter(tinybench: Trial) -> None:
    """`tflite_convert` writes the bytes that the Python API writes for the same SavedModel.

    Shown for the linear tutorial, where it comes from: it starts TensorFlow once more.
    """
    pipeline, task = tinybench.bench.pipeline, tinybench.task

    by_command = saved_model.command_line_artifact(pipeline, task)

    assert by_command.data == saved_model.artifact(pipeline, task, VARIANTS.get("float32")).data
