"""The tutorials' route: save the Keras model as a SavedModel, load it again, convert from there.

Ours converts the traced function instead. The files differ in names only; the suite checks that
they compute the same, for the Python API and for the converter's command line.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tinybench.artifacts import Artifacts, apart
from tinybench.conversion.variants import ConversionError, Variant, convert_saved_model
from tinybench.datasets.data import Values, hash_of
from tinybench.runtimes import Artifact
from tinybench.tasks import Task
from tinybench.tensorflow import is_keras3, load, quiet

UID_WIDTH = 10**6
RANDOM_LENGTH = "fingerprint.pb"
"""This file holds a random number as text, so its length (97 or 98 bytes) is no measurement."""


def tree_bytes(artifacts: Artifacts, task: Task) -> int:
    """Bytes of all files in the float model's SavedModel folder, but for `fingerprint.pb`."""
    if task.model is not None and task.model.format == "saved-model":
        files = [path for path in task.model.path.rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files if path.name != RANDOM_LENGTH)
    with tarfile.open(fileobj=io.BytesIO(archive(artifacts, task))) as tar:
        return sum(
            member.size
            for member in tar.getmembers()
            if member.isfile() and Path(member.name).name != RANDOM_LENGTH
        )


def archive(artifacts: Artifacts, task: Task) -> bytes:
    """The SavedModel folder as a tar file."""

    def make() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            source = artifacts.source(task, "float32")
            apart.ask(f"task {task.name!r}", "Keras", _save, source, folder)
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode="w") as tar:
                tar.add(folder, arcname=".")
            return buffer.getvalue()

    return artifacts.derived(task, "float32", "saved-model", "tar", make)


def reloaded_predictions(artifacts: Artifacts, task: Task) -> dict[str, NDArray[Any]]:
    """Outputs on the test split, by name, of the model after loading it from its SavedModel."""

    def make(folder: str) -> bytes:
        x = artifacts.evaluation(task).test.x
        return apart.ask(f"task {task.name!r}", "Keras", _reloaded, folder, x)

    return apart.unpacked(_from_folder(artifacts, task, "reloaded", "npz", make))


def artifact(artifacts: Artifacts, task: Task, variant: Variant) -> Artifact:
    """The variant converted from the SavedModel by the Python API; float32-stage variants only."""
    name = f"saved-model-{variant.name}"
    samples = artifacts.evaluation(task).calibration

    def make(folder: str) -> bytes:
        where = f"task {task.name!r}, {name}"
        return apart.ask(where, "the converter", convert_saved_model, folder, variant, samples)

    data = _from_folder(
        artifacts,
        task,
        name,
        "tflite",
        make,
        variant=variant.definition(),
        calibration=hash_of(samples),
    )
    return Artifact(f"{task.name}-{name}", data)


def command_line_artifact(artifacts: Artifacts, task: Task) -> Artifact:
    """The float32 variant converted from the SavedModel by the `tflite_convert` command."""

    def make(folder: str) -> bytes:
        with tempfile.TemporaryDirectory() as out:
            target = Path(out) / "model.tflite"
            run = subprocess.run(
                [
                    *(sys.executable, "-m", "tensorflow.lite.python.tflite_convert"),
                    f"--saved_model_dir={folder}",
                    f"--output_file={target}",
                ],
                capture_output=True,
                text=True,
                timeout=300,
            )
            if run.returncode:
                reason = run.stderr.strip().splitlines()[-1:]
                raise ConversionError(f"tflite_convert failed: {' '.join(reason)}")
            return target.read_bytes()

    name = "command-line-float32"
    data = _from_folder(artifacts, task, name, "tflite", make)
    return Artifact(f"{task.name}-{name}", data)


def _from_folder(
    artifacts: Artifacts,
    task: Task,
    name: str,
    suffix: str,
    make: Callable[[str], bytes],
    **more: Any,
) -> bytes:
    """The result of `make(folder of the SavedModel)`, cached."""

    def unpack() -> bytes:
        with (
            tempfile.TemporaryDirectory() as folder,
            tarfile.open(fileobj=io.BytesIO(archive(artifacts, task))) as tar,
        ):
            # Known from Python 3.10.12 and 3.11.4 on; the archive is our own.
            known: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            tar.extractall(folder, **known)
            return make(folder)

    return artifacts.derived(task, "float32", name, suffix, unpack, **more)


# What follows runs in the other process.
def _save(source: apart.Source, folder: str) -> None:
    """Write the model for inference, without optimizer state."""
    model = source.model()
    _widen_function_names()
    with quiet():
        if is_keras3(model):
            model.export(folder, verbose=False)
        else:
            model.save(folder, save_format="tf", include_optimizer=False)


def _reloaded(folder: str, x: Values) -> bytes:
    return apart.answered_by(load().keras.models.load_model(folder, compile=False), x)


def _widen_function_names() -> None:
    """Let the counter in TensorFlow's function names have seven digits.

    The names are stored; without this the size depends on what the process did before.
    """
    from tensorflow.python import pywrap_tfe

    while pywrap_tfe.TFE_Py_UID() < UID_WIDTH:
        pass
