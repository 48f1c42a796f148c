"""What moves elements or changes their type: exact bytes, what is refused, constant outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import UnsupportedError, generate
from tinybench.codegen.operators.shaping import TAKEN

from . import host
from .builder import Op, Tensor, build
from .oracle import Arrays, Oracle, RefusedError


def const(values: Any, dtype: str = "int32") -> Tensor:
    array = np.asarray(values, dtype)
    return Tensor(array.shape, dtype, data=array)


def codes(shape: tuple[int, ...], dtype: str = "int8", **about: Any) -> Tensor:
    """Return a tensor, quantized where its type is of codes."""
    return Tensor(shape, dtype, 0.5 if dtype in ("int8", "uint8", "int16") else None, **about)


def generated(data: bytes, folder: Path, *inputs: np.ndarray[Any, Any]) -> Arrays:
    """Return what the generated program answers on this computer."""
    host.require_compiler()
    program = generate(data).program
    outputs = host.build([program], folder).run([host.raw([each]) for each in inputs])
    return tuple(
        np.frombuffer(row.tobytes(), port.dtype).reshape(port.shape)
        for row, port in zip(outputs, program.outputs, strict=True)
    )


def same(data: bytes, folder: Path, *inputs: np.ndarray[Any, Any]) -> Arrays:
    """Return the program's answer after it was compared with the runtime's."""
    found = generated(data, folder, *inputs)
    wanted = Oracle(data, len(found))(inputs)
    for mine, theirs in zip(found, wanted, strict=True):
        assert mine.tobytes() == theirs.tobytes()
    return found


def test_gather_along_an_axis(tmp_path: Path) -> None:
    x, y = codes((2, 3)), codes((2, 3))
    data = build([x], [Op("GATHER", [x, const([2, 0, 1])], [y], axis=1)], [y])

    [found] = same(data, tmp_path, np.array([[1, 2, 3], [4, 5, 6]], np.int8))

    assert found.tolist() == [[3, 1, 2], [6, 4, 5]]


@pytest.mark.parametrize("name", ["GATHER", "GATHER_ND", "EMBEDDING_LOOKUP", "real"])
def test_index_outside_of_the_input_gives_zeros(name: str, tmp_path: Path) -> None:
    """The runtime's invocation fails there; nothing outside is read."""
    rows = codes((3, 2), data=np.ones((3, 2), np.int8))
    indices = Tensor((5, 1) if name == "GATHER_ND" else (5,), "int32")
    y = Tensor((5, 2), "float32") if name == "real" else codes((5, 2))
    inputs = [rows, indices] if name.startswith("GATHER") else [indices, rows]
    data = build([indices], [Op(name.replace("real", "EMBEDDING_LOOKUP"), inputs, [y])], [y])
    given = np.array([0, -1, 3, 2**30, 2**31 - 1], np.int32).reshape(indices.shape)

    [found] = generated(data, tmp_path, given)

    assert (found[0] != 0).all()
    assert (found[1:] == 0).all()
    for index in given[1:].ravel():
        with pytest.raises(RefusedError):
            Oracle(data, 1)([np.full(indices.shape, index, np.int32)])


def test_constant_index_outside_of_the_input_is_refused() -> None:
    x, y = codes((2, 3)), codes((2, 2))
    data = build([x], [Op("GATHER", [x, const([0, 3])], [y], axis=1)], [y])

    with pytest.raises(UnsupportedError, match="names what is outside of tensor 0"):
        generate(data)


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_computed_begin_of_a_slice_is_kept_within_the_input(dtype: str, tmp_path: Path) -> None:
    x, begin, y = codes((5,)), Tensor((1,), dtype), codes((2,))
    data = build([x, begin], [Op("SLICE", [x, begin, const([2], dtype)], [y])], [y])
    values = np.arange(5, dtype=np.int8)

    limits = np.iinfo(dtype)
    places = {3: 3, 4: 3, limits.max: 3, -1: 0, limits.min: 0}
    numbers = [np.array([number], dtype) for number in places]
    host.require_compiler()
    session = host.build([generate(data).program], tmp_path)

    [found] = session.run([host.raw([values] * len(numbers)), host.raw(numbers)])

    assert found.tolist() == [[first, first + 1] for first in places.values()]
    [wanted] = Oracle(data, 1)([values, numbers[0]])
    assert wanted.tolist() == [3, 4]


def test_update_beyond_the_end_is_moved_back(tmp_path: Path) -> None:
    x, update = Tensor((4, 3), "float32"), Tensor((2, 2), "float32")
    start, y = Tensor((2,), "int64"), Tensor((4, 3), "float32")
    op = Op("DYNAMIC_UPDATE_SLICE", [x, update, start], [y])
    data = build([x, update, start], [op], [y])
    places = np.array([[0, 0], [2**40, 1], [-(2**40), 2], [1, 2**31]], np.int64)
    host.require_compiler()
    session = host.build([generate(data).program], tmp_path)
    fixed = (np.zeros((4, 3), np.float32), np.ones((2, 2), np.float32))

    [found] = session.run([*(host.raw([each] * 4) for each in fixed), host.raw(list(places))])

    for row, place in zip(found, places, strict=True):
        [wanted] = Oracle(data, 1)([*fixed, place])
        assert row.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "uint32", "bool", "float32"])
