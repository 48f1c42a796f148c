"""The converter-made files of `models/`, and changed copies of them."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinybench.tflite import Model, read

if TYPE_CHECKING:
    from collections.abc import Callable

# Neither module has annotations: imported by name as `Any`.
flatbuffers: Any = importlib.import_module("flatbuffers")
schema: Any = importlib.import_module("ai_edge_litert.schema_py_generated")

MODELS = Path(__file__).parent / "models"
NAMES = tuple(sorted(path.stem for path in MODELS.glob("*.tflite")))


@cache
def content(name: str) -> bytes:
    """Return the bytes of a file of `models/`."""
    return (MODELS / f"{name}.tflite").read_bytes()


@cache
def model(name: str) -> Model:
    """Return a file of `models/`, read."""
    return read(content(name))


def changed(name: str, change: Callable[[Any], None]) -> bytes:
    """Return a file of `models/` after `change` edited its object tree (`schema.ModelT`)."""
    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content(name), 0))
    change(tree)
    builder: Any = flatbuffers.Builder(len(content(name)))
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def changed_model(name: str, change: Callable[[Any], None]) -> Model:
    """Return a changed file, read."""
    return read(changed(name, change))


def change_quantization(index: int, **values: Any) -> Callable[[Any], None]:
    """Return a change of a tensor's quantization parameters."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree.subgraphs[0].tensors[index].quantization, key, value)

    return change


def change_tensor(index: int, **values: Any) -> Callable[[Any], None]:
    """Return a change of a tensor's fields."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree.subgraphs[0].tensors[index], key, value)

    return change


def change_operator(index: int, **values: Any) -> Callable[[Any], None]:
    """Return a change of an operator's fields."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree.subgraphs[0].operators[index], key, value)

    return change
