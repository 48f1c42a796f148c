"""Recordings of any common kind become the same second of 16 kHz PCM, or one clear error."""

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from tinybench.datasets import audio
from tinybench.datasets.features import CLIP, RATE
from tinybench.tasks import DataError


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE) -> NDArray[np.float64]:
    """A sine of half the full scale."""
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def pitch(pcm: NDArray[np.int16]) -> float:
    """The strongest frequency in Hz."""
    return float(np.argmax(np.abs(np.fft.rfft(pcm.astype(float)))) * RATE / len(pcm))


def test_pcm_of_a_second_is_unchanged(tmp_path: Path) -> None:
    pcm = np.random.default_rng(1).integers(-32768, 32768, CLIP).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", pcm, RATE, subtype="PCM_16")

    assert audio.read(tmp_path / "a.wav").tobytes() == pcm.tobytes()


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT"])
@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 44_100, 48_000])
def test_any_depth_and_rate_sounds_the_same(tmp_path: Path, subtype: str, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(440, rate=rate), rate, subtype=subtype)

    pcm = audio.read(tmp_path / "a.wav")

    assert pcm.shape == (CLIP,)
    assert pcm.dtype == np.int16
    assert pitch(pcm) == 440
    # The edges are resampled against silence; 8 bits have steps of 256, and resampling rings.
    expected = tone(440) * 32768
    np.testing.assert_allclose(pcm[800:-800], expected[800:-800], rtol=0, atol=400)


@pytest.mark.parametrize("suffix", [".flac", ".ogg", ".mp3"])
def test_compressed_recordings_are_read(tmp_path: Path, suffix: str) -> None:
    soundfile.write(tmp_path / f"a{suffix}", tone(440), RATE)

    assert abs(pitch(audio.read(tmp_path / f"a{suffix}")) - 440) <= 2


def test_stereo_is_mixed_down(tmp_path: Path) -> None:
    both = np.stack([tone(300), -tone(300) + tone(700)], axis=1)
    soundfile.write(tmp_path / "a.wav", both, RATE)

    assert pitch(audio.read(tmp_path / "a.wav")) == 700


def test_short_is_padded_at_the_end(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(440, 0.25), RATE)

    pcm = audio.read(tmp_path / "a.wav")

    assert len(pcm) == CLIP
    assert np.abs(pcm[:4000]).max() > 16_000
    assert not pcm[4000:].any()


@pytest.mark.parametrize("start", [0.0, 1.7, 3.4])
@pytest.mark.parametrize("rate", [RATE, 44_100])
def test_long_is_cut_to_its_loudest_second(tmp_path: Path, start: float, rate: int) -> None:
    """A word of 0.6 s in 4 s of hiss ends up whole, and in the middle if it is not at an edge."""
    sound = 0.001 * np.random.default_rng(1).normal(size=4 * rate)
    word = tone(440, 0.6, rate)
    sound[round(start * rate) : round(start * rate) + len(word)] += word
    soundfile.write(tmp_path / "a.wav", sound, rate)

    loud = np.flatnonzero(np.abs(audio.read(tmp_path / "a.wav").astype(int)) > 1000)

    assert abs((loud[-1] - loud[0]) / RATE - 0.6) < 0.01
    middle = (loud[-1] + loud[0]) / 2 / RATE
    assert abs(middle - {0.0: 0.3, 1.7: 0.5, 3.4: 0.7}[start]) < 0.03


def damage(path: Path, kind: str) -> None:
    """Write a bad recording."""
    soundfile.write(path, tone(440), RATE, subtype="PCM_16")
    data = path.read_bytes()
    match kind:
        case "nothing":
            path.write_bytes(b"")
        case "header":
            soundfile.write(path, np.empty(0), RATE, subtype="PCM_16")
        case "half":
            path.write_bytes(data[: len(data) // 2])
        case "start":
            path.write_bytes(data[:20])
        case "text":
            path.write_text("This is not sound.")
        case "picture":
            path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
        case "nan":
            soundfile.write(path, np.full(CLIP, np.nan), RATE, subtype="FLOAT")
        case "hour":
            soundfile.write(path, np.zeros(61 * 8000), 8000, subtype="PCM_U8")


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("nothing", "is empty"),
        ("header", "is empty"),
        ("half", "is truncated: 16022 bytes of its sound are missing"),
        ("start", "is no recording that can be read"),
        ("text", "is no recording that can be read"),
        ("picture", "is no recording that can be read"),
        ("nan", "has samples that are NaN or infinite"),
        ("hour", "is 61 s long; a word's recording may have 60 s"),
        ("absent", r"is no recording that can be read \(No such file"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, kind: str, message: str) -> None:
    """One line with the file's name, whatever letters it has."""
    path = tmp_path / "불이야 é.wav"
    if kind != "absent":
        damage(path, kind)

    with pytest.raises(DataError, match=message) as raised:
        audio.read(path)
    assert str(raised.value).startswith(f"{path} ")
    assert "\n" not in str(raised.value)


def test_a_stream_of_unknown_length_is_no_truncated_file(tmp_path: Path) -> None:
    """Programs that write to a pipe leave the largest number as the length."""
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(440), RATE, subtype="PCM_16")
    data = bytearray(path.read_bytes())
    data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)

    assert pitch(audio.read(path)) == 440


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"fLaC" + bytes(40), r"pip install 'pytest-tinybench\[audio\]'"),
        (b"\x89PNG\r\n\x1a\n", "is no recording that can be read"),
    ],
)
def test_without_the_extra_it_is_named_for_what_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
) -> None:
    monkeypatch.setitem(sys.modules, "soundfile", None)
    path = tmp_path / "a.wav"
    path.write_bytes(content)

    with pytest.raises(DataError, match=message):
        audio.read(path)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 44_100, 48_000])
def test_resampled_keeps_what_fits(rate: int) -> None:
    """A tone below both bands stays, to a thousandth away from the edges; one above is removed."""
    sound = audio.resampled(1000 * tone(500, rate=rate), rate)

    assert len(sound) == RATE
    np.testing.assert_allclose(sound[1600:-1600], 1000 * tone(500)[1600:-1600], atol=1.0, rtol=0)
    if rate > RATE:
        above = audio.resampled(1000 * tone(0.45 * rate, rate=rate), rate)
        assert np.abs(above[1600:-1600]).max() < (1.0 if 0.45 * rate > RATE / 2 else 501)


@pytest.mark.parametrize("kind", [*audio.NOISES])
def test_noise_is_seeded_and_of_unit_loudness(kind: str) -> None:
    first, second, other = (audio.noise(kind, np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert first.shape == (CLIP,)
    assert first.tobytes() == second.tobytes() != other.tobytes()
    assert audio.loudness(first) == pytest.approx(1)


def test_pcm_is_rounded_and_clipped() -> None:
    sound = np.array([0.4, 0.6, -1.6, 40_000.0, -40_000.0])

    assert audio.pcm(sound).tolist() == [0, 1, -2, 32767, -32768]


def test_a_package_that_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as soundfile without its library: a line, with the page on packages."""
    path = tmp_path / "a.flac"
    soundfile.write(path, tone(440), RATE)
    (tmp_path / "soundfile.py").write_text("raise OSError('no libsndfile')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "soundfile")

    with pytest.raises(DataError, match=r"a\.flac needs soundfile, .* \(no libsndfile\)") as raised:
        audio.read(path)
    assert raised.value.page == "missing-package"
