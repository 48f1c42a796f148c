"""An output that stands on its input destroys nothing that is read later: windows, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tinybench.codegen import Generated, generate
from tinybench.codegen.graph import Graph
from tinybench.codegen.operators.window import window

from .builder import Op, Tensor, build
from .strategies import FAMILIES, sample

AT_ONCE = {"conv_s8": 4, "conv_groups_s8": 4, "conv_2d_s16": 4}
"""Output pixels that a kernel computes side by side."""

SLIDING = sorted(
    name
    for name in FAMILIES
    if name.startswith(("conv_2d", "depthwise", "max_pool", "average_pool"))
    and "border" not in name
)
"""Where every window begins at the border, no output may begin before the last of them is read."""


def _taps(geometry: dict[str, int], pixel: int) -> Iterator[int]:
    """The input pixels inside the image that an output pixel is computed from."""
    image, place = divmod(pixel, geometry["out_h"] * geometry["out_w"])
    row, column = divmod(place, geometry["out_w"])
    for i in range(geometry["kernel_h"]):
        y = row * geometry["stride_h"] - geometry["pad_h"] + i * geometry["dilation_h"]
        for j in range(geometry["kernel_w"]):
            x = column * geometry["stride_w"] - geometry["pad_w"] + j * geometry["dilation_w"]
            if 0 <= y < geometry["in_h"] and 0 <= x < geometry["in_w"]:
                yield (image * geometry["in_h"] + y) * geometry["in_w"] + x


def _destroyed(made: Generated, before: int) -> bool:
    """Whether the only step, its output `before` bytes in front of its input, harms itself."""
    step = made.steps[0]
    # Computed weights stand between the two.
    source, *_, target = (made.model.tensors[index] for index in step.calls[0].arguments)
    options = step.operator.options or {}
    height, width = options.get("filter_height", 1), options.get("filter_width", 1)
    if len(step.operator.inputs) > 1:
        _, height, width, _ = made.model.tensors[step.operator.inputs[1]].shape
    geometry = dict(window(Graph(made.model), step.operator, (height, width), target.shape[3]))
    read, written = ((t.nbytes or 0) // t.elements * t.shape[3] for t in (source, target))
    image = geometry["out_h"] * geometry["out_w"]
    at_once = AT_ONCE.get(step.calls[0].kernel, 1)
    groups = [
        range(n * image + first, n * image + min(first + at_once, image))
        for n in range(geometry["batches"])
        for first in range(0, image, at_once)
    ]
    gone = 0
    for group in groups:
        gone = max(gone, (group[-1] + 1) * written - before)
        if any(tap * read < gone for pixel in group for tap in _taps(geometry, pixel)):
            return True
    return False


@pytest.mark.parametrize("family", SLIDING)
def test_distance_is_the_least_that_destroys_nothing(family: str) -> None:
    found = 0
    for case in sample(family, 12, seed=3):
        made = generate(case.data)
        for _, target, before in made.steps[0].overlap:
            found += 1
            assert not _destroyed(made, before), case
            assert before == 0 or _destroyed(made, before - 1), case
            assert before < (made.model.tensors[target].nbytes or 0)

    assert found


def test_input_that_is_read_again_is_not_overwritten() -> None:
    x, y, z = (Tensor((1, 6, 6, 4), "int8", 0.5) for _ in range(3))
    pool: dict[str, Any] = {"padding": "SAME", "stride_h": 1, "stride_w": 1}
    pool |= {"filter_height": 2, "filter_width": 2}
    ops = [Op("MAX_POOL_2D", [x], [y], **pool), Op("ADD", [x, y], [z])]

    made = generate(build([x], ops, [z]))

    assert made.steps[0].overlap
    assert abs(made.plan.offsets[0] - made.plan.offsets[1]) >= 144


@pytest.mark.parametrize(
    ("source", "target", "arena"), [("float32", "int8", 400), ("int8", "float32", 400)]
)
def test_conversion_takes_the_memory_of_the_wider_type(
    source: str, target: str, arena: int
) -> None:
    x, y = (Tensor((1, 100), dtype, 0.5 if dtype == "int8" else None) for dtype in (source, target))
    name = "QUANTIZE" if target == "int8" else "DEQUANTIZE"

    assert generate(build([x], [Op(name, [x], [y])], [y])).program.arena_bytes == arena
