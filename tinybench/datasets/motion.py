"""Made-up accelerometer recordings of people who draw figures in the air.

Each person has a style: size, speed, slant, roundness, how the device is held and turned, and a
tremor. What is recorded is the pen's acceleration plus gravity in the turning device's axes, with
noise, in whole milli-g; everything is computed in float64 and rounded, so that every CPU makes
the same recordings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.strokes import FIGURES, Numbers, Strokes, drawn, lengths, of_figures

SAMPLES = 128
RATE_HZ = 25.0
LIMIT_MILLI_G = 4000
"""The sensor saturates at ±4 g."""
NEGATIVE = "negative"
"""The class of what is no gesture."""
GRAVITY = 9.80665
SECONDS = SAMPLES / RATE_HZ
MARGIN = 0.1
"""Seconds of rest before and after a figure, at least."""
SHORTEST = 0.16
"""Seconds of a stroke, about."""
STROKES = 8
"""Of a drawing: those of a figure, a movement towards its start, one back from its end."""


@dataclass(frozen=True, slots=True)
class Persons:
    """Styles of many people, a row each."""

    size: Numbers
    """Height of a figure in metres."""
    tempo: Numbers
    """Seconds for a stroke of a figure's height."""
    slant: Numbers
    width: Numbers
    rounding: Numbers
    """The part of a stroke's time that the next one overlaps."""
    clockwise: NDArray[np.bool_]
    held: Numbers
    """Rotation vector (N, 3) of the device at rest, in radians."""
    turn: Numbers
    """Rotation (N, 3, 2) of the device for each metre to the right and up, in radians."""
    plane: Numbers
    """Rotation vector (N, 3) of the plane that is drawn in."""
    tremor: Numbers
    """Standard deviation in milli-g."""


def persons(random: np.random.Generator, count: int) -> Persons:
    """As many people, drawn from the population."""

    def spread(middle: float, deviation: float) -> Numbers:
        return middle * np.exp(deviation * random.standard_normal(count))

    return Persons(
        size=spread(0.32, 0.25),
        tempo=spread(0.45, 0.18),
        slant=0.12 * random.standard_normal(count),
        width=spread(1.0, 0.15),
        rounding=random.uniform(0.0, 0.4, count),
        clockwise=random.random(count) < 0.8,
        held=0.18 * random.standard_normal((count, 3)),
        turn=0.6 * random.standard_normal((count, 3, 2)),
        plane=0.15 * random.standard_normal((count, 3)),
        tremor=spread(14.0, 0.5),
    )


def recordings(
    random: np.random.Generator, people: Persons, who: NDArray[np.int64], what: Sequence[str]
) -> NDArray[np.int16]:
    """Readings (N, SAMPLES, 3) in milli-g: recording i is person `who[i]` doing `what[i]`.

    `what` are names in `FIGURES`, drawn whole, or kinds of movement that `negatives` names.
    """
    kinds = np.array(what)
    held = people.held[who] + 0.1 * random.standard_normal((len(who), 3))
    anyhow = np.isin(kinds, [STILL, WALKING])
    held[anyhow] = np.pi * random.uniform(-1, 1, (int(anyhow.sum()), 3))
    drawings = _strokes(random, people, who, kinds)
    times = np.arange(SAMPLES) / RATE_HZ
    position, pen = drawn(drawings, times)
    turned = np.einsum("nij,ntj->nti", people.turn[who], position)
    turned += _sway(random, len(who), times, 0.03)
    # The writer's axes: right, away, up.
    flat = np.zeros((len(who), SAMPLES, 3))
    flat[..., 0], flat[..., 2] = pen[..., 0], pen[..., 1]
    plane = _rotations(people.plane[who] + 0.07 * random.standard_normal((len(who), 3)))
    acceleration = np.einsum("nij,ntj->nti", plane, flat)
    walking = kinds == WALKING
    steps, swing = _walk(random, int(walking.sum()), times)
    acceleration[walking], turned[walking] = steps, turned[walking] + swing
    acceleration[..., 2] += GRAVITY
    # The device turns on top of how it is held: what it feels is turned the other way.
    felt = np.einsum("nji,ntj->nti", _rotations(held), acceleration)
    felt = np.einsum("ntji,ntj->nti", _rotations(turned), felt)
    noise = people.tremor[who, None, None] * random.standard_normal(felt.shape)
    noise += 5 * random.standard_normal(felt.shape)
    milli_g = np.rint(1000 / GRAVITY * felt + noise)
    return np.asarray(np.clip(milli_g, -LIMIT_MILLI_G, LIMIT_MILLI_G), np.int16)


