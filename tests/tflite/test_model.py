"""What is read from a sound file."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

import tinybench.tflite
from tinybench.tflite import ModelError, Quantization, read

from .samples import NAMES, change_tensor, changed, changed_model, content, model, schema


def test_public_names_are_there() -> None:
    for name in tinybench.tflite.__all__:
        assert hasattr(tinybench.tflite, name)


@pytest.mark.parametrize("name", NAMES)
def test_reader_agrees_with_the_generated_one(name: str) -> None:
    """On a sound file the schema compiler's own reader is the oracle."""
    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content(name), 0))
    graph = tree.subgraphs[0]

    found = model(name)

    assert list(graph.inputs) == list(found.inputs)
    assert list(graph.outputs) == list(found.outputs)
    assert [t.name.decode() for t in graph.tensors] == [t.name for t in found.tensors]
    for tensor, read_one in zip(graph.tensors, found.tensors, strict=True):
        data = tree.buffers[tensor.buffer].data
        assert list(tensor.shape) == list(read_one.shape)
        assert (None if data is None else data.tobytes()) == read_one.data
        if read_one.quantization is not None:
            assert list(tensor.quantization.scale) == list(read_one.quantization.scales)
            assert list(tensor.quantization.zeroPoint) == list(read_one.quantization.zero_points)
            assert tensor.quantization.quantizedDimension == read_one.quantization.axis
    for operator, read_op in zip(graph.operators, found.operators, strict=True):
        assert list(operator.inputs) == list(read_op.inputs)
        assert list(operator.outputs) == list(read_op.outputs)
        assert (operator.builtinOptions is None) == (read_op.options is None)


def test_header() -> None:
    net = model("dense-int8")

    assert (
        net.description,
        net.version,
        len(net.subgraphs),
        net.size,
    ) == ("MLIR Converted.", 3, 1, 3280)
    assert net.metadata == ("min_runtime_version", "CONVERSION_METADATA")
    assert [signature.key for signature in net.signatures] == ["serving_default"]
    assert net.signatures[0].outputs[0][1] == net.outputs[0]
    assert (net.inputs, net.outputs) == ((0,), (9,))


@pytest.mark.parametrize(
    ("name", "index", "dtype", "shape", "nbytes"),
    [
        ("dense-float32", 4, "float32", (16, 16), 1024),
        ("conv-float16", 2, "float16", (4, 3, 3, 1), 72),
        ("dense-int8", 4, "int8", (16, 16), 256),
        ("dense-int8", 3, "int32", (16,), 64),
        ("dense-int16x8", 1, "int64", (16,), 128),
        ("conv-int8", 7, "int8", (1, 3, 3, 4), 36),
        ("any-batch-float32", 10, "int32", (), 4),
    ],
)
def test_tensor(name: str, index: int, dtype: str, shape: tuple[int, ...], nbytes: int) -> None:
    tensor = model(name).tensors[index]

    assert (index, dtype, shape, nbytes) == (
        tensor.index,
        tensor.dtype,
        tensor.shape,
        tensor.nbytes,
    )
    assert np.prod(shape, dtype=int) == tensor.elements


def test_a_batch_of_any_size_is_one_in_the_shape() -> None:
    tensor = model("any-batch-int8").tensors[0]

    assert (tensor.shape, tensor.shape_signature) == ((1, 8, 8, 1), (-1, 8, 8, 1))


def test_quantization_of_an_activation() -> None:
    quantization = model("conv-int8").tensors[16].quantization

    assert Quantization(scales=(1 / 256,), zero_points=(-128,), axis=0) == quantization


def test_quantization_of_depthwise_weights_is_along_the_last_axis() -> None:
    quantization = model("conv-int8").tensors[7].quantization

    assert quantization is not None
    assert (
        len(quantization.scales),
        quantization.zero_points,
        quantization.axis,
    ) == (4, (0, 0, 0, 0), 3)


def test_a_float_tensor_has_no_quantization() -> None:
    assert all(tensor.quantization is None for tensor in model("dense-float32").tensors)


def test_array_is_a_read_only_view_of_a_constant() -> None:
    found = model("conv-int8").tensors[1].array()

    assert found.tolist() == [-1, 32]
    assert not found.flags.writeable


def test_what_is_computed_has_no_array() -> None:
    with pytest.raises(ModelError, match=r"tensor 0 \(.*\): not a constant"):
        model("dense-int8").tensors[0].array()


def test_packed_constants_are_read_but_have_no_array() -> None:
    """256 elements of int4 take 128 bytes, two to a byte."""

    def pack(tree: Any) -> None:
        tree.subgraphs[0].tensors[4].type = schema.TensorType.INT4
        tree.buffers[5].data = tree.buffers[5].data[:128]

    tensor = changed_model("dense-int8", pack).tensors[4]

    assert (tensor.dtype, tensor.nbytes) == ("int4", 128)
    with pytest.raises(ModelError, match="no array of a sparse or packed int4 constant"):
        tensor.array()