def test_casts_of_real_numbers_are_clamped(dtype: str, tmp_path: Path) -> None:
    """Cut towards zero; infinity is the type's end, what is no number is 0."""
    ends = [127.9, 128, -128.9, -129, 300, 32767.5, 32768, -32769, 2**31, 2**31 - 128, -(2**31)]
    beyond = [2**32, 2**32 - 256, 1e10, -1e10, 1e30, -1e30, np.inf, -np.inf, np.nan]
    values = np.array([0, -0.0, 0.5, -0.9, 1e-40, *ends, *beyond], np.float32)
    x, y = Tensor(values.shape, "float32"), codes(values.shape, dtype)

    same(build([x], [Op("CAST", [x], [y])], [y]), tmp_path, values)


def test_sums_of_codes_wrap_as_the_runtimes(tmp_path: Path) -> None:
    x, y = codes((1, 100), zero_point=-128), Tensor((1, 100), "int8", 30.0, -128)
    data = build([x], [Op("CUMSUM", [x, const(1)], [y])], [y])

    same(data, tmp_path, np.full((1, 100), 127, np.int8))


def test_a_constant_is_an_output(tmp_path: Path) -> None:
    """Every inference writes it anew: its place is the arena's."""
    x, y = codes((2,)), codes((2,))
    constant = const([1.0, 2.0], "float32")
    data = build([x], [Op("RELU", [x], [y])], [y, constant, constant])

    [_, first, second] = same(data, tmp_path, np.array([-1, 1], np.int8))

    assert first.tolist() == second.tolist() == [1.0, 2.0]
    assert generate(data).program.operators == ("RELU", "CONSTANT")


def test_a_constant_that_is_not_finite_is_refused_as_an_output() -> None:
    x, y = codes((2,)), codes((2,))
    constant = const([1.0, np.inf], "float32")

    with pytest.raises(UnsupportedError, match="empty or not finite"):
        generate(build([x], [Op("RELU", [x], [y])], [y, constant]))


@pytest.mark.parametrize("dtype", ["uint8", "int64", "uint64", "uint32", "float64", "bool"])
def test_inputs_and_outputs_of_any_type(dtype: str, tmp_path: Path) -> None:
    """Numbers of 64 bits stand where the processor wants them, also behind an odd byte."""
    odd, x = codes((1,)), codes((3,), dtype)
    y, z = codes((1,)), codes((3,), dtype)
    constant = codes((3,), dtype, data=np.ones(3, dtype))
    ops = [Op("RELU", [odd], [y]), Op("RESHAPE", [x], [z], new_shape=[3])]
    data = build([odd, x], ops, [y, z, constant])
    values = np.array([0, 1, 200], dtype)

    found = same(data, tmp_path, np.array([1], np.int8), values)

    assert (found[1] == values).all()
    ports = generate(data).program
    wide = [port for port in (*ports.inputs, *ports.outputs) if port.dtype == dtype]
    assert all(port.offset % min(8, np.dtype(dtype).itemsize) == 0 for port in wide)


