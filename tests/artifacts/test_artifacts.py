"""The artifacts makes things once, and again when something that decides them changes."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tinybench.artifacts import Artifacts
from tinybench.conversion.variants import VARIANTS
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Task
from tinybench.training.checkpoint import CheckpointError

WITHOUT_TENSORFLOW = """
import os, sys, pathlib
from tinybench.console import worker
from tinybench.measurement.measure import Measurements
from tinybench.artifacts import Artifacts
from tinybench.runtimes import RUNTIMES
from tinybench.storage.store import Store
from tinybench.tasks import TASKS
from tinybench.conversion.variants import VARIANTS
bench = Measurements(Artifacts(Store(pathlib.Path(sys.argv[1]))))
task, int8 = TASKS.get("sine-16x16-kink"), VARIANTS.get("int8")
bench.variant(task, int8)
bench.runtime(task, int8, RUNTIMES.get("tflm"))
print("tensorflow" in sys.modules, worker._shared(os.getpid())._child is None)
"""


@pytest.mark.slow
def test_warm_runs_do_without_tensorflow(tmp_path: Path) -> None:
    """What makes things never imports it, and what is cached starts no other process."""
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, str(tmp_path)]
    outputs = [
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        for _ in range(2)
    ]

    assert outputs == ["False False", "False True"]


@pytest.mark.slow
def test_trains_where_nothing_is_committed(artifacts: Artifacts, small: Task) -> None:
    """A task without checkpoints is trained when it is first needed."""
    float32, qat = (artifacts.checkpoint(small, stage) for stage in ("float32", "qat"))

    assert qat.provenance["start"] == float32.sha256
    assert "quant_dense_0/kernel_max" in qat.weights


@pytest.mark.parametrize("change", ["recipe", "data"])
def test_a_changed_task_does_not_take_the_old_checkpoint(artifacts: Artifacts, change: str) -> None:
    """Committed weights of another recipe or other data are refused, with the way out."""
    task = TASKS.get("sine-8")
    changed = {
        "recipe": replace(task, recipe=replace(task.recipe, epochs=7)),
        "data": replace(task, data_seed=2),
    }[change]

    with pytest.raises(
        CheckpointError,
        match=f"'sine-8' has another {change} than .* train it again: tinybench train sine-8",
    ):
        artifacts.checkpoint(changed, "float32")


def test_the_calibration_set_is_part_of_the_key(tmp_path: Path) -> None:
    """Other representative samples give another file, not the cached one."""
    task = TASKS.get("sine-16x16-kink")
    few = replace(task, calibration_samples=10)
    root = tmp_path / "cache"

    files = [
        Artifacts(Store(root)).artifact(each, VARIANTS.get("int8")).data for each in (task, few)
    ]

    assert files[0] != files[1]
