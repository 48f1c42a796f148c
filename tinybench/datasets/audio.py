"""One second of 16 kHz sound: read from recordings, resampled, cut, or made as noise.

All arithmetic is in float64 and ends in integers, so that every CPU gets the same samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import wav
from tinybench.datasets.data import RecordingError
from tinybench.datasets.features import CLIP, RATE, Pcm
from tinybench.errors import MissingPackageError, unusable_packages

Samples: TypeAlias = NDArray[np.float64]
"""Sound in units of 16-bit PCM."""

SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3")
LONGEST = 60
"""Seconds; a longer file in a word's folder is not a recording of a word."""
BEGINNINGS = {
    "WAV": (b"RIFF", b"RIFX", b"RF64"),
    "FLAC": (b"fLaC",),
    "OGG": (b"OggS",),
    "MP3": (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"),
}
"""The first bytes of files of sound."""


def read(path: Path) -> Pcm:
    """The second (16000,) of a recording: mixed down, resampled, its loudest part, or padded.

    DataError names the file that cannot be read, is damaged, empty or longer than a minute.
    """
    with opened(path) as file:
        if file.frames > LONGEST * file.samplerate:
            raise RecordingError(
                f"{path} is {file.frames / file.samplerate:.0f} s long; a word's recording may "
                f"have {LONGEST} s: cut it into words"
            )
        rate = int(file.samplerate)
        samples = mono(file.read(dtype="float64", always_2d=True), path)
    return pcm(padded(resampled(loudest_second(samples, rate), rate)))


def kind(path: Path) -> str | None:
    """WAV, FLAC, OGG or MP3, by a file's first bytes; None if it is none of them."""
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for name, begins in BEGINNINGS.items() if start.startswith(begins)), None)


def opened(path: Path) -> Any:
    """An open `soundfile.SoundFile` with at least one frame, or a Wav; otherwise DataError.

    WAV files of whole numbers are read without the extra `audio`.
    """
    try:
        if missing := wav.missing_bytes(path):
            raise RecordingError(
                f"{path} is truncated: {missing} bytes of its sound are missing; "
                "copy it again, or remove it"
            )
        file = _file(path) if path.stat().st_size else None
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    if file is None or not file.frames:
        raise RecordingError(f"{path} is empty; record it again, or remove it")
    return file


def _file(path: Path) -> Any:
    if found := wav.opened(path):
        return found
    if reason := unusable_packages(str(path), "soundfile"):
        if kind(path) is None:
            raise _unreadable(path, f"no {', '.join(BEGINNINGS)}")
        raise RecordingError(reason, page=MissingPackageError.page)
    import soundfile

    try:
        return soundfile.SoundFile(str(path))
    except soundfile.SoundFileError as error:
        raise _unreadable(path, getattr(error, "error_string", None) or str(error)) from None


def _unreadable(path: Path, reason: str) -> RecordingError:
    return RecordingError(
        f"{path} is no recording that can be read ({reason.rstrip('.')}); "
        "save it as 16-bit PCM WAV, or remove it"
    )


def mono(frames: Samples, path: Path) -> Samples:
    """Frames (samples, channels) in -1…1 as the channels' mean (samples,) in units of PCM."""
    samples: Samples = frames.mean(axis=1) * 32768
    if not np.isfinite(samples).all():
        raise RecordingError(
            f"{path} has samples that are NaN or infinite; save it as 16-bit PCM WAV"
        )
    return samples


def pcm(samples: Samples) -> Pcm:
    """Rounded, and clipped to 16 bits."""
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)


def padded(samples: Samples) -> Samples:
    """One second (16000,): silence after what is shorter, as TensorFlow's `decode_wav` does."""
    return np.pad(samples[:CLIP], (0, max(0, CLIP - len(samples))))


def loudest_second(samples: Samples, rate: int) -> Samples:
    """The second of sound whose middle is loudest, or all of what is not longer."""
    if len(samples) <= rate:
        return samples
    # Steps of 10 ms. The bell prefers a word in the middle to one at the edge.
    step = max(1, rate // 100)
    energy = np.add.reduceat(samples**2, np.arange(0, len(samples), step))
    bell = np.hanning(rate // step + 2)[1:-1]
    best = int(np.argmax(np.convolve(energy, bell, "valid")))
    start = min(best * step, len(samples) - rate)
    return samples[start : start + rate]


def resampled(samples: Samples, rate: int) -> Samples:
    """Sound of `rate` Hz at 16 kHz, band-limited: bins of its Fourier transform cut or added."""
    if rate == RATE:
        return samples
    common = math.gcd(rate, RATE)
    up, down = RATE // common, rate // common
    # Whole periods of both rates, and one of silence: the transform takes sound as a circle.
    blocks = -(-len(samples) // down) + 1
    spectrum = np.fft.rfft(samples, blocks * down)
    kept = spectrum[: blocks * min(up, down) // 2 + 1]
    whole: Samples = np.fft.irfft(kept, blocks * up) * (up / down)
    return whole[: -(-len(samples) * up // down)]


def loudness(samples: Samples) -> float:
    """Root mean square, in units of PCM."""
    return math.sqrt(float(np.mean(samples**2)))


def _white(random: np.random.Generator) -> Samples:
    return random.normal(size=CLIP)


def _coloured(random: np.random.Generator, slope: float) -> Samples:
    spectrum = np.fft.rfft(random.normal(size=CLIP))
    spectrum[1:] *= np.arange(1.0, len(spectrum)) ** -slope
    spectrum[0] = 0
    return np.fft.irfft(spectrum, CLIP)


def _hum(random: np.random.Generator) -> Samples:
    """Mains at 50 or 60 Hz with falling harmonics."""
    time = np.arange(CLIP) / RATE
    mains = random.choice([50.0, 60.0])
    tones = [
        random.uniform(0, 1 / order) * np.sin(2 * np.pi * (mains * order * time + random.uniform()))
        for order in range(1, 25)
    ]
    sound: Samples = np.sum(tones, axis=0) + 0.02 * random.normal(size=CLIP)
    return sound


def _clicks(random: np.random.Generator) -> Samples:
    """A few knocks that die away, over a little hiss."""
    sound = 0.02 * random.normal(size=CLIP)
    for start in random.integers(0, CLIP, random.integers(2, 9)):
        length = min(int(random.integers(100, 1200)), CLIP - int(start))
        fall = np.exp(-np.arange(length) / random.uniform(20, 200))
        sound[start : start + length] += random.normal(size=length) * fall
    return sound


NOISES: Mapping[str, Callable[[np.random.Generator], Samples]] = {
    "white": _white,
    "pink": lambda random: _coloured(random, 0.5),
    "brown": lambda random: _coloured(random, 1.0),
    "hum": _hum,
    "clicks": _clicks,
}
"""Makers of a second of noise (16000,)."""


def noise(kind: str, random: np.random.Generator) -> Samples:
    """A second of noise (16000,) with a root mean square of 1."""
    sound = NOISES[kind](random)
    return sound / loudness(sound)
