"""Each way in which a file can be wrong is refused, with one line that says what and where."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tinybench.tflite import ModelError, read

from .samples import (
    change_operator,
    change_quantization,
    change_tensor,
    changed,
    content,
    flatbuffers,
    schema,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "model: 0 bytes are too few for a .tflite file"),
        (b"TFL3", "model: 4 bytes are too few"),
        (b"PK\x03\x04 a zip archive", "not a .tflite file, identifier b' a z' is not b'TFL3'"),
        (b"\x08\x00\x00\x00TFL3", "model: bytes 8..12 are outside of the file of 8 bytes"),
        (b"\xff\xff\xff\xffTFL3" + bytes(64), "bytes 4294967295.* are outside of the file"),
        (b"\x08\x00\x00\x00TFL3" + bytes(64), "impossible length 0"),
    ],
)
def test_what_is_no_flatbuffer(data: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read(data)


def test_a_table_of_fields_before_the_file() -> None:
    data = bytearray(content("dense-int8"))
    [root] = struct.unpack_from("<I", data)
    struct.pack_into("<i", data, root, 2**30)

    with pytest.raises(ModelError, match=r"model: bytes -\d+"):
        read(bytes(data))


def on_graph(**values: Any) -> Callable[[Any], None]:
    """Return a change of fields of the first subgraph."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree.subgraphs[0], key, value)

    return change


def on_model(**values: Any) -> Callable[[Any], None]:
    """Return a change of fields of the model."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree, key, value)

    return change


def on_code(**values: Any) -> Callable[[Any], None]:
    """Return a change of fields of the first operator code."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree.operatorCodes[0], key, value)

    return change


