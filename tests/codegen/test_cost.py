"""What the kernels cost on a Cortex-M4: exact instruction counts, held below stated bounds.

| layer | instructions per MAC, at most | CMSIS-NN's on the same processor |
|---|---|---|
| 1x1 convolution, 64 to 64 channels | 1.2 | 2.04 |
| fully connected, 64 to 64 | 1.75 | 2.63 |
| 3x3 depthwise, 64 channels | 4.6 | 8.1 |
| 3x3 convolution, 16 to 16 channels | 1.3 | |
| 3x3 convolution of an image with 3 channels, to 8 | 3.1 | |
| 3x3 convolution of an image with 1 channel, to 8 | 7.2 | |
| 3x3 convolution, 64 to 64 channels in 4 groups | 1.8 | |
| 3x3 transposed convolution, 32 to 16 channels, stride 2 | 1.5 | |
| 2x2 transposed convolution, 64 to 64 channels, stride 2 | 1.25 | |
| product of 32x32 matrices | 2.9 | |
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.boards import BOARDS, Counters, counted
from tinybench.codegen import generate
from tinybench.storage.store import Store

from ..components import needs
from .builder import Op, Tensor, build

BOARD = BOARDS.get("cortex-m4")
pytestmark = needs(BOARD.name)

ONE_BY_ONE = {"stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}


def _layer(
    name: str, source: tuple[int, ...], weights: tuple[int, ...], target: tuple[int, ...], axis: int
) -> bytes:
    random = np.random.default_rng(1)
    channels = weights[axis]
    scales = random.uniform(0.004, 0.01, channels).tolist()
    values = random.integers(-127, 128, weights).astype(np.int8)
    biases = random.integers(-999, 999, channels).astype(np.int32)
    x, y = Tensor(source, "int8", 0.02, -3), Tensor(target, "int8", 0.5, 4)
    operands = (
        x,
        Tensor(weights, "int8", scales, axis=axis, data=values),
        Tensor((channels,), "int32", 1e-4, data=biases),
    )
    stride = source[1] // target[1] if len(source) == 4 else 1
    options: dict[str, Any] = {}
    if len(source) == 4:
        options = {**ONE_BY_ONE, "padding": "SAME", "stride_h": stride, "stride_w": stride}
    if name == "DEPTHWISE_CONV_2D":
        options["depth_multiplier"] = 1
    return build([x], [Op(name, operands, [y], **options)], [y])


def _conv(size: int, inputs: int, outputs: int, kernel: int, stride: int = 1) -> bytes:
    shape = (outputs, kernel, kernel, inputs)
    out = size // stride
    return _layer("CONV_2D", (1, size, size, inputs), shape, (1, out, out, outputs), 0)


def _depthwise(size: int, channels: int) -> bytes:
    image = (1, size, size, channels)
    return _layer("DEPTHWISE_CONV_2D", image, (1, 3, 3, channels), image, 3)


def _groups() -> bytes:
    image = (1, 8, 8, 64)
    return _layer("CONV_2D", image, (64, 3, 3, 16), image, 0)


def _transposed(size: int, inputs: int, outputs: int, kernel: int) -> bytes:
    """The operands of a convolution, with the shape before them and twice the size of the image."""
    random = np.random.default_rng(1)
    weights = random.integers(-127, 128, (outputs, kernel, kernel, inputs)).astype(np.int8)
    x = Tensor((1, size, size, inputs), "int8", 0.02, -3)
    y = Tensor((1, 2 * size, 2 * size, outputs), "int8", 0.5, 4)
    shape = Tensor((4,), "int32", data=np.array(y.shape, np.int32))
    filters = Tensor(weights.shape, "int8", 0.01, data=weights)
    op = Op("TRANSPOSE_CONV", [shape, filters, x], [y], padding="SAME", stride_h=2, stride_w=2)
    return build([x], [op], [y])


def _product() -> bytes:
    x, w, y = (Tensor((4, 32, 32), "int8", scale, 3) for scale in (0.02, 0.02, 0.5))
    return build([x, w], [Op("BATCH_MATMUL", [x, w], [y])], [y])


LAYERS: dict[str, tuple[Callable[[], bytes], float]] = {
    "pointwise 64 to 64": (functools.partial(_conv, 8, 64, 64, 1), 1.2),
    "fully connected 64x64": (
        functools.partial(_layer, "FULLY_CONNECTED", (1, 64), (64, 64), (1, 64), 0),
        1.75,
    ),
    "depthwise 3x3 of 24x24x64": (functools.partial(_depthwise, 24, 64), 4.6),
    "convolution 3x3, 16 to 16": (functools.partial(_conv, 12, 16, 16, 3), 1.3),
    "convolution 3x3, 3 to 8": (functools.partial(_conv, 24, 3, 8, 3, 2), 3.1),
    "convolution 3x3, 64 to 64 in 4 groups": (_groups, 1.8),
    "transposed convolution 3x3, 32 to 16": (functools.partial(_transposed, 8, 32, 16, 3), 1.5),
    "transposed convolution 2x2, 64 to 64": (functools.partial(_transposed, 8, 64, 64, 2), 1.25),
    "product of 32x32 matrices": (_product, 2.9),
    "convolution 3x3, 1 to 8": (functools.partial(_conv, 24, 1, 8, 3, 2), 7.2),
}


def _counted(data: bytes, store: Store) -> Counters:
    program = generate(data).program
    image = BOARD.build(program, store)
    sample: Sequence[np.ndarray[tuple[int, int], np.dtype[np.uint8]]] = [
        np.random.default_rng(0).integers(0, 256, (1, port.nbytes), np.uint8)
        for port in program.inputs
    ]
    with BOARD.start(image, store) as session:
        return counted(session, sample)


@pytest.mark.parametrize("name", LAYERS)
def test_instructions_per_mac(name: str, store: Store) -> None:
    make, bound = LAYERS[name]
    data = make()

    counters = _counted(data, store)

    macs = tflite.macs(tflite.read(data))
    print(
        f"{name}: {counters.instructions / macs:.3f} instructions and"
        f" {((counters.reads or 0) + (counters.writes or 0)) / macs:.3f} accesses per MAC"
    )
    assert counters.instructions / macs <= bound
