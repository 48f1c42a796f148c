"""Custom operators of sound and of detectors: whole chains, what is not valid yet, what is refused.

Each operator by itself is among the families of `signal_families`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.codegen import UnsupportedError, generate

from . import host, memory
from .builder import Graph, Op, Tensor, build, build_all
from .draft import Draft
from .edits import edited
from .oracle import Arrays, Oracle
from .signal_families import FAMILIES, custom
from .test_hostile import attempt

INT16, U32 = "int16", "uint32"
STEPS = 30


def played(data: bytes, steps: Sequence[Arrays], folder: Path) -> list[Arrays]:
    """The outputs of the generated program for a sequence, from reset."""
    made = generate(data)
    memory.check(made)
    session = host.build([made.program], folder)
    rows = session.run([host.raw(port) for port in zip(*steps, strict=True)])
    return [
        tuple(
            np.frombuffer(row[step].tobytes(), port.dtype)
            for row, port in zip(rows, made.program.outputs, strict=True)
        )
        for step in range(len(steps))
    ]


def answered(data: bytes, steps: Sequence[Arrays], outputs: int) -> list[Arrays]:
    oracle = Oracle(data, outputs)
    return [oracle(each) for each in steps]


def sound(rng: np.random.Generator, shape: Sequence[int], steps: int = STEPS) -> list[Arrays]:
    """Frames from silence to the loudest."""
    made: list[Arrays] = []
    for step in range(steps):
        loud = 2.0 ** (15 * step / steps)
        made.append((np.clip(rng.standard_normal(shape) * loud, -32768, 32767).astype(np.int16),))
    return made


def features(rng: np.random.Generator) -> bytes:
    """The chain of TFLM's audio preprocessor, smaller: samples to logarithms of energies."""
    draft = Draft(Random(1))
    samples = Tensor((1, 60), INT16)
    weights = draft.constant(4095 * np.hanning(60), INT16)
    shaped, framed, scaled = (Tensor(shape, INT16) for shape in ((1, 60), (60,), (60,)))
    custom(draft, "SignalWindow", (samples, weights), shaped, shift=12)
    draft.add("RESHAPE", (shaped, draft.constant([60])), framed, bare=True)
    bits = Tensor((), "int32")
    custom(draft, "SignalFftAutoScale", (framed,), scaled, bits)
    spectrum = custom(draft, "SignalRfft", (scaled,), Tensor((66,), INT16), T=7, fft_length=64)
    energy = Tensor((33,), U32)
    custom(draft, "SignalEnergy", (spectrum,), energy, start_index=0, end_index=33)
    starts = [1, 3, 6, 10, 16]
    widths = [2, 3, 4, 6, 12]
    places = [0, 2, 5, 9, 15]
    bands = [draft.constant(each, INT16) for each in (starts, places, widths)]
    up = rng.integers(0, 4096, 27)
    tables = [draft.constant(each, INT16) for each in (up, 4096 - up)]
    sums, roots, left, noise, gained = (
        Tensor((4,), dtype) for dtype in ("uint64", U32, U32, U32, U32)
    )
    custom(draft, "SignalFilterBank", (energy, *tables, *bands), sums, num_channels=4)
    custom(draft, "SignalFilterBankSquareRoot", (sums, bits), roots)
    custom(
        draft,
        "SignalFilterBankSpectralSubtraction",
        (roots,),
        left,
        noise,
        alternate_one_minus_smoothing=15401,
        alternate_smoothing=983,
        clamping=False,
        min_signal_remaining=819,
        num_channels=4,
        one_minus_smoothing=15975,
        smoothing=409,
        smoothing_bits=10,
        spectral_subtraction_bits=14,
    )
    gains = draft.constant(rng.integers(0, 2**15, 125), INT16)
    custom(draft, "SignalPCAN", (left, noise, gains), gained, snr_shift=6)
    logs = Tensor((4,), INT16)
    custom(draft, "SignalFilterBankLog", (gained,), logs, input_correction_bits=3, output_scale=64)
    return build([samples], draft.ops, [logs, noise, sums])


def test_features_of_sound_over_a_sequence(tmp_path: Path) -> None:
    host.require_compiler()
    rng = np.random.default_rng(4)
    data, steps = features(rng), sound(rng, (1, 60))
    wanted = answered(data, steps, 3)

    found = played(data, steps, tmp_path)

    for step, (got, expected) in enumerate(zip(found, wanted, strict=True)):
        for a, b in zip(got, expected, strict=True):
            assert a.tobytes() == b.tobytes(), step
    assert len({each[0].tobytes() for each in wanted}) > STEPS // 2


