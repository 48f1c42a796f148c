"""Recordings of words in the folder layout of Speech Commands: `DIR/<word>/*.wav`.

Files are read one by one and only their features are kept; of a large folder only as many files
as training needs.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinybench.console import progress
from tinybench.datasets import audio, features
from tinybench.datasets.audio import Samples
from tinybench.datasets.data import DataError, DataFileError, Dataset, LayoutError, TooFewError
from tinybench.datasets.features import CLIP, RATE, SILENCE, UNKNOWN, Pcm
from tinybench.datasets.grouping import SHARES, assign, one_spelling
from tinybench.storage import hashing

DEFAULT_WORDS = ("yes", "no")
MOST_WORDS = 12
"""Folders that are all taken as wanted words when none are named."""
MOST_CLIPS = {"train": 3200, "validation": 400, "test": 400}
"""Of each class; more recordings than these are left out."""
BACKGROUND = "_background_noise_"
SPEAKER_MARK = "_nohash_"
LISTS = {"validation": "validation_list.txt", "test": "testing_list.txt"}
"""Files that name the recordings of a split, a line each: `<word>/<file>`."""
MIXED, MIXED_VOLUME = 0.8, 0.1
"""Share of training clips that background noise is added to, and its highest volume."""
SHIFT = RATE // 10
"""Training clips are moved by at most this many samples, 100 ms."""
GENERATED = 0.1 * 32768
"""Root mean square of generated noise at full volume, where the folder has no background noise."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file below the folder, and what its place and name say of it."""

    path: Path
    name: str
    speaker: str


@dataclass(frozen=True, slots=True)
class Noise:
    """Background recordings, of which each split has a part of its own; or else generated noise."""

    paths: tuple[Path, ...]

    def second(self, random: np.random.Generator, split: str) -> Samples:
        """A second (16000,) of noise at full volume."""
        if not self.paths:
            return audio.noise(str(random.choice([*audio.NOISES])), random) * GENERATED
        path = self.paths[random.integers(len(self.paths))]
        names = list(SHARES)
        before = sum(SHARES[name] for name in names[: names.index(split)])
        with audio.opened(path) as file:
            rate, start = file.samplerate, int(before * file.frames)
            length = max(1, int(SHARES[split] * file.frames))
            file.seek(start + int(random.integers(max(1, length - rate + 1))))
            frames = file.read(min(rate, length), dtype="float64", always_2d=True)
        return np.resize(audio.resampled(audio.mono(frames, path), rate), CLIP)


