"""What a ready-made model takes and gives, as its file declares it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from tinybench import tflite
from tinybench.conversion.loading import load_model
from tinybench.conversion.model_file import ModelFile
from tinybench.conversion.ports import slots_of
from tinybench.tflite.ports import inputs_of, outputs_of, plain_name

Port: TypeAlias = tuple[tuple[int | None, ...], str]
"""Shape without the batch, None being any size, and data type."""


def declared_ports(model: ModelFile) -> tuple[dict[str, Port], dict[str, Port]]:
    """Inputs and outputs by name; empty for a model that does not declare its inputs."""
    if model.format == "tflite":
        graph = tflite.read(model.path.read_bytes())
        return _ports(inputs_of(graph)), _ports(outputs_of(graph))
    loaded = load_model(model.path, model.custom_objects)
    return {one.name: (one.shape or (), "float32") for one in slots_of(loaded)}, {}


def _ports(tensors: Iterable[tflite.Tensor]) -> dict[str, Port]:
    return {plain_name(one): (one.shape[1:], _dtype(one)) for one in tensors}


def _dtype(tensor: tflite.Tensor) -> str:
    """What its data are: real numbers become the codes of a quantized tensor."""
    return tensor.dtype if tensor.quantization is None else "float32"
