"""The pipelines in Python: TensorFlow's front end, TFLM's net on this computer, and the decisions.

Every number is an integer that the C code must give too.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import machines
from tinybench.datasets.features import CHANNELS, FRAMES, Pcm, quantized, spectrogram
from tinybench.runtimes import DEVICE_REFERENCE, Artifact, RefusalError
from tinybench.streaming.answers import Answers
from tinybench.streaming.application import (
    AXES,
    HOP_MS,
    READINGS,
    Application,
    ApplicationError,
    GestureSettings,
    KeywordSettings,
    input_codes,
    scores_of,
)
from tinybench.tflite.ports import codes_of, input_of, output_of

NEVER = -(1 << 62)


@dataclass
class Recognizer:
    """Averages scores over time and says when a word is new; `firmware/pipeline/recognizer.c`."""

    settings: KeywordSettings
    silence: int
    _results: deque[tuple[int, NDArray[np.int64]]] = field(init=False)
    _label: int = field(init=False)
    _label_ms: int = NEVER

    def __post_init__(self) -> None:
        self._results = deque(maxlen=self.settings.results)
        self._label = self.silence

    def update(self, scores: NDArray[np.uint8], time_ms: int) -> tuple[int, int, int, int]:
        """A row of `Answers.decisions` for the scores (labels,) of an inference."""
        settings = self.settings
        self._results.append((time_ms, scores.astype(np.int64)))
        while time_ms - self._results[0][0] > settings.average_ms:
            self._results.popleft()
        count, span = len(self._results), time_ms - self._results[0][0]
        if count < settings.minimum_count or span < settings.average_ms // 4:
            return time_ms, self._label, 0, 0
        averages = np.sum([result for _, result in self._results], axis=0) // count
        label = int(np.argmax(averages))
        score = int(averages[label])
        waited = time_ms - self._label_ms > settings.suppression_ms
        new = label != self._label or label == self.silence or waited
        if score <= settings.threshold or not new:
            return time_ms, label, score, 0
        self._label, self._label_ms = label, time_ms
        return time_ms, label, score, 1


@dataclass
class Debounce:
    """Says when a gesture was seen often enough; `firmware/pipeline/debounce.c`."""

    settings: GestureSettings
    negative: int
    _label: int = -1
    _count: int = 0
    _found_ms: int = NEVER

    def update(self, scores: NDArray[np.uint8], time_ms: int) -> tuple[int, int, int, int]:
        """A row of `Answers.decisions` for the scores (labels,) of an inference."""
        label = int(np.argmax(scores))
        score = int(scores[label])
        if label == self.negative or score <= self.settings.threshold:
            self._label, self._count = -1, 0
            return time_ms, label, score, 0
        self._count = self._count + 1 if label == self._label else 1
        self._label = label
        rests = time_ms - self._found_ms <= self.settings.suppression_ms
        if self._count < self.settings.consecutive or rests:
            return time_ms, label, score, 0
        self._count, self._found_ms = 0, time_ms
        return time_ms, label, score, 1


def recognize_words(application: Application, pcm: Pcm) -> Answers:
    """What the keyword pipeline makes of 16 kHz sound, whole hops of it and at least two."""
    settings = application.settings
    assert isinstance(settings, KeywordSettings)
    features = spectrogram(pcm)
    hops = len(pcm) // (HOP_MS * 16)
    due = np.arange(settings.hops, hops + 1, settings.hops)
    # A frame is complete a hop after it began; before the first there is silence.
    levels = np.concatenate([np.zeros((FRAMES + 1, CHANNELS), np.uint8), quantized(features)])
    windows = [levels[hop : hop + FRAMES] for hop in due]
    levels = np.array(windows, np.uint8).reshape(-1, FRAMES, CHANNELS)
    scores = _scores(application, input_codes(application.model)[levels])
    recognizer = Recognizer(settings, application.nothing_index)
    times = (due * HOP_MS).tolist()
    rows = [recognizer.update(row, time) for row, time in zip(scores, times, strict=True)]
    return Answers(features, scores, np.array(rows, np.int64).reshape(-1, 4))


def recognize_gestures(application: Application, readings: NDArray[np.int16]) -> Answers:
    """What the gesture pipeline makes of readings (n, 3), at least one."""
    settings = application.settings
    assert isinstance(settings, GestureSettings)
    reals = readings.astype(np.float32) * np.float32(application.grid.scale)
    codes, _ = codes_of(reals, input_of(application.model))
    due = np.arange(settings.step, len(codes) + 1, settings.step)
    held = np.concatenate([np.repeat(codes[:1], READINGS, axis=0), codes])
    windows = np.array([held[count : count + READINGS] for count in due], codes.dtype)
    scores = _scores(application, windows.reshape(-1, READINGS, AXES))
    debounce = Debounce(settings, application.nothing_index)
    times = (due * settings.period_ms).tolist()
    rows = [debounce.update(row, time) for row, time in zip(scores, times, strict=True)]
    return Answers(codes, scores, np.array(rows, np.int64).reshape(-1, 4))


def _scores(application: Application, codes: NDArray[Any]) -> NDArray[np.uint8]:
    """Scores (N, labels) of windows (N, rows, columns)."""
    count = len(application.labels)
    if not len(codes):
        return np.empty((0, count), np.uint8)
    # One of our own files, so in this process.
    device = machines.find(DEVICE_REFERENCE, timeout=None)
    if reason := device.unavailable():
        raise ApplicationError(f"the Python pipeline needs TFLM, and it is not there: {reason}")
    name = f"{application.task} {application.variant}"
    try:
        ran = device.run(Artifact(name, application.data), [codes[..., None]])
    except RefusalError as refusal:
        raise ApplicationError(f"{name} does not run on a device: {refusal}") from None
    return scores_of(ran.outputs[0].reshape(-1, count), output_of(application.model))