def labels(folder: Path, words: Sequence[str] = ()) -> tuple[str, ...]:
    """The classes: silence, unknown if the folder has other words, and the wanted words.

    Without names of words: all the folder's, if there are at most 12 of them, else yes and no.
    """
    have = _folders(folder)
    if not have:
        raise LayoutError(f"{folder} has no folders of words; its layout must be <word>/<file>.wav")
    wanted = tuple(word for word in map(one_spelling, words) if word not in (SILENCE, UNKNOWN))
    if not wanted:
        named = [word for word in have if word not in (SILENCE, UNKNOWN)]
        wanted = tuple(named) if 0 < len(named) <= MOST_WORDS else DEFAULT_WORDS
    for word in wanted:
        if word not in have:
            close = difflib.get_close_matches(word, have, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise LayoutError(
                f"{folder} has no folder {word!r}{hint}; choose from: {_some(list(have))}"
            )
    rest = set(have) - {*wanted, SILENCE}
    return (SILENCE, *((UNKNOWN,) if rest else ()), *wanted)


def recorded_words(seed: int, folder: Path, words: tuple[str, ...] = ()) -> Dataset:
    """The data set of a folder; read once in a process.

    `testing_list.txt` and `validation_list.txt` say what is in these splits. Without them each
    speaker is in one split; the speaker is the file's name before `_nohash_`, or else before the
    first '_', '-' or space, without the word itself. Silence is cut from `_background_noise_`
    (and a folder `silence`), or generated. DataError names the file or the folder that is bad.
    """
    return _recorded_words(seed, folder, labels(folder, words))


@functools.lru_cache(maxsize=1)
def _recorded_words(seed: int, folder: Path, classes: tuple[str, ...]) -> Dataset:
    chosen = _choose(folder, classes)
    noise = Noise(tuple(sorted(_background(folder))))
    count = sum(len(files) for by_class in chosen.values() for files in by_class.values())
    report, done = progress.bar(f"read {folder.name}", "file"), itertools.count(1)

    def tick() -> None:
        report(next(done), count)

    splits = {}
    for number, (split, by_class) in enumerate(chosen.items()):
        random = np.random.default_rng([seed, number])
        # As many clips of silence as of another class; None stands for them.
        each = round(sum(map(len, by_class.values())) / len(by_class))
        files: list[tuple[int, Path | None]] = [(0, None)] * each
        for label, found in by_class.items():
            files += [(classes.index(label), file.path) for file in found]
        files = [files[index] for index in random.permutation(len(files))]
        clips = _clips([path for _, path in files], noise, random, split, tick)
        splits[split] = features.split_of(
            features.of_clips(clips), np.array([label for label, _ in files]), len(classes)
        )
    speakers = ", ".join(
        f"{len({file.speaker for files in by_class.values() for file in files})} {split}"
        for split, by_class in chosen.items()
    )
    listed = all((folder / name).is_file() for name in LISTS.values())
    return Dataset(
        splits["train"],
        splits["validation"],
        splits["test"],
        source=f"{count} recordings of {', '.join(classes[1:])} in {folder.name}, seed {seed}",
        licence="that of the recordings",
        groups=f"{'speakers of the listed files' if listed else 'speakers'}: {speakers}",
    )


def _clips(
    paths: Sequence[Path | None],
    noise: Noise,
    random: np.random.Generator,
    split: str,
    tick: Callable[[], None],
) -> Iterator[Pcm]:
    """A clip for each file, and one of silence for each None."""
    for path in paths:
        if path is None:
            yield audio.pcm(noise.second(random, split) * random.uniform())
            continue
        clip = audio.read(path)
        tick()
        yield _augmented(clip, noise, random) if split == "train" else clip


def _augmented(clip: Pcm, noise: Noise, random: np.random.Generator) -> Pcm:
    shift = int(random.integers(-SHIFT, SHIFT, endpoint=True))
    moved = np.zeros(CLIP)
    moved[max(0, shift) : CLIP + min(0, shift)] = clip[max(0, -shift) : CLIP - max(0, shift)]
    if random.uniform() < MIXED:
        moved += noise.second(random, "train") * random.uniform(0, MIXED_VOLUME)
    return audio.pcm(moved)


def _choose(folder: Path, classes: tuple[str, ...]) -> dict[str, dict[str, list[Recording]]]:
    """The recordings to read, by split and class; of unknown about as many as of a word."""
    have = _folders(folder)
    found: dict[str, list[Recording]] = {label: [] for label in classes if label != SILENCE}
    for word, path in have.items():
        if word in found or (UNKNOWN in found and word != SILENCE):
            found[word if word in found else UNKNOWN] += _recordings(path, word)
    for label, files in found.items():
        if len(files) < len(SHARES):
            where = folder / label if label in have else folder
            raise TooFewError(
                f"{where} has {len(files)} recordings of {label!r}; train, validation and test "
                f"need one each by different speakers, so at least {len(SHARES)} "
                f"({', '.join(audio.SUFFIXES)})"
            )
    split_of = _splits(folder, found)
    chosen: dict[str, dict[str, list[Recording]]] = {split: {} for split in SHARES}
    for split, by_class in chosen.items():
        for label, files in found.items():
            here = sorted((file for file in files if split_of[file.name] == split), key=_order)
            if not here:
                raise TooFewError(
                    f"{' and '.join(LISTS.values())} of {folder} leave the {split} split no "
                    f"recording of {label!r}; correct them"
                )
            by_class[label] = here[: MOST_CLIPS[split]]
        if UNKNOWN in by_class:
            sizes = [len(files) for label, files in by_class.items() if label != UNKNOWN]
            by_class[UNKNOWN] = by_class[UNKNOWN][: round(sum(sizes) / len(sizes))]
    return chosen


def _splits(folder: Path, found: dict[str, list[Recording]]) -> dict[str, str]:
    """The split of each recording, by its name."""
    files = [file for group in found.values() for file in group]
    lists = {split: folder / name for split, name in LISTS.items() if (folder / name).is_file()}
    if lists:
        if missing := [name for split, name in LISTS.items() if split not in lists]:
            raise LayoutError(
                f"{folder} has no {missing[0]}; write it, or remove the other list to have the "
                "recordings split by speaker"
            )
        listed = {line: split for split, path in lists.items() for line in _lines(path)}
        return {file.name: listed.get(file.name, "train") for file in files}
    said: dict[str, set[str]] = {}
    for label, group in found.items():
        for file in group:
            said.setdefault(file.speaker, set()).add(label)
    try:
        where = assign(said, "speaker")
    except DataError as error:
        raise LayoutError(
            f"{folder}: {error}; a speaker is what stands before {SPEAKER_MARK!r}, '_' or '-' in "
            f"a file's name; or list files in {' and '.join(LISTS.values())}"
        ) from None
    return {file.name: where[file.speaker] for file in files}


def _lines(path: Path) -> list[str]:
    try:
        return [
            one_spelling(line.strip()) for line in path.read_text(encoding="utf-8").splitlines()
        ]
    except UnicodeDecodeError:
        raise DataFileError(f"{path} is not UTF-8 text; save it as such, or remove it") from None


def _folders(folder: Path) -> dict[str, Path]:
    """The folders of words by name, in alphabetical order."""
    try:
        inside = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError as error:
        raise DataFileError(f"{folder} cannot be read ({error.strerror}); name another") from None
    return {one_spelling(path.name): path for path in inside if path.name[0] not in "._"}


def _background(folder: Path) -> Iterator[Path]:
    for name in (BACKGROUND, SILENCE):
        if (folder / name).is_dir():
            yield from _sounds(folder / name)


def _recordings(folder: Path, word: str) -> Iterator[Recording]:
    for path in _sounds(folder):
        yield Recording(
            path, f"{word}/{one_spelling(path.name)}", speaker(one_spelling(path.stem), word)
        )


def _sounds(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.suffix.lower() in audio.SUFFIXES and path.name[0] != ".":
            yield path


def speaker(stem: str, word: str) -> str:
    """Who speaks in a file of that name, as far as the name says."""
    before, mark, _ = stem.partition(SPEAKER_MARK)
    if mark:
        return before
    parts = re.split(r"[-_ ]+", stem)
    if len(parts) > 1 and parts[0].casefold() == word.casefold():
        parts = parts[1:]
    return parts[0]


def _order(file: Recording) -> str:
    """Has nothing to do with what was recorded."""
    return hashing.of_bytes(file.name.encode())


def _some(names: list[str], most: int = 40) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")
