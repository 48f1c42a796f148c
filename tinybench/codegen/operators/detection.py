"""TFLite_Detection_PostProcess: from a detector's encoded boxes and scores to what was found.

Source of what it takes: tflite-micro `micro/kernels/detection_postprocess.cc`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Call, Graph, Step, refuse
from tinybench.codegen.operators.custom import (
    arguments,
    options,
    require_elements,
    require_range,
    require_rank,
)
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybench.codegen.graph import Field
    from tinybench.tflite.flexible import Flexible
    from tinybench.tflite.model import Operator

PER_CLASS = 100
"""Boxes of a class where the options do not say."""


def post_process(graph: Graph, operator: Operator) -> Step:
    """Lower to one kernel call with four outputs: boxes, classes, scores and how many there are."""
    taken, given = arguments(graph, operator, ["float32"] * 3, ["float32"] * 4)
    encoded, scores, anchors = taken
    require_rank(operator, 3, encoded, scores)
    require_rank(operator, 2, anchors)
    boxes, coordinates = encoded.shape[1:]
    columns = scores.shape[2]
    numbers = options(operator)
    classes = _integer(operator, numbers, "num_classes")
    most = _integer(operator, numbers, "max_detections")
    per_class = _integer(operator, numbers, "detections_per_class", PER_CLASS)
    regular = bool(_integer(operator, numbers, "use_regular_nms"))
    require_range(operator, "num_classes", classes, max(columns - 1, 1), columns)
    require_range(operator, "max_detections", most, 1, boxes * classes)
    if regular:
        require_range(operator, "detections_per_class", per_class, 1, 2**31 - 1)
    elif _integer(operator, numbers, "max_classes_per_detection") != 1 and classes > 1:
        raise refuse(
            operator,
            "its option max_classes_per_detection is not 1: TensorFlow Lite Micro then leaves gaps"
            " in its outputs, and writes beyond them",
        )
    if encoded.shape[0] != 1 or scores.shape[:2] != (1, boxes) or coordinates < 4:
        raise refuse(operator, f"{label(encoded)} and {label(scores)} are not of the same boxes")
    if anchors.elements < 4 * boxes:
        raise refuse(operator, f"{label(anchors)} has no anchor for each of {boxes} boxes")
    for tensor, size in zip(given, (4 * most, most, most, 1), strict=True):
        require_elements(operator, size, tensor)
    reals = {
        name: _real(operator, numbers, option)
        for name, option in (
            ("threshold", "nms_score_threshold"),
            ("overlap", "nms_iou_threshold"),
            ("y_scale", "y_scale"),
            ("x_scale", "x_scale"),
            ("h_scale", "h_scale"),
            ("w_scale", "w_scale"),
        )
    }
    if not 0 < reals["overlap"] <= 1:
        raise refuse(operator, f"its option nms_iou_threshold is {reals['overlap']}, not 0 to 1")
    fields: dict[str, Field] = {
        "boxes": boxes,
        "coordinates": coordinates,
        "columns": columns,
        "offset": columns - classes,
        "classes": classes,
        "most": most,
        "per_class": min(per_class, boxes),
        "regular": int(regular),
        **reals,
    }
    scratch = 16 * boxes + 4 * most + (0 if regular else 4 * boxes) + boxes
    indexes = tuple(tensor.index for tensor in (*taken, *given))
    return Step(operator, (Call("detection", indexes, fields, scratch),))


def _integer(
    operator: Operator, numbers: Mapping[str, Flexible], name: str, default: int = 0
) -> int:
    """An option as 32 bits, signed; the default where there is none."""
    found = numbers.get(name)
    value = default if found is None or found.number is None else int(found.number)
    if not -(2**31) <= value < 2**31:
        raise refuse(operator, f"its option {name} is {value}")
    return value


def _real(operator: Operator, numbers: Mapping[str, Flexible], name: str) -> float:
    found = numbers.get(name)
    with np.errstate(over="ignore"):
        value = float(np.float32(found.number if found and found.number is not None else 0))
    if not np.isfinite(value):
        raise refuse(operator, f"its option {name} is {value}")
    return value


LOWERINGS = {"CUSTOM:TFLite_Detection_PostProcess": post_process}
