"""Models of one custom operator each: those of sound, and a detector's last one.

Energies come from samples, so that they have all magnitudes. Operators that keep samples are drawn
so that what they give is valid from the first inference; `test_signal` has the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from .builder import Tensor
from .draft import Draft
from .graphs import Family

FLOAT, INT16, INT32, U32, U64 = "float32", "int16", "int32", "uint32", "uint64"
KINDS = {FLOAT: 0, INT32: 2, INT16: 7}
LENGTHS = (4, 6, 8, 10, 12, 16, 18, 20, 24, 30, 32, 36, 40, 48, 50, 60, 64, 90, 100, 128, 250, 256)


def custom(
    draft: Draft, name: str, inputs: Sequence[Tensor], *outputs: Tensor, **options: Any
) -> Tensor:
    """Append a custom operator and return its first output."""
    return draft.add(f"CUSTOM:{name}", inputs, *outputs, **options)


def samples(draft: Draft, *shape: int) -> Tensor:
    draft.inputs.append(Tensor(shape, INT16))
    return draft.inputs[-1]


def numbers(draft: Draft, size: int, low: int = -(2**15), high: int = 2**15 - 1) -> Tensor:
    """A constant of int16."""
    return draft.constant(draft.rng.integers(low, high, size, endpoint=True), INT16)


def windowed(draft: Draft, source: Tensor) -> Tensor:
    size = source.shape[-1]
    scale = draft.between(0, 15)
    weights = numbers(draft, size, -(2**scale), 2**scale - 1)
    made = Tensor(source.shape, INT16)
    return custom(draft, "SignalWindow", (source, weights), made, shift=draft.between(0, 20))


def energies(draft: Draft, size: int) -> Tensor:
    """Energies of all magnitudes, or words from outside."""
    if draft.chance(20):
        draft.inputs.append(Tensor((size,), U32))
        return draft.inputs[-1]
    source = samples(draft, 2 * size)
    if draft.chance(70):
        source = windowed(draft, source)
    return _energy(draft, source, size)


def _energy(draft: Draft, source: Tensor, size: int) -> Tensor:
    made = Tensor((size,), U32)
    return custom(draft, "SignalEnergy", (source,), made, start_index=0, end_index=size)


def window(draft: Draft) -> Tensor:
    rows = draft.shape(draft.between(0, 2), 3)
    size = draft.between(1, 20)
    weights = numbers(draft, size)
    shape = (*rows, size * draft.between(1, 3))
    source, made = samples(draft, *shape), Tensor(shape, INT16)
    shift = draft.any(0, 12, 15, 31, draft.between(0, 31))
    return custom(draft, "SignalWindow", (source, weights), made, shift=shift)


def auto_scale(draft: Draft) -> list[Tensor]:
    size = draft.between(1, 40)
    source = samples(draft, size + draft.any(0, 0, 3))
    source = windowed(draft, source) if draft.chance(80) else source
    outputs = [Tensor((size,), INT16), Tensor((), INT32)]
    custom(draft, "SignalFftAutoScale", (source,), *outputs)
    return outputs


def rfft(draft: Draft, dtype: str) -> Tensor:
    length = draft.any(*LENGTHS)
    rows = draft.shape(draft.between(0, 1), 3)
    given = length - draft.any(0, 0, draft.between(0, length - 1))
    source, made = Tensor((*rows, given), dtype), Tensor((*rows, length + 2), dtype)
    draft.inputs.append(source)
    return custom(draft, "SignalRfft", (source,), made, T=KINDS[dtype], fft_length=length)


def irfft(draft: Draft, dtype: str) -> Tensor:
    length = draft.any(*LENGTHS)
    rows = draft.shape(draft.between(0, 1), 3)
    source = Tensor((*rows, length + 2 + draft.any(0, 0, 2)), dtype)
    made = Tensor((*rows, length), dtype)
    draft.inputs.append(source)
    return custom(draft, "SignalIrfft", (source,), made, T=KINDS[dtype], fft_length=length)


def energy(draft: Draft) -> Tensor:
    size = draft.between(1, 20)
    return _energy(draft, samples(draft, 2 * size + draft.any(0, 0, 1)), size)


def filter_bank(draft: Draft) -> list[Tensor]:
    channels, size = draft.between(1, 8), draft.between(8, 40)
    weights = draft.between(1, 40)
    widths = draft.rng.integers(0, min(size, weights), channels + 1, endpoint=True)
    starts = [draft.between(0, size - width) for width in widths]
    places = [draft.between(0, weights - width) for width in widths]
    bands = [draft.constant(each, INT16) for each in (starts, places, widths)]
    low = draft.any(0, -(2**15))
    tables = [numbers(draft, weights, low) for _ in range(2)]
    sums = Tensor((channels,), U64)
    custom(
        draft,
        "SignalFilterBank",
        (energies(draft, size), *tables, *bands),
        sums,
        num_channels=channels,
    )
    bits = draft.constant(draft.any(0, 3, 15), INT32)
    if draft.chance(50):
        bits = Tensor((), INT32)
        source, scaled = samples(draft, 4), Tensor((4,), INT16)
        custom(draft, "SignalFftAutoScale", (windowed(draft, source),), scaled, bits)
    roots = Tensor((channels,), U32)
    custom(draft, "SignalFilterBankSquareRoot", (sums, bits), roots)
    return [sums, roots]


def log(draft: Draft) -> Tensor:
    size = draft.between(1, 40)
    return custom(
        draft,
        "SignalFilterBankLog",
        (energies(draft, size),),
        Tensor((size,), INT16),
        input_correction_bits=draft.any(0, 3, draft.between(0, 31)),
        output_scale=draft.any(64, 64, 1, 2**16, -3, 2**31 - 1),
    )


def pcan(draft: Draft) -> Tensor:
    size = draft.between(1, 40)
    return custom(
        draft,
        "SignalPCAN",
        (energies(draft, size), energies(draft, size), numbers(draft, 125 + draft.any(0, 3))),
        Tensor((size,), U32),
        snr_shift=draft.any(6, 6, 0, draft.between(0, 63)),
    )


def spectral_subtraction(draft: Draft) -> list[Tensor]:
    size = draft.between(1, 20)
    bits = draft.any(14, 14, draft.between(0, 40))
    most = 2 ** min(bits, 31)
    smoothing, odd, least = (draft.between(0, most - 1) for _ in range(3))
    outputs = [Tensor((size,), U32), Tensor((size,), U32)]
    custom(
        draft,
        "SignalFilterBankSpectralSubtraction",
        (energies(draft, size),),
        *outputs,
        alternate_one_minus_smoothing=most - 1 - odd,
        alternate_smoothing=odd,
        clamping=draft.chance(50),
        min_signal_remaining=least,
        num_channels=size,
        one_minus_smoothing=most - 1 - smoothing,
        smoothing=smoothing,
        smoothing_bits=draft.any(10, draft.between(0, 31)),
        spectral_subtraction_bits=bits,
    )
    return outputs


def delay(draft: Draft) -> Tensor:
    shape = (*draft.shape(draft.between(0, 2), 3), draft.between(1, 12))
    source, made = samples(draft, *shape), Tensor(shape, INT16)
    return custom(draft, "SignalDelay", (source,), made, delay_length=draft.between(0, 20))


def framer(draft: Draft) -> list[Tensor]:
    rows = draft.shape(draft.between(0, 2), 3)
    step, frames = draft.between(1, 6), draft.between(1, 3)
    prefill = draft.chance(70)
    size = step + draft.between(0, 12) if prefill else draft.between(1, step)
    source = samples(draft, *rows, step * frames)
    outputs = [Tensor((*rows, frames, size), INT16), Tensor((), "bool")]
    options = {"frame_size": size, "frame_step": step, "prefill": prefill}
    custom(draft, "SignalFramer", (source,), *outputs, **options)
    return outputs


def stacker(draft: Draft) -> list[Tensor]:
    channels, before = draft.between(1, 6), draft.between(0, 3)
    outputs = [Tensor((channels * (before + 1),), INT16), Tensor((), "bool")]
    custom(
        draft,
        "SignalStacker",
        (samples(draft, channels),),
        *outputs,
        num_channels=channels,
        stacker_left_context=before,
        stacker_right_context=0,
        stacker_step=1,
    )
    return outputs


def overlap_add(draft: Draft, dtype: str) -> Tensor:
    rows, frames = draft.shape(draft.between(0, 1), 3), draft.between(1, 3)
    size = draft.between(1, 12)
    step = draft.between(1, size)
    source, made = Tensor((*rows, frames, size), dtype), Tensor((*rows, frames * step), dtype)
    draft.inputs.append(source)
    return custom(draft, "SignalOverlapAdd", (source,), made, T=KINDS[dtype], frame_step=step)


def detection(draft: Draft) -> list[Tensor]:
    """As many boxes as there is room for: the runtime leaves what it does not write."""
    boxes, classes, background = draft.between(2, 24), draft.between(1, 5), draft.between(0, 1)
    most, regular = draft.between(2, boxes), draft.chance(50)
    encoded = Tensor((1, boxes, 4 + draft.any(0, 0, 2)), FLOAT)
    scores = Tensor((1, boxes, classes + background), FLOAT)
    draft.inputs += [encoded, scores]
    anchors = draft.rng.uniform(0.1, 1, (boxes, 4)).astype(np.float32)
    outputs = [Tensor((1, most, 4), FLOAT), *(Tensor((1, most), FLOAT) for _ in range(2))]
    outputs.append(Tensor((1,), FLOAT))
    custom(
        draft,
        "TFLite_Detection_PostProcess",
        (encoded, scores, draft.constant(anchors, FLOAT)),
        *outputs,
        max_detections=most,
        max_classes_per_detection=1,
        num_classes=classes,
        use_regular_nms=regular,
        detections_per_class=draft.between(1, 9),
        nms_score_threshold=draft.any(-1.0, 0.0, 0.5) if regular else -1e6,
        nms_iou_threshold=draft.any(0.1, 0.5, 1.0) if regular else 1.0,
        **dict.fromkeys(("y_scale", "x_scale"), draft.any(10.0, 100.0)),
        **dict.fromkeys(("h_scale", "w_scale"), 300.0),
    )
    return outputs


FAMILIES: dict[str, Family] = {
    "signal_window": window,
    "signal_fft_auto_scale": auto_scale,
    **{f"signal_rfft_{dtype}": partial(rfft, dtype=dtype) for dtype in KINDS},
    **{f"signal_irfft_{dtype}": partial(irfft, dtype=dtype) for dtype in KINDS},
    "signal_energy": energy,
    "signal_filter_bank": filter_bank,
    "signal_log": log,
    "signal_pcan": pcan,
    "signal_spectral_subtraction": spectral_subtraction,
    "signal_delay": delay,
    "signal_framer": framer,
    "signal_stacker": stacker,
    **{
        f"signal_overlap_add_{dtype}": partial(overlap_add, dtype=dtype) for dtype in (INT16, FLOAT)
    },
    "detection_post_process": detection,
}
