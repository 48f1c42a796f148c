"""From a task to its files: checkpoint, variants, reference predictions; each made once.

The one place with state. Everything it makes goes through the store, under a key of all that
decides the result, so TensorFlow is imported only when something is not there yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from tinybench import environment
from tinybench.artifacts import apart
from tinybench.console.progress import Progress, silent
from tinybench.conversion.variants import Variant
from tinybench.datasets import evaluation as evaluations
from tinybench.datasets.data import OUTPUT, Values, hash_of
from tinybench.errors import NeedsTrainingDataError, TinybenchError
from tinybench.runtimes import Artifact
from tinybench.storage import hashing
from tinybench.storage.code import code_of
from tinybench.storage.store import Store
from tinybench.tasks import Dataset, Evaluation, Task, elsewhere
from tinybench.tensorflow import KerasModel
from tinybench.tflite import Model
from tinybench.tflite.ports import plain_name
from tinybench.training import checkpoint as checkpoints
from tinybench.training.checkpoint import Checkpoint, OtherArchitectureError
from tinybench.training.unfinished import Unfinished

T = TypeVar("T")

DECIDING = ("tensorflow", "tf-keras", "tensorflow-model-optimization", "numpy", "tinybench")
"""The versions that a converted file depends on."""

MADE_WITH = "made-with.json"
"""The versions that files of the cache were made with last."""

MAKING = ("tinybench.artifacts", "tinybench.conversion", "tinybench.training")
"""The code that makes checkpoints and files: an edit of it makes them again."""
MAKING_DATA = ("tinybench.datasets", "tinybench.tasks")
"""The code that makes data."""


class Artifacts:
    """Makes and remembers what the benchmarks of a session share."""

    def __init__(
        self, store: Store, progress: Callable[[str, str], Progress] = lambda *_: silent
    ) -> None:
        """`progress(title, unit)` gives the reporter of one long piece of work."""
        self.store = store
        self._progress = progress
        self._memory: dict[tuple[Any, ...], Any] = {}
        self._failures: dict[tuple[Any, ...], TinybenchError] = {}

    def dataset(self, task: Task) -> Dataset:
        """All of the task's data, made where only a part of them is shipped."""
        return self._once(("data", task.name), lambda: self._dataset(task))

    def evaluation(self, task: Task) -> Evaluation:
        """What the task's models are calibrated and measured with."""
        return self._once(("evaluation", task.name), lambda: self._evaluation(task))

    def checkpoint(self, task: Task, stage: str) -> Checkpoint:
        """The committed weights of a stage, or freshly trained ones where none are committed."""
        return self._once((stage, task.name), lambda: self._checkpoint(task, stage))

    def retrained(self, task: Task, stage: str = "float32") -> Checkpoint:
        """Weights trained here and now, whatever is committed."""

        def make() -> bytes:
            start = None if stage == "float32" else self.checkpoint(task, "float32")
            report = self._progress(f"train {task.name} {stage}", "epoch")
            unfinished = Unfinished(self.store.root, task.name, inputs)
            found = apart.train(
                task,
                stage,
                start=start,
                progress=report,
                data=self.dataset(task),
                memory=unfinished.stage(stage),
            ).to_bytes()
            unfinished.clear()
            return found

        inputs = {**self._definition(task), "machine": environment.machine(), "stage": stage}
        data = self.store.get(f"{task.name}-{stage}", inputs, "npz", make)
        return Checkpoint.from_bytes(data, f"the cached {stage} checkpoint of {task.name}")

    def artifact(self, task: Task, variant: Variant) -> Artifact:
        """The variant's `.tflite`; for float variants Keras can run it too."""
        return self._once(
            ("artifact", task.name, variant.name), lambda: self._artifact(task, variant)
        )

    def reference(self, task: Task) -> dict[str, NDArray[Any]]:
        """The Keras model's outputs on the test split, by name."""
        x = self.evaluation(task).test.x
        return self._once(("reference", task.name), lambda: self.keras_outputs(task, x))

    def keras_outputs(self, task: Task, x: Values) -> dict[str, NDArray[Any]]:
        """The Keras float model's outputs for inputs (N, *input shape), by name."""

        def make() -> bytes:
            model = self.source(task, "float32")
            return apart.ask(f"task {task.name!r}", "Keras", apart.outputs, model, x)

        # The last bits of float sums depend on the processor.
        more = {"machine": environment.machine(), "x": hash_of(x)}
        return apart.unpacked(self.derived(task, "float32", "keras", "npz", make, **more))

    def outputs(self, task: Task, model: Model) -> tuple[str, ...]:
        """What a file's outputs are called, in its order: by the Keras model, if there is one."""
        if len(model.outputs) == 1:
            return (OUTPUT,)
        if task.is_file:
            return tuple(plain_name(model.tensors[index]) for index in model.outputs)
        return self._once(("outputs", task.name), lambda: self._outputs(task))

    def _outputs(self, task: Task) -> tuple[str, ...]:
        def make() -> bytes:
            model, x = self.source(task, "float32"), self.evaluation(task).calibration
            names = apart.ask(f"task {task.name!r}", "Keras", apart.output_names, model, x)
            return json.dumps(names).encode()

        return tuple(json.loads(self.derived(task, "float32", "outputs", "json", make)))

    def summary(self, task: Task) -> str:
        """Keras' own summary of the float model."""

        def make() -> bytes:
            model = self.source(task, "float32")
            return apart.ask(f"task {task.name!r}", "Keras", apart.summary, model).encode()

        return self.derived(task, "float32", "summary", "txt", make).decode()

    def keras_model(self, task: Task, stage: str) -> KerasModel:
        """The Keras model of a stage, with its weights, in this process."""
        return self._once(("keras", task.name, stage), self.source(task, stage).make)

    def source(self, task: Task, stage: str) -> apart.Source:
        """How the other process makes the Keras model of a stage."""
        found = self.checkpoint(task, stage)
        key = hashing.of_json([self._definition(task), stage, found.sha256])
        return apart.source(task, found, key)

    def versions(self) -> dict[str, str]:
        """Of the packages that decide results: those installed and, of what is not, the cache's.

        Nothing can be made without them: what is there was made with those.
        """
        found = environment.versions()
        absent = {name for name in DECIDING if found[name] == environment.NOT_INSTALLED}
        noted: dict[str, str] = json.loads(self.store.note(MADE_WITH) or "{}") if absent else {}
        return found | {name: noted[name] for name in absent & noted.keys()}

    def derived(
        self, task: Task, stage: str, name: str, suffix: str, make: Callable[[], bytes], **more: Any
    ) -> bytes:
        """What `make` makes of a checkpoint, from the store if it is there.

        `more` is what else decides the bytes, JSON-able.
        """
        definition = self._definition(task)
        inputs = {
            **definition,
            "checkpoint": self.checkpoint(task, stage).sha256,
            "name": name,
            **more,
        }

        def made() -> bytes:
            found = make()
            self.store.set_note(MADE_WITH, json.dumps(definition["versions"]))
            return found

        return self.store.get(f"{task.name}-{name}", inputs, suffix, made)

    def _once(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Make it; what failed once is not tried again, and fails with the same line."""
        if key in self._failures:
            raise self._failures[key].with_traceback(None) from None
        if key not in self._memory:
            try:
                self._memory[key] = apart.here(f"task {key[1]!r}", make)
            except TinybenchError as error:
                self._failures[key] = error
                raise
        return self._memory[key]  # type: ignore[no-any-return]

    def _checkpoint(self, task: Task, stage: str) -> Checkpoint:
        if task.checkpoints is None:
            return self.retrained(task, stage)
        found = checkpoints.load(task.checkpoints, stage, task.name)
        definition = found.provenance["definition"]
        now = task.recipe_and_data(self.evaluation(task).card.sha256)
        for part, value in now.items():
            if definition.get(part) != value:
                raise OtherArchitectureError(
                    f"task {task.name!r} has another {part} than its committed {stage} checkpoint "
                    f"was trained with; train it again: tinybench train {task.name} --save"
                )
        return found

    def _dataset(self, task: Task) -> Dataset:
        """Made now, or where it takes long and is compact as integers, from the store."""
        grid = task.grid
        if grid is None:
            return task.dataset()
        inputs = {
            "code": [code_of(*MAKING_DATA), task.data_code()],
            "seed": task.data_seed,
            "grid": asdict(grid),
            "folder": elsewhere.fingerprint(task.folder),
        }
        name = task.ships or task.name
        packed = self.store.get(
            f"{name}-data", inputs, "npz", lambda: evaluations.pack(task.dataset(), grid)
        )
        return evaluations.unpack(packed, grid)

    def _evaluation(self, task: Task) -> Evaluation:
        # Not made a second time where it must be made: its other splits are wanted too.
        if task.shipped is None:
            return task.evaluation_of(self.dataset(task))
        return task.evaluation()

    def _artifact(self, task: Task, variant: Variant) -> Artifact:
        name = f"{task.name}-{variant.name}"
        if task.is_file and task.model is not None:
            return Artifact(name, task.model.path.read_bytes())
        if reason := task.missing(variant.stage):
            raise NeedsTrainingDataError(reason)
        samples = self.evaluation(task).calibration

        def make() -> bytes:
            model, where = self.source(task, variant.stage), f"task {task.name!r}, {variant.name}"
            return apart.ask(where, "the converter", apart.convert, model, variant, samples)

        data = self.derived(
            task,
            variant.stage,
            variant.name,
            "tflite",
            make,
            variant=variant.definition(),
            calibration=hash_of(samples),
        )
        is_reference = variant.name == "float32"
        return Artifact(name, data, Reference(self, task) if is_reference else None)

    def _definition(self, task: Task) -> dict[str, Any]:
        versions = self.versions()
        return {
            **task.recipe_and_data(self.evaluation(task).card.sha256),
            "code": [task.code(), code_of(*MAKING)],
            "versions": {name: versions[name] for name in DECIDING},
        }


@dataclass(frozen=True, slots=True)
class Reference:
    """A task's Keras float model (see `tinybench.runtimes.base.KerasReference`)."""

    artifacts: Artifacts
    task: Task

    def run_ports(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Every output for every input, from the other process."""
        model, x = self.artifacts.source(self.task, "float32"), self._x
        return apart.ask(f"task {self.task.name!r}", "Keras", apart.run_ports, model, x, inputs)

    def function(self) -> Any:
        """The model in this process, as a concrete function of one sample."""
        return apart.traced_on(self.artifacts.keras_model(self.task, "float32"), self._x).function

    @property
    def _x(self) -> Values:
        return self.artifacts.evaluation(self.task).calibration
