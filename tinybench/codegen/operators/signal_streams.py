"""The custom operators that cut sound into frames, keep frames, and join them again.

They keep samples from one inference to the next. Source of what they take: tflite-micro
`signal/micro/kernels`. What they give while they have too little is zeros, where the runtime
leaves what was there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.codegen.graph import Call, Graph, Step, refuse
from tinybench.codegen.operators.custom import (
    arguments,
    places,
    require_elements,
    require_range,
    require_rank,
)
from tinybench.codegen.operators.shaping import operand, renamed
from tinybench.codegen.operators.signal_fft import ENDINGS, TYPES

if TYPE_CHECKING:
    from tinybench.tflite.model import Operator, Tensor

LONGEST = 1 << 24
"""Samples beyond which nothing is kept on a device."""


def _samples(graph: Graph, count: int, size: int = 2) -> int:
    """A state of so many samples that are zero; of one if there are none."""
    return graph.keep(bytes(max(count, 1) * size))


def _counter(graph: Graph, first: int) -> int:
    return graph.keep(first.to_bytes(4, "little", signed=True))


def _rows(operator: Operator, tensor: Tensor, rank: int = 1) -> int:
    """The size of the last dimension; refuse fewer dimensions than `rank`."""
    if len(tensor.shape) < rank:
        raise refuse(operator, f"its input has {len(tensor.shape)} dimensions, not {rank} or more")
    return tensor.shape[-1]


def delay(graph: Graph, operator: Operator) -> Step:
    """Each row of samples, later."""
    [source], [target] = arguments(graph, operator, ["int16"], ["int16"])
    [length] = places(operator, "delay_length")
    size = _rows(operator, source)
    require_range(operator, "delay_length", length, 0, LONGEST)
    require_elements(operator, source.elements, target)
    if not length:
        return renamed(operator, source, target)
    rows = source.elements // size
    state = _samples(graph, _kept(operator, rows, length))
    fields = {"rows": rows, "size": size, "delay": length}
    call = Call("signal_delay", (source.index, target.index, state), fields)
    return Step(operator, (call,))


def framer(graph: Graph, operator: Operator) -> Step:
    """Frames that overlap, of each row of samples."""
    [source], [target, valid] = arguments(graph, operator, ["int16"], ["int16", "bool"])
    size, step, prefill = places(operator, "frame_size", "frame_step", "prefill")
    samples = _rows(operator, source)
    require_range(operator, "frame_size", size, 1, LONGEST)
    require_range(operator, "frame_step", step, 1, samples)
    require_rank(operator, len(source.shape) + 1, target)
    require_rank(operator, 0, valid)
    if samples % step or (prefill and size < step):
        raise refuse(operator, f"{samples} samples or frames of {size} do not fit steps of {step}")
    rows, frames = source.elements // samples, samples // step
    require_elements(operator, rows * frames * size, target)
    most = size - step if prefill else (-(-size // step) - 1) * step
    state = _samples(graph, _kept(operator, rows, most))
    counter = _counter(graph, most if prefill else 0)
    fields = {"rows": rows, "frames": frames, "size": size, "step": step, "most": most}
    indexes = (source.index, target.index, valid.index, counter, state)
    return Step(operator, (Call("signal_framer", indexes, fields),))


def stacker(graph: Graph, operator: Operator) -> Step:
    """The last frames side by side."""
    [source], [target, valid] = arguments(graph, operator, ["int16"], ["int16", "bool"])
    channels, before, after, step = places(
        operator, "num_channels", "stacker_left_context", "stacker_right_context", "stacker_step"
    )
    require_range(operator, "num_channels", channels, 1, source.elements)
    require_range(operator, "stacker_left_context", before, 0, LONGEST)
    require_range(operator, "stacker_right_context", after, 0, LONGEST)
    require_range(operator, "stacker_step", step, 1, before + after + 1)
    require_rank(operator, 1, source, target)
    require_rank(operator, 0, valid)
    size = channels * (before + after + 1)
    require_elements(operator, size, target)
    state = _samples(graph, size - channels)
    counter = _counter(graph, -1)
    fields = {"channels": channels, "before": before, "size": size, "step": step * channels}
    indexes = (source.index, target.index, valid.index, counter, state)
    return Step(operator, (Call("signal_stacker", indexes, fields),))


def overlap_add(graph: Graph, operator: Operator) -> Step:
    """Frames that overlap become one row of samples."""
    dtype = operand(graph, operator, 0).dtype
    [source], [target] = arguments(graph, operator, [dtype], [dtype])
    kind, step = places(operator, "T", "frame_step")
    if TYPES.get(kind) != dtype or dtype not in ("int16", "float32"):
        raise refuse(operator, f"its option T, {kind}, is not the type of its input, {dtype}")
    size = _rows(operator, source, rank=2)
    frames = source.shape[-2]
    require_range(operator, "frame_step", step, 1, size)
    require_rank(operator, len(source.shape) - 1, target)
    rows = source.elements // (frames * size)
    require_elements(operator, rows * frames * step, target)
    state = _samples(graph, rows * (size - step), 2 if dtype == "int16" else 4)
    fields = {"rows": rows, "frames": frames, "size": size, "step": step}
    kernel = f"signal_overlap_add_{ENDINGS[dtype]}"
    return Step(operator, (Call(kernel, (source.index, target.index, state), fields),))


def _kept(operator: Operator, rows: int, samples: int) -> int:
    if rows * samples > LONGEST:
        raise refuse(operator, f"{rows * samples:,} samples are too many to keep")
    return rows * samples


LOWERINGS = {
    "CUSTOM:SignalDelay": delay,
    "CUSTOM:SignalFramer": framer,
    "CUSTOM:SignalStacker": stacker,
    "CUSTOM:SignalOverlapAdd": overlap_add,
}
