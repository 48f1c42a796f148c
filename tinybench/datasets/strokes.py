"""Figures drawn in the air as pen strokes, and the pen's exact position and acceleration.

A stroke is a straight line or an arc of an ellipse, drawn with the bell-shaped speed of a
minimum-jerk movement; strokes that overlap in time round the corner between them, as hands do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Numbers: TypeAlias = NDArray[np.float64]

COLUMNS = 6
"""Numbers of a stroke: line (right, up), radii (right, up), start angle, swept angle in radians."""


def _line(right: float, up: float) -> tuple[float, ...]:
    return (right, up, 0.0, 0.0, 0.0, 0.0)


def _arc(right: float, up: float, start: float, swept: float) -> tuple[float, ...]:
    """Of an ellipse with these radii; angles in degrees, counter-clockwise from the right."""
    return (0.0, 0.0, right, up, np.deg2rad(start), np.deg2rad(swept))


# Figures of about the height 1.
FIGURES: dict[str, tuple[tuple[float, ...], ...]] = {
    "wing": (_line(0.3, -1), _line(0.25, 0.8), _line(0.25, -0.8), _line(0.3, 1)),
    "ring": (_arc(0.45, 0.5, 90, -380),),
    "slope": (_line(-0.2, -1), _line(0.75, 0)),
    "V": (_line(0.35, -1), _line(0.35, 1)),
    "M": (_line(0.2, 1), _line(0.25, -0.8), _line(0.25, 0.8), _line(0.2, -1)),
    "N": (_line(0, 1), _line(0.5, -1), _line(0, 1)),
    "Z": (_line(0.6, 0), _line(-0.6, -1), _line(0.6, 0)),
    "S": (_arc(0.3, 0.25, 30, 240), _arc(0.3, 0.25, 90, -240)),
    "C": (_arc(0.45, 0.5, 60, 240),),
    "U": (_line(0, -0.65), _arc(0.3, 0.35, 180, 180), _line(0, 0.65)),
    "D": (_line(0, -1), _arc(0.5, 0.5, -90, 180)),
    "7": (_line(0.6, 0), _line(-0.35, -1)),
    "8": (_arc(0.25, 0.25, 90, 180), _arc(0.3, 0.3, 90, -360), _arc(0.25, 0.25, -90, 180)),
    "check": (_line(0.2, -0.35), _line(0.5, 0.9)),
    "triangle": (_line(-0.35, -1), _line(0.7, 0), _line(-0.35, 1)),
    "square": (_line(0, -0.8), _line(0.8, 0), _line(0, 0.8), _line(-0.8, 0)),
}


@dataclass(frozen=True, slots=True)
class Strokes:
    """Strokes of many drawings, padded with empty ones to the same number.

    `shape` (drawings, strokes, COLUMNS) in metres and radians; `start` and `duration` (drawings,
    strokes) in seconds.
    """

    shape: Numbers
    start: Numbers
    duration: Numbers


def of_figures(figures: Sequence[Sequence[Sequence[float]]], strokes: int) -> Numbers:
    """The shapes (figures, strokes, COLUMNS) of figures with at most that many strokes."""
    shapes = np.zeros((len(figures), strokes, COLUMNS))
    for shape, figure in zip(shapes, figures, strict=True):
        shape[: len(figure)] = np.reshape(figure, (-1, COLUMNS))
    return shapes


def lengths(shape: Numbers) -> Numbers:
    """About how long each stroke is, with the last dimension of `shape` gone."""
    radius = (np.abs(shape[..., 2]) + np.abs(shape[..., 3])) / 2
    return np.hypot(shape[..., 0], shape[..., 1]) + radius * np.abs(shape[..., 5])


def drawn(strokes: Strokes, times: Numbers) -> tuple[Numbers, Numbers]:
    """Position (m) and acceleration (m/s²) of the pen, both (drawings, times, 2): right and up."""
    size = (len(strokes.shape), len(times), 2)
    position, acceleration = np.zeros(size), np.zeros(size)
    for index in range(strokes.shape.shape[1]):
        start, duration = strokes.start[:, index, None], strokes.duration[:, index, None]
        line, radii = strokes.shape[:, index, None, :2], strokes.shape[:, index, None, 2:4]
        first, swept = strokes.shape[:, index, 4, None], strokes.shape[:, index, 5, None]
        way, speed, change = _minimum_jerk((times - start) / duration)
        speed, change = speed / duration, change / duration**2
        angle = first + swept * way
        from_centre = np.stack([np.cos(angle), np.sin(angle)], -1)
        onward = np.stack([-from_centre[..., 1], from_centre[..., 0]], -1)
        began = np.stack([np.cos(first), np.sin(first)], -1)
        position += line * way[..., None] + radii * (from_centre - began)
        acceleration += line * change[..., None]
        acceleration += radii * onward * (swept * change)[..., None]
        acceleration -= radii * from_centre * ((swept * speed) ** 2)[..., None]
    return position, acceleration


def _minimum_jerk(time: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Way, speed and acceleration of the unit movement in unit time (Flash and Hogan, 1985)."""
    t = np.clip(time, 0, 1)
    way = t**3 * (10 - 15 * t + 6 * t**2)
    speed = 30 * t**2 * (1 - t) ** 2
    change = 60 * t * (1 - t) * (1 - 2 * t)
    return way, speed, change
