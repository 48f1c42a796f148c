"""The SavedModel's size is a property of the model."""

from dataclasses import replace

import numpy as np

from tinybench.artifacts import Artifacts, saved_model
from tinybench.console import worker
from tinybench.tasks import Task
from tinybench.training import stages


def test_size_does_not_depend_on_the_process(artifacts: Artifacts, small: Task) -> None:
    """Names in the file count neither models nor functions that were made before."""
    first = saved_model.tree_bytes(artifacts, small)

    def make_models(task: Task) -> None:
        for seed in range(12):
            stages.new_model(task, seed)(np.zeros((1, 1), np.float32))

    worker.call(make_models, small)

    assert saved_model.tree_bytes(artifacts, replace(small, name="again")) == first
    assert first > 10_000


def test_loaded_again(artifacts: Artifacts, small: Task) -> None:
    """It predicts what the model predicts, bit for bit."""
    loaded = saved_model.reloaded_predictions(artifacts, small)

    assert [*loaded] == ["output"]
    assert loaded["output"].tobytes() == artifacts.reference(small)["output"].tobytes()