STILL, WALKING, SCRIBBLE = "still", "walking", "scribble"
PARTIAL, CUT = "partial ", "cut "
"""Before a figure's name: begun and broken off, and running out of the recording."""
SHARES = {STILL: 0.12, WALKING: 0.14, SCRIBBLE: 0.2, PARTIAL: 0.14, CUT: 0.1, "other": 0.3}
"""Of the negative recordings."""


def negatives(random: np.random.Generator, count: int, gestures: Sequence[str]) -> list[str]:
    """As many kinds of movement that are none of these gestures, for `recordings`."""
    others = [name for name in FIGURES if name not in gestures] or [SCRIBBLE]
    found = []
    for kind in random.choice(list(SHARES), count, p=list(SHARES.values())):
        if kind in (PARTIAL, CUT):
            found.append(f"{kind}{random.choice(list(gestures))}")
        else:
            found.append(str(random.choice(others) if kind == "other" else kind))
    return found


def _strokes(
    random: np.random.Generator, people: Persons, who: NDArray[np.int64], kinds: NDArray[np.str_]
) -> Strokes:
    """The drawings of these kinds in these people's styles, somewhere in the recording."""
    count = len(who)
    figures = [
        _figure(random, kind, people.clockwise[person])
        for kind, person in zip(kinds, who, strict=True)
    ]
    shape = _styled(random, people, who, of_figures(figures, STROKES))
    relative = lengths(shape)
    empty = relative == 0
    shape[..., :4] *= (people.size[who] * _jitter(random, (count,), 0.12))[:, None, None]
    # Long strokes are drawn faster: the time grows more slowly than the length.
    tempo = people.tempo[who] * _jitter(random, (count,), 0.1)
    duration = np.maximum(tempo[:, None] * relative**0.8, SHORTEST)
    duration *= _jitter(random, (count, STROKES), 0.08)
    rounding = np.clip(people.rounding[who] + 0.05 * random.standard_normal(count), 0, 0.45)
    taken = np.where(empty, 0.0, duration) * (1 - rounding[:, None])
    total = taken.sum(1)
    first = _beginnings(random, total, np.char.startswith(kinds, CUT))
    start = first[:, None] + np.cumsum(taken, 1) - taken
    # The hand comes from somewhere and goes back; the last two strokes are never a figure's.
    for stroke, ends in ((-2, first), (-1, None)):
        moves = (random.random(count) < 0.5) & ~empty[:, 0]
        way = 0.1 * random.standard_normal((count, 2))
        shape[:, stroke, :2] = np.where(moves[:, None], way, 0.0)
        duration[:, stroke] = random.uniform(0.35, 0.8, count)
        rest = random.uniform(0.0, 0.6, count)
        start[:, stroke] = (
            first + total + rest if ends is None else first - rest - duration[:, stroke]
        )
    return Strokes(shape, start, duration)


def _styled(
    random: np.random.Generator, people: Persons, who: NDArray[np.int64], shape: Numbers
) -> Numbers:
    """Figures of height 1 as these people draw them: each a little different every time."""
    count = len(who)
    shape = shape * _jitter(random, (count, STROKES, 1), 0.1)
    turned = 0.09 * random.standard_normal((count, STROKES))
    right, up = shape[..., 0].copy(), shape[..., 1].copy()
    shape[..., 0] = right * np.cos(turned) - up * np.sin(turned)
    shape[..., 1] = right * np.sin(turned) + up * np.cos(turned)
    shape[..., 4] += turned
    slant = people.slant[who] + 0.05 * random.standard_normal(count)
    shape[..., 0] += slant[:, None] * shape[..., 1]
    shape[..., [0, 2]] *= people.width[who, None, None]
    return np.asarray(shape)


