"""Recordings to play into a pipeline: sound of any length, or readings of an accelerometer."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import audio
from tinybench.datasets.data import DataFileError, RecordingError
from tinybench.datasets.features import Pcm
from tinybench.datasets.traces import TraceError

LONGEST_SECONDS = 600
READINGS = "a CSV file with a reading x,y,z in milli-g on each line"
HIGHEST_READING = np.iinfo(np.int16).max


def sound(path: Path) -> Pcm:
    """A recording at 16 kHz; DataError if it cannot be read, is empty or longer than ten minutes.

    Other rates are resampled, channels mixed down. WAV files of whole numbers are read as they
    are; all else needs the extra `audio`.
    """
    _check_file(path)
    if audio.kind(path) is None and _is_text(path):
        raise RecordingError(
            f"{path} is text; a task of sound takes a recording: WAV, or with the extra `audio` "
            "FLAC, OGG or MP3"
        )
    with audio.opened(path) as file:
        _check_length(path, file.frames / file.samplerate)
        frames = file.read(dtype="float64", always_2d=True)
        return audio.pcm(audio.resampled(audio.mono(frames, path), file.samplerate))


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise DataFileError(f"{path} is not there, or is no file; name a recording")


def _is_text(path: Path) -> bool:
    """Whether the first bytes are text, which no recording begins with."""
    with path.open("rb") as file:
        start = file.read(64)
    return bool(start) and all(32 <= byte < 127 or byte in b"\t\n\r" for byte in start)


def _check_length(path: Path, seconds: float) -> None:
    if seconds > LONGEST_SECONDS:
        raise RecordingError(f"{path} is {seconds:.0f} s long; cut it to {LONGEST_SECONDS} s")


def motion(path: Path) -> NDArray[np.int16]:
    """Readings (n, 3) in milli-g of a CSV file with three numbers a line, after a header or not.

    DataError names the line that is none, or says that there are no readings or too many.
    """
    _check_file(path)
    if found := audio.kind(path):
        raise TraceError(f"{path} is a {found} recording; a task of motion takes {READINGS}")
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
    except (UnicodeDecodeError, csv.Error):
        raise TraceError(f"{path} is no UTF-8 text; a task of motion takes {READINGS}") from None
    if not rows:
        raise TraceError(f"{path} has no readings; a task of motion takes {READINGS}")
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
