"""Folders of pictures become data sets; a bad file or folder is named in one line."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.datasets.images import class_names, read, scene
from tinybench.tasks import DataError, Dataset
from tinybench.tensorflow import load

CLASSES = ("bare", "helmet")
SIDE = 48


def picture(*shape: int, value: int = 128) -> NDArray[np.uint8]:
    return np.full(shape, value, np.uint8)


def write(path: Path, pixels: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    encode = load().tf.io.encode_png if path.suffix.lower() == ".png" else load().tf.io.encode_jpeg
    path.write_bytes(encode(pixels).numpy())
    return path


def make_folder(folder: Path, scenes: int = 6, classes: tuple[str, ...] = CLASSES) -> Path:
    """Two pictures a scene and class, whose grey tells which scene it is."""
    for name in classes:
        for number in range(scenes):
            for take in range(2):
                pixels = picture(10, 12, 3, value=10 * number)
                write(folder / name / f"rider{number}_{take:03}.png", pixels)
    return folder


def read_one(folder: Path, name: str, pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The pixels (SIDE, SIDE, 3) that a picture is read as."""
    make_folder(folder, 3)
    for path in (folder / "helmet").glob("rider2_*"):
        path.unlink()
    write(folder / "helmet" / name, pixels)
    data = read(folder, CLASSES, SIDE)
    found = [
        x
        for split in data.splits().values()
        for x, y in zip(split.x, split.y, strict=True)
        if y[1] and not np.isin(np.unique(np.rint(x * 255)), (0, 10)).all()
    ]

    assert len(found) == 1
    return np.asarray(np.rint(found[0] * 255), np.int64)


def scenes_of(data: Dataset) -> dict[str, set[int]]:
    return {
        name: {round(float(value) * 25.5) for value in np.unique(split.x)}
        for name, split in data.splits().items()
    }


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("rider12_003", "rider12"),
        ("rider12-003", "rider12"),
        ("rider_12-3", "rider_12"),
        ("rider12", "rider12"),
        ("hard_hat", "hard_hat"),
        ("_7", "_7"),
        ("헬멧-2", "헬멧"),
        (unicodedata.normalize("NFD", "é_1"), "é"),
    ],
)
def test_scene_of_a_file_name(stem: str, expected: str) -> None:
    assert expected == scene(stem)


def test_a_scene_is_in_one_split(tmp_path: Path) -> None:
    """Whatever the classes: a person with and without helmet is not trained on and tested with."""
    data = read(make_folder(tmp_path, 12), CLASSES, SIDE)
    scenes = scenes_of(data)

    assert sum(len(found) for found in scenes.values()) == 12
    assert set().union(*scenes.values()) == set(range(12))
    assert data.groups == "scenes: " + ", ".join(
        f"{len(scenes[name])} {name}" for name in ("train", "validation", "test")
    )


def test_every_class_is_in_every_split(tmp_path: Path) -> None:
    """Also where classes have scenes of their own, and only just enough of them."""
    for name, start in (("bare", 0), ("helmet", 3)):
        for number in range(start, start + 3):
            write(tmp_path / name / f"rider{number}.png", picture(8, 8, 3))

    for split in read(tmp_path, CLASSES, SIDE).splits().values():
        assert split.y.sum(0).tolist() == [1, 1]


def test_inputs_are_pixels_over_255(tmp_path: Path) -> None:
    data = read(make_folder(tmp_path), CLASSES, SIDE)
    allowed = np.array([0, 10, 20, 30, 40, 50], np.float32) * np.float32(1 / 255)

    for split in data.splits().values():
        assert split.x.shape == (len(split), SIDE, SIDE, 3)
        assert np.isin(split.x, allowed).all()


def test_reading_again_gives_the_same_bytes(tmp_path: Path) -> None:
    make_folder(tmp_path)

    assert read(tmp_path, CLASSES, SIDE).sha256 == read(tmp_path, CLASSES, SIDE).sha256


def test_targets_follow_the_wanted_order(tmp_path: Path) -> None:
    make_folder(tmp_path)
    (tmp_path / "helmet" / "rider0_000.png").unlink()

    counts = [
        sum(split.y.sum(0) for split in read(tmp_path, names, SIDE).splits().values()).tolist()
        for names in (CLASSES, CLASSES[::-1])
    ]

    assert counts == [[12, 11], [11, 12]]


@pytest.mark.parametrize(
    ("name", "pixels", "expected"),
    [
        ("grey.png", picture(20, 20, 1, value=77), (77, 77, 77)),
        ("alpha.png", picture(20, 20, 4) * np.array([1, 1, 1, 0], np.uint8), (128, 128, 128)),
        ("SHOUTED.JPG", picture(20, 20, 3, value=200), (200, 200, 200)),
        ("photo.jpeg", picture(60, 300, 3, value=90), (90, 90, 90)),
        ("grey.jpg", picture(30, 30, 1, value=33), (33, 33, 33)),
        ("헬멧_é.png", picture(8, 8, 3, value=250), (250, 250, 250)),
    ],
)
def test_formats(
    name: str, pixels: NDArray[np.uint8], expected: tuple[int, ...], tmp_path: Path
) -> None:
    """Grey becomes RGB, alpha is dropped, any case of suffix and any name is read."""
    found = read_one(tmp_path, name, pixels)

    assert (found == expected).all()


