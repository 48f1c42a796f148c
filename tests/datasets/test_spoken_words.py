"""The built-in keyword data: seeded, frozen, no voice family in two splits."""

from collections.abc import Sequence

import numpy as np
import pytest

from tinybench.datasets import speech, spoken_words
from tinybench.datasets.features import CLIP, Pcm
from tinybench.datasets.speech import FAMILIES, Utterance
from tinybench.storage import hashing
from tinybench.tasks import DataError, Dataset

FEW = {"train": 6, "validation": 3, "test": 2}


def test_splits_share_no_voice_family() -> None:
    splits = spoken_words.voices()
    names = {split: {family[0] for family in families} for split, families in splits.items()}

    assert {split: len(found) for split, found in names.items()} == {
        "train": 31,
        "validation": 6,
        "test": 10,
    }
    assert set.union(*names.values()) == {family[0] for family in FAMILIES}
    assert sum(map(len, names.values())) == len(FAMILIES)


class Script:
    """Stands for eSpeak NG: keeps what it is to say, and beeps."""

    def __init__(self) -> None:
        self.lines: list[Utterance] = []

    def __call__(self, lines: Sequence[Utterance]) -> tuple[list[Pcm], int]:
        self.lines = list(lines)
        beep = np.rint(9000 * np.sin(np.arange(6000) / 20)).astype(np.int16)
        return [beep] * len(lines), 22_050


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    script = Script()
    monkeypatch.setattr(speech, "speak", script)
    return script


def test_what_is_said_is_frozen(script: Script) -> None:
    """Recipes were chosen with this set: who says what, how, and in which order."""
    made = spoken_words.recordings(1)

    said = [
        [line.word, line.voice, line.accent, line.pitch, line.range, line.speed]
        for line in script.lines
    ]
    classes = [split.classes.tolist() for split in made.values()]
    assert (
        hashing.of_json([said, classes])
        == "1cc86805e77f41717f9a5d774c811c50830e6fe79fce5a22eb7e9c337d8e50e2"
    )


def test_every_split_says_it_in_its_own_voices(script: Script) -> None:
    """The wanted words, and all other words, in 3 x 6000 clips."""
    spoken_words.recordings(1)

    families = spoken_words.voices()
    lines = iter(script.lines)
    for split, count in spoken_words.CLIPS.items():
        own = {voice for family in families[split] for voice in family}
        part = [next(lines) for _ in range(3 * count)]
        assert {line.voice for line in part} <= own
        assert {line.word for line in part} == {"yes", "no", *spoken_words.OTHERS}
    assert not [*lines]


def test_wanted_words_are_not_among_the_unknown(script: Script) -> None:
    spoken_words.recordings(1, ("Stop", "fire"), FEW)

    assert [line.word for line in script.lines].count("Stop") == 11
    assert "stop" not in {line.word for line in script.lines}
    assert "stop" not in spoken_words.others(("Stop", "fire"))


def test_clips_are_seconds_of_words_in_noise(script: Script) -> None:
    """Words stand out of the noise by at least about 5 dB; clips without one are quieter."""
    made = spoken_words.recordings(1, ("yes", "no"), FEW)["train"]

    clips = [*made.clips]
    loudest = [
        max(float(np.std(part)) for part in np.split(clip.astype(float), 20)) for clip in clips
    ]
    assert {clip.shape for clip in clips} == {(CLIP,)}
    assert np.bincount(made.classes).tolist() == [6, 6, 6, 6]
    # 40 dB below full scale is 328.
    assert min(value for value, label in zip(loudest, made.classes, strict=True) if label) > 300


def test_the_same_seed_gives_the_same_data() -> None:
    """Across processes: each time eSpeak NG speaks in a new one."""
    first, second, other = (_fresh(seed, ("yes", "no")) for seed in (1, 1, 2))

    assert first.sha256 == second.sha256 != other.sha256
    assert first.train.x.shape == (24, 49, 40, 1)
    assert first.test.y.sum(axis=0).tolist() == [2, 2, 2, 2]
    assert first.groups == "voice families: 31 train, 6 validation, 10 test"


def test_any_words_can_be_wanted() -> None:
    data = _fresh(1, ("fire", "Anna", "hilfe"))

    assert data.train.y.shape == (30, 5)
    assert data.source.startswith("fire, Anna, hilfe and 32 other words spoken by eSpeak NG")


def test_a_word_that_cannot_be_said_is_refused() -> None:
    with pytest.raises(DataError, match=r"cannot say the word '\?!'"):
        _fresh(1, ("?!",))


def _fresh(seed: int, words: tuple[str, ...]) -> Dataset:
    """The data set, made anew."""
    spoken_words._spoken_words.cache_clear()
    return spoken_words.spoken_words(seed, words, FEW)
