"""A file passes the rule of its own name and of no other, and each clause of a rule can fail."""

from __future__ import annotations

import re
from copy import copy
from typing import TYPE_CHECKING, Any

import pytest

from tinybench.tflite import RULES, Rule, changed_nothing, classify, problems
from tinybench.tflite.verify import UnknownRuleError

from .samples import (
    NAMES,
    change_operator,
    change_quantization,
    change_tensor,
    changed_model,
    model,
    schema,
)

if TYPE_CHECKING:
    from collections.abc import Callable

# What a file passes besides the variant in its name, and why.
ALSO = {
    # QAT may choose either granularity, so its rule has both integer rules in it.
    "any-batch-int8": {"qat-int8"},
    "conv-int8": {"qat-int8"},
    "conv-int8-per-tensor": {"qat-int8"},
    "dense-int8": {"qat-int8"},
    "dense-int8-per-tensor": {"qat-int8"},
    "lstm-int8": {"qat-int8"},
    "two-inputs-int8": {"qat-int8"},
    # tfmot quantizes dense layers per tensor, convolutions per channel.
    "conv-qat-int8": {"int8-per-tensor"},
    "dense-qat-int8": {"int8-per-tensor"},
    # No dense layer, so nothing that the two rules judge differently.
    "upsample-int8": {"int8-per-tensor", "qat-int8"},
}
# Every tensor is under the 1024 elements from which on the converter quantizes.
NO_OP = {"conv-dynamic", "dense-dynamic"}


def expected_variants(name: str) -> set[str]:
    """Return the rules that a file of `models/` must pass."""
    if name in NO_OP:
        return {"float32"}
    # The longest, since `qat-int8` ends with `int8`.
    own = max(
        (variant for variant in [rule.name for rule in RULES] if name.endswith(f"-{variant}")),
        key=len,
    )
    return {own} | ALSO.get(name, set())


@pytest.mark.parametrize("variant", [rule.name for rule in RULES])
@pytest.mark.parametrize("name", NAMES)
def test_a_file_passes_exactly_the_rules_it_should(name: str, variant: str) -> None:
    found = problems(model(name), variant)

    assert (variant in expected_variants(name)) == (found == []), found


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_classified_by_its_content(name: str) -> None:
    assert classify(model(name)) in expected_variants(name) - {"qat-int8"}


def test_problems_name_tensor_and_expectation() -> None:
    assert problems(model("dense-float32"), "int8")[:2] == [
        "input tensor 0 (serving_default_dense_0_input:0): float32, expected int8",
        "output tensor 9 (StatefulPartitionedCall:0): float32, expected int8",
    ]


def test_an_unknown_variant_is_an_error() -> None:
    with pytest.raises(UnknownRuleError, match=r"variant 'int7' .*one of float32, dyn.*RULES.add"):
        problems(model("dense-int8"), "int7")


def test_a_mixed_file_is_told_with_the_nearest_variant() -> None:
    net = changed_model("dense-int8", change_quantization(4, zeroPoint=[0] * 15 + [3]))

    assert (
        classify(net)
        == "mixed: nearest to int8, but tensor 4 (dense/dense_1/MatMul): zero point 3, expected 0"
    )


