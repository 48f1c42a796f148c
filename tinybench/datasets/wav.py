"""WAV files of whole numbers, read with the standard library alone.

Python's own `wave` does not know the extensible header, with which most programs write 24 bits,
before Python 3.12.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

PCM, EXTENSIBLE = 1, 0xFFFE
BITS = (8, 16, 24, 32)
UNFINISHED = 0x7FFF_F000
"""Lengths from here on stand in the header of a stream whose writer could not go back."""


@dataclass(slots=True)
class Wav:
    """A recording of `frames`, as `soundfile.SoundFile` shows one."""

    path: Path
    samplerate: int
    channels: int
    width: int
    start: int
    frames: int
    at: int = 0
    """The frame that is read next."""

    def __enter__(self) -> Wav:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing stays open."""

    def seek(self, frame: int) -> None:
        """Go on with this frame."""
        self.at = frame

    def read(
        self, frames: int = -1, *, dtype: Literal["float64"], always_2d: Literal[True]
    ) -> NDArray[np.float64]:
        """Samples (frames, channels) in -1…1 as libsndfile gives them: so many, or all."""
        left = self.frames - self.at
        frames = min(frames, left) if frames >= 0 else left
        count, skipped = frames * self.channels, self.at * self.channels
        self.at += frames
        offset = self.start + skipped * self.width
        data = np.fromfile(self.path, np.uint8, count * self.width, offset=offset)
        if self.width == 1:
            return ((data.astype(np.float64) - 128) / 128).reshape(-1, self.channels)
        # Widened to 32 bits from below: every width is a part of the same full scale.
        words = np.zeros((count, 4), np.uint8)
        words[:, 4 - self.width :] = data.reshape(count, self.width)
        samples: NDArray[np.float64] = words.view("<i4").astype(np.float64) / 2**31
        return samples.reshape(-1, self.channels)


def opened(path: Path) -> Wav | None:
    """A file of 8 to 32-bit PCM; None for any other file."""
    with path.open("rb") as file:
        header = b""
        for name, length in chunks(file):
            if name == b"fmt ":
                header = file.read(min(length, 40))
            elif name == b"data":
                there = path.stat().st_size - file.tell()
                if length >= UNFINISHED or (not length and there):
                    length = there
                return _wav(path, header, file.tell(), min(length, there))
    return None


def missing_bytes(path: Path) -> int:
    """How much shorter a WAV file is than its header says; libsndfile reads it all the same."""
    with path.open("rb") as file:
        for name, length in chunks(file):
            if name == b"data":
                there = path.stat().st_size - file.tell()
                return 0 if length >= UNFINISHED else max(0, length - there)
    return 0


def chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Name and length of each chunk of a WAV file, which is then at its first byte."""
    if file.read(4) != b"RIFF" or file.read(8)[4:] != b"WAVE":
        return
    position = file.tell()
    while len(header := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", header)
        yield name, length
        position += 8 + length + length % 2
        file.seek(position)


def _wav(path: Path, header: bytes, start: int, size: int) -> Wav | None:
    if len(header) < 16:
        return None
    kind, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", header)
    if kind == EXTENSIBLE and len(header) == 40:
        # What it really is stands where the identifier of its format begins.
        (kind,) = struct.unpack_from("<H", header, 24)
    width = bits // 8
    if kind != PCM or bits not in BITS or not rate or not channels or block != channels * width:
        return None
    return Wav(path, rate, channels, width, start, size // block)