def test_samples_that_a_branch_keeps(tmp_path: Path) -> None:
    """Of each branch its own, whichever operator runs it."""
    host.require_compiler()

    def branch(delay: int) -> Graph:
        x, y = Tensor((1, 5), INT16), Tensor((1, 5), INT16)
        return Graph([x], [Op("CUSTOM:SignalDelay", [x], [y], delay_length=delay)], [y])

    choice, (x, y, z) = Tensor((1,), "bool"), (Tensor((1, 5), INT16) for _ in range(3))
    both: dict[str, Any] = {"then_subgraph_index": 1, "else_subgraph_index": 2}
    ops = [Op("IF", [choice, x], [y], **both), Op("IF", [choice, y], [z], **both)]
    data = build_all([Graph([choice, x], ops, [z]), branch(3), branch(7)])
    rng = np.random.default_rng(0)
    steps: list[Arrays] = [
        (rng.integers(0, 2, 1).astype(bool), samples) for (samples,) in sound(rng, (1, 5))
    ]
    wanted = answered(data, steps, 1)

    found = played(data, steps, tmp_path)

    assert [each[0].tobytes() for each in found] == [each[0].tobytes() for each in wanted]


def framing(size: int, step: int, samples: int) -> bytes:
    source, valid = Tensor((2, samples), INT16), Tensor((), "bool")
    frames = Tensor((2, samples // step, size), INT16)
    options: dict[str, Any] = {"frame_size": size, "frame_step": step, "prefill": False}
    ops = [Op("CUSTOM:SignalFramer", [source], [frames, valid], **options)]
    return build([source], ops, [frames, valid])


def stacking(channels: int, before: int, after: int, step: int) -> bytes:
    source, valid = Tensor((channels,), INT16), Tensor((), "bool")
    stack = Tensor((channels * (before + after + 1),), INT16)
    options: dict[str, Any] = {
        "num_channels": channels,
        "stacker_left_context": before,
        "stacker_right_context": after,
        "stacker_step": step,
    }
    ops = [Op("CUSTOM:SignalStacker", [source], [stack, valid], **options)]
    return build([source], ops, [stack, valid])


@pytest.mark.parametrize(
    ("data", "shape", "valid"),
    [
        (framing(10, 4, 8), (2, 8), 29),
        (framing(9, 2, 4), (2, 4), 28),
        (framing(25, 10, 10), (2, 10), 28),
        (stacking(3, 2, 1, 3), (3,), 10),
        (stacking(4, 1, 1, 2), (4,), 15),
        (stacking(2, 0, 3, 4), (2,), 7),
        (stacking(5, 3, 2, 1), (5,), 28),
    ],
)
def test_frames_are_zeros_until_they_are_valid(
    data: bytes, shape: tuple[int, ...], valid: int, tmp_path: Path
) -> None:
    """The runtime leaves what was there; it says when as many are valid."""
    host.require_compiler()
    steps = sound(np.random.default_rng(7), shape)
    wanted = answered(data, steps, 2)

    found = played(data, steps, tmp_path)

    assert [bool(each[1]) for each in found] == [bool(each[1]) for each in wanted]
    assert sum(bool(each[1]) for each in found) == valid
    for got, expected in zip(found, wanted, strict=True):
        if expected[1]:
            assert got[0].tobytes() == expected[0].tobytes()
    if shape == (2,):
        assert not found[0][0].any()


def detector(regular: bool, threshold: float, overlap: float) -> tuple[bytes, NDArray[Any]]:
    rng = np.random.default_rng(2)
    encoded, scores = Tensor((1, 30, 4), "float32"), Tensor((1, 30, 4), "float32")
    anchors = rng.uniform(0.2, 1, (30, 4)).astype(np.float32)
    shapes: list[tuple[int, ...]] = [(1, 8, 4), (1, 8), (1, 8), (1,)]
    outputs = [Tensor(shape, "float32") for shape in shapes]
    options: dict[str, Any] = {
        "max_detections": 8,
        "max_classes_per_detection": 1,
        "num_classes": 3,
        "use_regular_nms": regular,
        "nms_score_threshold": threshold,
        "nms_iou_threshold": overlap,
        **dict.fromkeys(("y_scale", "x_scale"), 10.0),
        **dict.fromkeys(("h_scale", "w_scale"), 5.0),
    }
    inputs = [encoded, scores, Tensor(anchors.shape, "float32", data=anchors)]
    ops = [Op("CUSTOM:TFLite_Detection_PostProcess", inputs, outputs, **options)]
    return build([encoded, scores], ops, outputs), anchors


@pytest.mark.parametrize("regular", [True, False])
@pytest.mark.parametrize(("threshold", "overlap"), [(0.1, 0.2), (0.5, 0.5), (0.95, 0.01)])
def test_detections(regular: bool, threshold: float, overlap: float, tmp_path: Path) -> None:
    """As many as the runtime finds; behind them are zeros."""
    host.require_compiler()
    data, _ = detector(regular, threshold, overlap)
    rng = np.random.default_rng(9)
    steps: list[Arrays] = [
        (rng.standard_normal((1, 30, 4), np.float32), rng.random((1, 30, 4), np.float32))
        for _ in range(12)
    ]
    steps[0] = (steps[0][0], np.zeros((1, 30, 4), np.float32))
    wanted = answered(data, steps, 4)

    found = played(data, steps, tmp_path)

    counts = []
    for got, expected in zip(found, wanted, strict=True):
        count = int(expected[3][0])
        counts.append(count)
        assert got[3] == expected[3]
        for values, others, width in zip(got, expected, (4, 1, 1), strict=False):
            assert values[: count * width].tobytes() == others.ravel()[: count * width].tobytes()
            assert not values[count * width :].any()
    assert 0 in counts
    assert max(counts) > 0


def test_boxes_without_an_area_are_no_detections(tmp_path: Path) -> None:
    """The runtime ends with an error, which a device cannot."""
    host.require_compiler()
    data, _ = detector(False, 0.1, 0.5)
    encoded = np.zeros((1, 30, 4), np.float32)
    encoded[0, 7, 2] = -1e4

    [found] = played(data, [(encoded, np.ones((1, 30, 4), np.float32))], tmp_path)

    assert not any(values.any() for values in found)


def one(name: str, inputs: Sequence[Tensor], outputs: Sequence[Tensor], **options: Any) -> bytes:
    given = [tensor for tensor in inputs if tensor.data is None]
    return build(given, [Op(f"CUSTOM:{name}", inputs, outputs, **options)], outputs)


SAMPLES, POINTS = Tensor((14,), INT16), Tensor((16,), INT16)
WORDS = Tensor((7,), U32)
REFUSED = [
    (one("SignalRfft", [SAMPLES], [POINTS], T=7, fft_length=14), "prime factors above 5: 7"),
    (one("SignalRfft", [SAMPLES], [POINTS], T=7, fft_length=13), "fft_length is 13, not an even"),
    (one("SignalRfft", [SAMPLES], [POINTS], T=7, fft_length=12), "14 of 12 numbers do not become"),
    (one("SignalRfft", [SAMPLES], [POINTS], T=0, fft_length=16), "option T, 0, is not the type"),
    (one("SignalRfft", [SAMPLES], [POINTS], fft_length=16), "options are fft_length, not T"),
    (one("SignalIrfft", [SAMPLES], [POINTS], T=7, fft_length=16), "7 points do not become 16"),
    (one("SignalEnergy", [SAMPLES], [WORDS], start_index=0, end_index=8), "end_index is 8, not"),
    (one("SignalEnergy", [SAMPLES], [WORDS], start_index=-1, end_index=7), "start_index is -1"),
    (one("SignalEnergy", [SAMPLES], [WORDS], start_index=0), "options are start_index, not end"),
    (
        one("SignalEnergy", [SAMPLES], [WORDS], start_index=0, end_index=2.5),
        "option end_index is no integer",
    ),
    (
        one("SignalDelay", [SAMPLES], [replace(SAMPLES)], delay_length=2**30),
        "delay_length is 1073741824, not 0 to",
    ),
    (
        one("SignalOverlapAdd", [Tensor((2, 7), INT16)], [POINTS], T=7, frame_step=8),
        "frame_step is 8, not 1 to 7",
    ),
    (
        one(
            "SignalFilterBankLog",
            [WORDS],
            [Tensor((7,), INT16)],
            input_correction_bits=32,
            output_scale=1,
        ),
        "input_correction_bits is 32",
    ),
    (
        one("SignalPCAN", [WORDS, WORDS, SAMPLES], [replace(WORDS)], snr_shift=6),
        "14 gains are too few",
    ),
    (one("ethos-u", [SAMPLES], [POINTS]), "a command stream for Arm's Ethos-U"),
    (one("XC_conv2d_v2", [SAMPLES], [POINTS]), "XMOS"),
    (one("edgetpu-custom-op", [SAMPLES], [POINTS]), "Edge TPU"),
    (one("MyOwn", [SAMPLES], [POINTS]), "the generator has no kernel for it"),
]


@pytest.mark.parametrize(("data", "message"), REFUSED)
def test_refused_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(UnsupportedError, match=message) as caught:
        generate(data)

    assert str(caught.value).isprintable()


@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_options(family: str) -> None:
    """Options of any bytes: refused in one line, or a program without reads outside."""
    source = Random(family)
    draft = Draft(Random(family))
    made = FAMILIES[family](draft)
    data = draft.case(*((made,) if isinstance(made, Tensor) else made)).data

    def damage(model: Any) -> None:
        for operator in model.subgraphs[0].operators:
            options = np.array(operator.customOptions, np.uint8)
            for _ in range(source.choice((1, 1, 3))):
                options[source.randrange(len(options))] = source.randrange(256)
            operator.customOptions = options[: source.choice((len(options), None, -1))]

    taken = [attempt(edited(data, damage)) for _ in range(25)]

    assert any(each is None for each in taken) or family == "signal_fft_auto_scale"  # it has none
