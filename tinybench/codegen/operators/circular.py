"""CIRCULAR_BUFFER: a custom operator that remembers the last inputs of a streaming model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.graph import Call, Graph, Step, refuse
from tinybench.codegen.operators.custom import arguments, places, require_rank
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator

EVERY_CALL = (5, 13, 25)
"""Slots for which TFLM runs the rest of the graph at every call, where the options do not say."""


def circular_buffer(graph: Graph, operator: Operator) -> Step:
    """Shift the output, which is a variable, by one slot, and write the input into the last.

    Source: tflite-micro `kernels/circular_buffer.cc` and `circular_buffer_common.cc`.
    """
    [source], [target] = arguments(graph, operator, ["int8"], ["int8"])
    require_rank(operator, 4, source, target)
    batches, one, width, channels = source.shape
    slots = target.shape[1]
    if one != 1 or target.shape != (batches, slots, width, channels):
        raise refuse(operator, f"{label(source)} is no slot of {label(target)}")
    if target.index not in graph.states:
        raise refuse(operator, f"{label(target)} is no variable")
    [cycles] = places(operator, "cycles_max") if operator.custom_options else [0]
    if cycles <= 0:
        cycles = 1 if slots in EVERY_CALL else 2
    if cycles != 1:
        raise refuse(
            operator,
            f"it ends all but one in {cycles} inferences before their outputs are computed",
        )
    fields = {"slots": slots, "depth": width * channels}
    return Step(operator, (Call("circular_buffer", (source.index, target.index), fields),))


LOWERINGS = {"CUSTOM:CIRCULAR_BUFFER": circular_buffer}
