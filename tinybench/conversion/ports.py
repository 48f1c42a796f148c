"""The inputs and outputs of a model by name: the samples say what they are, and fit or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.conversion.errors import PortError
from tinybench.datasets.data import INPUT, OUTPUT, by_name
from tinybench.tensorflow import KerasModel, is_functional

Samples: TypeAlias = NDArray[Any] | Mapping[str, NDArray[Any]]
"""An array (N, *shape) for a model of one input, or such an array for each input's name."""

TYPES = ("float32", "int8", "uint8", "int16", "int32", "bool")
"""What an input of a `.tflite` may be; other types become one of them."""


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of one sample: `shape` is without the batch."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    def __str__(self) -> str:
        return f"{self.name} {self.shape}"


@dataclass(frozen=True, slots=True)
class Ports:
    """Inputs and outputs of a model, in the order of its `.tflite`'s."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """An input as the model declares it, or not: `shape` is without the batch."""

    name: str
    shape: tuple[int | None, ...] | None


def arrays_of(model: KerasModel, samples: Samples) -> dict[str, NDArray[Any]]:
    """The samples of each of the model's inputs, in its order, of types that a file can have.

    They are matched by name where the model's inputs have names, otherwise by order. Raise
    `ConversionError` where they do not fit, naming both.
    """
    slots = slots_of(model)
    given = by_name(samples, INPUT)
    found = _matched(slots, given) if slots else given
    if found is None or (slots and not all(map(_fits, slots, found.values()))):
        theirs = ", ".join(f"{name} {value.shape[1:]}" for name, value in given.items())
        ours = ", ".join(f"{slot.name} {slot.shape}" for slot in slots)
        raise PortError(f"the model has {_inputs(len(slots))} {ours}; the data have {theirs}")
    return {name: _typed(name, value) for name, value in found.items()}


def slots_of(model: KerasModel) -> list[Slot]:
    """The inputs that a model declares; none for a subclassed one."""
    if declared := getattr(model, "declared_inputs", None):
        return [Slot(name, tuple(shape)) for name, shape in declared]
    if not is_functional(model):
        nested = structure(model)
        items: Any = nested.items() if isinstance(nested, Mapping) else ()
        return [Slot(name, tuple(getattr(one, "shape", one)[1:])) for name, one in items]
    names = [tensor.name.partition(":")[0] for tensor in model.inputs]
    return [
        Slot(name, tuple(tensor.shape[1:]))
        for name, tensor in zip(names, model.inputs, strict=True)
    ]


def outputs_of(model: KerasModel, found: Any) -> dict[str, Any]:
    """What a call of the model gave, each output by its name, in the model's order."""
    # No assignment expression: TensorFlow's autograph reads this and knows none.
    values = [value for _, value in _parts(found)]
    if len(values) == 1:
        return {OUTPUT: values[0]}
    if isinstance(found, Mapping):
        return {
            name if not rest else f"{name}_{rest}": value
            for name, part in found.items()
            for rest, value in _parts(part)
        }
    names = list(getattr(model, "output_names", None) or ())
    if len(names) != len(values) or len(set(names)) != len(names):
        names = [f"{OUTPUT}_{index}" for index in range(len(values))]
    return dict(zip(names, values, strict=True))


def structure(model: KerasModel) -> Any:
    """How the model's inputs are nested, as far as it remembers."""
    if is_functional(model):
        return getattr(model, "_inputs_struct", getattr(model, "_nested_inputs", None))
    if spec := getattr(model, "_saved_model_inputs_spec", None):
        return spec
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    (shape,) = shapes.values() if len(shapes) == 1 else (None,)
    if isinstance(shape, Mapping) or (shape and isinstance(shape[0], list | tuple)):
        return shape
    return None


def _parts(value: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """The tensors in a nest, each with the path to it."""
    if not isinstance(value, Mapping | list | tuple):
        return [(prefix, value)]
    items = list(value.items()) if isinstance(value, Mapping) else list(enumerate(value))
    join = f"{prefix}_" if prefix else ""
    return [part for key, item in items for part in _parts(item, f"{join}{key}")]


def _matched(slots: list[Slot], given: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]] | None:
    if len(slots) != len(given):
        return None
    if len(slots) == 1:
        return given
    # What no input is called goes to what is left, in order.
    named = {slot.name for slot in slots} & set(given)
    rest = iter([name for name in given if name not in named])
    names = [slot.name if slot.name in named else next(rest) for slot in slots]
    return {name: given[name] for name in names}


def _fits(slot: Slot, value: NDArray[Any]) -> bool:
    if slot.shape is None:
        return True
    return len(slot.shape) == value.ndim - 1 and all(
        mine in (None, theirs) for mine, theirs in zip(slot.shape, value.shape[1:], strict=True)
    )


def _typed(name: str, value: NDArray[Any]) -> NDArray[Any]:
    value = np.asarray(value)
    if value.dtype.name in TYPES:
        return value
    if value.dtype.kind == "f":
        return value.astype(np.float32)
    if value.dtype.kind in "iu":
        limits = np.iinfo(np.int32)
        if value.size and not limits.min <= value.min() <= value.max() <= limits.max:
            raise PortError(
                f"input {name}: {value.dtype} values from {value.min()} to {value.max()}; "
                "a .tflite's integers are int32"
            )
        return value.astype(np.int32)
    raise PortError(
        f"input {name}: values of type {value.dtype}; a .tflite takes {', '.join(TYPES)}"
    )


def _inputs(count: int) -> str:
    return "the input" if count == 1 else "inputs"
