"""What a user hands over for a task: a model and data in any of the forms that people have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import isfunction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybench.console import worker
from tinybench.conversion.formats import LoadingError
from tinybench.conversion.model_file import ModelFile, find
from tinybench.datasets import own
from tinybench.datasets.data import Dataset, Split
from tinybench.tasks.architecture import architecture_and_weights

if TYPE_CHECKING:
    from tinybench.conversion.declared import Port


@dataclass(frozen=True, slots=True)
class Given:
    """A function that gives what is there: a data set, whatever its seed, or a Keras model."""

    value: Any
    sha256: str

    def __call__(self, _: Any) -> Any:
        return self.value


def source_of(
    model: Any, custom_objects: Mapping[str, Any] | None
) -> tuple[Callable[[Any], Any] | None, ModelFile | None]:
    """How a model is built, or the file that it is in."""
    if isinstance(model, str | Path):
        return None, find(Path(model).expanduser().absolute(), custom_objects)
    if isfunction(model) or isinstance(model, partial):
        return model, None
    return Given(model, architecture_and_weights(model)), None


def name_of(model: ModelFile | None) -> str:
    """What a task is called that nobody named: as its file, in the letters that names have."""
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", model.path.stem) if model else ""
    return name.lstrip("_.-") or "model"


def data_of(
    data: Any, model: ModelFile | None, labels: tuple[str, ...], options: Mapping[str, Any]
) -> Callable[[int], Dataset]:
    """The function of a seed that makes a task's data set.

    `options` are those of `own.read`, and `judged`: whether targets must fit the model's outputs,
    or a head says what they are.
    """
    if isinstance(data, str | Path):
        path = Path(data).expanduser().absolute()
        return partial(_read, path=path, model=model, labels=labels, **options)
    if isinstance(data, Split):
        data = (data.x, data.y, data.weights)
    if isinstance(data, tuple | list):
        data = own.of_arrays(*data, labels=labels).dataset
    if isinstance(data, Dataset):
        return Given(data, data.sha256)
    made: Callable[[int], Dataset] = data
    return made


def _read(
    seed: int, *, path: Path, model: ModelFile | None, judged: bool, **options: Any
) -> Dataset:
    """The data of a file or folder, as the inputs and outputs of this model take them."""
    inputs, outputs = _ports(model) if model else ({}, {})
    if model and not judged and model.format != "tflite":
        outputs = {}
    return own.read(path, expected=inputs, outputs=outputs, seed=seed, **options).dataset


def _ports(model: ModelFile) -> tuple[dict[str, Port], dict[str, Port]]:
    """Of a Keras model in the process that converts it, too: TensorFlow is imported once."""
    # What reads files is not imported to know the names of tasks.
    from tinybench.conversion.declared import declared_ports

    if model.format == "tflite":
        return declared_ports(model)
    try:
        return worker.call(declared_ports, model)
    except worker.ChildError as error:
        raise LoadingError(f"{model.path}: reading the model {error}") from error
