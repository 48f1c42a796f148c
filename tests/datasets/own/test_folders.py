"""Folders of pictures and sounds become what the model takes; bad files are named and counted."""

from __future__ import annotations

import struct
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.datasets import features
from tinybench.datasets.own import Own, Ports, read
from tinybench.tasks import DataError
from tinybench.tensorflow import load

from ...components import needs

GREY, COLOUR = (16, 16, 1), (16, 16, 3)


def port(*shape: int, dtype: str = "float32") -> Ports:
    return {"in": (shape, dtype)}


def picture(path: Path, value: int, height: int = 20, width: int = 20) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    io = load().tf.io
    encode = io.encode_png if path.suffix == ".png" else io.encode_jpeg
    path.write_bytes(encode(np.full((height, width, 3), value, np.uint8)).numpy())
    return path


def pictures(folder: Path, count: int = 5, values: tuple[int, int] = (0, 255)) -> Path:
    for name, value in zip(("dark", "light"), values, strict=True):
        for number in range(count):
            picture(folder / name / f"{number}.{'png' if number % 2 else 'jpg'}", value)
    return folder


def sound(path: Path, value: int, rate: int = 16_000, seconds: float = 1.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.full(round(rate * seconds), value, "<i2").tobytes())
    return path


def sounds(folder: Path, count: int = 5, rate: int = 16_000) -> Path:
    for name, value in (("down", -8192), ("up", 16384)):
        for number in range(count):
            sound(folder / name / f"{number}.wav", value, rate)
    return folder


def counts(own: Own) -> list[int]:
    return [len(split) for split in own.dataset.splits().values()]


@pytest.mark.parametrize("shape", [GREY, COLOUR, (16, 16), (16, 24, 3)])
@pytest.mark.parametrize(
    ("dtype", "scaling", "low", "high"),
    [
        ("float32", None, 0, 255),
        ("float32", "0..1", 0, 1),
        ("float32", "-1..1", -1, 1),
        ("uint8", None, 0, 255),
    ],
)
def test_pictures(
    tmp_path: Path, shape: tuple[int, ...], dtype: str, scaling: Any, low: float, high: float
) -> None:
    own = read(pictures(tmp_path), expected=port(*shape, dtype=dtype), scaling=scaling)

    assert own.labels == ("dark", "light")
    assert counts(own) == [6, 2, 2]
    for split in own.dataset.splits().values():
        assert split.x.shape[1:] == shape
        assert split.x.dtype == dtype
        for x, y in zip(split.x, split.y[:, 0], strict=True):
            assert (x == (high if y else low)).all()


def test_labels_are_the_model_s_order(tmp_path: Path) -> None:
    """And choose among the folders."""
    pictures(tmp_path)
    picture(tmp_path / "other" / "1.png", 1)
    own = read(tmp_path, expected=port(*GREY), labels=("light", "dark"))

    assert own.labels == ("light", "dark")
    assert ((own.dataset.train.x[:, 0, 0, 0] == 0) == (own.dataset.train.y[:, 0] == 1)).all()


def test_folders_of_splits(tmp_path: Path) -> None:
    pictures(tmp_path / "Train", 10)
    pictures(tmp_path / "val", 2)
    pictures(tmp_path / "test", 3)

    assert counts(read(tmp_path, expected=port(*GREY))) == [20, 4, 6]


def test_the_middle_of_a_picture(tmp_path: Path) -> None:
    """As large as fits the model's shape, here all the width and a part of the height."""
    pixels = np.zeros((80, 48, 3), np.uint8)
    pixels[24:56] = 200
    pictures(tmp_path)
    for path in (tmp_path / "light").iterdir():
        path.with_suffix(".png").write_bytes(load().tf.io.encode_png(pixels).numpy())
    for path in (tmp_path / "light").glob("*.jpg"):
        path.unlink()
    own = read(tmp_path, expected=port(16, 24, 1, dtype="uint8"))

    test = own.dataset.test
    assert (test.x[test.y[:, 0] == 1] == 200).all()


