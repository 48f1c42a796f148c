"""Decisions in C and in Python are the same for any scores; and what they decide."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tinybench.streaming import GestureSettings, KeywordSettings
from tinybench.streaming.simulation import Debounce, Recognizer

LABELS = 4


class RecognizerSettings(ctypes.Structure):
    _fields_ = (
        ("average_ms", ctypes.c_uint32),
        ("suppression_ms", ctypes.c_uint32),
        ("minimum_count", ctypes.c_uint32),
        ("threshold", ctypes.c_int32),
        ("silence", ctypes.c_int32),
    )


class DebounceSettings(ctypes.Structure):
    _fields_ = (
        ("threshold", ctypes.c_int32),
        ("negative", ctypes.c_int32),
        ("suppression_ms", ctypes.c_uint32),
        ("consecutive", ctypes.c_uint32 * LABELS),
    )


def scores(seed: int, count: int = 300) -> NDArray[np.uint8]:
    """Scores that favour a label for a while, more or less, with ties and extremes."""
    random = np.random.default_rng(seed)
    favoured = np.repeat(random.integers(0, LABELS, count), random.integers(1, 25, count))[:count]
    found = random.integers(0, 256, (count, LABELS)) // random.integers(1, 9, (count, LABELS))
    found[np.arange(count), favoured] = random.choice([0, 199, 200, 201, 204, 205, 255], count)
    return found.astype(np.uint8)


def in_c(function: Any, settings: ctypes.Structure, given: Any, period: int) -> NDArray[np.int32]:
    rows = np.zeros((len(given), 4), np.int32)
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (given, rows)]
    function(ctypes.byref(settings), pointers[0], len(given), period, pointers[1])
    return rows


def in_python(decider: Recognizer | Debounce, given: Any, period: int) -> list[tuple[int, ...]]:
    return [decider.update(row, (i + 1) * period) for i, row in enumerate(given)]


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    hops=st.integers(1, 20),
    average_ms=st.integers(1, 1500),
    suppression_ms=st.integers(0, 3000),
    threshold=st.integers(0, 255),
    minimum_count=st.integers(1, 8),
    silence=st.integers(-1, LABELS - 1),
)
def test_words_are_the_same(
    host: Any, seed: int, hops: int, average_ms: int, silence: int, **more: int
) -> None:
    chosen = KeywordSettings(hops, average_ms, **more)
    period = 20 * hops
    native = RecognizerSettings(
        average_ms, chosen.suppression_ms, chosen.minimum_count, chosen.threshold, silence
    )

    expected = in_python(Recognizer(chosen, silence), scores(seed), period)

    assert in_c(host.recognize, native, scores(seed), period).tolist() == [*map(list, expected)]


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    period=st.integers(1, 400),
    threshold=st.integers(0, 255),
    consecutive=st.integers(1, 9),
    suppression_ms=st.integers(0, 5000),
    negative=st.integers(-1, LABELS - 1),
)
def test_gestures_are_the_same(
    host: Any, seed: int, period: int, negative: int, **more: int
) -> None:
    chosen = GestureSettings(**more)
    native = DebounceSettings(
        chosen.threshold,
        negative,
        chosen.suppression_ms,
        (ctypes.c_uint32 * LABELS)(*[chosen.consecutive] * LABELS),
    )

    expected = in_python(Debounce(chosen, negative), scores(seed), period)

    assert in_c(host.debounce, native, scores(seed), period).tolist() == [*map(list, expected)]


def runs(*of: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Scores: label, score and how often."""
    rows = []
    for label, score, count in of:
        row = [0] * LABELS
        row[label] = score
        rows += [row] * count
    return np.array(rows, np.uint8)


@pytest.mark.parametrize(
    ("given_scores", "news"),
    [
        pytest.param([(2, 255, 3)], [], id="less than a quarter of the averaged time"),
        pytest.param([(2, 255, 4)], [(400, 2)], id="as soon as there is enough"),
        pytest.param([(2, 200, 30)], [], id="not above the threshold"),
        pytest.param([(2, 255, 20)], [(400, 2), (2000, 2)], id="again after suppression"),
        pytest.param([(0, 0, 12), (2, 255, 8)], [], id="an average not high yet"),
        pytest.param([(0, 0, 12), (2, 255, 9)], [(2100, 2)], id="an average above 200 of 255"),
        pytest.param([(2, 255, 11), (3, 255, 11)], [(400, 2), (2000, 3)], id="another at once"),
    ],
)
def test_words(given_scores: list[tuple[int, int, int]], news: list[tuple[int, int]]) -> None:
    rows = in_python(Recognizer(KeywordSettings(average_ms=1000), 0), runs(*given_scores), 100)

    assert [(time, label) for time, label, _, new in rows if new] == news


@pytest.mark.parametrize(
    ("given_scores", "news"),
    [
        pytest.param([(1, 255, 2)], [], id="not often enough"),
        pytest.param([(1, 255, 3)], [(600, 1)], id="three in a row"),
        pytest.param([(1, 204, 9)], [], id="not above 0.8"),
        pytest.param([(1, 255, 2), (3, 255, 1), (1, 255, 2)], [], id="negative begins anew"),
        pytest.param([(1, 255, 2), (0, 255, 3)], [(1000, 0)], id="another begins anew"),
        pytest.param([(3, 255, 50)], [], id="negative is none"),
        pytest.param([(1, 255, 28)], [(600, 1)], id="a rest as long as the net's input"),
        pytest.param([(1, 255, 29)], [(600, 1), (5800, 1)], id="found again after the rest"),
    ],
)
def test_gestures(given_scores: list[tuple[int, int, int]], news: list[tuple[int, int]]) -> None:
    rows = in_python(Debounce(GestureSettings(), 3), runs(*given_scores), 200)

    assert [(time, label) for time, label, _, new in rows if new] == news
