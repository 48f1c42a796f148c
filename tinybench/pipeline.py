"""From a task to its files: checkpoint, variants, reference predictions; each made once.

The one place with state. Everything it makes goes through the store, under a key of all that
decides the result, so TensorFlow is imported only when something is not there yet.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tinybench import checkpoint as checkpoints
from tinybench import environment
from tinybench.checkpoint import Checkpoint, CheckpointError
from tinybench.progress import Progress, silent
from tinybench.runtimes import Artifact
from tinybench.store import Store
from tinybench.tasks import Dataset, Task
from tinybench.variants import Variant, calibration

T = TypeVar("T")

DECIDING = ("tensorflow", "tf-keras", "tensorflow-model-optimization", "numpy", "tinybench")
"""The versions that a converted file depends on."""


class Pipeline:
    """Makes and remembers what the benchmarks of a session share."""

    def __init__(
        self, store: Store, progress: Callable[[str, str], Progress] = lambda *_: silent
    ) -> None:
        """`progress(title, unit)` gives the reporter of one long piece of work."""
        self._store = store
        self._progress = progress
        self._memory: dict[tuple[Any, ...], Any] = {}

    def dataset(self, task: Task) -> Dataset:
        """The task's data."""
        return self._once(("data", task.name), task.dataset)

    def checkpoint(self, task: Task, stage: str) -> Checkpoint:
        """The committed weights of a stage, or freshly trained ones where none are committed."""
        return self._once((stage, task.name), lambda: self._checkpoint(task, stage))

    def retrained(self, task: Task, stage: str = "float32") -> Checkpoint:
        """Weights trained here and now, whatever is committed."""

        def make() -> bytes:
            from tinybench import training

            start = None if stage == "float32" else self.checkpoint(task, "float32")
            report = self._progress(f"train {task.name} {stage}", "epoch")
            return training.train(task, stage, start=start, progress=report).to_bytes()

        inputs = {**self._definition(task), "machine": environment.machine(), "stage": stage}
        data = self._store.get(f"{task.name}-{stage}", inputs, "npz", make)
        return Checkpoint.from_bytes(data, f"the cached {stage} checkpoint of {task.name}")

    def artifact(self, task: Task, variant: Variant) -> Artifact:
        """The variant's `.tflite`; for float variants Keras can run it too."""
        return self._once(
            ("artifact", task.name, variant.name), lambda: self._artifact(task, variant)
        )

    def reference(self, task: Task) -> NDArray[np.float32]:
        """The Keras model's outputs on the test split."""
        return self._once(("reference", task.name), lambda: self._reference(task))

    def saved_model_bytes(self, task: Task) -> int:
        """Size of all files of the float model's SavedModel."""

        def make() -> bytes:
            from tinybench import saved_model, training

            with tempfile.TemporaryDirectory() as folder:
                saved_model.save(training.restore(task, checkpoint), Path(folder))
                return str(saved_model.tree_bytes(Path(folder))).encode()

        checkpoint = self.checkpoint(task, "float32")
        inputs = {**self._definition(task), "checkpoint": checkpoint.sha256}
        return int(self._store.get(f"{task.name}-saved-model", inputs, "txt", make))

    def _once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        if key not in self._memory:
            self._memory[key] = make()
        return self._memory[key]  # type: ignore[no-any-return]

    def _checkpoint(self, task: Task, stage: str) -> Checkpoint:
        if task.checkpoints is None:
            return self.retrained(task, stage)
        found = checkpoints.load(task.checkpoints, stage)
        definition, now = found.provenance["definition"], task.recipe_and_data(self.dataset(task))
        for part, value in now.items():
            if definition.get(part) != value:
                raise CheckpointError(
                    f"task {task.name!r} has another {part} than its committed {stage} checkpoint "
                    f"was trained with; train it again: tinybench train {task.name} --save"
                )
        return found

    def _artifact(self, task: Task, variant: Variant) -> Artifact:
        def make() -> bytes:
            from tinybench import variants

            samples = calibration(task, self.dataset(task))
            return variants.convert(self._keras(task, variant.stage), variant, samples)

        checkpoint = self.checkpoint(task, variant.stage)
        inputs = {
            **self._definition(task),
            "checkpoint": checkpoint.sha256,
            "variant": variant.definition(),
        }
        name = f"{task.name}-{variant.name}"
        data = self._store.get(name, inputs, "tflite", make)
        same_as_keras = variant.name == "float32"
        keras = (lambda: self._keras(task, "float32")) if same_as_keras else None
        return Artifact(name, data, keras)

    def _reference(self, task: Task) -> NDArray[np.float32]:
        def make() -> bytes:
            from tinybench.runtimes.keras import KerasSession

            outputs = KerasSession(self._keras(task, "float32")).run(self.dataset(task).test.x)
            buffer = io.BytesIO()
            np.save(buffer, outputs)
            return buffer.getvalue()

        checkpoint = self.checkpoint(task, "float32")
        inputs = {
            **self._definition(task),
            "checkpoint": checkpoint.sha256,
            "machine": environment.machine(),
        }
        data = self._store.get(f"{task.name}-keras", inputs, "npy", make)
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False))

    def _keras(self, task: Task, stage: str) -> Any:
        from tinybench import training

        return self._once(
            ("keras", task.name, stage),
            lambda: training.restore(task, self.checkpoint(task, stage)),
        )

    def _definition(self, task: Task) -> dict[str, Any]:
        versions = environment.versions()
        return {
            **task.recipe_and_data(self.dataset(task)),
            "code": task.code(),
            "versions": {name: versions[name] for name in DECIDING},
        }
