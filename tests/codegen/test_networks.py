"""The nets that people put on microcontrollers: the runtime's bytes, at a stated cost.

The files are the converter's, by `networks/make_networks.py`. Costs on the Cortex-M4 are exact;
TensorFlow Lite Micro with CMSIS-NN takes 2.40 M instructions and 8,868 B for the keyword net, 608 k
and 5,184 B for the gesture net, and about 2.9 and 3.3 instructions per MAC for the others.

| net | layers |
|---|---|
| keyword | tiny_conv of micro_speech: a convolution of 10x8 and a dense layer |
| keyword_separable | DS-CNN: a convolution of 10x4, then depthwise and pointwise ones |
| gesture | that of magic_wand: two convolutions with pools, two dense layers |
| mobile | the beginning of MobileNet-v1 0.25 |
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench import tflite
from tinybench.boards import BOARDS, counted
from tinybench.codegen import generate
from tinybench.storage.store import Store
from tinybench.tflite.quantize import quantize

from ..components import needs
from .batch import Example
from .host import raw
from .machines import MACHINES, differing
from .memory import check
from .oracle import Oracle

pytestmark = pytest.mark.slow

FILES = sorted((Path(__file__).parent / "networks").glob("*.tflite"))
BOARD = BOARDS.get("cortex-m4")

SAMPLES = 3
FLOAT_UNITS = 4
"""Units in the last place of probabilities: the runtime's exponential is the C library's."""

COSTS = {
    "keyword-int8": (780_000, 4_900, 260),
    "keyword_separable-int8": (5_480_000, 18_500, 260),
    "keyword_separable-qat-int8": (5_480_000, 18_500, 260),
    "gesture-int8": (310_000, 3_200, 260),
    "gesture-int8-float-io": (330_000, 3_200, 260),
    "gesture-int16x8": (500_000, 6_300, 380),
    "gesture-float32": (620_000, 12_400, 260),
    "mobile-int8": (1_710_000, 9_500, 260),
}
"""Instructions, bytes of arena, bytes of stack: at most."""


def example(path: Path, prefix: str) -> Example:
    """A net with noise in which neighbours resemble each other, and both ends of the range."""
    data = path.read_bytes()
    model = tflite.read(data)
    source = model.tensors[model.inputs[0]]
    rng = np.random.default_rng(5)
    noise = rng.normal(size=(SAMPLES, *source.shape[1:]))
    values = np.float32((noise + np.roll(noise, 1, 1) + np.roll(noise, 2, 1)) / 3)
    values[-2:] = np.array([-100, 100]).reshape(2, 1, 1, 1)
    if source.quantization is not None:
        scale, zero_point = source.quantization.scales[0], source.quantization.zero_points[0]
        values, _ = quantize(values, scale, zero_point, source.dtype)
    inputs = tuple((row[None],) for row in values)
    oracle = Oracle(data, len(model.outputs))
    units = 0 if source.dtype != "float32" or "int8" in path.stem else FLOAT_UNITS
    answers = tuple(oracle(row) for row in inputs)
    return Example(path.stem, generate(data, prefix).program, inputs, answers, units)


@pytest.mark.parametrize("machine", MACHINES)
def test_nets_give_the_runtimes_bytes(machine: str, tmp_path: Path, store: Store) -> None:
    examples = [example(path, f"n{number}") for number, path in enumerate(FILES)]

    found = differing(machine, examples, tmp_path, store)

    assert {each.name for each in examples} == set(COSTS)
    assert not found, "\n".join(found)


@needs(BOARD.name)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_net_takes_no_more_than_its_bounds(path: Path, store: Store) -> None:
    instructions, arena, stack = COSTS[path.stem]
    made = example(path, "model")
    image = BOARD.build(made.program, store)
    with BOARD.start(image, store) as session:
        counters = counted(session, [raw(port) for port in zip(*made.inputs[:1], strict=True)])

    print(f"{path.stem}: {counters.instructions:,} instructions, {image.ram_bytes:,} B of RAM")
    assert counters.instructions <= instructions
    assert made.program.arena_bytes == image.ram_bytes <= arena
    assert (counters.stack_bytes or 0) <= stack


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nets_plan_destroys_nothing(path: Path) -> None:
    check(generate(path.read_bytes()))
