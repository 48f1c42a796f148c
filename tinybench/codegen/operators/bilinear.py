"""RESIZE_BILINEAR, with what each row and column of the output lies between as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.codegen.graph import Array, Graph, Step, option, refuse
from tinybench.codegen.operators.shaping import (
    integers,
    operand,
    require_shape,
    require_type,
    result,
)
from tinybench.codegen.operators.window import one_call
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

MOST = 1 << 15
"""Rows or columns of an image that no device goes beyond."""

Places = Sequence[tuple[int, int, Any]]
"""For each position of the output: the input's before and after it, and how far it is along."""


def resize(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call, by the rule of float32 or that of int8."""
    source, target = operand(graph, operator, 0), result(graph, operator)
    require_type(operator, source, "float32", "int8")
    require_type(operator, target, source.dtype)
    require_type(operator, operand(graph, operator, 1), "int32")
    wanted = integers(graph, operator, 1)
    if len(source.shape) != 4 or len(wanted) != 2:
        raise refuse(operator, f"{len(source.shape)} dimensions to {wanted} are not supported")
    if max(*source.shape[1:3], *wanted) > MOST:
        raise refuse(operator, f"{label(target)} is larger than images on a device are")
    images, height, width, channels = source.shape
    require_shape(operator, target, [images, *wanted, channels])
    rule = _float if source.dtype == "float32" else _integer
    rows = _places(operator, height, wanted[0], rule)
    columns = _places(operator, width, wanted[1], rule)
    fields: dict[str, Any] = {
        "images": images,
        "height": wanted[0],
        "width": wanted[1],
        "channels": channels,
        "image": height * width * channels,
    }
    steps = (width * channels, channels)
    if source.dtype == "float32":
        shares = [_shares(places) for places in (rows, columns)]
        offsets = [_offsets(*both) for both in zip((rows, columns), steps, strict=True)]
        fields = {
            "rows": offsets[0],
            "columns": offsets[1],
            "row_shares": shares[0],
            "column_shares": shares[1],
            **fields,
        }
        return one_call(graph, operator, "resize_bilinear_f32", fields)
    tables = [
        np.array([(a * step, b * step, far) for a, b, far in places], np.int32).reshape(-1)
        for places, step in zip((rows, columns), steps, strict=True)
    ]
    fields = {"rows": tables[0], "columns": tables[1], **fields}
    return one_call(graph, operator, "resize_bilinear_s8", fields)


def _offsets(places: Places, step: int) -> Array:
    return np.array([(a * step, b * step) for a, b, _ in places], np.int32).reshape(-1)


def _shares(places: Places) -> Array:
    one = np.float32(1)
    return np.array([(one - far, far) for _, _, far in places], np.float32).reshape(-1)


def _places(
    operator: Operator, size: int, new: int, rule: Callable[[int, int, bool, bool], Places]
) -> Places:
    corners = bool(option(operator, "align_corners", False))
    half = bool(option(operator, "half_pixel_centers", False))
    if corners and half:
        raise refuse(operator, "align_corners and half_pixel_centers exclude each other")
    places = rule(size, new, corners, half)
    if any(not 0 <= number < size for before, after, _ in places for number in (before, after)):
        raise refuse(operator, f"{size} to {new}: TensorFlow Lite Micro reads beyond the image")
    return places


def _float(size: int, new: int, corners: bool, half: bool) -> Places:
    """Source: tflite-micro `reference/resize_bilinear.h`, `ComputeInterpolationValues`."""
    f32 = np.float32
    scale = f32(size - 1) / f32(new - 1) if corners and new > 1 else f32(size) / f32(new)
    places = []
    for number in range(new):
        at = (f32(number) + f32(0.5)) * scale - f32(0.5) if half else f32(number) * scale
        before = max(int(np.floor(at)), 0)
        places.append((before, min(int(np.ceil(at)), size - 1), at - f32(before)))
    return places


def _integer(size: int, new: int, corners: bool, half: bool) -> Places:
    """Source: the same file, `ComputeInterpolationValuesInteger`: 10 binary places."""
    scale = (1024 * size + new // 2) // new
    if corners and new > 1:
        scale = (1024 * (size - 1) + (new - 1) // 2) // (new - 1)
    places = []
    for number in range(new):
        at = number * scale + (scale // 2 - 512 if half else 0)
        before = max(at // 1024, 0)
        places.append((before, min(-(-at // 1024), size - 1), at - 1024 * before))
    return places


LOWERINGS = {"RESIZE_BILINEAR": resize}
