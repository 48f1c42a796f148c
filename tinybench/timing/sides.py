"""What is timed in turns: a `.tflite` file, a variant of this code, or a stored baseline."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybench import machines, tflite
from tinybench.conversion.variants import VARIANTS
from tinybench.errors import TinybenchError
from tinybench.results import stored_models
from tinybench.runtimes import Artifact, RefusalError, Runtime, TimedSession
from tinybench.runtimes.isolated import attempt
from tinybench.storage import hashing
from tinybench.tasks import TASKS, Task
from tinybench.tflite.ports import all_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from tinybench.artifacts import Artifacts


class SideError(TinybenchError, ValueError):
    """Nothing that can be timed goes by this name."""

    page = "nothing-to-time"


@dataclass(slots=True)
class Model:
    """A `.tflite` on a runtime, and the sample that it is timed with: (*shape) of each input."""

    name: str
    data: bytes
    runtime: Runtime
    sample: Sequence[NDArray[Any]]
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        self.sha256 = hashing.of_bytes(self.data)

    def load(self) -> tuple[Callable[[], object], object]:
        """One inference and its session; RefusalError says why the runtime does not take it."""
        # A copy, because LiteRT reads the weights where the file's bytes lie.
        artifact = Artifact(self.name, bytes(bytearray(self.data)))
        session = self.runtime.load(artifact)
        if not isinstance(session, TimedSession):
            raise RefusalError(f"{self.runtime.name} cannot be timed: its session has no `prepare`")
        try:
            return session.prepare(*self.sample), (session, artifact)
        except (ValueError, RuntimeError) as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise RefusalError(f"{self.name}: {reason[0]}") from None


def find(text: str, runtime: Runtime, artifacts: Artifacts, root: Path) -> Model:
    """The side of a name: `FILE.tflite`, `TASK/VARIANT`, or `TASK/VARIANT@COMMIT`.

    The last is the baseline that is stored in the commit. A file is timed with random inputs, the
    others with the first test sample of their task.
    """
    path = Path(text)
    if path.suffix == ".tflite" or path.is_file():
        return of_file(path, runtime)
    name, at, commit = text.partition("@")
    task_name, slash, variant_name = name.partition("/")
    if not slash or (at and not commit):
        raise SideError(f"{text!r} is none of FILE.tflite, TASK/VARIANT and TASK/VARIANT@COMMIT")
    task, variant = TASKS.get(task_name), VARIANTS.get(variant_name)
    if at:
        data = stored_models.load(task.name, variant.name, root, commit)
    else:
        data = artifacts.artifact(task, variant).data
    return of_task(text, data, task, runtime, artifacts)


def of_task(name: str, data: bytes, task: Task, runtime: Runtime, artifacts: Artifacts) -> Model:
    """A model of a task, with the task's first test sample."""
    inputs = artifacts.evaluation(task).test.taken(slice(1)).inputs
    codes, _ = all_codes(inputs, tflite.read(data))
    return Model(name, data, runtime, [array[0] for array in codes])


def of_file(path: Path, runtime: Runtime) -> Model:
    """A file from outside: it is tried in a process of its own before it is loaded here."""
    data = path.read_bytes()
    try:
        model = tflite.read(data)
        inputs = machines.random_inputs(model, 1, seed=0)
    except tflite.ModelError as error:
        raise error.about(path) from None
    if reason := attempt(data, runtime.name).reason:
        raise RefusalError(f"{path}: {runtime.name}: {reason.removeprefix(f'{runtime.name}: ')}")
    return Model(str(path), data, runtime, [array[0] for array in inputs])
