"""The geometry of sliding windows, checked against the tensors, and calls of their kernels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tinybench.codegen import overlap
from tinybench.codegen.graph import Call, Graph, Step, option, refuse
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

MAX_STRIDE = 1 << 15
"""More rows or columns than an image on a microcontroller has: only a damaged file says so."""

MEMBERS = (
    *("batches", "in_h", "in_w", "channels", "out_h", "out_w", "kernel_h", "kernel_w"),
    *("stride_h", "stride_w", "dilation_h", "dilation_w", "pad_h", "pad_w"),
)
"""Of `struct tb_window` and `struct tb_geometry`, in their order."""


def window(
    graph: Graph, operator: Operator, kernel: tuple[int, int], channels: int
) -> Mapping[str, int]:
    """The members of `struct tb_window`, for an operator whose output has `channels` channels.

    Source: tflite-micro `kernels/padding.h`: with SAME, half of the padding, rounded down, stands
    before the image. Refuse shapes that do not follow from each other.
    """
    source, target = graph.tensor(operator.inputs[0]), graph.tensor(operator.outputs[0])
    if len(source.shape) != 4 or len(target.shape) != 4 or 0 in source.shape + target.shape:
        raise refuse(operator, f"{label(source)} is not batches x height x width x channels")
    padding = option(operator, "padding", "VALID")
    outputs, before, steps, spreads = [], [], [], []
    for axis, size in enumerate(kernel):
        name = "hw"[axis]
        stride = option(operator, f"stride_{name}", 1)
        spread = option(operator, f"dilation_{name}_factor", 1)
        extent, image = (size - 1) * spread + 1, source.shape[1 + axis]
        if not (0 < stride <= MAX_STRIDE and 0 < spread <= MAX_STRIDE and 0 < size <= MAX_STRIDE):
            raise refuse(operator, f"stride {stride}, dilation {spread} or size {size} is invalid")
        if padding == "SAME":
            count = -(-image // stride)
        else:
            count = max(-(-(image - extent + 1) // stride), 0)
        missing = max((count - 1) * stride + extent - image, 0)
        outputs.append(count)
        before.append(missing // 2)
        steps.append(stride)
        spreads.append(spread)
    if target.shape != (source.shape[0], *outputs, channels):
        raise refuse(operator, f"{label(target)} does not have the shape that follows")
    return {
        "batches": source.shape[0],
        "in_h": source.shape[1],
        "in_w": source.shape[2],
        "channels": source.shape[3],
        "out_h": outputs[0],
        "out_w": outputs[1],
        "kernel_h": kernel[0],
        "kernel_w": kernel[1],
        "stride_h": steps[0],
        "stride_w": steps[1],
        "dilation_h": spreads[0],
        "dilation_w": spreads[1],
        "pad_h": before[0],
        "pad_w": before[1],
    }


def one_call(
    graph: Graph,
    operator: Operator,
    kernel: str,
    fields: Mapping[str, Any],
    geometry: Mapping[str, int] | None = None,
) -> Step:
    """One call, from the first input to the first output; with a window, these may overlap."""
    arguments = (operator.inputs[0], operator.outputs[0])
    over = overlap.windows(graph, *arguments, geometry) if geometry else ()
    return Step(operator, (Call(kernel, arguments, fields),), overlap=over)
