"""eSpeak NG says the same every time, in voices that are grouped into families."""

import re
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path

import pytest

from tinybench.datasets import speech
from tinybench.datasets.speech import ACCENTS, FAMILIES, INHUMAN, Utterance, speak
from tinybench.tasks import DataError

LINES = [
    Utterance("yes", "m1", ACCENTS[0], pitch=50, range=50, speed=150),
    Utterance("no", "Mr serious", ACCENTS[-1], pitch=30, range=20, speed=180),
    Utterance("Feuer", "klatt4", ACCENTS[1], pitch=70, range=80, speed=100),
    Utterance("yes", "m1", ACCENTS[0], pitch=50, range=50, speed=150),
]


def test_two_runs_speak_the_same_bytes() -> None:
    """The order is the same and so are the voices' random parts."""
    first, rate = speak(LINES)
    second, _ = speak(LINES)

    assert rate == 22_050
    assert [sound.tobytes() for sound in first] == [sound.tobytes() for sound in second]
    assert all(0.1 < len(sound) / rate < 1 for sound in first)
    assert len({sound.tobytes() for sound in first[:3]}) == 3


def test_silence_around_a_word_is_cut() -> None:
    (sound,), _ = speak(LINES[:1])
    peak = abs(sound.astype(int)).max()

    assert abs(int(sound[0])) > peak // 100
    assert abs(int(sound[-1])) > peak // 100


def test_a_word_without_sound_is_named() -> None:
    silent = Utterance(" ", "m1", ACCENTS[0], pitch=50, range=50, speed=150)

    with pytest.raises(DataError, match=r"eSpeak NG cannot say the word ' '; choose another"):
        speak([*LINES, silent])


def test_an_edition_without_the_voices_is_told() -> None:
    other = Utterance("yes", "nobody", ACCENTS[0], pitch=50, range=50, speed=150)

    with pytest.raises(DataError, match=r"eSpeak NG has no voice 'gmw/en\+nobody'") as raised:
        speak([other])
    assert "\n" not in str(raised.value)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "find_spec", lambda name: None)

    with pytest.raises(DataError, match=r"pip install 'pytest-tinybench\[speech\]'"):
        speak(LINES)


class Voice:
    """What a variant's file says of its sound."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text(errors="replace").splitlines()
        settings = [re.split("//|#", line)[0].split() for line in lines]
        self.klatt = any(setting[:1] == ["klatt"] for setting in settings)
        self.formants = {
            int(setting[1]): tuple(map(int, setting[2:5]))
            for setting in settings
            if setting[:1] == ["formant"]
        }
        self.words = {word.lower() for word in re.findall("[A-Z]?[a-z]+", path.name)}

    def is_twin_of(self, other: "Voice") -> bool:
        """A word of the name, four formant lines, or a Klatt voice's first three formants."""
        common = sum(
            other.formants.get(number) == values != (100, 100, 100)
            for number, values in self.formants.items()
        )
        close = all(
            abs(self.formants.get(number, (100,))[0] - other.formants.get(number, (100,))[0]) <= 2
            for number in (1, 2, 3)
        )
        return (
            bool(self.words & other.words) or common >= 4 or (self.klatt and other.klatt and close)
        )


@pytest.fixture(scope="module")
def voices() -> dict[str, Voice]:
    """The installed variants by name."""
    found = find_spec("espeakng_loader")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "espeak-ng-data" / "voices" / "!v"
    return {path.name: Voice(path) for path in folder.iterdir()}


def test_every_voice_is_in_one_family_or_left_out(voices: dict[str, Voice]) -> None:
    named = [voice for family in FAMILIES for voice in family]

    assert sorted([*named, *INHUMAN]) == sorted(voices)


def test_twins_are_of_one_family(voices: dict[str, Voice]) -> None:
    """The rule by which splits are disjoint; see `Voice.is_twin_of`."""
    family = {voice: index for index, members in enumerate(FAMILIES) for voice in members}

    apart = [
        (one, other)
        for one, other in combinations(family, 2)
        if family[one] != family[other] and voices[one].is_twin_of(voices[other])
    ]

    assert apart == []


def test_families_are_no_larger_than_twins_make_them(voices: dict[str, Voice]) -> None:
    """Everyone in a family of several has a twin in it."""
    lonely = [
        voice
        for family in FAMILIES
        for voice in family
        if len(family) > 1
        and not any(voices[voice].is_twin_of(voices[other]) for other in family if other != voice)
    ]

    assert lonely == []