class TestDynamicThatChangedNothing:
    @pytest.mark.parametrize("network", ["dense", "conv"])
    def test_is_recognised(self, network: str) -> None:
        assert changed_nothing(model(f"{network}-dynamic"), model(f"{network}-float32"))

    def test_is_no_dynamic_file(self) -> None:
        assert problems(model("dense-dynamic"), "dynamic") == [
            "nothing was quantized: no operator computes with an int8 constant"
        ]

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            ("wide-dynamic", "wide-float32"),
            ("dense-float16", "dense-float32"),
            ("dense-float32", "conv-float32"),
        ],
    )
    def test_a_quantized_file_differs(self, name: str, other: str) -> None:
        assert not changed_nothing(model(name), model(other))

    def test_names_and_metadata_do_not_count(self) -> None:
        def rename(tree: Any) -> None:
            tree.subgraphs[0].tensors[3].name = "renamed"
            tree.metadata = []
            tree.signatureDefs = []

        assert changed_nothing(changed_model("dense-float32", rename), model("dense-float32"))

    def test_the_numbering_of_tensors_does_not_count(self) -> None:
        def swap(tree: Any) -> None:
            """Swap the two biases of 16, tensors 1 and 6, in list and use."""
            tensors = tree.subgraphs[0].tensors
            tensors[1], tensors[6] = tensors[6], tensors[1]
            tree.subgraphs[0].operators[0].inputs = [0, 5, 1]
            tree.subgraphs[0].operators[1].inputs = [7, 4, 6]

        assert changed_nothing(changed_model("dense-float32", swap), model("dense-float32"))

    def test_one_bit_of_a_weight_counts(self) -> None:
        def flip(tree: Any) -> None:
            tree.buffers[5].data = tree.buffers[5].data ^ 1

        assert not changed_nothing(changed_model("dense-float32", flip), model("dense-float32"))

    def test_an_option_counts(self) -> None:
        def unfuse(tree: Any) -> None:
            tree.subgraphs[0].operators[0].builtinOptions.fusedActivationFunction = 0

        assert not changed_nothing(changed_model("dense-float32", unfuse), model("dense-float32"))


def retype_weights(code: int) -> Callable[[Any], None]:
    """Return a change of the first dense layer's weights (tensor 6) to another one-byte type."""
    return change_tensor(6, type=code)


def store(buffer: int, position: int, value: int) -> Callable[[Any], None]:
    """Return a change of one byte of a constant."""

    def change(tree: Any) -> None:
        data = tree.buffers[buffer].data.copy()
        data[position] = value
        tree.buffers[buffer].data = data

    return change


def make_sparse(tree: Any) -> None:
    tree.subgraphs[0].tensors[4].sparsity = schema.SparsityParametersT()


UINT8 = 3
QUANTIZED = {"scale": [0.5], "zeroPoint": [0]}


@pytest.mark.parametrize(
    ("name", "variant", "change", "expected"),
    [
        ("dense-float32", "float32", make_sparse, "tensor 4 .*: sparse, expected dense"),
        ("dense-float32", "float32", change_quantization(8, **QUANTIZED), "expected no quantiz"),
        ("wide-dynamic", "dynamic", change_quantization(4, zeroPoint=[1] * 40), "zero point 1"),
        ("wide-dynamic", "dynamic", change_quantization(6, **QUANTIZED), "expected no quantiz"),
        ("dense-float16", "float16", change_operator(0, opcodeIndex=1), "expected DEQUANTIZE"),
        ("dense-int8", "int8", change_quantization(4, zeroPoint=[2] * 16), "zero point 2, ex"),
        (
            "dense-int8",
            "int8",
            change_quantization(4, scale=[], zeroPoint=[]),
            "tensor 4 .*no scale",
        ),
        (
            "dense-int8",
            "int8",
            change_quantization(7, scale=[], zeroPoint=[]),
            "tensor 7 .*no scale",
        ),
        ("dense-int8", "int8", change_quantization(4, quantizedDimension=1), "16 scales along ax"),
        ("dense-int8", "int8", retype_weights(UINT8), "uint8, expected int8"),
        ("dense-int8", "int8", store(7, 3, 0x80), "the code -128, expected -127 to 127"),
        ("dense-int8", "int8", change_tensor(1, type=0), "float32 bias of operator 2"),
        ("conv-int8", "int8-per-tensor", None, "weights of operator 5 .*: 3 scales along axis 0"),
        ("conv-int8-per-tensor", "int8", None, "one scale, expected 3 scales along axis 0"),
        ("dense-int8-per-tensor", "int8", None, "one scale, expected 16 scales along axis 0"),
        ("dense-int8", "int8-float-io", None, "read by operator 0 .*, expected QUANTIZE"),
        ("dense-int8", "int8-float-io", None, "written by operator 2 .*, expected DEQUANTIZE"),
        ("dense-int8-float-io", "int8", None, "float32 activation, expected int8|expected int8"),
        ("dense-int16x8", "int16x8", change_quantization(7, zeroPoint=[1]), "zero point 1, exp"),
        ("dense-int16x8", "int16x8", change_quantization(4, zeroPoint=[1] * 16), "zero point 1"),
        ("dense-int8", "qat-int8", change_quantization(7, zeroPoint=[], scale=[]), "no scale"),
    ],
)
def test_each_clause_of_a_rule_can_fail(
    name: str, variant: str, change: Callable[[Any], None] | None, expected: str
) -> None:
    net = changed_model(name, change) if change else model(name)

    found = problems(net, variant)

    assert any(re.search(expected, problem) for problem in found), found