def on_buffer(index: int, **values: Any) -> Callable[[Any], None]:
    """Return a change of fields of a buffer."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree.buffers[index], key, value)

    return change


def reverse_operators(tree: Any) -> None:
    tree.subgraphs[0].operators.reverse()


def bad_options(**values: Any) -> Callable[[Any], None]:
    """Return a change of options of the first operator."""

    def change(tree: Any) -> None:
        for key, value in values.items():
            setattr(tree.subgraphs[0].operators[0].builtinOptions, key, value)

    return change


def bad_beta(tree: Any) -> None:
    tree.subgraphs[0].operators[6].builtinOptions.beta = math.nan


T4 = r"tensor 4 \(dense/dense_1/MatMul\): "


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (on_model(version=2), "model: schema version 2 is not 3"),
        (on_model(subgraphs=[]), "model: no subgraph"),
        (on_graph(inputs=[10]), "subgraph 0: inputs: tensor 10 is none of 10"),
        (on_graph(inputs=[-1]), "subgraph 0: inputs: tensor -1 is none of 10"),
        (on_graph(outputs=[99]), "subgraph 0: outputs: tensor 99 is none of 10"),
        (on_graph(inputs=[0, 4]), T4 + "an input of the graph and a constant"),
        (on_graph(inputs=[]), r"operator 0 \(FULLY_CONNECTED\): reads tensor 0 .* before a write"),
        (on_graph(operators=[]), "tensor 9 .*: an output of the graph that nobody writes"),
        (reverse_operators, r"operator 0 \(FULLY_CONNECTED\): reads tensor 8 .* before a write"),
        (on_code(builtinCode=500), "operator code 0: unknown builtin operator 500"),
        (on_code(builtinCode=-1, deprecatedBuiltinCode=-1), "unknown builtin operator -1"),
        (change_operator(1, opcodeIndex=7), "operator 1: operator code 7 is none of 1"),
        (change_operator(1, inputs=[7, 10, 3]), r"operator 1 .*: inputs: tensor 10 is none of 10"),
        (change_operator(1, inputs=[7, -2, 3]), r"operator 1 .*: inputs: tensor -2 is none of 10"),
        (change_operator(1, outputs=[-1]), r"operator 1 .*: outputs: tensor -1 is none of 10"),
        (change_operator(1, outputs=[4]), r"operator 1 .*: writes tensor 4 .* again"),
        (change_operator(1, outputs=[7]), r"operator 1 .*: writes tensor 7 .* again"),
        (change_operator(1, outputs=[0]), r"operator 1 .*: writes tensor 0 .* again"),
        (
            change_operator(1, largeCustomOptionsOffset=9, largeCustomOptionsSize=2**40),
            r"operator 1 \(FULLY_CONNECTED\): options: bytes 9\.\.\d+ are outside",
        ),
        (change_operator(1, builtinOptionsType=250), "unknown kind of options 250"),
        (bad_options(fusedActivationFunction=77), "fused_activation_function has the unknown val"),
        (change_tensor(4, buffer=99), T4 + "buffer 99 is none of 13"),
        (change_tensor(4, type=99), T4 + "unknown type 99"),
        (change_tensor(4, shape=[16, 15]), T4 + "buffer 5 has 256 bytes, int8 16x15 needs 240"),
        (change_tensor(4, type=2), T4 + "buffer 5 has 256 bytes, int32 16x16 needs 1024"),
        (change_tensor(4, shape=[]), T4 + "16 scales along axis 0 of shape scalar"),
        (change_tensor(4, shape=[-16, -16]), T4 + "negative dimension in shape -16x-16"),
        (change_tensor(4, shape=[1] * 9), T4 + "9 dimensions are more than 8"),
        (change_tensor(7, shape=[2**30, 2]), "tensor 7 .*: shape 1073741824x2 of int8 is beyond"),
        (change_tensor(7, shape=[2**31 - 1] * 8), "tensor 7 .* is beyond 2 GB"),
        (change_tensor(7, shapeSignature=[1]), "tensor 7 .*: shape signature 1 for shape 1x16"),
        (change_tensor(7, shapeSignature=[-2, 16]), "shape signature -2x16 for shape 1x16"),
        (change_tensor(4, externalBuffer=1), T4 + "its data is in an external buffer"),
        (
            on_buffer(5, offset=4096, size=256),
            T4 + "buffer 5: bytes 4096..4352 are outside of the file",
        ),
        (on_buffer(5, data=np.zeros(255, np.uint8)), T4 + "buffer 5 has 255 bytes"),
        (change_quantization(7, scale=[math.nan]), "tensor 7 .*: scale nan is not a positive"),
        (change_quantization(7, scale=[math.inf]), "tensor 7 .*: scale inf is not a positive"),
        (change_quantization(7, scale=[0.0]), "tensor 7 .*: scale 0.0 is not a positive"),
        (change_quantization(7, scale=[-1.0]), "tensor 7 .*: scale -1.0 is not a positive"),
        (change_quantization(7, zeroPoint=[128]), "tensor 7 .*: zero point 128 is no int8"),
        (change_quantization(7, zeroPoint=[-129]), "tensor 7 .*: zero point -129 is no int8"),
        (change_quantization(7, zeroPoint=[]), "tensor 7 .*: 1 scales but 0 zero points"),
        (change_quantization(4, zeroPoint=[0]), T4 + "16 scales but 1 zero points"),
        (
            change_quantization(4, scale=[1.0] * 15, zeroPoint=[0] * 15),
            T4 + "15 scales along axis 0 of shape 16x16",
        ),
        (change_quantization(4, quantizedDimension=2), T4 + "16 scales along axis 2 of shape"),
        (change_quantization(4, quantizedDimension=-1), T4 + "16 scales along axis -1 of shape"),
    ],
)
def test_what_the_file_says_is_impossible(change: Callable[[Any], None], message: str) -> None:
    with pytest.raises(ModelError, match=message) as raised:
        read(changed("dense-int8", change))

    assert "\n" not in str(raised.value)


def test_an_option_that_is_not_a_number() -> None:
    with pytest.raises(ModelError, match=r"operator 6 \(SOFTMAX\): SoftmaxOptions: beta is nan"):
        read(changed("conv-int8", bad_beta))


def test_a_name_cannot_break_the_line() -> None:
    data = changed("dense-int8", change_tensor(4, name="a\nb" + "c" * 999, type=99))

    with pytest.raises(ModelError, match=r"^tensor 4 \('a\\nbc+\.\.\.'\): unknown type 99$"):
        read(data)


def vector_length_at(data: bytes, *path: tuple[int, int]) -> int:
    """Return where the length of a vector is, by (slot, item) steps from the root.

    Slots are those of the generated code.
    """
    table = schema.Model.GetRootAsModel(data, 0)._tab
    for slot, item in path[:-1]:
        start = table.Vector(table.Offset(slot))
        table = flatbuffers.table.Table(data, table.Indirect(start + 4 * item))
    return int(table.Vector(table.Offset(path[-1][0]))) - 4


SUBGRAPHS, BUFFERS, METADATA = 8, 12, 16
TENSORS, INPUTS, OPERATORS = 4, 6, 10


@pytest.mark.parametrize("length", [2**32 - 1, 2**31, 2**24, 65_537])
@pytest.mark.parametrize(
    "path",
    [
        [(SUBGRAPHS, 0)],
        [(BUFFERS, 0)],
        [(METADATA, 0)],
        [(SUBGRAPHS, 0), (TENSORS, 0)],
        [(SUBGRAPHS, 0), (INPUTS, 0)],
        [(SUBGRAPHS, 0), (OPERATORS, 0)],
        [(SUBGRAPHS, 0), (OPERATORS, 0), (INPUTS, 0)],
        [(SUBGRAPHS, 0), (TENSORS, 0), (TENSORS, 0)],
        [(BUFFERS, 2), (TENSORS, 0)],
    ],
)
def test_a_hostile_length_is_refused_before_it_is_looped_over(
    path: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(content("dense-int8"))
    struct.pack_into("<I", data, vector_length_at(bytes(data), *path), length)

    with pytest.raises(ModelError, match=r"outside of the file|longer than 65536|overlapping"):
        read(bytes(data))


def test_more_tables_than_any_small_network_has_are_refused() -> None:
    """Here the file is long enough for the vector to fit."""
    data = bytearray(content("dense-int8") + bytes(300_000))
    at = vector_length_at(bytes(data), (SUBGRAPHS, 0), (TENSORS, 0))
    struct.pack_into("<I", data, at, 65_537)

    with pytest.raises(
        ModelError, match="subgraph 0: tensors: a vector of 65537 is longer than 65536"
    ):
        read(bytes(data))


def overlapping_tensors(count: int, length: int) -> bytes:
    """Return a file of `count` tensors which are all the one table, of a constant of `length`."""
    builder: Any = flatbuffers.Builder(0)
    tree = schema.ModelT()
    tree.version = 3
    tree.buffers = [schema.BufferT()]
    tensor = schema.TensorT()
    tensor.name, tensor.shape = "t" * length, [1]
    graph = schema.SubGraphT()
    graph.tensors, graph.operators, graph.inputs, graph.outputs = [tensor] * count, [], [], []
    tree.subgraphs = [graph]
    tree.operatorCodes = []
    # Each entry packs to a table of its own; point all to the last one's.
    builder.Finish(tree.Pack(builder), b"TFL3")
    data = bytearray(builder.Output())
    start = vector_length_at(bytes(data), (SUBGRAPHS, 0), (TENSORS, 0)) + 4
    first = start + struct.unpack_from("<I", data, start)[0]
    for at in range(start, start + 4 * count, 4):
        struct.pack_into("<I", data, at, first - at)
    return bytes(data)


def test_overlapping_content_is_read_once_at_most_twice() -> None:
    """A thousand tensors that share one long name would cost the square of the file's size."""
    small = overlapping_tensors(2, 10)
    data = overlapping_tensors(1000, 10)
    longer = bytearray(data + b"t" * 100_000)
    start = vector_length_at(data, (SUBGRAPHS, 0), (TENSORS, 0)) + 4
    table = flatbuffers.table.Table(data, start + struct.unpack_from("<I", data, start)[0])
    name = table.Pos + table.Offset(10)
    struct.pack_into("<I", longer, name, len(data) - name)
    longer[len(data) : len(data) + 4] = struct.pack("<I", 90_000)

    assert len(read(small).tensors) == 2
    with pytest.raises(ModelError, match="overlapping vectors, more content than the file has"):
        read(bytes(longer))
