"""Samples in the order of a model's inputs and outputs, and how the model is called with them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.conversion.ports import arrays_of, outputs_of
from tinybench.datasets.data import INPUT, by_name
from tinybench.tasks import Dataset, Split
from tinybench.tensorflow import KerasModel, is_functional, load
from tinybench.training.errors import TrainingError

Call = Callable[[list[Any], bool], list[Any]]
"""All outputs of all inputs, in training or not."""


def aligned(model: KerasModel, data: Dataset) -> Dataset:
    """The data set with its inputs and targets in the model's order, which copies of it keep.

    ConversionError for inputs, TrainingError for targets that do not fit the model.
    """
    train, validation, test = (_aligned(model, split) for split in data.splits().values())
    return replace(data, train=train, validation=validation, test=test)


def _aligned(model: KerasModel, split: Split) -> Split:
    arrays = arrays_of(model, split.x)
    x = arrays if isinstance(split.x, Mapping) else next(iter(arrays.values()))
    if not isinstance(split.y, Mapping):
        return replace(split, x=x)
    first = [array[:1] for array in arrays.values()]
    names = list(outputs_of(model, _called(model, list(arrays))(first, False)))
    if {*names} != {*split.y}:
        raise TrainingError(
            f"the model's outputs are {', '.join(names)}, but the data have targets "
            f"{', '.join(split.y)}: training needs a target of that name for each"
        )
    return replace(split, x=x, y={name: split.y[name] for name in names})


def targets_of(split: Split, name: str, shapes: list[tuple[int, ...]]) -> list[NDArray[Any]]:
    """The targets of outputs of these shapes: the same shapes if there are as many numbers.

    Class numbers (N,) are (N, 1), as Keras' `fit` takes them; truths are numbers.
    """
    if split.y is None:
        raise TrainingError(
            f"the {name} split has no targets to train with; those of an autoencoder are its "
            "inputs: Split(x, x)"
        )
    if len(split.targets) != len(shapes):
        raise TrainingError(
            f"the model has {len(shapes)} outputs, the data {len(split.targets)} targets"
        )
    found = []
    for y, shape in zip(split.targets.values(), shapes, strict=True):
        as_many = y.size == len(y) * int(np.prod(shape))
        shaped = y.reshape(len(y), *shape) if as_many else y[:, None] if y.ndim == 1 else y
        found.append(shaped.astype(np.float32) if y.dtype == bool else shaped)
    return found


def caller(model: KerasModel, split: Split) -> Call:
    """A call of the model with tensors in the order of the split's inputs."""
    called = _called(model, list(by_name(split.x, INPUT)))

    def call(tensors: list[Any], training: bool) -> list[Any]:
        found = called(tensors, training)
        nested = isinstance(found, Mapping | list | tuple)
        return list(outputs_of(model, found).values()) if nested else [found]

    # AutoGraph would rewrite the sorting of outputs, too. It still sees to the model's own code.
    made: Call = load().tf.autograph.experimental.do_not_convert(call)
    return made


def _called(model: KerasModel, names: list[str]) -> Callable[[list[Any], bool], Any]:
    parameters = {} if is_functional(model) else inspect.signature(model.call).parameters
    kinds = [one.kind for one in parameters.values()]
    takes = is_functional(model) or "training" in parameters
    takes = takes or inspect.Parameter.VAR_KEYWORD in kinds
    needed = [
        name
        for name, one in parameters.items()
        if one.default is one.empty and one.kind == one.POSITIONAL_OR_KEYWORD
    ]
    apart = len([name for name in needed if name not in ("training", "mask")]) > 1

    def call(tensors: list[Any], training: bool) -> Any:
        more = {"training": training} if takes else {}
        if len(names) == 1:
            return model(tensors[0], **more)
        if apart:
            return model(*tensors, **more)
        if is_functional(model):
            return model(tensors, **more)
        return model(dict(zip(names, tensors, strict=True)), **more)

    return call