def test_only_the_8_bit_specification_forbids_the_code_minus_128() -> None:
    """Buffers 6 and 7 have the weights of the first dense layer."""
    assert problems(changed_model("dense-int16x8", store(6, 3, 0x80)), "int16x8") == []
    assert problems(changed_model("dense-int8", store(7, 3, 0x80)), "int8") != []


def test_float_io_needs_integers_between_the_borders() -> None:
    def shortcut(tree: Any) -> None:
        """Leave only the outputs, fed straight from the input."""
        tree.subgraphs[0].operators = []
        tree.subgraphs[0].outputs = [0]

    found = problems(changed_model("dense-int8-float-io", shortcut), "int8-float-io")

    assert "no int8 tensor between QUANTIZE and DEQUANTIZE" in found
    assert any("written by no operator, expected DEQUANTIZE" in problem for problem in found)


def test_weights_that_are_only_stored_in_int8_are_not_dynamic() -> None:
    """Weight-only quantization: a DEQUANTIZE turns the weights back before any arithmetic."""

    def store_only(tree: Any) -> None:
        graph = tree.subgraphs[0]
        weights = copy(graph.tensors[4])
        weights.type, weights.buffer, weights.quantization = 0, 0, None
        graph.tensors.append(weights)
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
        tree.operatorCodes.append(code)
        dequantize = schema.OperatorT()
        dequantize.opcodeIndex = len(tree.operatorCodes) - 1
        dequantize.inputs, dequantize.outputs = [4], [len(graph.tensors) - 1]
        graph.operators[0].inputs = [0, len(graph.tensors) - 1, 1]
        graph.operators.insert(0, dequantize)

    assert problems(changed_model("wide-dynamic", store_only), "dynamic") == [
        "nothing was quantized: no operator computes with an int8 constant"
    ]


def test_an_int16_tensor_between_int8_ones_is_a_variable_or_wrong() -> None:
    """Tensor 19 is the cell state of the LSTM."""

    def forget(tree: Any) -> None:
        tree.subgraphs[0].tensors[19].isVariable = False
        tree.subgraphs[0].operators[0].inputs = [0, 17, *range(16, 9, -1)]
        tree.subgraphs[0].operators[1].outputs = [19]
        tree.subgraphs[0].operators[2].inputs = [19, 5, 4]

    net = model("lstm-int8")
    assert (net.tensors[19].dtype, net.tensors[19].is_variable) == ("int16", True)
    assert problems(net, "int8") == []
    found = problems(changed_model("lstm-int8", forget), "int8")
    assert [problem.partition("): ")[2] for problem in found] == ["int16 activation, expected int8"]


@pytest.mark.parametrize("variant", [rule.name for rule in RULES])
def test_an_empty_graph_is_no_variant(variant: str) -> None:
    def empty(tree: Any) -> None:
        graph = tree.subgraphs[0]
        graph.operators, graph.inputs, graph.outputs = [], [], []

    assert problems(changed_model("dense-int8", empty), variant)[:2] == ["no input", "no output"]


def test_a_tensor_that_no_operator_uses_is_not_judged() -> None:
    """Tensor 6, a bias, becomes an orphan with quantization parameters."""

    def orphan(tree: Any) -> None:
        change_operator(0, inputs=[0, 5, -1])(tree)
        change_quantization(6, **QUANTIZED)(tree)

    assert problems(changed_model("dense-float32", orphan), "float32") == []


def test_a_rule_of_a_users_own() -> None:
    """It is asked like ours, by the name that a variant gives."""
    RULES.add(Rule("one-input", lambda net: [] if len(net.inputs) == 1 else ["several inputs"]))
    try:
        assert problems(model("dense-int8"), "one-input") == []
        assert problems(model("two-inputs-float32"), "one-input") == ["several inputs"]
    finally:
        RULES.remove("one-input")
