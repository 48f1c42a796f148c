"""WAV files read with the standard library: the samples that libsndfile gives, bit for bit."""

from __future__ import annotations

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from tinybench.datasets import audio, wav

from ..components import needs

CHANNELS, FRAMES, RATE = 2, 1001, 22050


def recording(path: Path, width: int, channels: int = CHANNELS) -> Path:
    """Every byte by chance, so both ends of the scale among them."""
    random = np.random.default_rng(width)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, RATE, FRAMES, "NONE", ""))
        data = random.integers(0, 256, FRAMES * channels * width, np.uint8)
        data[: 2 * width] = np.repeat([0, 255], width)
        file.writeframes(data.tobytes())
    return path


def extensible(path: Path) -> None:
    """As most programs write more than 16 bits: a longer header, and a chunk before the sound."""
    data = path.read_bytes()
    fmt = b"\xfe\xff" + data[22:36] + b"\x16\0" + data[34:36] + b"\0\0\0\0"
    fmt += b"\x01\0" + bytes.fromhex("000000001000800000aa00389b71")
    chunks = b"WAVEfmt \x28\0\0\0" + fmt + b"LIST\x03\0\0\0abc\0" + data[36:]
    path.write_bytes(b"RIFF" + len(chunks).to_bytes(4, "little") + chunks)


@needs("soundfile")
@pytest.mark.parametrize("header", ["plain", "extensible"])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_the_same_samples(tmp_path: Path, width: int, header: str) -> None:
    import soundfile

    path = recording(tmp_path / "a.wav", width)
    if header == "extensible":
        extensible(path)

    found = wav.opened(path)
    expected = soundfile.SoundFile(str(path))

    assert found is not None
    assert (found.frames, found.samplerate) == (expected.frames, expected.samplerate)
    same = expected.read(dtype="float64", always_2d=True)
    assert found.read(dtype="float64", always_2d=True).tobytes() == same.tobytes()
    found.seek(7)
    assert found.read(5, dtype="float64", always_2d=True).tobytes() == same[7:12].tobytes()
    assert found.read(dtype="float64", always_2d=True).tobytes() == same[12:].tobytes()


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word of 16 bits at another rate, in two channels, is read, resampled and mixed down."""
    monkeypatch.setitem(sys.modules, "soundfile", None)

    assert audio.read(recording(tmp_path / "a.wav", 2)).shape == (16000,)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        pytest.param(20, 3, id="float"),
        pytest.param(20, 0x11, id="ADPCM"),
        pytest.param(22, 0, id="no channel"),
        pytest.param(24, 0, id="no rate"),
        pytest.param(32, 7, id="frames of another size"),
        pytest.param(34, 12, id="12 bits"),
        pytest.param(8, 0, id="no WAV"),
        pytest.param(12, 0, id="no format"),
    ],
)
def test_another_file_is_left_to_the_extra(tmp_path: Path, at: int, value: int) -> None:
    path = recording(tmp_path / "a.wav", 2)
    data = bytearray(path.read_bytes())
    data[at : at + 2] = value.to_bytes(2, "little")
    # A rate has four bytes.
    data[26:28] = b"\0\0"
    path.write_bytes(data)

    assert wav.opened(path) is None


def test_a_cut_header_is_no_recording(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.wav", 2)
    data = path.read_bytes()

    for length in range(44):
        path.write_bytes(data[:length])
        assert wav.opened(path) is None
