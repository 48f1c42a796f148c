"""What is behind and before a rendered person, and the camera: places, obstacles, blur, noise."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.solids import Reals

WAVES = 14
DISCS = 3
SKY, GREEN, STREET, WALL, ROOM = range(5)

TOP = np.array([
    [0.55, 0.72, 0.92], [0.25, 0.42, 0.20], [0.70, 0.74, 0.80], [0.62, 0.48, 0.40],
    [0.78, 0.74, 0.66],
])  # fmt: skip
BOTTOM = np.array([
    [0.72, 0.80, 0.84], [0.36, 0.45, 0.22], [0.42, 0.42, 0.43], [0.58, 0.46, 0.38],
    [0.62, 0.55, 0.46],
])  # fmt: skip


def traits(random: np.random.Generator, scenes: int, poses: int) -> dict[str, Reals]:
    """Draw the places of all pictures, the same for the poses of a scene but for a shift."""

    def kept(values: Reals) -> Reals:
        return np.repeat(values, poses, axis=0)

    place = random.choice(5, scenes, p=(0.22, 0.22, 0.26, 0.18, 0.12))
    tint = random.uniform(0.75, 1.15, (scenes, 2, 1)) * random.uniform(0.93, 1.07, (scenes, 2, 3))
    pitch = random.uniform(1, 16, (scenes, WAVES))
    turn = random.uniform(0, np.pi, (scenes, WAVES))
    return {
        "place": kept(place.astype(np.float64)),
        "top_colour": kept(TOP[place] * tint[:, 0]),
        "bottom_colour": kept(BOTTOM[place] * tint[:, 1]),
        "side_colour": kept(_dull(random.uniform(0.1, 0.8, (scenes, 3)))),
        "horizon": kept(random.uniform(-0.5, 0.5, scenes)),
        "grain": kept(random.uniform(0.02, 0.10, scenes)),
        "grid": kept(random.uniform(4, 13, (scenes, 2))),
        "wave_x": kept(pitch * np.cos(turn)),
        "wave_y": kept(pitch * np.sin(turn)),
        "wave_size": kept(random.uniform(0.3, 1, (scenes, WAVES)) / np.sqrt(pitch)),
        "wave_phase": kept(random.uniform(0, 2 * np.pi, (scenes, WAVES))),
        "disc_at": kept(random.uniform(-1, 1, (scenes, DISCS, 2))),
        "disc_size": kept(random.uniform(-0.9, 0.4, (scenes, DISCS))),
        "disc_colour": kept(_dull(random.uniform(0.05, 0.95, (scenes, DISCS, 3)))),
        "shift": random.uniform(-0.3, 0.3, (scenes * poses, 2)),
        "obstacle": random.uniform(0, 1, scenes * poses),
        "obstacle_at": random.uniform(-1, 1, scenes * poses),
        "obstacle_slope": random.uniform(-0.6, 0.6, scenes * poses),
        "obstacle_colour": _dull(random.uniform(0, 0.8, (scenes * poses, 3))),
    }


def _dull(colours: Reals) -> Reals:
    """Colours nearer to grey."""
    return np.asarray(0.4 * colours + 0.6 * colours.mean(-1, keepdims=True))


def draw(t: Mapping[str, Reals], side: int) -> Reals:
    """The backgrounds (N, side, side, 3), from 0 to 1."""
    middle = (np.arange(side) + 0.5) / side * 2 - 1
    right, up = middle + t["shift"][:, :1], -middle + t["shift"][:, 1:]
    texture = _texture(t, right, up)
    place = t["place"][:, None, None]
    rough = t["horizon"][:, None, None] + np.where(place == STREET, 0.0, 0.25) * texture
    below = _step((rough - up[:, :, None]) * side / 2)
    below = np.where(place == WALL, 0.5, below)
    below = np.where(place == GREEN, _step(1.2 * texture), below)[..., None]
    picture = (1 - below) * t["top_colour"][:, None, None] + below * t["bottom_colour"][
        :, None, None
    ]
    across = np.cos(t["grid"][:, :1] * right)[:, None, :]
    along = np.cos(t["grid"][:, 1:] * up)[:, :, None]
    # Windows of a house, or the joints of a wall.
    house = _step(8 * (across - 0.1)) * _step(8 * (along - 0.1)) * (up[:, :, None] > rough)
    joints = 0.35 * np.maximum(_step(8 * (across - 0.85)), _step(8 * (along - 0.85)))
    cover = np.where(place == STREET, house, np.where(place >= WALL, joints, 0.0))[..., None]
    picture = (1 - cover) * picture + cover * t["side_colour"][:, None, None]
    picture = picture * (1 + t["grain"][:, None, None, None] * texture[..., None])
    for disc in range(DISCS):
        x = right - t["disc_at"][:, disc, :1]
        y = up - t["disc_at"][:, disc, 1:]
        size = t["disc_size"][:, disc, None, None]
        far = np.sqrt(x[:, None, :] ** 2 + y[:, :, None] ** 2)
        inside = (_step((size - far) * side / 2) * (size > 0))[..., None]
        picture = (1 - inside) * picture + inside * t["disc_colour"][:, disc, None, None]
    return np.asarray(picture)


def _texture(t: Mapping[str, Reals], right: Reals, up: Reals) -> Reals:
    """Random waves of variance of about one (N, side, side)."""
    x = np.exp(1j * t["wave_x"][:, None, :] * right[:, :, None])
    y = np.exp(1j * (t["wave_y"][:, None, :] * up[:, :, None] + t["wave_phase"][:, None, :]))
    size = t["wave_size"] / np.sqrt((t["wave_size"] ** 2).sum(1, keepdims=True) / 2)
    # Not by matrix products: the order of their sums depends on the CPU.
    total = np.zeros((len(x), up.shape[1], right.shape[1]))
    for wave in range(WAVES):
        column = y[:, :, None, wave] * size[:, None, None, wave]
        row = x[:, None, :, wave]
        total += column.real * row.real - column.imag * row.imag
    return total


def _step(values: Reals) -> Reals:
    """From 0 to 1 within one unit around 0."""
    return np.clip(values + 0.5, 0, 1)


def obstruct(picture: Reals, t: Mapping[str, Reals]) -> Reals:
    """Put a pole or a branch, or a thing at the lower edge, before some of the people."""
    side = picture.shape[1]
    middle = (np.arange(side) + 0.5) / side * 2 - 1
    right, up = middle[None, None, :], -middle[None, :, None]
    kind, at = t["obstacle"][:, None, None], t["obstacle_at"][:, None, None]
    slope = t["obstacle_slope"][:, None, None]
    pole = _step((0.09 - np.abs(right - at - slope * up)) * side / 2)
    thing = _step((-0.55 + 0.25 * at - up + slope * right) * side / 2)
    corner = _step((0.7 - np.sqrt((right - 1.3 * np.sign(slope)) ** 2 + (up - at) ** 2)) * side / 2)
    cover = np.where(kind < 0.04, pole, np.where(kind < 0.07, thing, 0.0))
    cover = np.where((kind > 0.07) & (kind < 0.10), corner, cover)[..., None]
    return np.asarray((1 - cover) * picture + cover * t["obstacle_colour"][:, None, None])


def develop(
    picture: Reals, t: Mapping[str, Reals], random: np.random.Generator
) -> NDArray[np.uint8]:
    """What the camera makes of it: light and cast, blur, noise, coarse colour, bytes."""
    picture = picture * t["exposure"][:, None, None, None] * t["cast"][:, None, None]
    weight = t["blur"][:, None, None, None]
    for axis in (1, 2, 1, 2):
        ends = [(1, 1) if dimension == axis else (0, 0) for dimension in range(4)]
        padded = np.pad(picture, ends, mode="edge")
        before, after = (
            np.take(padded, np.arange(start, start + picture.shape[axis]), axis) for start in (0, 2)
        )
        picture = picture + weight * (before + after - 2 * picture)
    noise = random.normal(0, 1, picture.shape)
    picture = picture + t["noise"][:, None, None, None] * noise
    grey = picture.mean(3, keepdims=True)
    count, side = picture.shape[:2]
    blocks = (picture - grey).reshape(count, side // 2, 2, side // 2, 2, 3).mean((2, 4))
    # JPEG keeps colour at half the resolution.
    picture = grey + np.repeat(np.repeat(blocks, 2, 1), 2, 2)
    return np.asarray(np.clip(np.rint(picture * 255), 0, 255), np.uint8)
