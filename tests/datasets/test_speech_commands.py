"""Folders of recordings: whose words, which split, how much of them, and what is wrong."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tinybench.datasets import audio, features, speech_commands
from tinybench.datasets.features import RATE, SILENCE, UNKNOWN
from tinybench.datasets.grouping import SHARES
from tinybench.datasets.speech_commands import Noise, labels, recorded_words, speaker
from tinybench.tasks import DataError, Dataset

SPEAKERS = tuple(f"{number:08x}" for number in range(12))


def record(path: Path, hertz: float = 440, seconds: float = 0.5, level: float = 0.3) -> None:
    """Write a tone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sound = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    soundfile.write(path, sound, RATE, subtype="PCM_16")


def fill(folder: Path, words: Iterable[str], speakers: Iterable[str] = SPEAKERS) -> Path:
    """A word's folders, two recordings by each speaker."""
    for index, word in enumerate(words):
        for name in speakers:
            for take in range(2):
                record(folder / word / f"{name}_nohash_{take}.wav", 300 + 200 * index)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three words by twelve speakers."""
    return fill(tmp_path / "words", ["yes", "no", "up"])


def counts(data: Dataset) -> dict[str, list[int]]:
    """Clips of each class, by split."""
    return {name: split.y.sum(axis=0).astype(int).tolist() for name, split in data.splits().items()}


@pytest.mark.parametrize(
    ("have", "wanted", "expected"),
    [
        (["yes", "no"], [], ["silence", "no", "yes"]),
        (["yes", "no", "up"], ["yes", "no"], ["silence", "unknown", "yes", "no"]),
        (["yes", "no", "up"], [], ["silence", "no", "up", "yes"]),
        (["yes", "no", "unknown"], [], ["silence", "unknown", "no", "yes"]),
        (["yes", "silence", "_background_noise_"], [], ["silence", "yes"]),
        (["yes", "no", "up"], ["silence", "unknown", "up"], ["silence", "unknown", "up"]),
        (["yes", "no", *(f"w{n}" for n in range(11))], [], ["silence", "unknown", "yes", "no"]),
        (["불이야", "Ánna", "no"], ["Ánna", "불이야"], ["silence", "unknown", "Ánna", "불이야"]),
        # The same letter as macOS spells it: A and an accent.
        (["A\u0301nna", "no"], ["Ánna"], ["silence", "unknown", "Ánna"]),
    ],
    ids=lambda value: "-".join(value) or "default",
)
def test_classes(tmp_path: Path, have: list[str], wanted: list[str], expected: list[str]) -> None:
    """Silence, unknown where there are other words, and the wanted ones in the order asked."""
    for word in have:
        (tmp_path / word).mkdir()

    assert list(labels(tmp_path, wanted)) == expected


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["fier"], r"has no folder 'fier' \(did you mean 'fire'\?\); choose from: anna, fire"),
        (["xyzzy"], r"has no folder 'xyzzy'; choose from: anna, fire"),
    ],
)
def test_an_absent_word_is_named(tmp_path: Path, wanted: list[str], message: str) -> None:
    for word in ("anna", "fire"):
        (tmp_path / word).mkdir()

    with pytest.raises(DataError, match=message):
        labels(tmp_path, wanted)


def test_a_folder_without_words_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no folders of words; its layout must be"):
        labels(tmp_path)
    with pytest.raises(DataError, match=r"absent cannot be read \(No such file"):
        labels(tmp_path / "absent")


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("00f0204f_nohash_2", "00f0204f"),
        ("anna_k_nohash_0", "anna_k"),
        ("anna_3", "anna"),
        ("anna-3", "anna"),
        ("fire_anna_3", "anna"),
        ("Fire-anna", "anna"),
        ("fire_003", "003"),
        ("fire", "fire"),
        ("recording7", "recording7"),
    ],
)
def test_speaker_of_a_file_name(stem: str, expected: str) -> None:
    assert speaker(stem, "fire") == expected


def test_splits_are_by_speaker(folder: Path) -> None:
    """Nobody is heard in two splits; every class is in each, in about equal numbers."""
    data = recorded_words(1, folder, ("yes", "no"))

    found = counts(data)
    where = speech_commands._choose(folder, labels(folder, ("yes", "no")))
    heard = [
        {file.speaker for files in by_class.values() for file in files}
        for by_class in where.values()
    ]
    assert set.union(*heard) == set(SPEAKERS)
    assert sum(map(len, heard)) == len(SPEAKERS)
    assert data.groups == "speakers: " + ", ".join(
        f"{len(names)} {split}" for split, names in zip(where, heard, strict=True)
    )
    for split, names in zip(where, heard, strict=True):
        assert found[split] == [2 * len(names)] * 4


def test_lists_decide_where_there_are_some(folder: Path) -> None:
    """As Speech Commands has them; a listed file that is not there does no harm."""
    listed = {
        "testing_list.txt": ["yes/00000000_nohash_0.wav", "no/00000001_nohash_1.wav"],
        "validation_list.txt": ["yes/00000002_nohash_0.wav", "no/00000002_nohash_0.wav"],
    }
    for name, lines in listed.items():
        lines += ["up/00000003_nohash_0.wav"] if "test" in name else ["up/00000004_nohash_0.wav"]
        (folder / name).write_text("\n".join([*lines, "yes/gone_nohash_0.wav", ""]))

    data = recorded_words(1, folder, ("yes", "no"))

    assert counts(data) == {
        "train": [22, 22, 22, 22],
        "validation": [1, 1, 1, 1],
        "test": [1, 1, 1, 1],
    }


def test_one_list_is_not_enough(folder: Path) -> None:
    (folder / "testing_list.txt").write_text("yes/00000000_nohash_0.wav\n")

    with pytest.raises(DataError, match=r"has no validation_list.txt; write it, or remove"):
        recorded_words(1, folder, ("yes", "no"))


def test_a_list_that_leaves_a_class_out_is_told(folder: Path) -> None:
    for name in ("testing_list.txt", "validation_list.txt"):
        (folder / name).write_text("yes/00000000_nohash_0.wav\n")

    with pytest.raises(DataError, match="leave the validation split no recording of 'yes'"):
        recorded_words(1, folder, ("yes", "no", "up"))


def test_a_large_folder_costs_no_more(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each class only so many files are opened, always the same ones."""
    monkeypatch.setattr(speech_commands, "MOST_CLIPS", {"train": 3, "validation": 2, "test": 1})
    opened: list[Path] = []
    real = audio.read

    def reading(path: Path) -> features.Pcm:
        opened.append(path)
        return real(path)

    monkeypatch.setattr(audio, "read", reading)

    data = recorded_words(7, folder, ("yes", "no"))

    assert counts(data) == {"train": [3] * 4, "validation": [2] * 4, "test": [1] * 4}
    assert len(opened) == 3 * (3 + 2 + 1)