def _beginnings(random: np.random.Generator, total: Numbers, cut: NDArray[np.bool_]) -> Numbers:
    """When drawings of these lengths in seconds begin; of those to be cut, a part is outside."""
    room = np.maximum(SECONDS - 2 * MARGIN - total, 0.0)
    inside = MARGIN + random.random(len(total)) * room
    seen = random.uniform(0.1, 0.45, len(total)) * total
    late = random.random(len(total)) < 0.5
    return np.where(cut, np.where(late, SECONDS - seen, seen - total), inside)


def _figure(
    random: np.random.Generator, kind: str, clockwise: bool
) -> list[tuple[float, ...]] | tuple[tuple[float, ...], ...]:
    """The strokes of one drawing of a kind of movement; empty if it is none."""
    if kind == SCRIBBLE:
        ways = random.uniform(-1, 1, (random.integers(1, 7), 2))
        return [(right, up, 0.0, 0.0, 0.0, 0.0) for right, up in ways]
    name = kind.removeprefix(PARTIAL).removeprefix(CUT)
    if name not in FIGURES:
        return []
    figure = list(FIGURES[name])
    if name == "ring" and not clockwise:
        figure = [(*figure[0][:5], -figure[0][5])]
    if kind.startswith(PARTIAL):
        if len(figure) == 1:
            return [(*figure[0][:5], figure[0][5] * random.uniform(0.25, 0.6))]
        return figure[: random.integers(1, max(2, len(figure) - 1))]
    return figure


def _jitter(random: np.random.Generator, shape: tuple[int, ...], deviation: float) -> Numbers:
    return np.exp(deviation * random.standard_normal(shape))


def _sway(random: np.random.Generator, count: int, times: Numbers, deviation: float) -> Numbers:
    """Slow wandering (count, times, 3) of a hand that is held still."""
    frequency = random.uniform(0.1, 1.2, (count, 1, 3, 3))
    phase = random.uniform(0, 2 * np.pi, (count, 1, 3, 3))
    amplitude = deviation * random.standard_normal((count, 1, 3, 3))
    return np.asarray(
        (amplitude * np.sin(2 * np.pi * frequency * times[:, None, None] + phase)).sum(-1)
    )


def _walk(random: np.random.Generator, count: int, times: Numbers) -> tuple[Numbers, Numbers]:
    """Acceleration (m/s²) and rotation (rad), both (count, times, 3), of a hand that walks."""
    step = random.uniform(1.4, 2.3, (count, 1, 1, 1)) * np.array([0.5, 1, 2, 3])
    phase = random.uniform(0, 2 * np.pi, (count, 1, 3, 4))
    amplitude = random.uniform(0.3, 2.5, (count, 1, 3, 4)) / np.array([1, 1, 2, 3])
    waves = np.sin(2 * np.pi * step * times[:, None, None] + phase)
    swing = random.uniform(0, 0.4, (count, 1, 3)) * waves[..., 0]
    return np.asarray((amplitude * waves).sum(-1)), np.asarray(swing)


def _rotations(vectors: Numbers) -> Numbers:
    """Rotation matrices (..., 3, 3) of rotation vectors (..., 3), by Rodrigues' formula."""
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(vectors, -1, 0)
    none = np.zeros_like(x)
    cross = np.stack([none, -z, y, z, none, -x, -y, x, none], -1).reshape(*x.shape, 3, 3)
    # The two quotients' limits at angle 0 are 1 and 1/2.
    whole = np.where(angle > 1e-8, angle, 1.0)
    first = np.where(angle > 1e-8, np.sin(angle) / whole, 1.0)
    second = np.where(angle > 1e-8, (1 - np.cos(angle)) / whole**2, 0.5)
    return np.asarray(np.eye(3) + first * cross + second * (cross @ cross))
