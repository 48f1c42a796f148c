"""The work of a network agrees with a count by hand."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

import pytest

from tinybench.tflite import (
    ModelError,
    describe,
    macs,
    operator_macs,
    read,
    to_dict,
    uncounted,
    weight_bytes,
)
from tinybench.tflite.work import MATRICES, NONE_BY_DEFINITION

from ..codegen.builder import Op, Tensor, build, schema
from .samples import change_operator, change_tensor, changed_model, model

COUNTED = {
    "BATCH_MATMUL",
    "CONV_2D",
    "CONV_3D",
    "CONV_3D_TRANSPOSE",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "TRANSPOSE_CONV",
} | set(MATRICES)

DENSE = 1 * 16 + 16 * 16 + 16 * 1
# 3x3 over one channel, 3x3 depthwise and 1x1 at 4x4 positions; then 32 features to 3 classes.
CONV = 16 * 4 * 9 + 16 * 4 * 9 + 16 * 8 * 4 + 32 * 3
# 3x3 kernels of 5 channels placed at 3x4x2 inputs; then (6x40) by (40x6).
UPSAMPLE = 3 * 4 * 2 * 9 * 5 + 6 * 6 * 40


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dense-float32", DENSE),
        ("dense-int8", DENSE),
        ("dense-float16", DENSE),
        ("dense-int8-float-io", DENSE),
        ("conv-float32", CONV),
        ("conv-qat-int8", CONV),
        ("any-batch-int8", CONV),
        ("upsample-float32", UPSAMPLE),
        ("any-batch-float32", UPSAMPLE),
        ("wide-dynamic", 32 * 40 + 40 * 2),
        ("conv-wide-dynamic", 3 * 3 * 8 * (3 * 3 * 16)),
        ("two-inputs-int8", 8 * 3 + 8 * 2),
        ("lstm-int8", 5 * 4 * 4 * (3 + 4) + 4 * 2),
    ],
)
def test_macs_are_those_of_the_architecture_in_every_variant(name: str, expected: int) -> None:
    assert expected == macs(model(name))


def test_macs_of_each_operator() -> None:
    net = model("conv-int8")

    found = [(operator.name, operator_macs(net, operator)) for operator in net.operators]

    assert found == [
        ("CONV_2D", 576),
        ("DEPTHWISE_CONV_2D", 576),
        ("CONV_2D", 512),
        ("MAX_POOL_2D", 0),
        ("RESHAPE", 0),
        ("FULLY_CONNECTED", 96),
        ("SOFTMAX", 0),
    ]


def test_matrix_product_sums_over_the_transposed_dimension() -> None:
    """With `adj_x` the left operand is [k, m], so 6 are summed instead of 40."""

    def transpose(tree: Any) -> None:
        tree.subgraphs[0].operators[2].builtinOptions.adjX = True

    assert macs(changed_model("upsample-float32", transpose)) == 3 * 4 * 2 * 9 * 5 + 6 * 6 * 6


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dense-float32", (16 + 256 + 16 + 16 + 16 + 1) * 4),
        ("dense-float16", (16 + 256 + 16 + 16 + 16 + 1) * 2),
        ("dense-int8", 16 + 256 + 16 + (16 + 16 + 1) * 4),
        ("dense-int16x8", 16 + 256 + 16 + (16 + 16 + 1) * 8),
        ("conv-int8", 36 + 36 + 32 + 96 + (4 + 4 + 8 + 3) * 4 + 2 * 4),
        ("wide-dynamic", 1280 + (40 + 80 + 2) * 4),
    ],
)
def test_weight_bytes(name: str, expected: int) -> None:
    assert expected == weight_bytes(model(name))


def test_a_shared_buffer_counts_once() -> None:
    """Tensors 1 and 6 of the dense network are its two biases of 16 floats."""
    net = changed_model("dense-float32", change_tensor(6, buffer=2))

    assert net.tensors[1].data is net.tensors[6].data
    assert weight_bytes(model("dense-float32")) - 64 == weight_bytes(net)


def test_a_constant_that_nobody_reads_does_not_count() -> None:
    net = changed_model("dense-float32", change_operator(0, inputs=[0, 5, -1]))

    assert weight_bytes(model("dense-float32")) - 64 == weight_bytes(net)


@pytest.mark.parametrize(
    ("name", "operator", "inputs", "message"),
    [
        ("dense-float32", 0, [0, -1, 6], r"operator 0 \(FULLY_CONNECTED\): input 1 is absent"),
        ("dense-float32", 0, [0], r"operator 0 \(FULLY_CONNECTED\): input 1 is absent"),
        ("conv-float32", 0, [0, 9, 9], r"\(CONV_2D\): input 1 has 1 dimensions, not 4"),
        ("upsample-float32", 2, [4, 6], r"\(BATCH_MATMUL\): input 0 has 1 dimensions, not 2"),
    ],
)
def test_unusual_operands_are_refused(
    name: str, operator: int, inputs: list[int], message: str
) -> None:
    net = changed_model(name, change_operator(operator, inputs=inputs))

    with pytest.raises(ModelError, match=message):
        macs(net)


def test_an_operator_without_output_is_refused() -> None:
    def add(tree: Any) -> None:
        operator = copy(tree.subgraphs[0].operators[2])
        operator.outputs = []
        tree.subgraphs[0].operators.append(operator)

    net = changed_model("two-inputs-float32", add)

    with pytest.raises(ModelError, match=r"operator 6 \(FULLY_CONNECTED\): no output"):
        macs(net)


Shapes = Mapping[int, tuple[int, ...]]
GATES = dict.fromkeys((1, 2, 3, 4), (20, 14)) | dict.fromkeys((5, 6, 7, 8), (20, 20))
ONE_WAY = {0: (1, 14, 14), **GATES}
STEP = 4 * 20 * (14 + 20)


def of_one(name: str, output: tuple[int, ...], shapes: Shapes, **options: Any) -> int | None:
    """The work of an operator with inputs of these shapes by position; the others are absent."""
    tensors = {at: Tensor(shape, "float32") for at, shape in shapes.items()}
    made = Tensor(output, "float32")
    inputs = [tensors.get(at) for at in range(max(tensors) + 1)]
    net = read(build(list(tensors.values()), [Op(name, inputs, [made], **options)], [made]))
    return operator_macs(net, net.operators[0])


@pytest.mark.parametrize(
    ("name", "output", "shapes", "expected"),
    [
        ("UNIDIRECTIONAL_SEQUENCE_LSTM", (1, 14, 20), ONE_WAY, 14 * STEP),
        (
            "UNIDIRECTIONAL_SEQUENCE_LSTM",
            (1, 14, 8),
            {0: (1, 14, 14)}
            | dict.fromkeys((1, 2, 3, 4), (20, 14))
            | dict.fromkeys((5, 6, 7, 8), (20, 8))
            | {16: (8, 20)},
            14 * (4 * 20 * (14 + 8) + 20 * 8),
        ),
        (
            "UNIDIRECTIONAL_SEQUENCE_LSTM",
            (1, 14, 20),
            {at: shape for at, shape in ONE_WAY.items() if at not in (1, 5)},
            14 * 3 * 20 * (14 + 20),
        ),
        ("LSTM", (2, 20), {0: (2, 14), **GATES}, 2 * STEP),
        (
            "BIDIRECTIONAL_SEQUENCE_LSTM",
            (1, 14, 40),
            ONE_WAY | {at + 17: shape for at, shape in GATES.items()},
            2 * 14 * STEP,
        ),
        ("RNN", (2, 6), {0: (2, 5), 1: (6, 5), 2: (6, 6)}, 2 * (6 * 5 + 6 * 6)),
        (
            "UNIDIRECTIONAL_SEQUENCE_RNN",
            (1, 7, 6),
            {0: (1, 7, 5), 1: (6, 5), 2: (6, 6)},
            7 * (6 * 5 + 6 * 6),
        ),
        (
            "BIDIRECTIONAL_SEQUENCE_RNN",
            (1, 7, 6),
            {0: (1, 7, 5), 1: (6, 5), 2: (6, 6), 5: (6, 5), 6: (6, 6)},
            2 * 7 * (6 * 5 + 6 * 6),
        ),
        ("SVDF", (1, 4), {0: (1, 10), 1: (8, 10), 2: (8, 16)}, 8 * 10 + 8 * 16),
        ("CONV_3D", (1, 4, 4, 4, 8), {0: (1, 6, 6, 6, 2), 1: (3, 3, 3, 2, 8)}, 512 * 27 * 2),
        (
            "CONV_3D_TRANSPOSE",
            (1, 4, 4, 4, 3),
            {0: (5,), 1: (2, 2, 2, 3, 5), 2: (1, 2, 2, 2, 5)},
            40 * 8 * 3,
        ),
        ("EMBEDDING_LOOKUP", (12, 8), {0: (12,), 1: (200, 8)}, 0),
    ],
    ids=[
        "LSTM",
        "LSTM with projection",
        "LSTM without input gate",
        "LSTM of one step",
        "LSTM in both directions",
        "RNN of one step",
        "RNN",
        "RNN in both directions",
        "SVDF",
        "CONV_3D",
        "CONV_3D_TRANSPOSE",
        "EMBEDDING_LOOKUP",
    ],
)
def test_macs_of_other_operators(
    name: str, output: tuple[int, ...], shapes: Shapes, expected: int
) -> None:
    """Counted by hand; absent gates and projections do not count."""
    assert of_one(name, output, shapes) == expected


def test_the_old_lstm_has_all_gates_in_one_matrix() -> None:
    shapes: Shapes = {0: (2, 14), 1: (2, 20), 2: (80, 34), 3: (80,), 4: (2, 20)}

    assert of_one("LSTM", (2, 20), shapes, kernel_type="BASIC") == 2 * STEP


def test_an_lstm_without_gates_is_refused() -> None:
    with pytest.raises(ModelError, match=r"\(UNIDIRECTIONAL_SEQUENCE_LSTM\): input 2 is absent"):
        of_one("UNIDIRECTIONAL_SEQUENCE_LSTM", (1, 14, 20), {0: (1, 14, 14)})


def test_every_operator_is_counted_none_by_definition_or_not_known() -> None:
    """What runs code that is not in the operator is never counted as 0; nor is a new operator."""
    unknown = [
        name
        for name in vars(schema.BuiltinOperator)
        if name.isupper()
        and not name.startswith("STABLEHLO_")
        and name not in COUNTED | NONE_BY_DEFINITION
    ]

    assert COUNTED.isdisjoint(NONE_BY_DEFINITION)
    assert sorted(unknown) == [
        "CALL",
        "CONCAT_EMBEDDINGS",
        "CUSTOM",
        "DELEGATE",
        "EMBEDDING_LOOKUP_SPARSE",
        "IF",
        "LSH_PROJECTION",
        "NON_MAX_SUPPRESSION_V4",
        "NON_MAX_SUPPRESSION_V5",
        "PLACEHOLDER_FOR_GREATER_OP_CODES",
        "RFFT2D",
        "SKIP_GRAM",
        "WHILE",
    ]


def test_what_cannot_be_counted_is_named_and_never_zero() -> None:
    """Of the dense net, the second of three products became a loop."""

    def loop(tree: Any) -> None:
        code = copy(tree.operatorCodes[0])
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.WHILE
        tree.operatorCodes.append(code)
        tree.subgraphs[0].operators[1].opcodeIndex = len(tree.operatorCodes) - 1

    net = changed_model("dense-float32", loop)
    text, told = describe(net), to_dict(net)

    assert [operator_macs(net, one) for one in net.operators] == [16, None, 16]
    assert (macs(net), uncounted(net)) == (32, ("WHILE",))
    assert "32 MACs per inference; not counted: WHILE" in text
    [row] = [line for line in text.splitlines() if line.startswith("1    WHILE")]
    assert row.endswith("not counted")
    assert (told["macs"], told["macs_not_counted"]) == (32, ["WHILE"])
    assert [one["macs"] for one in told["operators"]] == [16, None, 16]