def _mover(name: str, dtype: str) -> bytes:
    """Return a model of one operator on a type, of a shape that all of them take."""
    x, shape = codes((1, 2, 2, 4), dtype), (1, 2, 2, 4)
    borders = const([[0, 0], [1, 0], [0, 1], [0, 0]])
    value = codes((), dtype, data=np.ones((), dtype))
    zeros, fours = const([0, 0, 0, 0]), const([1, 2, 2, 2])
    more: dict[str, tuple[list[Tensor], tuple[int, ...], dict[str, Any]]] = {
        "TRANSPOSE": ([x, const([0, 2, 1, 3])], shape, {}),
        "CONCATENATION": ([x, x], (2, 2, 2, 4), {}),
        "PACK": ([x, x], (2, *shape), {"values_count": 2}),
        "UNPACK": ([x], shape[1:], {"num": 1}),
        "SPLIT": ([const(0), x], shape, {"num_splits": 1}),
        "SPLIT_V": ([x, const([1]), const(0)], shape, {"num_splits": 1}),
        "PAD": ([x, borders], (1, 3, 3, 4), {}),
        "PADV2": ([x, borders, value], (1, 3, 3, 4), {}),
        "MIRROR_PAD": ([x, borders], (1, 3, 3, 4), {}),
        "SLICE": ([x, zeros, fours], (1, 2, 2, 2), {}),
        "STRIDED_SLICE": ([x, zeros, fours, const([1] * 4)], (1, 2, 2, 2), {}),
        "SPACE_TO_BATCH_ND": ([x, const([2, 2]), const([[0, 0]] * 2)], (4, 1, 1, 4), {}),
        "BATCH_TO_SPACE_ND": ([x, const([1, 1]), const([[0, 0]] * 2)], shape, {}),
        "SPACE_TO_DEPTH": ([x], (1, 1, 1, 16), {"block_size": 2}),
        "DEPTH_TO_SPACE": ([x], (1, 4, 4, 1), {"block_size": 2}),
        "RESIZE_NEAREST_NEIGHBOR": ([x, const([3, 3])], (1, 3, 3, 4), {}),
        "EXPAND_DIMS": ([x, const([0])], (1, *shape), {}),
        "GATHER": ([x, const([1])], (1, 1, 2, 4), {"axis": 1}),
        "GATHER_ND": ([x, const([[0, 1]])], (1, 2, 4), {}),
        "CUMSUM": ([x, const(1)], shape, {}),
        "SELECT_V2": ([const([True], "bool"), x, value], shape, {}),
        "DYNAMIC_UPDATE_SLICE": ([x, x, zeros], shape, {}),
        "REVERSE_V2": ([x, const([1])], shape, {}),
        "ZEROS_LIKE": ([x], shape, {}),
        "FILL": ([const([2, 3]), codes((), dtype)], (2, 3), {}),
        "BROADCAST_ARGS": ([codes((2,), dtype)] * 2, (2,), {}),
    }
    inputs, wanted, options = more[name]
    y = codes(wanted, dtype)
    given = [tensor for tensor in dict.fromkeys(inputs) if tensor.data is None]
    return build(given, [Op(name, inputs, [y], **options)], [y])


@pytest.mark.parametrize("name", TAKEN)
def test_types_are_the_runtimes(name: str) -> None:
    for dtype in ("int8", "uint8", "int16", "int32", "uint32", "int64", "bool", "float32"):
        data = _mover(name, dtype)
        model = tflite.read(data)
        inputs = [np.ones(model.tensors[i].shape, model.tensors[i].dtype) for i in model.inputs]
        try:
            Oracle(data, 1)(inputs)
        except RefusedError:
            with pytest.raises(UnsupportedError):
                generate(data)
        else:
            generate(data)


def test_types_of_the_table_are_said() -> None:
    with pytest.raises(UnsupportedError, match="is int32: TensorFlow Lite Micro takes int8, int16"):
        generate(_mover("TRANSPOSE", "int32"))


@pytest.mark.parametrize(
    ("op", "shape", "reason"),
    [
        (("SQUEEZE", [], {"squeeze_dims": [0]}), (2, 3), "not all of one element"),
        (("TRANSPOSE", [const([-1, 0])], {}), (3, 2), "no permutation"),
        (("REVERSE_V2", [const([2])], {}), (2, 3), "axis 2 is none of 2"),
        (("CUMSUM", [const(2)], {}), (2, 3), "axis 2 is none of 2"),
        (("GATHER", [const([0, 1]), const([0])], {}), (2, 3), "it has 3 inputs"),
        (("GATHER", [const([0, 1])], {"axis": 1, "batch_dims": 2}), (2, 2), "batch_dims 2"),
        (("GATHER", [const([0, 1], "int64")], {}), (2, 3), "is int64, not int32"),
        (("BROADCAST_TO", [const([2, 2])], {}), (2, 2), "does not broadcast"),
        (("PACK", [], {"values_count": 7}), (1, 2, 3), "its options are for other than 1"),
    ],
)
def test_what_the_runtime_refuses_is_refused(
    op: tuple[str, list[Tensor], dict[str, Any]], shape: tuple[int, ...], reason: str
) -> None:
    name, inputs, options = op
    x, y = codes((2, 3)), codes(shape)
    data = build([x], [Op(name, [x, *inputs], [y], **options)], [y])

    with pytest.raises(UnsupportedError, match=reason):
        generate(data)
    if name != "PACK":  # which reads beyond its inputs
        with pytest.raises(RefusedError):
            Oracle(data, 1)([np.zeros((2, 3), np.int8)])


@pytest.mark.parametrize(
    ("axes", "reason"), [([0, 2], "are not supported"), ([0, 0], "are not supported")]
)
def test_axes_that_do_not_follow_each_other_are_not_reversed(axes: list[int], reason: str) -> None:
    x, y = codes((2, 3, 2)), codes((2, 3, 2))
    data = build([x], [Op("REVERSE_V2", [x, const(axes)], [y])], [y])

    with pytest.raises(UnsupportedError, match=reason):
        generate(data)
    with pytest.raises(RefusedError):
        Oracle(data, 1)([np.zeros((2, 3, 2), np.int8)])
