"""The SavedModel's size is a property of the model."""

from dataclasses import replace

import numpy as np

from tinybench import saved_model, training
from tinybench.pipeline import Pipeline
from tinybench.tasks import Task


def test_size_does_not_depend_on_the_process(pipeline: Pipeline, small: Task) -> None:
    """Names in the file count neither models nor functions that were made before."""
    first = saved_model.tree_bytes(pipeline, small)
    for seed in range(12):
        training.new_model(small, seed)(np.zeros((1, 1), np.float32))

    assert saved_model.tree_bytes(pipeline, replace(small, name="again")) == first
    assert first > 10_000


def test_loaded_again(pipeline: Pipeline, small: Task) -> None:
    """It predicts what the model predicts, bit for bit."""
    loaded = saved_model.reloaded_predictions(pipeline, small)

    assert loaded.tobytes() == pipeline.reference(small).tobytes()