def test_same_seed_same_data(folder: Path) -> None:
    def made(seed: int) -> str:
        speech_commands._recorded_words.cache_clear()
        return recorded_words(seed, folder, ("yes", "no")).sha256

    assert made(1) == made(1) != made(2)


def test_test_clips_are_the_recordings_themselves(folder: Path) -> None:
    """Only training clips are moved and mixed with noise."""
    data = recorded_words(1, folder, ("yes", "no"))

    sound = audio.read(folder / "no" / f"{SPEAKERS[0]}_nohash_0.wav")
    expected = features.GRID.values(features.features(sound))[..., None]
    for split in (data.validation, data.test):
        assert all((x == expected).all() for x in split.x[split.y[:, 3] == 1])
    assert len({x.tobytes() for x in data.train.x[data.train.y[:, 3] == 1]}) > 10


def test_silence_is_cut_from_background_noise(folder: Path) -> None:
    """Each split from its own part of the recording: here a tone rises from part to part."""
    parts = [
        np.sin(2 * np.pi * hertz * np.arange(round(SHARES[split] * 20 * RATE)) / RATE)
        for split, hertz in zip(SHARES, (500, 1500, 3500), strict=True)
    ]
    (folder / "_background_noise_").mkdir()
    path = folder / "_background_noise_" / "rising.wav"
    soundfile.write(path, 0.5 * np.concatenate(parts), RATE)
    noise = Noise((path,))
    random = np.random.default_rng(1)

    for split, hertz in zip(SHARES, (500, 1500, 3500), strict=True):
        for _ in range(20):
            second = noise.second(random, split)
            assert second.shape == (RATE,)
            assert np.argmax(np.abs(np.fft.rfft(second))) == pytest.approx(hertz, abs=2)


def test_a_short_background_recording_is_repeated(tmp_path: Path) -> None:
    record(tmp_path / "a.wav", 1000, seconds=0.2)

    second = Noise((tmp_path / "a.wav",)).second(np.random.default_rng(1), "test")

    assert second.shape == (RATE,)
    assert np.abs(second[-100:]).max() > 1000


def missing_word(folder: Path) -> None:
    for path in sorted((folder / "no").iterdir())[1:]:
        path.unlink()


def no_samples(folder: Path) -> None:
    for path in (folder / "no").iterdir():
        path.unlink()
    (folder / "no" / "notes.txt").write_text("none yet")


def two_speakers(folder: Path) -> None:
    for path in (folder / "no").iterdir():
        if not path.name.startswith(SPEAKERS[:2]):
            path.unlink()


def truncated(folder: Path) -> None:
    path = folder / "no" / f"{SPEAKERS[0]}_nohash_0.wav"
    path.write_bytes(path.read_bytes()[:1000])


def bad_noise(folder: Path) -> None:
    (folder / "_background_noise_").mkdir()
    (folder / "_background_noise_" / "fan.wav").write_bytes(b"")


def bad_list(folder: Path) -> None:
    for name in ("testing_list.txt", "validation_list.txt"):
        (folder / name).write_bytes(b"\xff\xfe\x00")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (missing_word, r"no has 1 recordings of 'no'; .* so at least 3"),
        (no_samples, r"no has 0 recordings of 'no'; .* so at least 3 \(\.wav, "),
        (two_speakers, r"class 'no' has samples of 2 speakers .* before '_nohash_'"),
        (truncated, r"no.00000000_nohash_0.wav is truncated"),
        (bad_noise, r"_background_noise_.fan.wav is empty"),
        (bad_list, r"list.txt is not UTF-8 text"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_bad_folders(folder: Path, damage: Callable[[Path], None], message: str) -> None:
    """One line that names the folder or file and says what to do."""
    damage(folder)

    with pytest.raises(DataError, match=message) as raised:
        recorded_words(1, folder, ("yes", "no"))
    assert "\n" not in str(raised.value)


def test_classes_are_the_targets(tmp_path: Path) -> None:
    """Non-ASCII words in any order; silence is the first class and is quiet."""
    folder = fill(tmp_path / "단어", ["불이야", "Änne", "other"])

    data = recorded_words(1, folder, ("불이야", "Änne"))

    assert labels(folder, ("불이야", "Änne")) == (SILENCE, UNKNOWN, "불이야", "Änne")
    assert data.source.endswith("recordings of unknown, 불이야, Änne in 단어, seed 1")
    assert data.test.y.sum(axis=0).min() > 0
