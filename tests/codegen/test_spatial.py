"""Layers with windows and products of matrices: the files that the runtime takes, and its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import UnsupportedError, generate
from tinybench.codegen.phases import axes

from . import host
from .builder import Op, Tensor, build
from .oracle import Oracle, codes


def agree(data: bytes, folder: Path, outputs: int = 1) -> None:
    """Fail unless generated C gives the runtime's bytes for eight sets of inputs."""
    host.require_compiler()
    program = generate(data).program
    given = codes(tflite.read(data), 8, 0)
    oracle = Oracle(data, outputs)
    session = host.build([program], folder)
    answers = session.run([host.raw(port) for port in zip(*given, strict=True)])
    expected = [oracle(one) for one in given]
    for answer, wanted in zip(answers, zip(*expected, strict=True), strict=True):
        assert answer.tobytes() == b"".join(one.tobytes() for one in wanted)


def refusal(data: bytes) -> str:
    with pytest.raises(UnsupportedError) as caught:
        generate(data)
    return str(caught.value)


def constant(values: Any, dtype: str = "int32", **quantized: Any) -> Tensor:
    array = np.asarray(values, "int8" if dtype == "int4" else dtype)
    return Tensor(array.shape, dtype, data=array, **quantized)


def single(op: Op) -> bytes:
    """A model of one operator; what is no constant is an input."""
    inputs = [t for t in op.inputs if t is not None and t.data is None]
    return build(list(dict.fromkeys(inputs)), [op], op.outputs)


def weights(*shape: int, axis: int = 0, seed: int = 0) -> Tensor:
    values = np.random.default_rng(seed).integers(-127, 128, shape)
    scales = np.linspace(0.001, 0.004, shape[axis])
    return constant(values, "int8", scale=[float(s) for s in scales], axis=axis)


PLAIN: dict[str, Any] = {"padding": "VALID", "stride_h": 1, "stride_w": 1}


def test_bias_with_an_axis_that_a_vector_does_not_have(tmp_path: Path) -> None:
    """Old converters give it the axis of depthwise weights; the runtime does not look."""
    w = weights(1, 3, 3, 8, axis=3)
    assert isinstance(w.scale, Sequence)
    bias = constant(np.arange(8) * 100, scale=[0.05 * s for s in w.scale], axis=3)
    x, y = Tensor((1, 5, 5, 8), "int8", 0.05, 3), Tensor((1, 3, 3, 8), "int8", 0.07, -9)
    options = {**PLAIN, "depth_multiplier": 1}

    agree(single(Op("DEPTHWISE_CONV_2D", (x, w, bias), (y,), **options)), tmp_path)


def upsampling(dtype: str, outputs: Tensor, bias: Tensor | None = None) -> bytes:
    """`Conv2DTranspose(3, 3, strides=2, padding="same")` on 4x4x2."""
    zero = 5 if dtype == "int8" else 0
    scale = None if dtype == "float32" else 0.04
    x = Tensor((1, 4, 4, 2), dtype, scale, zero)
    w = weights(3, 3, 3, 2)
    if dtype == "float32":
        w = constant(np.random.default_rng(0).standard_normal((3, 3, 3, 2)), dtype)
    shape = constant(outputs.shape)
    options: dict[str, Any] = {"padding": "SAME", "stride_h": 2, "stride_w": 2}
    return single(Op("TRANSPOSE_CONV", (shape, w, x, bias), (outputs,), **options))


@pytest.mark.parametrize("dtype", ["float32", "int8", "int16"])
def test_transposed_convolution_without_bias(dtype: str, tmp_path: Path) -> None:
    scale = None if dtype == "float32" else 0.03
    agree(upsampling(dtype, Tensor((1, 8, 8, 3), dtype, scale)), tmp_path)


def test_transposed_convolution_whose_biases_the_runtime_misreads() -> None:
    made = upsampling("int16", Tensor((1, 8, 8, 3), "int16", 0.03), constant([1, 2, 3]))

    assert "biases have 32 bits, which TensorFlow Lite Micro reads as 64" in refusal(made)


