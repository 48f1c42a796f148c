"""The tables show what the file has, the dictionary is fit for JSON."""

from __future__ import annotations

import json

import pytest

from tinybench.tflite import describe, read, to_dict

from .samples import NAMES, change_operator, change_tensor, changed, changed_model, model


def rows(text: str) -> list[list[str]]:
    """Return the words of each line."""
    return [line.split() for line in text.splitlines()]


def test_describe_shows_totals_tensors_and_operators() -> None:
    found = rows(describe(model("conv-int8")))

    assert ["File", "4416", "B,", "MLIR", "Converted."] in found
    assert ["Weights", "284", "B"] in found
    assert ["Work", "1760", "MACs", "per", "inference"] in found
    assert next(row[:5] for row in found if row[:1] == ["input"]) == [
        "input",
        "0",
        "serving_default_conv_input:0",
        "int8",
        "1x8x8x1",
    ]
    assert ["output", "16", "StatefulPartitionedCall:0", "int8", "1x3", "0.00390625", "-128"] in (
        found
    )
    assert ["0", "CONV_2D", "0", "9", "8", "10", "576"] in found
    assert ["4", "RESHAPE", "13", "1", "14"] in found


def test_describe_shows_the_span_of_scales_with_count_and_axis() -> None:
    tensor = model("conv-int8").tensors[7]
    assert tensor.quantization is not None
    low, high = min(tensor.quantization.scales), max(tensor.quantization.scales)

    [row] = [row for row in rows(describe(model("conv-int8"))) if row[:1] == ["7"]]

    assert [f"{low:.6g}", "…", f"{high:.6g}", "(4)", "0", "3"] == row[-6:]


def test_describe_counts_every_kind_of_operator() -> None:
    text = describe(model("conv-int8"))

    assert (
        "7: 2 CONV_2D, 1 DEPTHWISE_CONV_2D, 1 MAX_POOL_2D, 1 RESHAPE, 1 FULLY_CONNECTED, 1 SOFTMAX"
    ) in text


def test_describe_says_which_variant_a_file_is() -> None:
    assert "Verdict\nint8-float-io\n" in describe(model("conv-int8-float-io"))


def test_describe_says_why_a_file_is_mixed() -> None:
    """The four bytes of a bias are said to be a float."""
    text = describe(changed_model("dense-int8", change_tensor(1, type=0)))

    assert (
        "Verdict\nmixed, nearest to int8:\n"
        "- tensor 1 (dense/dense_2/BiasAdd): float32 bias of operator 2 (FULLY_CONNECTED),"
        " expected int32\n"
    ) in text


def test_describe_marks_a_batch_of_any_size_and_an_absent_input() -> None:
    net = changed_model("any-batch-int8", change_operator(0, inputs=[0, 9, -1]))

    found = rows(describe(net))

    assert "?x8x8x1" in next(row for row in found if row[:1] == ["input"])
    assert ["0", "CONV_2D", "0", "9", "-", "10", "576"] in found


def test_a_name_with_a_line_break_stays_on_its_line() -> None:
    net = read(changed("dense-int8", change_tensor(0, name="a\nb")))

    assert "'a\\nb'" in describe(net)


@pytest.mark.parametrize("name", NAMES)
def test_dictionary_survives_json(name: str) -> None:
    found = to_dict(model(name))

    assert found == json.loads(json.dumps(found, allow_nan=False))


def test_dictionary_has_what_the_tables_show() -> None:
    found = to_dict(model("dense-int8"))

    assert found["class"] == "int8"
    assert found["nearest"] == {"variant": "int8", "problems": []}
    assert (found["file_bytes"], found["weight_bytes"], found["macs"]) == (3280, 420, 288)
    assert found["operator_counts"] == {"FULLY_CONNECTED": 3}
    assert [operator["macs"] for operator in found["operators"]] == [16, 256, 16]
    assert found["tensors"][4]["shape"] == [16, 16]
    assert len(found["tensors"][4]["quantization"]["scales"]) == 16
    assert found["operators"][0]["options"]["fused_activation_function"] == "RELU"
