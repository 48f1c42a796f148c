"""A file that is wrong somewhere is shown as far as it can be read, with what is wrong."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tinybench.codegen import generate, refusals
from tinybench.runtimes import RUNTIMES, Artifact, RefusalError
from tinybench.tflite import ModelError, describe, examine, read, to_dict
from tinybench.tflite.findings import MOST_KEPT

from .samples import (
    NAMES,
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


def outside(name: str) -> bytes:
    """A file of `models/` with its constants behind the FlatBuffer, as in files beyond 2 GB."""
    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content(name), 0))
    moved = {}
    for buffer in tree.buffers:
        if buffer.data is not None and len(buffer.data):
            moved[id(buffer)] = bytes(buffer.data)
            buffer.data, buffer.offset, buffer.size = None, 2, len(buffer.data)

    def packed() -> bytes:
        builder: Any = flatbuffers.Builder(1024)
        builder.Finish(tree.Pack(builder), b"TFL3")
        return bytes(builder.Output())

    start = -(-len(packed()) // 16) * 16
    tail = b""
    for buffer in tree.buffers:
        if data := moved.get(id(buffer)):
            buffer.offset = start + len(tail)
            tail += data + bytes(-len(data) % 16)
    return packed().ljust(start, b"\0") + tail


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_file_has_no_problems(name: str) -> None:
    """And is what the strict reader makes of it."""
    model, errors = examine(content(name))

    assert errors == ()
    assert model == read(content(name))


@pytest.mark.parametrize(
    ("change", "messages"),
    [
        (change_quantization(7, scale=[math.inf]), ["tensor 7 .*: scale inf is not a positive"]),
        (change_quantization(4, quantizedDimension=2), ["tensor 4 .* 16 scales along axis 2"]),
        (change_quantization(7, zeroPoint=[]), ["tensor 7 .*: 1 scales but 0 zero points"]),
        (change_tensor(4, shape=[16, 15]), ["buffer 5 has 256 bytes, int8 16x15 needs 240"]),
        (change_tensor(4, type=99), ["tensor 4 .*: unknown type 99"]),
        (change_tensor(7, shape=[-16, -16]), ["negative dimension in shape -16x-16"]),
        (change_operator(1, inputs=[7, 10, 3]), ["inputs: tensor 10 is none of 10"]),
        (change_operator(1, opcodeIndex=7), ["operator 1: operator code 7 is none of 1"]),
        (
            change_operator(0, outputs=[]),
            [r"operator 1 \(FULLY_CONNECTED\): reads tensor 7 .* before a write"],
        ),
        (
            change_tensor(4, buffer=99, shape=[-1]),
            [
                "negative dimension",
                "16 scales along axis 0",
                "buffer 99 is none of",
                "reads tensor 4",
            ],
        ),
    ],
)
def test_what_is_wrong_is_told_and_the_rest_is_shown(
    change: Callable[[Any], None], messages: list[str]
) -> None:
    """All of it, the first being what the strict reader says."""
    data = changed("dense-int8", change)

    model, errors = examine(data)

    assert len(errors) == len(messages)
    for error, message in zip(errors, messages, strict=True):
        with pytest.raises(ModelError, match=message):
            raise error
    with pytest.raises(ModelError) as strict:
        read(data)
    assert str(strict.value) == str(errors[0])
    assert (len(model.tensors), len(model.operators)) == (10, 3)
    text = describe(model, [str(error) for error in errors])
    assert f"\n\nProblems\n- {errors[0]}\n" in text
    value = to_dict(model, [str(error) for error in errors])
    assert value["problems"] == [str(error) for error in errors]
    assert json.dumps(value, allow_nan=False)


def test_a_file_with_nothing_to_show() -> None:
    for data in (b"", b"no model at all", content("dense-int8")[:24]):
        with pytest.raises(ModelError):
            examine(data)


def test_problems_have_a_limit() -> None:
    def change(tree: Any) -> None:
        tree.subgraphs[0].operators *= MOST_KEPT

    _, errors = examine(changed("dense-int8", change))

    assert len(errors) == MOST_KEPT


@pytest.mark.parametrize("name", ["conv-int8", "conv-float32", "lstm-int8"])
def test_constants_behind_the_flatbuffer(name: str) -> None:
    """LiteRT finds them and so does the generator; TFLM would compute with what memory holds."""
    data = outside(name)
    model, inside = read(data), read(content(name))

    assert [tensor.data for tensor in model.tensors] == [tensor.data for tensor in inside.tensors]
    assert model.outside
    assert not inside.outside
    x = np.ones((1, *inside.tensors[inside.inputs[0]].shape[1:]), inside.tensors[0].dtype)
    for runtime in ("litert", "litert-ref"):
        found, expected = (
            RUNTIMES.get(runtime).load(Artifact("net", file)).run(x)
            for file in (data, content(name))
        )
        np.testing.assert_array_equal(found, expected)
    with pytest.raises(RefusalError, match="finds no constants outside of the FlatBuffer"):
        RUNTIMES.get("tflm").load(Artifact("net", data))


@pytest.mark.parametrize("name", ["conv-int8", "conv-float32"])
def test_code_of_constants_behind_the_flatbuffer(name: str) -> None:
    found, expected = (
        generate(file).program.files["model.c"].decode().splitlines()
        for file in (outside(name), content(name))
    )

    assert len(found) == len(expected)
    # The hash of the file.
    assert sum(a != b for a, b in zip(found, expected, strict=True)) <= 1


@pytest.mark.parametrize(("offset", "size"), [(2**40, 16), (16, 2**40), (2**64 - 1, 2**63)])
def test_constants_that_the_file_does_not_have(offset: int, size: int) -> None:
    def change(tree: Any) -> None:
        tree.buffers[5].data, tree.buffers[5].offset, tree.buffers[5].size = None, offset, size

    with pytest.raises(ModelError, match=r"buffer 5: bytes .* are outside of the file"):
        read(changed("dense-int8", change))


def test_many_constants_of_the_same_bytes() -> None:
    """A small file must not become much memory."""

    def change(tree: Any) -> None:
        for buffer in tree.buffers[1:]:
            buffer.data, buffer.offset, buffer.size = None, 16, 2000

    _, errors = examine(changed("dense-int8", change))

    assert any("overlapping vectors" in str(error) for error in errors)


def custom(tree: Any) -> None:
    """The first operator becomes a custom one, with memory to work in as an input more."""
    code = schema.OperatorCodeT()
    code.deprecatedBuiltinCode, code.builtinCode = 32, schema.BuiltinOperator.CUSTOM
    code.customCode = "ethos-u"
    tree.operatorCodes.append(code)
    scratch = schema.TensorT()
    scratch.name, scratch.shape, scratch.type = "scratch", [1000], schema.TensorType.UINT8
    graph = tree.subgraphs[0]
    graph.tensors.append(scratch)
    operator = graph.operators[0]
    operator.opcodeIndex, operator.builtinOptions, operator.builtinOptionsType = 1, None, 0
    operator.inputs = [*operator.inputs, len(graph.tensors) - 1]


def test_a_custom_operator_has_memory_to_work_in() -> None:
    """As files that are compiled for an accelerator have it: no damage, and no C code."""
    data = changed("dense-int8", custom)

    model = read(data)

    assert model.operators[0].name == "CUSTOM:ethos-u"
    assert "ethos-u" in refusals(model)[0]
    assert "1 CUSTOM:ethos-u" in describe(model)
    with pytest.raises(RefusalError, match=r"registration from op code CUSTOM \(ethos-u\)"):
        RUNTIMES.get("tflm").load(Artifact("net", data))


def test_options_behind_the_flatbuffer() -> None:
    """Those of a custom operator may be large, as a compiled command stream is."""

    def change(tree: Any) -> None:
        custom(tree)
        operator = tree.subgraphs[0].operators[0]
        operator.largeCustomOptionsOffset, operator.largeCustomOptionsSize = offset, 5

    offset = 2
    offset = len(changed("dense-int8", change))
    data = changed("dense-int8", change)
    assert len(data) == offset

    assert read(data + b"hello").operators[0].custom_options == b"hello"
    with pytest.raises(ModelError, match=r"\(CUSTOM:ethos-u\): options: bytes .* are outside"):
        read(data + b"hell")


def test_no_other_operator_has() -> None:
    def change(tree: Any) -> None:
        custom(tree)
        tree.subgraphs[0].operators[0].opcodeIndex = 0

    with pytest.raises(ModelError, match=r"reads tensor 10 \(scratch\) before a write"):
        read(changed("dense-int8", change))


@pytest.mark.parametrize("axis", [0, 1, 3, -1])
def test_a_bias_has_one_axis(axis: int) -> None:
    """Whatever the file says of it: old converters wrote that of the weights."""

    def change(tree: Any) -> None:
        bias = tree.subgraphs[0].tensors[3].quantization
        bias.quantizedDimension = axis
        bias.scale, bias.zeroPoint = [0.5] * 16, [0] * 16

    model = read(changed("dense-int8", change))

    assert model.tensors[3].shape == (16,)
    assert model.tensors[3].quantization is not None
    assert model.tensors[3].quantization.axis == 0
