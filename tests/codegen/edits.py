"""Valid files made wrong one value at a time, through the schema's objects."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

flatbuffers: Any = importlib.import_module("flatbuffers")
flexbuffers: Any = importlib.import_module("flatbuffers.flexbuffers")
schema: Any = importlib.import_module("ai_edge_litert.schema_py_generated")

Edit = tuple[str, Callable[[Any], None]]
"""What is changed, and the change to a `ModelT`."""

ENUMS = (
    *("padding", "fusedActivationFunction", "weightsFormat", "quantizedBiasType"),
    *("inDataType", "outDataType", "outType", "outputType"),
    *("mode",),
)
NUMBERS = (-(2**31), -7, -1, 0, 1, 2, 5, 2**15, 2**31 - 1)
SCALES = (1e-45, 1e-30, 1e-9, 1e9, 3e38)
DTYPES = ("FLOAT32", "INT8", "UINT8", "INT16", "INT32", "INT64", "BOOL", "STRING", "INT4")
NAMES = ("*/ int x; /*", "a\nb", 'say "hi" \\', "\\\n", "../../etc/x", "%s%n", "é\u2028\x00", "??/")


def parsed(data: bytes) -> Any:
    """The file as objects that can be changed."""
    return schema.ModelT.InitFromPackedBuf(data, 0)


def packed(model: Any) -> bytes:
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The file after a change to its objects."""
    model = parsed(data)
    change(model)
    return packed(model)


def edits(data: bytes) -> Iterator[Edit]:
    """Every change of one value of a model, in any of its subgraphs."""
    model = parsed(data)
    for number, graph in enumerate(model.subgraphs):
        where = f"subgraph {number}, " if number else ""
        changes = [*_of_ports(number, graph)]
        for index, tensor in enumerate(graph.tensors):
            changes += _of_tensor(number, index, tensor, model)
        for index, operator in enumerate(graph.operators):
            changes += _of_operator(number, index, operator)
        yield from ((where + name, change) for name, change in changes)


def _of_ports(number: int, graph: Any) -> Iterator[Edit]:
    def path(model: Any) -> Any:
        return model.subgraphs[number]

    if not number:
        return
    for field in ("inputs", "outputs"):
        indexes = [int(each) for each in getattr(graph, field)]
        others = range(len(graph.tensors))
        for other in ([], indexes[::-1], indexes[:-1], [*indexes, *indexes[:1]]):
            yield f"{field} {other}", _set(path, field, other)
        for at in range(len(indexes)):
            for tensor in others:
                changed = [*indexes[:at], tensor, *indexes[at + 1 :]]
                yield f"{field} {changed}", _set(path, field, changed)


def _set(path: Callable[[Any], Any], name: str, value: Any) -> Callable[[Any], None]:
    return lambda model: setattr(path(model), name, copy.copy(value))


def _of_tensor(number: int, index: int, tensor: Any, model: Any) -> Iterator[Edit]:
    def path(model: Any) -> Any:
        return model.subgraphs[number].tensors[index]

    shape = [int(size) for size in (tensor.shape if tensor.shape is not None else ())]
    shapes = [[], [*shape, 1], [1, *shape], shape[1:], shape[::-1], [2**31 - 1], [0]]
    for axis in range(len(shape)):
        for size in (0, shape[axis] + 1, shape[axis] - 1, 2**16, 2**31 - 1):
            shapes.append([*shape[:axis], size, *shape[axis + 1 :]])
    for other in shapes:
        yield f"tensor {index}: shape {other}", _set(path, "shape", other)
    for dtype in DTYPES:
        change = _set(path, "type", getattr(schema.TensorType, dtype))
        yield f"tensor {index}: type {dtype}", change
    for name in NAMES:
        yield f"tensor {index}: name {name!r}", _set(path, "name", name)
    yield f"tensor {index}: variable", _set(path, "isVariable", True)
    yield f"tensor {index}: no quantization", _set(path, "quantization", None)
    if tensor.quantization is not None:
        yield from _of_quantization(number, index, tensor)
    yield from _of_data(index, tensor, model)


