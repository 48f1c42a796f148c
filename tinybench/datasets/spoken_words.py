"""The built-in keyword data: words spoken by eSpeak NG in noise, no voice family in two splits.

Frozen before any recipe was compared: a change here is another data set.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import audio, features, speech
from tinybench.datasets.audio import Samples
from tinybench.datasets.data import OURS, Dataset
from tinybench.datasets.features import CLIP, Pcm
from tinybench.datasets.grouping import assign
from tinybench.datasets.speech import ACCENTS, FAMILIES, Utterance

WORDS = ("yes", "no")
OTHERS = (
    # Near the default words.
    *("yet", "yell", "guess", "less", "now", "go", "low", "snow"),
    # Commands, numbers, things.
    *("up", "down", "left", "right", "on", "off", "stop", "start", "one", "two", "three", "four"),
    *("house", "happy", "bird", "tree", "marvin", "window", "cat", "dog", "bed", "music"),
    *("apple", "kitchen"),
)
"""What the class unknown says, but for the wanted words."""
CLIPS = {"train": 1550, "validation": 250, "test": 200}
"""Clips of each class in each split."""
PITCH, RANGE, SPEED = (25, 75), (20, 80), (100, 180)
"""How words are said, in eSpeak's units."""
LOUDNESS = (-40.0, -20.0)
"""Of a word, in dB below full scale."""
SNR = (5.0, 25.0)
"""Loudness of a word over the noise, in dB."""
QUIET = (-75.0, -25.0)
"""Loudness of the noise in clips without a word, in dB below full scale."""
BABBLE = "babble"
BABBLERS = 6
"""Voices that speak at once in babble."""
FULL_SCALE = 32768.0


@dataclass(frozen=True, slots=True)
class Recordings:
    """One split: class indices (N,), and as many clips (16000,), each made when it is taken."""

    classes: NDArray[np.int64]
    clips: Iterator[Pcm]


def spoken_words(
    seed: int, words: tuple[str, ...] = WORDS, counts: Mapping[str, int] | None = None
) -> Dataset:
    """Silence, unknown and these words, `counts` clips a class and split; made once in a process.

    DataError without eSpeak NG, or for a word that it cannot say.
    """
    return _spoken_words(seed, words, tuple((counts or CLIPS).items()))


@functools.lru_cache(maxsize=1)
def _spoken_words(
    seed: int, words: tuple[str, ...], counts: tuple[tuple[str, int], ...]
) -> Dataset:
    splits = {
        split: features.split_of(features.of_clips(made.clips), made.classes, 2 + len(words))
        for split, made in recordings(seed, words, dict(counts)).items()
    }
    families = voices()
    return Dataset(
        splits["train"],
        splits["validation"],
        splits["test"],
        source=(
            f"{', '.join(words)} and {len(others(words))} other words spoken by eSpeak NG in "
            f"{len(ACCENTS)} accents, noise at {SNR[0]:.0f} to {SNR[1]:.0f} dB SNR, "
            f"generated with seed {seed}"
        ),
        licence=OURS,
        groups="voice families: " + ", ".join(f"{len(families[name])} {name}" for name in CLIPS),
    )


def recordings(
    seed: int, words: tuple[str, ...] = WORDS, counts: Mapping[str, int] = CLIPS
) -> dict[str, Recordings]:
    """The sound of each split, shuffled; the same for the same arguments."""
    families = voices()
    random = {split: np.random.default_rng([seed, index]) for index, split in enumerate(CLIPS)}
    scripts = {
        split: [
            _script(random[split], families[split], texts, counts[split])
            for texts in (others(words), *((word,) for word in words))
        ]
        for split in counts
    }
    spoken, rate = speech.speak(
        [line for script in scripts.values() for part in script for line in part]
    )
    sounds = (audio.pcm(audio.resampled(sound.astype(np.float64), rate)) for sound in spoken)
    found = {}
    for split, script in scripts.items():
        said = [[next(sounds) for _ in part] for part in script]
        classes = random[split].permutation(np.repeat(np.arange(2 + len(words)), counts[split]))
        found[split] = Recordings(classes, _mixed(random[split], classes, said))
    return found


def others(words: Sequence[str]) -> tuple[str, ...]:
    """What the class unknown says when these words are wanted."""
    wanted = {word.casefold() for word in words}
    return tuple(word for word in OTHERS if word not in wanted)


@functools.cache
def voices() -> dict[str, list[tuple[str, ...]]]:
    """The voice families of each split: the same for every seed."""
    where = assign({family[0]: {"speech"} for family in FAMILIES}, "voice family")
    return {split: [family for family in FAMILIES if where[family[0]] == split] for split in CLIPS}


def _script(
    random: np.random.Generator,
    families: Sequence[tuple[str, ...]],
    texts: Sequence[str],
    count: int,
) -> list[Utterance]:
    """Each text about as often, each family about as often."""

    def pick(bounds: tuple[int, int]) -> int:
        return int(random.integers(bounds[0], bounds[1], endpoint=True))

    lines = []
    for index in range(count):
        family = families[int(random.integers(len(families)))]
        lines.append(
            Utterance(
                word=texts[index % len(texts)],
                voice=family[int(random.integers(len(family)))],
                accent=ACCENTS[int(random.integers(len(ACCENTS)))],
                pitch=pick(PITCH),
                range=pick(RANGE),
                speed=pick(SPEED),
            )
        )
    return lines


def _mixed(
    random: np.random.Generator, classes: NDArray[np.int64], said: Sequence[Sequence[Pcm]]
) -> Iterator[Pcm]:
    """A clip for each class: noise alone for 0, else the next of `said[class - 1]` in noise."""
    lines = [iter(part) for part in said]
    for label in classes:
        background = _background(random, said[0])
        if label == 0:
            yield audio.pcm(background * _amplitude(random.uniform(*QUIET)))
            continue
        word = audio.loudest_second(next(lines[label - 1]).astype(np.float64), features.RATE)
        level = random.uniform(*LOUDNESS)
        word *= _amplitude(level) / audio.loudness(word)
        start = random.integers(CLIP - len(word), endpoint=True)
        clip = background * _amplitude(level - random.uniform(*SNR))
        clip[start : start + len(word)] += word
        yield audio.pcm(clip)


def _background(random: np.random.Generator, unknown: Sequence[Pcm]) -> Samples:
    kind = random.choice([*audio.NOISES, BABBLE])
    if kind != BABBLE:
        return audio.noise(kind, random)
    together = np.zeros(CLIP)
    for index in random.integers(len(unknown), size=BABBLERS):
        voice = np.resize(unknown[index].astype(np.float64), CLIP)
        together += np.roll(voice, random.integers(CLIP)) / audio.loudness(voice)
    return together / audio.loudness(together)


def _amplitude(decibels: float) -> float:
    return float(FULL_SCALE * 10 ** (decibels / 20))


__all__ = ["WORDS", "Recordings", "others", "recordings", "spoken_words", "voices"]