def test_a_sparse_constant_is_marked_and_its_length_not_judged() -> None:
    def prune(tree: Any) -> None:
        tree.subgraphs[0].tensors[4].sparsity = schema.SparsityParametersT()
        tree.buffers[5].data = tree.buffers[5].data[:100]

    assert changed_model("dense-int8", prune).tensors[4].sparse


@pytest.mark.parametrize(
    ("name", "index", "expected"),
    [
        ("conv-int8", 0, {"stride_w": 2, "padding": "SAME", "fused_activation_function": "RELU"}),
        ("conv-int8", 1, {"depth_multiplier": 1, "fused_activation_function": "RELU6"}),
        ("conv-int8", 3, {"filter_width": 2, "filter_height": 2, "padding": "VALID"}),
        ("conv-int8", 5, {"keep_num_dims": False, "weights_format": "DEFAULT"}),
        ("conv-int8", 6, {"beta": 1.0}),
        ("upsample-float32", 0, {"stride_h": 2, "stride_w": 2, "padding": "SAME"}),
        ("upsample-float32", 2, {"adj_x": False, "adj_y": True}),
        ("any-batch-float32", 0, {"out_type": "int32"}),
        ("any-batch-float32", 1, {"shrink_axis_mask": 1, "begin_mask": 0}),
        ("any-batch-float32", 2, {"values_count": 4, "axis": 0}),
    ],
)
def test_options_by_field_name(name: str, index: int, expected: dict[str, Any]) -> None:
    options = model(name).operators[index].options

    assert options is not None
    assert expected == {key: options[key] for key in expected}


def test_reshape_without_options() -> None:
    reshape = model("conv-int8").operators[4]

    assert (reshape.name, reshape.options) == ("RESHAPE", None)


def test_vector_options_are_tuples() -> None:
    def add(tree: Any) -> None:
        options = schema.ReshapeOptionsT()
        options.newShape = [1, 32]
        tree.subgraphs[0].operators[4].builtinOptions = options
        tree.subgraphs[0].operators[4].builtinOptionsType = schema.BuiltinOptions.ReshapeOptions

    operator = changed_model("conv-int8", add).operators[4]

    assert operator.options == {"new_shape": (1, 32)}


def test_a_custom_operator_is_named_by_its_code() -> None:
    def customize(tree: Any) -> None:
        code = tree.operatorCodes[0]
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode = "Fancy"

    assert changed_model("dense-int8", customize).operators[0].name == "CUSTOM:Fancy"


def test_an_old_file_has_its_operators_in_the_deprecated_field() -> None:
    def age(tree: Any) -> None:
        for code in tree.operatorCodes:
            code.deprecatedBuiltinCode, code.builtinCode = code.builtinCode, 0

    assert model("conv-int8").operators == changed_model("conv-int8", age).operators


def test_absent_optional_inputs_are_minus_one() -> None:
    def unbias(tree: Any) -> None:
        tree.subgraphs[0].operators[0].inputs = [0, 6, -1]

    assert changed_model("dense-int8", unbias).operators[0].inputs == (0, 6, -1)


def test_more_subgraphs_are_counted() -> None:
    net = changed_model("dense-int8", lambda tree: tree.subgraphs.append(tree.subgraphs[0]))

    assert len(net.subgraphs) == 2
    assert model("dense-int8").tensors == net.tensors


def test_a_variable_may_be_read_before_a_write() -> None:
    """The state of a recurrent network: no constant, no input, and kept between inferences."""

    def remember(tree: Any) -> None:
        change_tensor(3, buffer=0, isVariable=True)(tree)

    assert changed_model("dense-float32", remember).tensors[3].is_variable


def test_with_one_scale_the_axis_can_be_indexed_with() -> None:
    def wander(tree: Any) -> None:
        tree.subgraphs[0].tensors[7].quantization.quantizedDimension = 9

    quantization = changed_model("dense-int8", wander).tensors[7].quantization

    assert quantization is not None
    assert quantization.axis == 0


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        model("dense-int8").size = 0  # type: ignore[misc]


def test_any_buffer_of_bytes_can_be_read() -> None:
    assert model("dense-int8") == read(memoryview(content("dense-int8")))  # type: ignore[arg-type]


def test_repacking_changes_only_the_size() -> None:
    found = read(changed("conv-int8", lambda tree: None))

    assert model("conv-int8").tensors == found.tensors
    assert model("conv-int8").operators == found.operators
