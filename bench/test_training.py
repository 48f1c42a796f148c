"""Does training still give the committed weights?"""

import numpy as np
import pytest

from tinybench import TASKS, Benchmark, Task

RETRAINED_LIMIT = 0.05
"""Largest difference allowed between predictions of the committed and the retrained model, as a
part of the targets' range. On the processor that made the checkpoint it is 0. On another one the
first bit that differs is amplified by hundreds of epochs; this much still is the same model."""


def trained_here(task: Task) -> bool:
    """Whether there are committed weights, and training takes no minutes.

    Where it does, `tinybench train --check` compares.
    """
    committed = task.checkpoints and (task.checkpoints / "float32.npz").is_file()
    return task.is_trained and task.shipped is None and bool(committed)


TRAINED_HERE = [task.name for task in TASKS if trained_here(task)]


@pytest.mark.exact
@pytest.mark.tinybench("task", only=TRAINED_HERE)
def test_training(tinybench: Benchmark) -> None:
    """Retraining a task gives the committed model, bit for bit or within the stated limit."""
    difference = tinybench.bench.retrained_difference(tinybench.task)

    tinybench.record(retrained_difference=difference)

    validation = tinybench.bench.artifacts.dataset(tinybench.task).validation
    # Without targets a model is to give its inputs; scores of class numbers are up to 1.
    wanted = (validation.targets or validation.inputs).values()
    spread = max(1.0 if one.dtype.kind in "iu" else float(np.ptp(one)) for one in wanted)
    assert difference <= RETRAINED_LIMIT * spread
