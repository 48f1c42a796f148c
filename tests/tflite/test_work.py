"""The work of a network agrees with a count by hand."""

from __future__ import annotations

from copy import copy
from typing import Any

import pytest

from tinybench.tflite import ModelError, macs, operator_macs, weight_bytes

from .samples import change_operator, change_tensor, changed_model, model

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
