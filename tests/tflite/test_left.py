"""An operator that the converter left in floats is named and no fault; every other float is one."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinybench.tflite import Model, classify, left_in_floats, problems, read

from .samples import NAMES, changed_model, model, schema

if TYPE_CHECKING:
    from collections.abc import Callable

OPERATORS = schema.BuiltinOperator
MODELS = sorted((Path(__file__).parents[2] / "results" / "models").glob("*.tflite"))


def floats_after(position: int, *codes: int) -> Callable[[Any], None]:
    """A change that sends an operator's output through these operators of one input."""

    def change(tree: Any) -> None:
        graph = tree.subgraphs[0]
        source = index = graph.operators[position].outputs[0]
        readers = [one for one in graph.operators if source in one.inputs]
        made = []
        for code in codes:
            tensor = copy(graph.tensors[source])
            if code != OPERATORS.QUANTIZE:
                tensor.type, tensor.quantization = schema.TensorType.FLOAT32, None
            graph.tensors.append(tensor)
            made.append(_operator(tree, code, index, len(graph.tensors) - 1))
            index = len(graph.tensors) - 1
        for reader in readers:
            reader.inputs = [index if one == source else one for one in reader.inputs]
        graph.operators[position + 1 : position + 1] = made

    return change


def _operator(tree: Any, code: int, source: int, output: int) -> Any:
    kind = schema.OperatorCodeT()
    kind.builtinCode, kind.deprecatedBuiltinCode = code, min(code, 127)
    tree.operatorCodes.append(kind)
    made = schema.OperatorT()
    made.opcodeIndex, made.inputs, made.outputs = len(tree.operatorCodes) - 1, [source], [output]
    return made


def names(found: Model) -> list[str]:
    return [operator.name for operator in left_in_floats(found)]


ELU = (OPERATORS.DEQUANTIZE, OPERATORS.ELU, OPERATORS.QUANTIZE)


@pytest.mark.parametrize("variant", ["int8", "int8-float-io", "int16x8", "qat-int8"])
def test_what_stands_between_integers_is_no_fault(variant: str) -> None:
    position = 1 if variant == "int8-float-io" else 0
    file = changed_model(f"dense-{variant}", floats_after(position, *ELU))

    assert names(file) == ["ELU"]
    assert problems(file, variant) == []
    assert classify(file).endswith(", partly float: ELU")


def test_several_in_a_row() -> None:
    row = (OPERATORS.DEQUANTIZE, OPERATORS.NEG, OPERATORS.EXP, OPERATORS.QUANTIZE)

    assert names(changed_model("dense-int8", floats_after(0, *row))) == ["NEG", "EXP"]


def test_the_last_operator_of_a_file_whose_output_is_float() -> None:
    def through_elu(tree: Any) -> None:
        graph = tree.subgraphs[0]
        graph.tensors.append(copy(graph.tensors[graph.outputs[0]]))
        index = len(graph.tensors) - 1
        graph.operators.append(_operator(tree, OPERATORS.ELU, graph.outputs[0], index))
        graph.outputs = [index]

    file = changed_model("dense-int8-float-io", through_elu)

    assert names(file) == ["ELU"]
    assert problems(file, "int8-float-io") == []


def test_floats_that_do_not_come_from_integers_are_a_fault() -> None:
    """A cast of codes is no DEQUANTIZE."""
    row = (OPERATORS.CAST, OPERATORS.ELU, OPERATORS.QUANTIZE)
    file = changed_model("dense-int8", floats_after(0, *row))

    assert names(file) == []
    assert "float32 activation, expected int8" in "".join(problems(file, "int8"))


def test_an_operator_with_weights_is_never_left() -> None:
    """Its input and output as floats, between DEQUANTIZE and QUANTIZE: it was not quantized."""

    def in_floats(tree: Any) -> None:
        dequantize, _, quantize = ELU
        floats_after(0, dequantize)(tree)
        graph = tree.subgraphs[0]
        dense = graph.operators[2]
        output = copy(graph.tensors[dense.outputs[0]])
        output.type, output.quantization = schema.TensorType.FLOAT32, None
        graph.tensors.append(output)
        target, dense.outputs = dense.outputs[0], [len(graph.tensors) - 1]
        graph.operators.insert(3, _operator(tree, quantize, len(graph.tensors) - 1, target))

    file = changed_model("dense-int8", in_floats)

    assert names(file) == []
    assert len(problems(file, "int8")) == 2


@pytest.mark.parametrize("name", NAMES)
def test_the_converters_files_are_integers_throughout(name: str) -> None:
    assert names(model(name)) == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: str(path.stem))
def test_the_built_in_tasks_are_integers_throughout(path: Path) -> None:
    assert left_in_floats(read(path.read_bytes())) == ()


def test_a_float_file_is_no_integer_one() -> None:
    assert problems(model("dense-float32"), "int8")
    assert names(changed_model("dense-float32", floats_after(0, OPERATORS.ELU))) == []


def test_what_sets_a_variable_at_the_start_is_a_subgraph_of_its_own() -> None:
    def with_variable(tree: Any) -> None:
        tree.subgraphs.append(tree.subgraphs[0])
        tree.subgraphs[0].operators.insert(0, _operator(tree, OPERATORS.CALL_ONCE, -1, -1))
        tree.subgraphs[0].operators[0].inputs = tree.subgraphs[0].operators[0].outputs = []

    assert problems(changed_model("dense-float32", with_variable), "float32") == []