def bmp(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Three bytes a pixel, blue first, from below."""
    height, width, _ = pixels.shape
    body = np.pad(
        pixels[::-1, :, ::-1].reshape(height, -1), ((0, 0), (0, -3 * width % 4))
    ).tobytes()
    head = struct.pack("<2sIIIIiiHH24x", b"BM", 54 + len(body), 0, 54, 40, width, height, 1, 24)
    path.write_bytes(head + body)


@pytest.mark.parametrize("shape", [GREY, COLOUR])
def test_bitmaps(tmp_path: Path, shape: tuple[int, ...]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(3):
            bmp(tmp_path / name / f"{number}.bmp", np.full((17, 17, 3), (200, 100, 0), np.uint8))
    own = read(tmp_path, expected=port(*shape))

    expected = [round(0.2989 * 200 + 0.587 * 100)] if shape == GREY else [200, 100, 0]
    assert (own.dataset.test.x == expected).all()


def test_only_what_is_needed_is_read(tmp_path: Path) -> None:
    pictures(tmp_path, 30)

    assert counts(read(tmp_path, expected=port(*GREY), most=10)) == [6, 2, 2]


def test_bad_pictures_are_named_and_counted(tmp_path: Path) -> None:
    pictures(tmp_path)
    for path in (tmp_path / "dark").iterdir():
        path.write_bytes(b"no picture")

    with pytest.raises(DataError, match=r"dark/\d\.... is no .*picture.* \(2 other files are bad"):
        read(tmp_path, expected=port(*GREY))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((16, 16, 2), r"the model takes \(16, 16, 2\); pictures are"),
        ((10,), r"the model takes \(10,\); pictures are"),
        ((None, None, 3), r"input \(\?, \?, 3\) has sizes that are not fixed"),
    ],
)
def test_models_that_take_no_pictures(tmp_path: Path, shape: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(pictures(tmp_path), expected={"in": (shape, "float32")})


@pytest.mark.parametrize(
    ("files", "given", "message"),
    [
        ((), {}, "has no classes; give each a folder"),
        (("a/1.png",), {}, "has the one class 'a'"),
        (("a/1.png", "b/1.txt"), {}, "has the one class 'a'"),
        (("a/1.png", "b/1.txt"), {"labels": ("a", "b")}, "no files of the class 'b'"),
        (("a/1.txt", "b/1.txt"), {}, "neither pictures .* nor sounds .* but .txt"),
        (("a/1.png", "b/1.png"), {"labels": ("a", "c")}, "the class 'c'; .* are a, b"),
        (("a/1.png", "b/1.png"), {"scaling": "0..9"}, "scaling '0..9' is none of 0..255, 0..1"),
        (("a/1.png", "b/1.png"), {"outputs": port(3)}, r"2 classes \(a, b\), .* 3 outputs"),
    ],
)
def test_bad_folders(
    tmp_path: Path, files: tuple[str, ...], given: dict[str, Any], message: str
) -> None:
    for name in files:
        if name.endswith(".png"):
            picture(tmp_path / name, 1)
        else:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("1")

    with pytest.raises(DataError, match=message):
        read(tmp_path, **{"expected": port(*GREY), **given})


@needs("soundfile")
@pytest.mark.parametrize("rate", [8000, 16_000, 44_100])
@pytest.mark.parametrize("shape", [(16_000,), (16_000, 1)])
def test_raw_sounds(tmp_path: Path, rate: int, shape: tuple[int, ...]) -> None:
    """Of any rate: they are resampled to 16 kHz."""
    own = read(sounds(tmp_path, rate=rate), expected=port(*shape))

    assert own.labels == ("down", "up")
    for x, y in zip(own.dataset.train.x, own.dataset.train.y[:, 0], strict=True):
        assert x.shape == shape
        assert np.median(x) == pytest.approx(0.5 if y else -0.25, abs=0.02)


@needs("soundfile")
@pytest.mark.parametrize("shape", [(49, 40), (49, 40, 1), (1960,)])
@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_features_of_sounds(tmp_path: Path, shape: tuple[int, ...], dtype: str) -> None:
    own = read(sounds(tmp_path), expected=port(*shape, dtype=dtype))

    clip = np.full(16_000, 16384, np.int16)
    codes = features.features(clip).reshape(shape)
    expected = codes if dtype == "uint8" else codes / np.float32(256)
    assert own.dataset.test.x.dtype == dtype
    assert (own.dataset.test.x[own.dataset.test.y[:, 0] == 1] == expected).all()


@needs("soundfile")
def test_models_that_take_no_sounds(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"model takes \(98, 64\); a sound is .*\(16000,\).*49, 40"):
        read(sounds(tmp_path), expected=port(98, 64))


@needs("soundfile")
def test_bad_sounds_are_named_and_counted(tmp_path: Path) -> None:
    sounds(tmp_path)
    for path in (tmp_path / "up").iterdir():
        path.write_bytes(b"")

    with pytest.raises(DataError, match=r"up/\d\.wav is empty; .* \(2 other files are bad too\)"):
        read(tmp_path, expected=port(49, 40))


@needs("soundfile")
def test_lists_of_files(tmp_path: Path) -> None:
    """As in Speech Commands; a list may name files that are not there."""
    sounds(tmp_path)
    (tmp_path / "testing_list.txt").write_text("up/1.wav\ndown/2.wav\ndown/99.wav\n")
    own = read(tmp_path, expected=port(16_000))

    assert counts(own) == [6, 2, 2]
    assert own.dataset.test.y.tolist() == [[0], [1]]
    (tmp_path / "validation_list.txt").write_text("up/2.wav\n")

    assert counts(read(tmp_path, expected=port(16_000))) == [7, 1, 2]
