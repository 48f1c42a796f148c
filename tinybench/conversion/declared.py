"""What a ready-made model takes and gives, as its file declares it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from tinybench import tflite
from tinybench.conversion.loading import load_model
from tinybench.conversion.model_file import ModelFile
from tinybench.conversion.ports import slots_of
from tinybench.datasets.data import OUTPUT
from tinybench.tensorflow import KerasModel, is_functional, layers_of
from tinybench.tflite.ports import inputs_of, outputs_of, plain_name

Port: TypeAlias = tuple[tuple[int | None, ...], str]
"""Shape without the batch, None being any size, and data type."""


def declared_ports(model: ModelFile) -> tuple[dict[str, Port], dict[str, Port]]:
    """Inputs and outputs by name; empty for a model that does not declare them.

    Of a Keras model that has several outputs they are not told: what they are called is known when
    it is traced.
    """
    if model.format == "tflite":
        graph = tflite.read(model.path.read_bytes())
        return _ports(inputs_of(graph)), _ports(outputs_of(graph))
    loaded = load_model(model.path, model.custom_objects)
    types = _types(loaded)
    inputs: dict[str, Port] = {
        one.name: (one.shape or (), types.get(one.name, "float32")) for one in slots_of(loaded)
    }
    return inputs, {} if (shape := _output_shape(loaded)) is None else {OUTPUT: (shape, "float32")}


def _types(model: KerasModel) -> Mapping[str, str]:
    """The types of the inputs of a Keras model, as far as it declares them.

    An Input says float32 where its author said nothing; what an Embedding reads are ids.
    """
    if declared := getattr(model, "declared_types", None):
        return dict(declared)
    if not is_functional(model):
        return {}
    ids = [one.input for one in layers_of(model) if _is_embedding(one)]
    # The layers of a Sequential of Keras 3 have other tensors than itself.
    if type(model).__name__ == "Sequential" and _is_embedding(model.layers[0]):
        ids += model.inputs
    return {
        tensor.name.partition(":")[0]: "int32"
        if any(tensor is one for one in ids)
        else getattr(tensor.dtype, "name", tensor.dtype)
        for tensor in model.inputs
    }


def _is_embedding(layer: Any) -> bool:
    # One that was called twice, or never, has no input of its own.
    return type(layer).__name__ == "Embedding" and len(layer._inbound_nodes) == 1


def _output_shape(model: Any) -> tuple[int | None, ...] | None:
    """Of the only output, where it is declared."""
    tensors = getattr(model, "declared_outputs", None)
    if tensors is None:
        tensors = list(model.outputs) if is_functional(model) else []
    if len(tensors) != 1:
        return None
    shape = tensors[0].shape
    # Keras 3 has tuples; TensorFlow's shapes may have no length.
    if getattr(shape, "rank", 0) is None:
        return None
    return tuple(shape[1:])


def _ports(tensors: Iterable[tflite.Tensor]) -> dict[str, Port]:
    return {plain_name(one): (one.shape[1:], _dtype(one)) for one in tensors}


def _dtype(tensor: tflite.Tensor) -> str:
    """What its data are: real numbers become the codes of a quantized tensor."""
    return tensor.dtype if tensor.quantization is None else "float32"
