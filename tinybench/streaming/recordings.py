"""Recordings to play into a pipeline: sound of any length, or readings of an accelerometer."""

from __future__ import annotations

import csv
import math
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import audio
from tinybench.datasets.data import DataFileError, RecordingError
from tinybench.datasets.features import RATE, Pcm
from tinybench.datasets.traces import TraceError

LONGEST_SECONDS = 600
HIGHEST_READING = np.iinfo(np.int16).max


def sound(path: Path) -> Pcm:
    """A recording at 16 kHz; DataError if it cannot be read, is empty or longer than ten minutes.

    16-bit mono WAV at 16 kHz is read as it is; all else needs the extra `audio`, and is mixed down
    and resampled.
    """
    plain = _plain(path)
    if plain is not None:
        _check_length(path, len(plain) / RATE)
        return plain
    with audio.opened(path) as file:
        _check_length(path, file.frames / file.samplerate)
        frames = file.read(dtype="float64", always_2d=True)
        return audio.pcm(audio.resampled(audio.mono(frames, path), file.samplerate))


def _plain(path: Path) -> Pcm | None:
    """The samples of a 16-bit mono WAV file at 16 kHz; None for any other file."""
    if not path.is_file():
        raise DataFileError(f"{path} is not there, or is no file; name a recording")
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, RATE):
                return None
            data = file.readframes(file.getnframes())
            if len(data) != 2 * file.getnframes() or not data:
                return None
            return np.frombuffer(data, "<i2").astype(np.int16)
    except (wave.Error, EOFError):
        return None


def _check_length(path: Path, seconds: float) -> None:
    if seconds > LONGEST_SECONDS:
        raise RecordingError(f"{path} is {seconds:.0f} s long; cut it to {LONGEST_SECONDS} s")


def motion(path: Path) -> NDArray[np.int16]:
    """Readings (n, 3) in milli-g of a CSV file with three numbers a line, after a header or not.

    DataError names the line that is none, or says that there are no readings or too many.
    """
    rows: list[list[float]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, cells in enumerate(csv.reader(file), 1):
                if cells and not (line == 1 and _is_header(cells)):
                    rows.append(_reading(path, line, cells))
                if len(rows) > LONGEST_SECONDS * 25:
                    raise TraceError(
                        f"{path} has more than {LONGEST_SECONDS * 25} readings; cut it"
                    )
    except OSError as error:
        raise DataFileError(f"cannot read {path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise TraceError(f"{path} is no CSV file: {error}") from None
    if not rows:
        raise TraceError(
            f"{path} has no readings; it needs lines of three numbers: x,y,z in milli-g"
        )
    readings: NDArray[np.int16] = np.rint(np.array(rows)).astype(np.int16)
    return readings


def _is_header(cells: list[str]) -> bool:
    return all(cell.strip()[:1].isalpha() and not _finite(cell) for cell in cells) and not any(
        cell.strip().lower() in ("nan", "inf", "infinity") for cell in cells
    )


def _reading(path: Path, line: int, cells: list[str]) -> list[float]:
    if len(cells) != 3:
        raise TraceError(f"{path}, line {line} has {len(cells)} columns; x,y,z are three")
    for cell in cells:
        if not _finite(cell):
            raise TraceError(f"{path}, line {line}: {cell.strip()[:40]!r} is not a finite number")
    values = [float(cell) for cell in cells]
    if max(map(abs, values)) > HIGHEST_READING:
        raise TraceError(
            f"{path}, line {line}: {max(map(abs, values)):g} milli-g are more than 16 bits hold"
        )
    return values


def _finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