def test_transposed_convolution_to_other_channels_is_refused() -> None:
    made = upsampling("int8", Tensor((1, 8, 8, 4), "int8", 0.03))

    assert "do not fit" in refusal(made)


@pytest.mark.parametrize("size", [1, 4, 7, 12])
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2])
def test_phases_of_an_axis_are_the_scatter_that_they_stand_for(
    size: int, kernel: int, stride: int, padding: int
) -> None:
    wanted = {
        (position, tap, (position + padding - tap) // stride)
        for position in range(size)
        for tap in range(kernel)
        if (position + padding - tap) % stride == 0
    }

    found = [
        (phase.first + number * stride, tap, number - phase.before + place)
        for phase in axes(size, kernel, stride, padding)
        for number in range(phase.count)
        for place, tap in enumerate(phase.taps)
    ]

    assert len(set(found)) == len(found)
    assert set(found) == wanted


@pytest.mark.parametrize("dtype", ["float32", "int8"])
@pytest.mark.parametrize("option", ["half_pixel_centers", "align_corners", None])
def test_upsampling_between_pixels(dtype: str, option: str | None, tmp_path: Path) -> None:
    """`UpSampling2D(2, interpolation="bilinear")` and its older relatives."""
    x = Tensor((2, 3, 4, 5), dtype, None if dtype == "float32" else 0.05)
    y = Tensor((2, 6, 8, 5), dtype, x.scale)
    options: dict[str, Any] = {option: True} if option else {}

    agree(single(Op("RESIZE_BILINEAR", (x, constant([6, 8])), (y,), **options)), tmp_path)


def test_integer_scale_that_leads_beyond_the_image_is_refused() -> None:
    """1024ths of a step are rounded, and their error adds up over many columns."""
    x, y = Tensor((1, 1, 1, 1), "int8", 0.05), Tensor((1, 1, 600, 1), "int8", 0.05)

    message = refusal(single(Op("RESIZE_BILINEAR", (x, constant([1, 600])), (y,))))

    assert "reads beyond the image" in message


@pytest.mark.parametrize("dtype", ["int16", "uint8"])
def test_bilinear_type_that_the_runtime_refuses(dtype: str) -> None:
    x, y = Tensor((1, 2, 2, 1), dtype, 0.05), Tensor((1, 4, 4, 1), dtype, 0.05)

    made = single(Op("RESIZE_BILINEAR", (x, constant([4, 4])), (y,)))

    assert f"is {dtype}, not float32 or int8" in refusal(made)


def test_convolution_in_groups(tmp_path: Path) -> None:
    """`Conv2D(4, 3, groups=2)`."""
    x, y = Tensor((1, 6, 6, 4), "int8", 0.05, 7), Tensor((1, 4, 4, 4), "int8", 0.09, -3)

    agree(single(Op("CONV_2D", (x, weights(4, 3, 3, 2), None), (y,), **PLAIN)), tmp_path)


@pytest.mark.parametrize("channels", [(3, 4), (4, 5), (6, 2)])
def test_channels_that_are_no_groups_are_refused(channels: tuple[int, int]) -> None:
    given, depth = channels
    x, y = Tensor((1, 6, 6, given), "int8", 0.05), Tensor((1, 4, 4, 4), "int8", 0.09)

    made = single(Op("CONV_2D", (x, weights(4, 3, 3, depth)), (y,), **PLAIN))

    assert "does not have the channels of the weights" in refusal(made)


@pytest.mark.parametrize("scale", [1e-6, 0.01, 1.0, 20.0])
@pytest.mark.parametrize("fused", ["NONE", "RELU"])
def test_filter_that_is_nearly_dead_wraps_around(scale: float, fused: str, tmp_path: Path) -> None:
    """Weights of -1 and 1 beside the largest bias; a multiplier above one shifts, too."""
    values = np.random.default_rng(0).integers(-127, 128, (4, 3, 3, 2))
    values[0] = 0
    values[0, 0, 0] = (-1, 1)
    w = constant(values, "int8", scale=scale)
    bias = constant([2**31 - 1, -(2**31), 0, 2**31 - 1], scale=scale * 0.05)
    x, y = Tensor((1, 5, 5, 2), "int8", 0.05, -5), Tensor((1, 3, 3, 4), "int8", 0.05, 3)
    options = {**PLAIN, "fused_activation_function": fused}

    agree(single(Op("CONV_2D", (x, w, bias), (y,), **options)), tmp_path)


def test_sums_of_transposed_convolution_that_leave_32_bits_are_refused() -> None:
    made = upsampling("int8", Tensor((1, 8, 8, 3), "int8", 0.03), constant([2**31 - 1, 0, 0]))

    assert "do not fit 32 bits" in refusal(made)


@pytest.mark.parametrize("name", ["CONV_2D", "FULLY_CONNECTED"])
def test_option_says_the_width_of_int16_sums_without_bias(name: str, tmp_path: Path) -> None:
    """Two rules of rounding: without a bias, its type is an option."""
    shape = (4, 1, 1, 8) if name == "CONV_2D" else (4, 8)
    x, y = Tensor((1, 2, 3, 8), "int16", 0.0005), Tensor((1, 2, 3, 4), "int16", 0.0009)
    options = {"quantized_bias_type": 2, **(PLAIN if name == "CONV_2D" else {})}
    options |= {"keep_num_dims": True} if name == "FULLY_CONNECTED" else {}
    w = weights(*shape)

    agree(single(Op(name, (x, w, None), (y,), **options)), tmp_path)


@pytest.mark.parametrize("name", ["AVERAGE_POOL_2D", "MAX_POOL_2D"])
def test_pooling_to_another_scale_is_refused(name: str) -> None:
    x, y = Tensor((1, 4, 4, 1), "int8", 0.05), Tensor((1, 3, 3, 1), "int8", 0.06)
    options = {**PLAIN, "filter_height": 2, "filter_width": 2}

    assert "quantized differently" in refusal(single(Op(name, (x,), (y,), **options)))


def test_int4_weights_with_a_scale_each_are_refused_of_fully_connected() -> None:
    w = constant(np.ones((2, 4), np.int8), "int4", scale=[0.1, 0.2])
    x, y = Tensor((1, 4), "int8", 0.05), Tensor((1, 2), "int8", 0.06)

    assert "which TFLM refuses" in refusal(single(Op("FULLY_CONNECTED", (x, w), (y,))))


@pytest.mark.parametrize("name", ["TRANSPOSE_CONV", "CONV_2D"])
def test_int4_weights_of_what_takes_none_are_refused(name: str) -> None:
    w = constant(np.ones((2, 1, 1, 3), np.int8), "int4", scale=0.1)
    dtype = "int8" if name == "TRANSPOSE_CONV" else "int16"
    x, y = Tensor((1, 4, 4, 3), dtype, 0.05), Tensor((1, 4, 4, 2), dtype, 0.06)
    inputs = (constant(y.shape), w, x) if name == "TRANSPOSE_CONV" else (x, w)

    assert "is int4, not int8" in refusal(single(Op(name, inputs, (y,), **PLAIN)))


def test_depthwise_int16_with_more_taps_in_a_row_than_32_bits_hold(tmp_path: Path) -> None:
    values = np.full((1, 1, 600, 2), -128)
    w = constant(values, "int8", scale=[0.001, 0.002], axis=3)
    x, y = Tensor((1, 1, 601, 2), "int16", 0.001), Tensor((1, 1, 2, 2), "int16", 0.05)
    options = {**PLAIN, "depth_multiplier": 1}

    agree(single(Op("DEPTHWISE_CONV_2D", (x, w), (y,), **options)), tmp_path)


@pytest.mark.parametrize("dtype", ["float32", "int8", "int16"])
def test_weights_of_transposed_convolution_are_constants(dtype: str) -> None:
    scale = None if dtype == "float32" else 0.05
    w = Tensor((2, 3, 3, 1), dtype if dtype == "float32" else "int8", scale)
    x, y = Tensor((1, 2, 2, 1), dtype, scale), Tensor((1, 4, 4, 2), dtype, scale)
    inputs = (constant(y.shape), w, x)

    assert "is computed; weights must be constant" in refusal(
        single(Op("TRANSPOSE_CONV", inputs, (y,), **PLAIN))
    )
