"""A small ray caster: shaded ellipsoids in a depth buffer, many pictures at a time.

Everything is float64 and is rounded to bytes only at the end, so that a picture has the same
pixels on every CPU.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Reals: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

OVERSAMPLING = 2
"""Rays a pixel in each direction."""
INSIDE = 0.35
"""Share of the light all around that reaches the inside of a shell."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Visible points of a solid: which picture (P,), where in the solid's frame, how lit.

    `x`, `y` and `z` (P,) are to the subject's left, up and out of its face.
    """

    picture: Indices
    x: Reals
    y: Reals
    z: Reals


@dataclass(frozen=True, slots=True)
class Surface:
    """What a solid looks like at its hits: colour (P, 3), gloss (P,); `there` false is a hole."""

    colour: Reals
    gloss: Reals | float = 0.0
    there: NDArray[np.bool_] | None = None


Paint: TypeAlias = Callable[[Hits], Surface]


@dataclass(frozen=True, slots=True)
class Light:
    """The sun's direction (N, 3) in view, its strength (N,) and that of the light all around."""

    direction: Reals
    direct: Reals
    ambient: Reals


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a solid's own axes are in view: rotation (N, 3, 3), origin (N, 2), scale (N,).

    The view is 2 units wide, right and up positive, its depth positive towards the viewer.
    """

    rotation: Reals
    origin: Reals
    scale: Reals


def rotations(yaw: Reals, pitch: Reals, roll: Reals) -> Reals:
    """Rotation matrices (N, 3, 3): yaw about the upright axis, then pitch, then roll; radians."""
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)

    def stacked(*rows: tuple[Reals, Reals, Reals]) -> Reals:
        return np.stack([np.stack(row, -1) for row in rows], -2)

    def times(a: Reals, b: Reals) -> Reals:
        return np.asarray((a[:, :, :, None] * b[:, None, :, :]).sum(2))

    c, s = np.cos(yaw), np.sin(yaw)
    turned = stacked((c, zero, s), (zero, one, zero), (-s, zero, c))
    c, s = np.cos(pitch), np.sin(pitch)
    nodded = stacked((one, zero, zero), (zero, c, -s), (zero, s, c))
    c, s = np.cos(roll), np.sin(roll)
    tilted = stacked((c, -s, zero), (s, c, zero), (zero, zero, one))
    return times(tilted, times(nodded, turned))


@dataclass(frozen=True, slots=True)
class _Placed:
    """Ellipsoids in view (M, ...), and which pictures (M,) they are in.

    A point p relative to the middle is on the surface where p' form p = 1.
    """

    picture: Indices
    turn: Reals
    centre: Reals
    middle: Reals
    form: Reals


class Canvas:
    """The depth buffer and colours of `count` square pictures of `side` pixels."""

    def __init__(self, count: int, side: int, light: Light) -> None:
        self.side = side
        self.light = light
        rays = side * OVERSAMPLING
        self._shape = (count, rays, rays)
        self._depth = np.full(count * rays * rays, -np.inf)
        self._colour = np.zeros((count * rays * rays, 3))
        middle = (np.arange(rays) + 0.5) / rays * 2 - 1
        self._right, self._up = middle, -middle

    def ellipsoid(
        self,
        frame: Frame,
        centre: Reals,
        radii: Reals,
        paint: Paint,
        shell: bool = False,
    ) -> None:
        """Draw one ellipsoid a picture: centre and radii (N, 3) in the frame's units.

        Pictures whose first radius is 0 have none. A `shell` shows its far wall through holes.
        """
        chosen = np.flatnonzero(radii[:, 0] > 0)
        if not len(chosen):
            return
        turn = frame.rotation[chosen]
        squares = radii[chosen, None, None, :] ** 2
        solid = _Placed(
            chosen,
            turn,
            centre[chosen],
            (turn * centre[chosen, None, :]).sum(2),
            (turn[:, :, None, :] * turn[:, None, :, :] / squares).sum(3),
        )
        scale, origin = frame.scale[chosen, None], frame.origin[chosen]
        right = (self._right - origin[:, :1]) / scale - solid.middle[:, :1]
        up = (self._up - origin[:, 1:]) / scale - solid.middle[:, 1:2]
        m00, m01, m02, m11, m12, m22 = (
            solid.form[:, i, j, None] for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
        )
        # The discriminant of the ray's quadratic in depth, in parts: it is all of the work.
        across = (m02**2 - m22 * m00) * right**2 + m22
        along = (m12**2 - m22 * m11) * up**2
        mixed = 2 * (m02 * m12 - m22 * m01) * up
        inside = mixed[:, :, None] * right[:, None, :]
        inside += across[:, None, :]
        inside += along[:, :, None]
        which, row, column = np.nonzero(inside > 0)
        root = np.sqrt(inside[which, row, column])
        place = (chosen[which] * self._shape[1] + row) * self._shape[2] + column
        x, y = right[which, column], up[which, row]
        for inner, wall in ((False, root), (True, -root))[: 1 + shell]:
            z = (wall - m02[which, 0] * x - m12[which, 0] * y) / m22[which, 0]
            seen = np.flatnonzero(z + solid.middle[which, 2] > self._depth[place])
            points = np.stack([x[seen], y[seen], z[seen]])
            self._paint(solid, which[seen], points, place[seen], paint, inner)

    def _paint(
        self,
        solid: _Placed,
        which: Indices,
        points: Reals,
        place: Indices,
        paint: Paint,
        inner: bool,
    ) -> None:
        """Colour the rays at `place` that meet solids `which` (P,) at `points` (3, P)."""
        x, y, z = points
        turn, form = solid.turn, solid.form
        own = [
            turn[which, 0, axis] * x
            + turn[which, 1, axis] * y
            + turn[which, 2, axis] * z
            + solid.centre[which, axis]
            for axis in range(3)
        ]
        picture = solid.picture[which]
        surface = paint(Hits(picture, *own))
        lit, shine = self.light.ambient[picture], np.zeros_like(z)
        if inner:
            lit = INSIDE * lit
        else:
            normal = [
                form[which, i, 0] * x + form[which, i, 1] * y + form[which, i, 2] * z
                for i in range(3)
            ]
            length = np.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
            towards, direct = self.light.direction[picture], self.light.direct[picture]
            facing = sum(part * towards[:, i] for i, part in enumerate(normal)) / length
            lit = lit + direct * np.clip(facing, 0, None)
            # Blinn: the half vector between the light and the viewer, who is at +z.
            half = (facing + normal[2] / length) / np.sqrt(2 + 2 * towards[:, 2])
            shine = surface.gloss * np.clip(half, 0, 1) ** 24 * direct
        colour = surface.colour * lit[:, None] + shine[:, None]
        depth = z + solid.middle[which, 2]
        if surface.there is not None:
            place, depth = place[surface.there], depth[surface.there]
            colour = colour[surface.there]
        self._depth[place] = depth
        self._colour[place] = colour

    def over(self, background: Reals) -> Reals:
        """The pictures (N, side, side, 3) on a background of that shape, edges smoothed."""
        count, side, k = self._shape[0], self.side, OVERSAMPLING
        blocks = (count, side, k, side, k)
        covered = np.isfinite(self._depth).reshape(blocks).mean((2, 4))[..., None]
        return np.asarray(
            self._colour.reshape(*blocks, 3).mean((2, 4)) + (1 - covered) * background
        )
