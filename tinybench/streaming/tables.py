"""The constants of the audio front end, from their formulas: C headers of `firmware/pipeline`.

They are those of TensorFlow Lite for Microcontrollers' front end for 16 kHz, windows of 30 ms every
20 ms, and 40 mel channels from 125 to 7,500 Hz; computed in float32 where it does so.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16000
WINDOW = SAMPLE_RATE * 30 // 1000
HOP = SAMPLE_RATE * 20 // 1000
FFT = 512
CHANNELS = 40
BANDS = CHANNELS + 1
LOWEST_HZ, HIGHEST_HZ = 125.0, 7500.0
FRACTION_BITS = 12
"""Of window coefficients and of filter weights."""
ONE = 32767
"""1.0 in the Fourier transform's 16 bits."""
GAIN_STRENGTH, GAIN_OFFSET, GAIN_BITS = 0.95, 80.0, 21
GAIN_INPUT_BITS = 7
"""Noise has 10 fractional bits; 3 of them are the transform's 9 bits less half the weights' 12."""
LOG_SEGMENTS = 128

Integers: TypeAlias = NDArray[np.int64]


def window() -> Integers:
    """A Hann window's first half; the other is its mirror image."""
    step = float(np.float32(2 * np.pi / WINDOW))
    value = 0.5 - 0.5 * np.cos(step * (np.arange(WINDOW) + 0.5))
    codes = _rounded(value.astype(np.float32).astype(np.float64) * (1 << FRACTION_BITS))
    if not np.array_equal(codes, codes[::-1]):
        raise ArithmeticError("the window is not symmetric")
    return codes[: WINDOW // 2]


def twiddles() -> Integers:
    """exp(-2πik / 256) for k < 192 as (real, imaginary): of the 256-point complex transform."""
    return _rotations(-2 * np.pi / (FFT // 2) * np.arange(FFT // 2 * 3 // 4))


def real_twiddles() -> Integers:
    """exp(-πi(k / 256 + ½)), k = 1 … 128: they take it apart into a real one of twice the size."""
    return _rotations(-np.pi * (np.arange(1, FFT // 4 + 1) / (FFT // 2) + 0.5))


def filters() -> tuple[int, Integers, Integers]:
    """First bin, number of bins of each of 41 bands, and the weight of each bin.

    Band n rises to channel n and falls from channel n - 1, with 4096 less the weight.
    """
    low, high = _mel(LOWEST_HZ), _mel(HIGHEST_HZ)
    spacing = np.float32(np.float32(high - low) / np.float32(BANDS))
    centers = [np.float32(low + spacing * np.float32(band + 1)) for band in range(BANDS)]
    hertz = SAMPLE_RATE / FFT
    first = bin_ = int(1.5 + LOWEST_HZ / hertz)
    widths, weights = [], []
    for below, center in zip([low, *centers], centers, strict=False):
        start = bin_
        while (mel := _mel(bin_ * hertz)) <= center:
            weight = np.float32(np.float32(center - mel) / np.float32(center - below))
            scaled = float(weight) * (1 << FRACTION_BITS)
            weights.append(int(np.floor(scaled + 0.5)))
            if np.floor((1 << FRACTION_BITS) - scaled + 0.5) + weights[-1] != 1 << FRACTION_BITS:
                raise ArithmeticError("weights on both sides do not add up to one")
            bin_ += 1
        widths.append(bin_ - start)
    return first, np.array(widths), np.array(weights)


def gains() -> Integers:
    """The gain for a noise level, 2^21 / (noise + 80)^0.95, as parabolas over octaves.

    The first two are the gains of 0 and 1; then for each octave the gain at its begin, and the
    coefficients of a fraction and of its square.
    """

    def gain(noise: int) -> int:
        level = np.float32(noise) / np.float32(1 << GAIN_INPUT_BITS) + np.float32(GAIN_OFFSET)
        exact = float(level) ** -float(np.float32(GAIN_STRENGTH))
        value = float(np.float32(1 << GAIN_BITS) * np.float32(exact))
        return min(32767, int(np.float32(value) + np.float32(0.5)))

    found = [gain(0), gain(1)]
    for octave in range(1, 32):
        begin = 1 << octave
        end = 2 * begin if octave < 31 else 2 * begin - 1
        first, middle, last = gain(begin), gain(begin + begin // 2), gain(end)
        linear = 4 * (middle - first) - (last - first)
        found += [first, linear, last - first - linear]
    return np.array(found)


def logarithms() -> Integers:
    """2^16 (log2(1 + i / 128) - i / 128): what a straight line lacks, at the segments' ends."""
    at = np.arange(LOG_SEGMENTS + 1) / LOG_SEGMENTS
    return _rounded((np.log2(1 + at) - at) * (1 << 16))


def places() -> Integers:
    """Where the transform wants each of its 256 points: their four base-4 digits reversed."""
    n = np.arange(FFT // 2)
    return n % 4 * 64 + n // 4 % 4 * 16 + n // 16 % 4 * 4 + n // 64


def headers() -> dict[str, str]:
    """The texts of `fft_tables.h` and `audio_tables.h`."""
    first, widths, weights = filters()
    fft = [
        *_pairs("tb_fft_twiddles[192]", "exp(-2 pi i k / 256)", twiddles()),
        *_pairs(
            "tb_fft_real_twiddles[128]", "exp(-pi i (k / 256 + 1/2)), k from 1 on", real_twiddles()
        ),
    ]
    audio = [
        f"#define TB_AUDIO_FIRST_BIN {first}",
        "",
        *_array("int16_t", "tb_audio_window_half[240]", "Half a Hann window, 12-bit", window()),
        *_array("uint8_t", "tb_audio_places[256]", "Four base-4 digits reversed", places()),
        *_array("uint8_t", "tb_audio_widths[41]", "Bins of each band", widths),
        *_array("uint16_t", f"tb_audio_weights[{len(weights)}]", "Of each bin, 12-bit", weights),
        *_array("int16_t", "tb_audio_gains[95]", "Two gains, then 31 parabolas", gains()),
        *_array("uint16_t", "tb_audio_logarithms[129]", "What a straight line lacks", logarithms()),
    ]
    return {
        "fft_tables.h": _header("TB_FFT_TABLES_H", '#include "fft.h"', fft),
        "audio_tables.h": _header("TB_AUDIO_TABLES_H", "#include <stdint.h>", audio),
    }


def _header(guard: str, include: str, lines: list[str]) -> str:
    top = "/* Generated by tinybench.streaming.tables; do not edit. */"
    body = [top, f"#ifndef {guard}", f"#define {guard}", "", include, "", *lines, "#endif", ""]
    return "\n".join(body)


def _mel(hertz: float) -> np.float32:
    mel: np.float32 = np.float32(1127.0 * math.log1p(float(np.float32(hertz)) / 700.0))
    return mel


def _rotations(angles: NDArray[np.floating[Any]]) -> Integers:
    return _rounded(ONE * np.stack([np.cos(angles), np.sin(angles)], axis=1))


def _rounded(values: NDArray[np.float64]) -> Integers:
    return np.floor(values + 0.5).astype(np.int64)


def _array(kind: str, name: str, comment: str, values: Integers) -> list[str]:
    return _table(kind, name, comment, map(str, values.tolist()))


def _pairs(name: str, comment: str, values: Integers) -> list[str]:
    points = (f"{{{real}, {imaginary}}}" for real, imaginary in values.tolist())
    return _table("struct tb_fft_point", name, comment, points)


def _table(kind: str, name: str, comment: str, items: Iterable[str]) -> list[str]:
    body = textwrap.fill(", ".join(items), 96, initial_indent="    ", subsequent_indent="    ")
    return [f"/* {comment} */", f"static const {kind} {name} = {{", f"{body}}};", ""]