def _of_quantization(number: int, index: int, tensor: Any) -> Iterator[Edit]:
    def path(model: Any) -> Any:
        return model.subgraphs[number].tensors[index].quantization

    scales = np.asarray(tensor.quantization.scale, np.float32)
    for scale in SCALES:
        change = _set(path, "scale", np.full(scales.size, scale, np.float32))
        yield f"tensor {index}: scale {scale}", change
    for zero_point in (-128, 127, -32768, 255):
        change = _set(path, "zeroPoint", np.full(scales.size, zero_point, np.int64))
        yield f"tensor {index}: zero point {zero_point}", change
    for axis in (-1, 0, 1, 3):
        yield f"tensor {index}: axis {axis}", _set(path, "quantizedDimension", axis)


def _of_data(index: int, tensor: Any, model: Any) -> Iterator[Edit]:
    data = model.buffers[tensor.buffer].data
    if data is None or not len(data):
        return

    def path(model: Any) -> Any:
        return model.buffers[tensor.buffer]

    raw = np.asarray(data, np.uint8)
    yield f"tensor {index}: no data", _set(path, "data", None)
    for value in (0, 0x7F, 0x80, 0xFF):
        yield f"tensor {index}: bytes {value}", _set(path, "data", np.full_like(raw, value))
    if tensor.type == schema.TensorType.INT32:
        for number in NUMBERS:
            values = raw.view(np.int32).copy()
            values[-1] = number
            change = _set(path, "data", values.view(np.uint8))
            yield f"tensor {index}: last number {number}", change
            full = np.full_like(values, number).view(np.uint8)
            yield f"tensor {index}: numbers {number}", _set(path, "data", full)


def _of_operator(number: int, index: int, operator: Any) -> Iterator[Edit]:
    def path(model: Any) -> Any:
        return model.subgraphs[number].operators[index]

    def options(model: Any) -> Any:
        return path(model).builtinOptions

    for field in ("inputs", "outputs"):
        indexes = [int(each) for each in getattr(operator, field)]
        lists = [[], indexes[::-1], indexes[:-1], [*indexes, *indexes[:1]], indexes[:1] * 2]
        lists += [[*indexes[:at], -1, *indexes[at + 1 :]] for at in range(len(indexes))]
        for other in lists:
            yield f"operator {index}: {field} {other}", _set(path, field, other)
    yield f"operator {index}: no options", _no_options(number, index)
    if operator.customOptions is not None:
        given = flexbuffers.Loads(bytes(np.array(operator.customOptions, np.uint8)))
        for name, value in given.items():
            for chosen in (*NUMBERS, 12, 31, 32, 40, 64, 0.5, 3e38, "7", [1], not value):
                dumped = np.frombuffer(bytes(flexbuffers.Dumps({**given, name: chosen})), np.uint8)
                yield f"operator {index}: {name} {chosen}", _set(path, "customOptions", dumped)
    for name, value in (
        vars(operator.builtinOptions or object()).items()
        if (operator.builtinOptions is not None)
        else ()
    ):
        if isinstance(value, bool):
            yield f"operator {index}: {name} {not value}", _set(options, name, not value)
        elif isinstance(value, int):
            for chosen in range(-1, 7) if name in ENUMS else NUMBERS:
                yield f"operator {index}: {name} {chosen}", _set(options, name, chosen)
        elif isinstance(value, float):
            for real in (0.0, -1.0, 1e-45, 3e38, float("nan"), float("inf")):
                yield f"operator {index}: {name} {real}", _set(options, name, real)


def _no_options(number: int, index: int) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        operator = model.subgraphs[number].operators[index]
        operator.builtinOptions, operator.builtinOptionsType = None, 0
        operator.customOptions = None

    return change
