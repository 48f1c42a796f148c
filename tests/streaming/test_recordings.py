"""Recordings as people have them, and what is said of those that cannot be played."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.datasets.data import DataError
from tinybench.streaming import recordings

from ..components import require

RAMP = np.arange(-800, 800, dtype=np.int16)


def wav(path: Path, samples: NDArray[np.int16], *, rate: int = 16000, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def test_a_plain_file_is_taken_as_it_is(tmp_path: Path) -> None:
    path = wav(tmp_path / "été.wav", RAMP)

    assert recordings.sound(path).tolist() == RAMP.tolist()


def test_another_rate_is_resampled(tmp_path: Path) -> None:
    tone = np.rint(8000 * np.sin(2 * np.pi * 440 * np.arange(8000) / 8000)).astype(np.int16)
    found = recordings.sound(wav(tmp_path / "slow.wav", tone, rate=8000))
    expected = 8000 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)

    assert found.shape == (16000,)
    # Away from the ends, where a second is cut out of silence.
    assert abs(found[2000:-2000] - expected[2000:-2000]).max() < 100


def test_two_channels_are_mixed(tmp_path: Path) -> None:
    stereo = np.stack([RAMP, 3 * RAMP], axis=1)
    found = recordings.sound(wav(tmp_path / "wide.wav", stereo, channels=2))

    assert found.tolist() == (2 * RAMP).tolist()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "is not there, or is no file", id="absent"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"RIFF....", "no recording that can be read", id="cut in the header"),
        pytest.param(bytes(range(256)), "no recording that can be read", id="binary"),
        pytest.param(b"x,y,z\n1,2,3\n", "is text; a task of sound takes a rec", id="text"),
    ],
)
def test_bad_sound(tmp_path: Path, content: bytes | None, said: str) -> None:
    require("soundfile")
    path = tmp_path / "bad.wav"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DataError, match=rf"bad\.wav .*{said}"):
        recordings.sound(path)


def test_a_file_that_was_cut(tmp_path: Path) -> None:
    path = wav(tmp_path / "cut.wav", RAMP)
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(DataError, match="truncated: 100 bytes"):
        recordings.sound(path)


def test_no_samples(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is empty"):
        recordings.sound(wav(tmp_path / "none.wav", RAMP[:0]))


def test_too_long(tmp_path: Path) -> None:
    path = wav(tmp_path / "long.wav", np.zeros(16000 * 601, np.int16))

    with pytest.raises(DataError, match="601 s long; cut it to 600 s"):
        recordings.sound(path)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1,-2,1000\n3,4,5\n", id="plain"),
        pytest.param("x,y,z\n1,-2,1000\n3,4,5\n", id="header"),
        pytest.param("\ufeffx,y,z\r\n 1 , -2,1000.2\r\n\r\n3,4,5", id="as a spreadsheet saves it"),
    ],
)
def test_readings(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wave.csv"
    path.write_text(text, "utf-8")

    assert recordings.motion(path).tolist() == [[1, -2, 1000], [3, 4, 5]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "has no readings", id="empty"),
        pytest.param("x,y,z\n", "has no readings", id="header alone"),
        pytest.param("1,2,3\n4,5\n", "line 2 has 2 columns", id="ragged"),
        pytest.param("1,2,nan\n", "line 1: 'nan' is not a finite number", id="NaN"),
        pytest.param("nan,nan,nan\n1,2,3\n", "line 1: 'nan'", id="NaN in all columns"),
        pytest.param("1,2,3\n1,inf,3\n", "line 2: 'inf'", id="infinity"),
        pytest.param("1,2,three\n", "'three' is not a finite number", id="a word"),
        pytest.param("0,0,40000\n", "40000 milli-g are more than 16 bits", id="too large"),
    ],
)
def test_bad_readings(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "wave.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(DataError, match=f"wave.csv.* {said}"):
        recordings.motion(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "is not there, or is no file", id="absent"),
        pytest.param(b"\xff\xfe\x00", "is no UTF-8 text", id="binary"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", "is a WAV recording", id="WAV"),
        pytest.param(b"fLaC\0\0\0\x22", "is a FLAC recording", id="FLAC"),
    ],
)
def test_a_file_that_is_no_readings(tmp_path: Path, content: bytes | None, said: str) -> None:
    """It is named, and what a task of motion takes."""
    path = tmp_path / "wave.csv"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(DataError, match=rf"wave\.csv {said}") as raised:
        recordings.motion(path)
    assert content is None or str(raised.value).endswith("x,y,z in milli-g on each line")
