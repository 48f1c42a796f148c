"""Words spoken by eSpeak NG: the built-in voices, their families, and the process that speaks.

eSpeak NG is GPL software that is loaded with `ctypes` in a process of its own, and needed only to
make data. Its sound depends on all that the process spoke before, so one process speaks a whole
list in order: `python -m tinybench.datasets.speech OUT` reads that list as JSON from standard
input.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import DataError
from tinybench.datasets.features import Pcm
from tinybench.errors import MissingPackageError

ACCENTS = (
    "gmw/en",
    "gmw/en-029",
    "gmw/en-GB-scotland",
    "gmw/en-GB-x-gbclan",
    "gmw/en-GB-x-gbcwmd",
    "gmw/en-GB-x-rp",
    "gmw/en-US",
)
"""eSpeak's files of English as spoken in different countries and regions."""

# Of one family: voices whose names share a word, digits and case aside (steph, steph2; Andy,
# AnxiousAndy); that have four formant lines in common; or that have the Klatt synthesizer and the
# same first three formants within 2 %. And what is of one family with the same third.
_LARGE = (
    "m1 m2 m3 m4 m5 m6 m7 m8 Nguyen",
    "adam benjamin klatt klatt2 klatt3 klatt4 klatt5 klatt6",
    "aunty belinda f1 f2 f3 f4 f5 linda",
    "anika Diogo Henrique Hugo michel miguel",
    "iven iven2 iven3 iven4",
    "max RicishayMax RicishayMax2 RicishayMax3",
    "gustave Mario Michael",
    "steph steph2 steph3",
    "Andy AnxiousAndy",
    "Denis victor",
    "edward edward2",
    "Gene Gene2",
    "Mike mike2",
)
_SINGLE = (
    "Alex, Alicia, Andrea, Annie, announcer, antonio, boris, croak, david, ed, grandma, "
    "grandpa, ian, Jacky, john, kaukovalta, Lee, marcelo, Marco, Mr serious, norbert, pablo, "
    "paul, pedro, quincy, Reed, rob, robert, sandro, shelby, Storm, travis, Tweaky, zac"
)
FAMILIES = (
    *(tuple(voices.split()) for voices in _LARGE),
    *((voice,) for voice in _SINGLE.split(", ")),
)
"""eSpeak's voice variants, no twins across families: all but those of `INHUMAN`."""
INHUMAN = (
    *("anikaRobot", "Demonic", "UniRobot", "robosoft"),
    *(f"robosoft{number}" for number in range(2, 9)),
    *("caleb", "whisper", "whisperf"),
    "fast",
)
"""Variants that are not used: robots, whispers, and a test of speed in the default voice."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A word and how it is said: `pitch` and `range` 0…100, `speed` in words a minute."""

    word: str
    voice: str
    accent: str
    pitch: int
    range: int
    speed: int


def speak(utterances: Sequence[Utterance]) -> tuple[list[Pcm], int]:
    """The sound of each utterance, without the silence around it, and the sampling rate in Hz.

    The same list gives the same bytes. DataError without eSpeak NG or for a word it cannot say.
    """
    if find_spec("espeakng_loader") is None:
        raise DataError(
            "the built-in words are spoken by eSpeak NG: pip install 'pytest-tinybench[speech]'",
            page=MissingPackageError.page,
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.npz"
        done = subprocess.run(
            [sys.executable, "-m", __name__, str(path)],
            input=json.dumps([astuple(utterance) for utterance in utterances]),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            raise DataError(
                f"eSpeak NG did not speak ({reason}); "
                "try pip install --force-reinstall espeakng-loader"
            )
        with np.load(path) as file:
            ends, sound, rate = file["ends"], file["sound"], int(file["rate"])
    spoken = [_trimmed(part) for part in np.split(sound, ends[:-1])]
    for utterance, part in zip(utterances, spoken, strict=True):
        if not len(part):
            raise DataError(f"eSpeak NG cannot say the word {utterance.word!r}; choose another")
    return spoken, rate


def _trimmed(sound: Pcm) -> Pcm:
    """Without the edges that stay below 1 % of the peak."""
    level = np.abs(sound.astype(np.int32))
    loud = np.flatnonzero(level > level.max(initial=0) // 100)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound[:0]


class _Espeak:
    """eSpeak NG's C interface, as its `speak_lib.h` declares it."""

    RETRIEVE = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback before espeak_Synth returns
    UTF8 = 1
    SPEED, PITCH, RANGE = 1, 3, 4
    Callback = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
    )

    def __init__(self) -> None:
        import espeakng_loader

        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path()
        self._variants = Path(data) / "voices" / "!v"
        self.rate: int = self._library.espeak_Initialize(self.RETRIEVE, 0, data.encode(), 0)
        if self.rate <= 0:
            raise OSError("espeak_Initialize failed")
        # Else it is the time of day, which roughens voices and adds breath.
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))
        self._parts: list[NDArray[np.int16]] = []
        # Kept: the library holds the bare address only.
        self._callback = self.Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._parts.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    def say(self, utterance: Utterance) -> Pcm:
        """All samples (n,) of one utterance."""
        self._parts.clear()
        library, text = self._library, utterance.word.encode()
        voice = f"{utterance.accent}+{utterance.voice}"
        # The library passes over a variant that it does not have.
        known = (self._variants / utterance.voice).is_file()
        if not known or library.espeak_SetVoiceByName(voice.encode()):
            raise LookupError(f"this edition of eSpeak NG has no voice {voice!r}")
        for parameter, value in (
            (self.PITCH, utterance.pitch),
            (self.RANGE, utterance.range),
            (self.SPEED, utterance.speed),
        ):
            library.espeak_SetParameter(parameter, value, 0)
        size = ctypes.c_size_t(len(text) + 1)
        if library.espeak_Synth(text, size, 0, 0, 0, self.UTF8, None, None):
            raise OSError(f"espeak_Synth failed at {utterance.word!r}")
        return np.concatenate([np.empty(0, np.int16), *self._parts])


def main(path: str) -> None:
    """Speak the utterances of standard input and store them end to end."""
    espeak = _Espeak()
    sounds = [espeak.say(Utterance(*fields)) for fields in json.loads(sys.stdin.buffer.read())]
    np.savez(
        path,
        ends=np.cumsum([len(sound) for sound in sounds]),
        sound=np.concatenate(sounds),
        rate=np.int64(espeak.rate),
    )


if __name__ == "__main__":
    main(sys.argv[1])