def test_the_middle_square_is_taken(tmp_path: Path) -> None:
    """Of a wide picture the sides are cut off, and nothing is squeezed."""
    pixels = picture(48, 144, 3, value=200)
    pixels[:, 48:96] = 60
    pixels[:24, 48:96] = 120
    found = read_one(tmp_path, "wide.png", pixels)

    assert (found[:24] == 120).all()
    assert (found[24:] == 60).all()


def test_fine_detail_is_averaged(tmp_path: Path) -> None:
    """A fine checkerboard becomes grey, not a coarser pattern."""
    board = (np.indices((480, 480)).sum(0) % 2 * 200).astype(np.uint8)[..., None]
    found = read_one(tmp_path, "board.png", board)

    assert np.abs(found - 100).max() <= 2


def test_progress_counts_files(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    make_folder(tmp_path, 3)
    read(tmp_path, CLASSES, SIDE, lambda done, total: seen.append((done, total)))

    assert seen == [(done, 12) for done in range(13)]


def test_all_folders_are_classes(tmp_path: Path) -> None:
    """Hidden folders and files are none."""
    make_folder(tmp_path, 1, ("visor", "bare", "헬멧"))
    (tmp_path / ".thumbnails").mkdir()
    (tmp_path / "notes.txt").touch()

    assert class_names(tmp_path) == ("bare", "visor", "헬멧")


def test_a_class_may_be_spelt_in_either_unicode_form(tmp_path: Path) -> None:
    """A file system may give decomposed what a keyboard gives composed."""
    name = unicodedata.normalize("NFD", "헬멧")
    make_folder(tmp_path, 3, ("bare", name))
    wanted = (unicodedata.normalize("NFC", name), "bare")

    assert class_names(tmp_path, wanted) == wanted
    assert len(read(tmp_path, wanted, SIDE).test)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (("bare", "helmut"), "unknown class 'helmut' (did you mean 'helmet'?); valid: bare, he"),
        (("helmet",), "gives the classes helmet; a classifier needs two or more"),
        (("helmet", "helmet"), "gives the classes helmet, helmet; a classifier needs two"),
    ],
)
def test_refused_classes(wanted: tuple[str, ...], message: str, tmp_path: Path) -> None:
    make_folder(tmp_path, 1)

    with pytest.raises(DataError, match=re.escape(message)):
        class_names(tmp_path, wanted)


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere cannot be read \(No such file"):
        class_names(tmp_path / "nowhere")


def test_folder_without_classes(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="gives the classes none; a classifier needs two"):
        class_names(tmp_path)


def test_class_without_pictures(tmp_path: Path) -> None:
    make_folder(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").touch()

    with pytest.raises(DataError, match="empty has no pictures; put PNG or JPEG files there"):
        read(tmp_path, (*CLASSES, "empty"), SIDE)


def test_too_few_scenes(tmp_path: Path) -> None:
    """The message says what a scene is: many cameras number all pictures alike."""
    make_folder(tmp_path, 2)

    with pytest.raises(DataError, match=r"(?s)'bare'.* 2 scenes .* named SCENE_NUMBER") as caught:
        read(tmp_path, CLASSES, SIDE)

    assert str(caught.value).startswith(f"{tmp_path}: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; remove it"),
        (b"not a picture at all", "is no PNG or JPEG picture, or a damaged one"),
        (b"\x89PNG\r\n\x1a\n", "is no PNG or JPEG picture, or a damaged one"),
        (b"\xff\xd8\xff\xe0", "is no PNG or JPEG picture, or a damaged one"),
    ],
)
def test_unreadable_file(content: bytes, message: str, tmp_path: Path) -> None:
    bad = make_folder(tmp_path) / "helmet" / "rider1_000.png"
    bad.write_bytes(content)

    with pytest.raises(DataError, match=re.escape(message)) as caught:
        read(tmp_path, CLASSES, SIDE)

    assert str(caught.value).startswith(f"{bad} ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_truncated_file(suffix: str, tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    bad = write(make_folder(tmp_path) / "helmet" / f"cut{suffix}", noise)
    bad.write_bytes(bad.read_bytes()[:-2000])

    with pytest.raises(DataError, match=re.escape(f"{bad} is no PNG or JPEG picture")):
        read(tmp_path, CLASSES, SIDE)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 100), (100, 7)])
def test_too_small(height: int, width: int, tmp_path: Path) -> None:
    bad = write(make_folder(tmp_path) / "helmet" / "tiny.png", picture(height, width, 3))

    with pytest.raises(DataError, match=f"tiny.png is {width}x{height} pixels; a picture needs 8"):
        read(tmp_path, CLASSES, SIDE)
    assert bad.exists()
