"""The custom operators that make features of sound, one frame a call.

Source of what they take: tflite-micro `signal/micro/kernels`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tinybench.codegen.graph import Call, Graph, Step, refuse
from tinybench.codegen.operators.custom import (
    arguments,
    places,
    require_elements,
    require_range,
    require_rank,
)
from tinybench.tflite.model import label

if TYPE_CHECKING:
    from tinybench.codegen.graph import Array, Field
    from tinybench.tflite.model import Operator, Tensor

GAINS = 125
"""Numbers of a table of gains: of 0, 1 and 2, and three, with a gap, for each octave."""


def _step(operator: Operator, kernel: str, tensors: list[Tensor], **fields: Field) -> Step:
    return Step(operator, (Call(kernel, tuple(tensor.index for tensor in tensors), fields),))


def window(graph: Graph, operator: Operator) -> Step:
    """Each frame of the input times the weights."""
    [source, weights], [target] = arguments(graph, operator, ["int16"] * 2, ["int16"])
    [shift] = places(operator, "shift")
    require_range(operator, "shift", shift, 0, 31)
    require_rank(operator, 1, weights)
    require_rank(operator, max(len(source.shape), 1), target)
    require_elements(operator, source.elements, target)
    frames, rest = divmod(source.elements, weights.elements)
    if rest:
        raise refuse(
            operator, f"{source.elements} samples are not frames of {weights.elements} weights"
        )
    fields = {"frames": frames, "size": weights.elements, "shift": shift}
    call = Call("signal_window", (source.index, weights.index, target.index), fields)
    return Step(operator, (call,), in_place=((source.index, target.index),))


def auto_scale(graph: Graph, operator: Operator) -> Step:
    """The input with its leading zeros shifted out, and by how many bits it was."""
    [source], [target, bits] = arguments(graph, operator, ["int16"], ["int16", "int32"])
    require_rank(operator, 1, source, target)
    require_rank(operator, 0, bits)
    if source.elements < target.elements:
        raise refuse(operator, f"{source.elements} samples are fewer than {target.elements}")
    call = Call(
        "signal_auto_scale",
        (source.index, target.index, bits.index),
        {"size": target.elements},
    )
    return Step(operator, (call,), in_place=((source.index, target.index),))


def energy(graph: Graph, operator: Operator) -> Step:
    """Squares of the magnitudes of points, of a range of them."""
    [source], [target] = arguments(graph, operator, ["int16"], ["uint32"])
    end, start = places(operator, "end_index", "start_index")
    require_rank(operator, 1, source, target)
    points = source.elements // 2
    if target.elements > points:
        raise refuse(operator, f"{points} points have no {target.elements} energies")
    if start < end:
        require_range(operator, "start_index", start, 0, target.elements)
        require_range(operator, "end_index", end, 0, target.elements)
    else:
        start, end = 0, 0
    fields = {"start": start, "end": end, "size": target.elements}
    return _step(operator, "signal_energy", [source, target], **fields)


def filter_bank(graph: Graph, operator: Operator) -> Step:
    """Weighted sums of energies; what says where the bands are must be constant."""
    taken, [target] = arguments(graph, operator, ["uint32", *["int16"] * 5], ["uint64"])
    [channels] = places(operator, "num_channels")
    require_rank(operator, 1, *taken, target)
    require_elements(operator, channels, target)
    source, weights, unweights, *bands = taken
    starts, weight_starts, widths = (_constant(graph, operator, tensor) for tensor in bands)
    if min(starts.size, weight_starts.size, widths.size) <= channels:
        raise refuse(operator, f"bands are fewer than {channels} channels and one more")
    for band in range(channels + 1):
        first, at, width = (int(each[band]) for each in (starts, weight_starts, widths))
        if width <= 0:
            continue
        limit = min(weights.elements, unweights.elements)
        if first < 0 or at < 0 or first + width > source.elements or at + width > limit:
            raise refuse(operator, f"band {band} is outside of the energies or their weights")
    return _step(operator, "signal_filter_bank", [*taken, target], channels=channels)


def _constant(graph: Graph, operator: Operator, tensor: Tensor) -> Array:
    value = graph.constant(tensor.index)
    if value is None:
        raise refuse(operator, f"{label(tensor)} is computed, it must be constant")
    return value


def square_root(graph: Graph, operator: Operator) -> Step:
    """Roots of sums, without the bits by which the samples were scaled."""
    [source, bits], [target] = arguments(graph, operator, ["uint64", "int32"], ["uint32"])
    require_rank(operator, 1, source, target)
    require_rank(operator, 0, bits)
    require_elements(operator, source.elements, target)
    if graph.constant(source.index) is not None:
        raise refuse(operator, f"{label(source)} is a constant")
    fields = {"elements": source.elements}
    return _step(operator, "signal_square_root", [source, bits, target], **fields)


def log(graph: Graph, operator: Operator) -> Step:
    """Logarithms in fixed point."""
    [source], [target] = arguments(graph, operator, ["uint32"], ["int16"])
    bits, scale = places(operator, "input_correction_bits", "output_scale")
    require_range(operator, "input_correction_bits", bits, 0, 31)
    require_rank(operator, 1, source, target)
    require_elements(operator, source.elements, target)
    fields: dict[str, Field] = {
        "corrections": _corrections(),
        "elements": source.elements,
        "bits": bits,
        "scale": scale,
    }
    return _step(operator, "signal_log", [source, target], **fields)


def _corrections() -> Array:
    """What log2(1 + x) is more than x, in 16 bits, at 129 places; the last again."""
    made = [math.floor(65536 * (math.log2(1 + n / 128) - n / 128) + 0.5) for n in range(129)]
    return np.array([*made, 0], np.int16)


def pcan(graph: Graph, operator: Operator) -> Step:
    """Gains by channel, from a table of what the noise is."""
    taken, [target] = arguments(graph, operator, ["uint32", "uint32", "int16"], ["uint32"])
    [shift] = places(operator, "snr_shift")
    require_range(operator, "snr_shift", shift, 0, 63)
    source, noise, table = taken
    require_rank(operator, 1, *taken, target)
    require_elements(operator, source.elements, target)
    if noise.elements < source.elements or table.elements < GAINS:
        raise refuse(
            operator,
            f"{noise.elements} estimates or {table.elements} gains are too few,"
            f" {source.elements} and {GAINS} are needed",
        )
    call = Call(
        "signal_pcan",
        (*(tensor.index for tensor in taken), target.index),
        {"elements": source.elements, "shift": shift},
    )
    return Step(operator, (call,), in_place=((source.index, target.index),))


def spectral_subtraction(graph: Graph, operator: Operator) -> Step:
    """What is above the noise, whose estimate is kept."""
    [source], [target, estimate] = arguments(graph, operator, ["uint32"], ["uint32"] * 2)
    odd_kept, odd, clamps, least, channels, kept, smoothing, smoothing_bits, bits = places(
        operator,
        "alternate_one_minus_smoothing",
        "alternate_smoothing",
        "clamping",
        "min_signal_remaining",
        "num_channels",
        "one_minus_smoothing",
        "smoothing",
        "smoothing_bits",
        "spectral_subtraction_bits",
    )
    require_range(operator, "smoothing_bits", smoothing_bits, 0, 31)
    require_range(operator, "spectral_subtraction_bits", bits, 0, 63)
    require_rank(operator, 1, source, target, estimate)
    require_elements(operator, channels, source, target, estimate)
    fields: dict[str, Field] = {
        "smoothing": np.array([smoothing, odd], np.int32),
        "kept": np.array([kept, odd_kept], np.int32),
        "channels": channels,
        "least": least,
        "smoothing_bits": smoothing_bits,
        "bits": bits,
        "clamps": int(clamps != 0),
    }
    state = graph.keep(bytes(4 * channels))
    indexes = (source.index, target.index, estimate.index, state)
    return Step(operator, (Call("signal_subtraction", indexes, fields),))


LOWERINGS = {
    "CUSTOM:SignalWindow": window,
    "CUSTOM:SignalFftAutoScale": auto_scale,
    "CUSTOM:SignalEnergy": energy,
    "CUSTOM:SignalFilterBank": filter_bank,
    "CUSTOM:SignalFilterBankSquareRoot": square_root,
    "CUSTOM:SignalFilterBankSpectralSubtraction": spectral_subtraction,
    "CUSTOM:SignalPCAN": pcan,
    "CUSTOM:SignalFilterBankLog": log,
}
