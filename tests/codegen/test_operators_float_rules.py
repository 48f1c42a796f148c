"""What the lowerings of float32 and int16 operators promise without running anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tinybench.codegen import UnsupportedError, generate, refusals
from tinybench.codegen.operators.interleave import interleaved
from tinybench.tflite import read

from .builder import Op, Tensor, build

WINDOW: dict[str, Any] = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
POOL: dict[str, Any] = {**WINDOW, "filter_height": 2, "filter_width": 2}


def floats(*shape: int) -> Tensor:
    return Tensor(shape, "float32")


def codes(*shape: int, scale: float = 0.01, zero_point: int = 0) -> Tensor:
    return Tensor(shape, "int16", scale, zero_point)


def weights(*shape: int, dtype: str = "float32", value: float = 1, **quantized: Any) -> Tensor:
    return Tensor(shape, dtype, data=np.full(shape, value, dtype), **quantized)


def single(name: str, inputs: Sequence[Tensor | None], output: Tensor, **options: Any) -> bytes:
    """A model of one operator; what is no constant is an input."""
    given = [tensor for tensor in inputs if tensor is not None and tensor.data is None]
    return build(list(dict.fromkeys(given)), [Op(name, inputs, [output], **options)], [output])


INT8 = weights(3, 4, dtype="int8", scale=0.01)
AXES = weights(1, dtype="int32", value=5)
REFUSED: list[tuple[str, Sequence[Tensor | None], Tensor, dict[str, Any], str]] = [
    ("FULLY_CONNECTED", [floats(1, 4), INT8], floats(1, 3), {}, "dynamic range models do not run"),
    ("FULLY_CONNECTED", [floats(1, 4), None], floats(1, 3), {}, "input 1 is absent"),
    ("FULLY_CONNECTED", [floats(1, 4), weights(3, 5)], floats(1, 3), {}, "do not fit weights 3x5"),
    ("FULLY_CONNECTED", [floats(1, 4), weights(3, 4)], floats(2, 3), {}, "do not fit weights 3x4"),
    (
        "FULLY_CONNECTED",
        [floats(1, 4), weights(3, 4), weights(2)],
        floats(1, 3),
        {},
        "2 biases for 3 channels",
    ),
    (
        "FULLY_CONNECTED",
        [floats(1, 4), weights(3, 4, value=np.inf)],
        floats(1, 3),
        {},
        "tensor 1 (t1) has infinite elements or no numbers",
    ),
    (
        "FULLY_CONNECTED",
        [floats(1, 4), weights(3, 4), weights(3, value=np.nan)],
        floats(1, 3),
        {},
        "tensor 2 (t2) has infinite elements or no numbers",
    ),
    (
        "FULLY_CONNECTED",
        [floats(1, 4), weights(3, 4)],
        floats(1, 3),
        {"fused_activation_function": "TANH"},
        "the fused activation TANH is not supported",
    ),
    (
        "CONV_2D",
        [floats(1, 4, 4, 2), weights(3, 2, 2, 2)],
        floats(1, 4, 3, 3),
        WINDOW,
        "does not have the shape that follows",
    ),
    (
        "CONV_2D",
        [floats(1, 4, 4, 3), weights(3, 2, 2, 2)],
        floats(1, 4, 4, 3),
        WINDOW,
        "3 channels do not fit 3 filters of 2",
    ),
    (
        "DEPTHWISE_CONV_2D",
        [floats(1, 4, 4, 2), weights(1, 2, 2, 3)],
        floats(1, 4, 4, 3),
        WINDOW,
        "2 channels do not fit 3 filters",
    ),
    ("MAX_POOL_2D", [floats(1, 4, 4, 2)], floats(1, 4, 4, 1), POOL, "shape that follows"),
    ("ADD", [floats(2, 3), floats(2, 2)], floats(2, 3), {}, "do not broadcast"),
    ("ADD", [floats(2, 3), codes(2, 3)], floats(2, 3), {}, "int16, not float32"),
    (
        "MUL",
        [floats(2), weights(2, value=np.nan)],
        floats(2),
        {},
        "infinite elements or no numbers",
    ),
    ("TANH", [floats(2, 3)], floats(3, 2), {}, "its inputs make it 2x3"),
    ("SOFTMAX", [floats(2, 3)], floats(6), {"beta": 1.0}, "its inputs make it 2x3"),
    ("MEAN", [floats(2, 3), AXES], floats(2), {}, "axis 5 is none of 2"),
    ("FULLY_CONNECTED", [codes(1, 4), weights(3, 4)], codes(1, 3), {}, "float32, not int8"),
    ("FULLY_CONNECTED", [codes(1, 4, zero_point=3), INT8], codes(1, 3), {}, "zero point 3, not 0"),
    (
        "FULLY_CONNECTED",
        [codes(1, 4), INT8, weights(3, dtype="int64", value=2**50)],
        codes(1, 3),
        {},
        "too large for 64 bits",
    ),
    (
        "DEPTHWISE_CONV_2D",
        [
            codes(1, 4, 4, 2),
            weights(1, 2, 2, 2, dtype="int8", scale=0.1),
            weights(2, dtype="int32"),
        ],
        codes(1, 4, 4, 2),
        WINDOW,
        "its biases have 32 bits",
    ),
    ("MAX_POOL_2D", [codes(1, 4, 4, 2)], codes(1, 4, 4, 2, scale=0.02), POOL, "quantized differ"),
    ("ADD", [codes(2), codes(2)], codes(2, scale=1e-7), {}, "too fine for the inputs'"),
    ("TANH", [codes(2)], codes(2, scale=0.5), {}, "not 1/32768"),
    ("LOGISTIC", [codes(2, scale=9.0)], codes(2, scale=2.0**-15), {}, "scale 9.0 is too large"),
    ("SOFTMAX", [codes(2)], codes(2), {"beta": 1.0}, "not 1/32768:0"),
    ("HARD_SWISH", [codes(2)], codes(2), {}, "int16, not int8"),
]


@pytest.mark.parametrize(
    ("name", "inputs", "output", "options", "reason"),
    REFUSED,
    ids=[f"{name}-{reason}" for name, *_, reason in REFUSED],
)
def test_refusal_names_the_operator_and_the_reason(
    name: str, inputs: Sequence[Tensor | None], output: Tensor, options: dict[str, Any], reason: str
) -> None:
    data = single(name, inputs, output, **options)

    with pytest.raises(UnsupportedError) as raised:
        generate(data)

    said = str(raised.value)
    assert said.startswith(f"operator 0 ({name}): ")
    assert reason in said
    assert "\n" not in said
    assert refusals(read(data)) == [said]


def test_interleaved_weights_are_blocks_of_four_channels_and_the_rest() -> None:
    rows = np.arange(6 * 2).reshape(6, 2)

    expected = [0, 2, 4, 6, 1, 3, 5, 7, 8, 9, 10, 11]
    assert interleaved(rows).tolist() == expected


def test_pointwise_convolution_is_a_fully_connected_layer() -> None:
    data = single(
        "CONV_2D", [floats(2, 4, 3, 5), weights(7, 1, 1, 5)], floats(2, 4, 3, 7), **WINDOW
    )

    [call] = generate(data).steps[0].calls

    assert call.kernel == "fully_connected_f32"
    assert call.fields["batches"] == 2 * 4 * 3


def test_depthwise_convolution_of_one_channel_is_a_convolution() -> None:
    taps = Tensor((1, 2, 2, 3), "float32", data=np.arange(12.0).reshape(1, 2, 2, 3))
    data = single("DEPTHWISE_CONV_2D", [floats(1, 4, 4, 1), taps], floats(1, 4, 4, 3), **WINDOW)

    [call] = generate(data).steps[0].calls

    assert call.kernel == "conv_2d_f32"
    np.testing.assert_array_equal(call.fields["weights"], [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11])


@pytest.mark.parametrize("name", ["RELU", "SOFTMAX", "NEG"])
def test_function_of_one_element_needs_no_second_buffer(name: str) -> None:
    generated = generate(single(name, [floats(8, 8)], floats(8, 8)))

    assert generated.program.arena_bytes == 8 * 8 * 4


def test_operand_that_is_broadcast_keeps_its_buffer() -> None:
    generated = generate(single("ADD", [floats(1, 8), floats(8, 8)], floats(8, 8)))

    assert generated.steps[0].in_place == ((1, 2),)
    assert generated.program.arena_bytes == (8 + 8 * 8) * 4


def test_program_includes_only_the_kernels_it_calls() -> None:
    files = generate(single("NEG", [floats(4)], floats(4))).program.files

    kernels = [f"kernels/tb_{name}.h" for name in ("neg_f32", "types", "unary_f32")]
    assert sorted(files) == [*kernels, "model.c", "model.h"]
