"""Every path of the kernels that take four pixels or four channels at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import generate
from tinybench.storage.store import Store

from .batch import Example
from .builder import Op, Tensor, build
from .machines import MACHINES, differing
from .oracle import Oracle, codes

pytestmark = pytest.mark.slow

PLAIN: dict[str, Any] = {
    "padding": "SAME",
    "stride_h": 1,
    "stride_w": 1,
    "dilation_h_factor": 1,
    "dilation_w_factor": 1,
}


def convolution(
    image: Sequence[int],
    weights: Sequence[int],
    dtype: str = "int8",
    *,
    bias: int = 999,
    fill: int | None = None,
    fused: str = "NONE",
    zero_point: int = 4,
) -> bytes:
    """CONV_2D of weights (outputs, height, width, inputs), all `fill` if it is given."""
    rng = np.random.default_rng(7)
    values = rng.integers(-127, 128, tuple(weights)).astype(np.int8)
    if fill is not None:
        values[:] = fill
    wide = dtype == "int16"
    zero = 0 if wide else zero_point
    x = Tensor(tuple(image), dtype, 0.02, 0 if wide else -3)
    y = Tensor((*image[:3], weights[0]), dtype, 0.02 * np.prod(weights[1:]) ** 0.5, zero)
    biases = rng.integers(-bias, bias + 1, weights[0], np.int64 if wide else np.int32)
    operands = (
        x,
        Tensor(tuple(weights), "int8", [0.01] * weights[0], data=values),
        Tensor((weights[0],), str(biases.dtype), 2e-4, data=biases),
    )
    op = Op("CONV_2D", operands, [y], **PLAIN, fused_activation_function=fused)
    return build([x], [op], [y])


def depthwise(channels: int, kernel: int, *, bias: int) -> bytes:
    """DEPTHWISE_CONV_2D of int16 codes."""
    rng = np.random.default_rng(7)
    x = Tensor((1, 5, 5, channels), "int16", 0.02)
    y = Tensor((1, 5, 5, channels), "int16", 0.05)
    shape = (1, kernel, kernel, channels)
    values = rng.integers(-127, 128, shape).astype(np.int8)
    biases = rng.integers(-bias, bias + 1, channels, np.int64)
    operands = (
        x,
        Tensor(shape, "int8", [0.01] * channels, axis=3, data=values),
        Tensor((channels,), "int64", 2e-4, data=biases),
    )
    op = Op("DEPTHWISE_CONV_2D", operands, [y], **PLAIN, depth_multiplier=1)
    return build([x], [op], [y])


def pool(channels: int, dtype: str, fused: str = "NONE") -> bytes:
    """MAX_POOL_2D of 3x2, with windows that reach beyond the image."""
    zero = 0 if dtype == "int16" else 20
    x = Tensor((1, 7, 5, channels), dtype, 0.05, zero)
    y = Tensor((1, 4, 3, channels), dtype, 0.05, zero)
    options: dict[str, Any] = {"padding": "SAME", "stride_h": 2, "stride_w": 2, "filter_height": 3}
    op = Op("MAX_POOL_2D", [x], [y], **options, filter_width=2, fused_activation_function=fused)
    return build([x], [op], [y])


MODELS = {
    **{
        f"{dtype} 1x1 on {pixels} pixels of {depth} channels": convolution(
            (2, 1, pixels, depth), (3, 1, 1, depth), dtype
        )
        for dtype in ("int8", "int16")
        for pixels, depth in ((1, 1), (3, 5), (4, 8), (7, 6))
    },
    **{
        f"{dtype} 3x2 on {width} columns": convolution((2, 3, width, 3), (5, 3, 2, 3), dtype)
        for dtype in ("int8", "int16")
        for width in (1, 2, 5)
    },
    "int8, rectified at the zero point": convolution((1, 3, 3, 4), (4, 3, 3, 4), fused="RELU"),
    "int8, rectified, every code": convolution(
        (1, 3, 3, 4), (4, 3, 3, 4), fused="RELU", zero_point=-128
    ),
    "int8, cut at 6": convolution((1, 3, 3, 4), (4, 3, 3, 4), fused="RELU6", zero_point=0),
    "int16, a bias beyond 32 bits": convolution((1, 2, 3, 4), (3, 3, 3, 4), "int16", bias=2**36),
    "int16, sums in five parts": convolution((1, 2, 3, 64), (2, 6, 6, 64), "int16", fill=127),
    "int16, sums of the other sign": convolution((1, 2, 3, 64), (2, 6, 6, 64), "int16", fill=-128),
    "int16 in two groups": convolution((2, 3, 3, 6), (4, 3, 2, 3), "int16"),
    "int16 in groups of one": convolution((1, 3, 3, 3), (6, 1, 1, 1), "int16"),
    "depthwise, sums of 32 bits": depthwise(6, 3, bias=999),
    "depthwise, sums of 64 bits": depthwise(6, 3, bias=2**36),
    **{f"pool of {n} channels": pool(n, "int8") for n in (3, 4, 9)},
    "pool, cut at both ends": pool(9, "int8", "RELU6"),
    "pool of int16": pool(3, "int16"),
}


def _examples() -> list[Example]:
    found = []
    for number, (name, data) in enumerate(MODELS.items()):
        model = tflite.read(data)
        inputs = tuple(codes(model, 4, number))
        oracle = Oracle(data, 1)
        answers = tuple(oracle(each) for each in inputs)
        found.append(Example(name, generate(data, f"m{number}").program, inputs, answers))
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_blocks_of_four_and_what_is_left_of_them(
    machine: str, tmp_path: Path, store: Store
) -> None:
    found = differing(machine, _examples(), tmp_path, store)

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("name", "range_"),
    [
        pytest.param("int8 3x2 on 5 columns", "INT8", id="no activation"),
        pytest.param("int8, rectified at the zero point", "RECTIFIED", id="rectified"),
        pytest.param("int8, rectified, every code", "INT8", id="rectified at -128"),
        pytest.param("int8, cut at 6", "ANY", id="cut at 6"),
    ],
)
def test_range_of_the_activation_is_known_to_the_kernel(name: str, range_: str) -> None:
    source = generate(MODELS[name]).program.files["model.c"].decode()

    assert f"#define TB_CONV_S8_RANGE TB_RANGE_{range_}\n" in source
