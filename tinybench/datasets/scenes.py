"""Rendered pictures of heads with and without a helmet: people, headgear, places and light.

A scene is one person with one helmet, one hat, one place and one light; it is rendered in several
poses. Hats, caps, hoods and scarves are there so that a thing on the head is no proof of a helmet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import backdrops, solids
from tinybench.datasets.solids import Canvas, Frame, Hits, Light, Paint, Reals, Surface

SIDE = 48
CHUNK = 16
"""Pictures rendered at once: their rays fit the processor's cache."""

Traits: TypeAlias = Mapping[str, NDArray[np.float64]]
"""What is drawn, a row a picture."""

SKIN = np.array([
    [0.96, 0.80, 0.69], [0.90, 0.70, 0.56], [0.80, 0.58, 0.43],
    [0.63, 0.43, 0.30], [0.47, 0.31, 0.21], [0.30, 0.19, 0.13],
])  # fmt: skip
HAIR = np.array([
    [0.06, 0.05, 0.05], [0.17, 0.10, 0.06], [0.32, 0.19, 0.10], [0.50, 0.33, 0.16],
    [0.78, 0.61, 0.33], [0.55, 0.22, 0.10], [0.62, 0.61, 0.60], [0.88, 0.87, 0.84],
])  # fmt: skip

# Head radii are about 1. A shell covers what is above the plane y = height + slope z, except the
# face opening in front of `front`, between `bottom` and `top`; a brim is a second, flat ellipsoid.
FIELDS = (
    "rx", "ry", "rz", "cy", "cz", "slope", "height", "front", "top", "bottom",
    "brim_x", "brim_y", "brim_z", "brim_up", "brim_out",
    "gloss", "vents", "knit", "stripe", "strap", "visor", "rim",
)  # fmt: skip
HELMETS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "road": {
        "rx": (0.95, 1.05), "ry": (0.9, 1.02), "rz": (1.14, 1.3), "cy": (0.24, 0.32),
        "cz": (-0.14, -0.06), "slope": (0.05, 0.28), "height": (0.18, 0.32),
        "gloss": (0.1, 0.7), "vents": (0.3, 0.8), "stripe": (0, 0.7), "strap": (0.55, 1.5),
        "rim": (0.3, 1.0),
    },
    "urban": {
        "rx": (0.97, 1.07), "ry": (0.92, 1.04), "rz": (1.06, 1.18), "cy": (0.18, 0.26),
        "cz": (-0.12, -0.04), "slope": (0.05, 0.38), "height": (0.08, 0.28),
        "gloss": (0.2, 0.9), "vents": (0.1, 0.7), "stripe": (0, 0.6), "strap": (0.5, 1.5),
        "rim": (0.3, 1.0),
    },
    "site": {
        "rx": (0.94, 1.02), "ry": (0.88, 1.0), "rz": (1.04, 1.14), "cy": (0.28, 0.34),
        "cz": (-0.08, -0.02), "slope": (0, 0.1), "height": (0.30, 0.38),
        "brim_x": (1.04, 1.16), "brim_y": (0.07, 0.11), "brim_z": (1.15, 1.3),
        "brim_up": (0.32, 0.38), "brim_out": (0.05, 0.25),
        "gloss": (0.3, 0.9), "strap": (0.4, 1.4), "rim": (0.0, 0.9),
    },
    "jet": {
        "rx": (1.02, 1.14), "ry": (1.04, 1.14), "rz": (1.08, 1.2), "cy": (0.06, 0.14),
        "cz": (-0.12, -0.04), "slope": (0.1, 0.35), "height": (-0.7, -0.4),
        "front": (0.25, 0.45), "top": (0.36, 0.52), "bottom": (-9, -9),
        "gloss": (0.3, 1.0), "stripe": (0, 0.6), "strap": (0.5, 1.5), "visor": (-0.6, 0.6),
        "rim": (0.2, 1.0),
    },
    "full": {
        "rx": (1.0, 1.12), "ry": (1.12, 1.22), "rz": (1.12, 1.26), "cy": (-0.06, 0.02),
        "cz": (-0.06, 0.04), "slope": (0, 0.1), "height": (-1.0, -0.85),
        "front": (0.3, 0.45), "top": (0.32, 0.46), "bottom": (-0.45, -0.28),
        "gloss": (0.3, 1.0), "stripe": (0, 0.7), "visor": (-0.4, 1.0),
    },
}  # fmt: skip
HATS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "cap": {
        "rx": (0.8, 0.87), "ry": (0.82, 0.92), "rz": (0.95, 1.02), "cy": (0.20, 0.28),
        "cz": (-0.08, -0.02), "slope": (0, 0.2), "height": (0.22, 0.38),
        "brim_x": (0.50, 0.66), "brim_y": (0.05, 0.09), "brim_z": (0.62, 0.85),
        "brim_up": (0.30, 0.40), "brim_out": (0.85, 0.98),
        "gloss": (0, 0.15), "stripe": (0, 0.6),
    },
    "backward": {
        "rx": (0.8, 0.87), "ry": (0.82, 0.92), "rz": (0.95, 1.02), "cy": (0.20, 0.28),
        "cz": (-0.08, -0.02), "slope": (0, 0.2), "height": (0.22, 0.38),
        "brim_x": (0.50, 0.66), "brim_y": (0.05, 0.09), "brim_z": (0.50, 0.70),
        "brim_up": (0.20, 0.32), "brim_out": (-1.05, -0.9), "gloss": (0, 0.15),
    },
    "beanie": {
        "rx": (0.81, 0.92), "ry": (0.86, 1.06), "rz": (0.95, 1.05), "cy": (0.20, 0.28),
        "cz": (-0.12, -0.02), "slope": (0.15, 0.45), "height": (0.02, 0.28),
        "gloss": (0, 0.05), "knit": (0.3, 1.2), "stripe": (0, 0.9),
    },
    "brimmed": {
        "rx": (0.8, 0.9), "ry": (0.78, 1.0), "rz": (0.94, 1.03), "cy": (0.28, 0.36),
        "cz": (-0.05, 0.0), "slope": (0, 0.05), "height": (0.24, 0.36),
        "brim_x": (1.25, 1.75), "brim_y": (0.06, 0.12), "brim_z": (1.35, 1.85),
        "brim_up": (0.26, 0.34), "brim_out": (-0.05, 0.08),
        "gloss": (0, 0.1), "stripe": (0, 0.6), "strap": (-0.6, 0.6),
    },
    "hood": {
        "rx": (0.98, 1.12), "ry": (1.10, 1.26), "rz": (1.0, 1.14), "cy": (-0.12, -0.02),
        "cz": (-0.16, -0.06), "height": (-2, -2), "front": (0.2, 0.5), "top": (0.5, 0.75),
        "bottom": (-9, -9), "gloss": (0, 0.1),
    },
    "scarf": {
        "rx": (0.86, 0.95), "ry": (1.06, 1.16), "rz": (0.96, 1.08), "cy": (-0.10, -0.04),
        "cz": (-0.1, -0.04), "height": (-2, -2), "front": (0.35, 0.6), "top": (0.42, 0.58),
        "bottom": (-0.95, -0.8), "gloss": (0, 0.2), "knit": (0, 0.4), "stripe": (0, 0.9),
    },
}  # fmt: skip
HELMET_SHARES = (0.28, 0.30, 0.14, 0.17, 0.11)
HAT_SHARES = (0.25, 0.10, 0.25, 0.14, 0.14, 0.12)
NO_OPENING = 9.0


def render(
    random: np.random.Generator, scenes: int, poses: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pictures (scenes · poses, 48, 48, 3) and whether each shows a helmet, scene after scene."""
    traits = _traits(random, scenes, poses)
    count = scenes * poses
    pictures = np.empty((count, SIDE, SIDE, 3), np.uint8)
    for start in range(0, count, CHUNK):
        chunk = {name: values[start : start + CHUNK] for name, values in traits.items()}
        pictures[start : start + CHUNK] = _picture(chunk, random)
    return pictures, traits["helmet"].astype(np.int64)


def _traits(random: np.random.Generator, scenes: int, poses: int) -> Traits:
    """Draw what all pictures show."""
    count = scenes * poses

    def kept(values: Reals) -> Reals:
        return np.repeat(values, poses, axis=0)

    def scene(low: float, high: float) -> Reals:
        return kept(random.uniform(low, high, scenes))

    def pose(low: float, high: float) -> Reals:
        return random.uniform(low, high, count)

    helmet = np.tile(np.arange(poses) % 2, scenes).astype(np.float64)
    hatless = pose(0, 1) < 0.75
    gear = kept(_gear(random, HELMETS, HELMET_SHARES, scenes))
    hat = kept(_gear(random, HATS, HAT_SHARES, scenes))
    worn = np.where(helmet[:, None] > 0, gear, hat)
    worn[(helmet == 0) & hatless] = 0
    cloth, hat_colours, hat_second = (_colours(random, scenes, 0.15) for _ in range(3))
    colours, second = (_colours(random, scenes, 0.85) for _ in range(2))
    is_hood = hat[:, FIELDS.index("height")] < -1.5
    cloth = kept(cloth)
    hat_colours = np.where((is_hood & (scene(0, 1) < 0.7))[:, None], cloth, kept(hat_colours))
    skin = SKIN[random.integers(len(SKIN), size=scenes)] * random.uniform(0.9, 1.08, (scenes, 1))
    hair = HAIR[random.integers(len(HAIR), size=scenes)] * random.uniform(0.8, 1.2, (scenes, 1))
    sideways = np.where(pose(0, 1) < 0.5, pose(-35, 35), pose(-75, 75))
    return {
        **dict(zip(FIELDS, worn.T, strict=True)),
        "helmet": helmet,
        "cloth": cloth,
        "shell": np.where(helmet[:, None] > 0, kept(colours), hat_colours),
        "second": np.where(helmet[:, None] > 0, kept(second), kept(hat_second)),
        "pattern": scene(0, 6.3),
        "strap_colour": kept(random.uniform(0.03, 0.25, scenes)),
        "skin": np.clip(kept(skin), 0, 1),
        "hair": np.clip(kept(hair), 0, 1),
        # Bald, short, long, round.
        "style": kept(random.choice(4, scenes, p=(0.08, 0.57, 0.25, 0.1)).astype(np.float64)),
        "beard": scene(0, 1),
        "glasses": scene(0, 1),
        "eyes": scene(0.05, 0.3),
        "yaw": np.deg2rad(sideways),
        "pitch": np.deg2rad(random.normal(4, 8, count)),
        "roll": np.deg2rad(random.normal(0, 7, count)),
        "scale": pose(0.50, 0.62),
        "right": pose(-0.1, 0.1),
        "up": pose(-0.14, 0.06),
        "sun": scene(-1.3, 1.3),
        "height_of_sun": scene(0.1, 1.3),
        "direct": scene(0.05, 0.7),
        "exposure": scene(0.8, 1.1),
        "cast": kept(random.uniform(0.9, 1.08, (scenes, 3))),
        "blur": np.clip(scene(-0.1, 0.08) + pose(-0.03, 0.05), 0, 0.25),
        "noise": scene(0.005, 0.02),
        **backdrops.traits(random, scenes, poses),
    }


def _gear(
    random: np.random.Generator,
    kinds: Mapping[str, Mapping[str, tuple[float, float]]],
    shares: tuple[float, ...],
    scenes: int,
) -> Reals:
    """One thing to wear a scene: rows (scenes, fields)."""
    absent = {"front": (NO_OPENING, NO_OPENING), "top": (NO_OPENING, NO_OPENING)}
    table = np.array([
        [{**absent, **kind}.get(field, (0.0, 0.0)) for field in FIELDS] for kind in kinds.values()
    ])  # fmt: skip
    low, high = np.moveaxis(table[random.choice(len(table), scenes, p=shares)], 2, 0)
    return np.asarray(low + (high - low) * random.uniform(size=low.shape))


def _colours(random: np.random.Generator, scenes: int, vivid_share: float) -> Reals:
    """Colours (scenes, 3): a share of them vivid, the others white, grey, black or pale."""
    hue, value = random.uniform(0, 6, scenes), random.uniform(0.12, 0.95, scenes)
    vivid = np.where(random.uniform(size=scenes) < vivid_share, 1.0, 0.2)
    saturation = vivid * random.uniform(0.5, 1.0, scenes)
    # The usual hexcone: each channel is a trapezium over the hue.
    wheel = np.abs((hue[:, None] + np.array([3.0, 1.0, 5.0])) % 6 - 3) - 1
    chroma = np.clip(wheel, 0, 1)
    return np.asarray(value[:, None] * (1 - saturation[:, None] * (1 - chroma)))


def _picture(t: Traits, random: np.random.Generator) -> NDArray[np.uint8]:
    """Render one chunk of pictures."""
    level, around = np.cos(t["height_of_sun"]), np.sin(t["height_of_sun"])
    direction = np.stack([level * np.sin(t["sun"]), around, level * np.cos(t["sun"])], -1)
    light = Light(direction, t["direct"], 1 - 0.75 * t["direct"])
    canvas = Canvas(len(t["yaw"]), SIDE, light)
    _draw_person(canvas, t)
    picture = canvas.over(backdrops.draw(t, SIDE))
    picture = backdrops.obstruct(picture, t)
    return backdrops.develop(picture, t, random)


def _draw_person(canvas: Canvas, t: Traits) -> None:
    zero = np.zeros_like(t["yaw"])
    origin = np.stack([t["right"], t["up"]], -1)
    head = Frame(solids.rotations(t["yaw"], t["pitch"], t["roll"]), origin, t["scale"])
    body = Frame(solids.rotations(t["yaw"] * 0.6, zero, zero), origin, t["scale"])
    face, worn = _face(t), t["rx"] > 0

    def fixed(*values: float) -> Reals:
        return np.tile(np.array(values), (len(zero), 1))

    def plain(name: str) -> Paint:
        return lambda hits: Surface(t[name][hits.picture])

    canvas.ellipsoid(body, fixed(0, -2.35, -0.15), fixed(1.75, 1.1, 0.8), plain("cloth"))
    canvas.ellipsoid(body, fixed(0, -1.1, -0.12), fixed(0.42, 0.7, 0.42), plain("skin"))
    canvas.ellipsoid(head, fixed(0, 0.18, -0.05), fixed(0.76, 0.82, 0.92), face)
    canvas.ellipsoid(head, fixed(0, -0.32, 0.14), fixed(0.6, 0.72, 0.66), face)
    canvas.ellipsoid(head, fixed(0, -0.22, 0.82), fixed(0.12, 0.2, 0.18), plain("skin"))
    for side in (-1, 1):
        canvas.ellipsoid(
            head, fixed(0.75 * side, -0.12, -0.05), fixed(0.09, 0.22, 0.15), plain("skin")
        )
    style = t["style"]
    long = np.where((style == 2)[:, None], fixed(0.84, 1.15, 0.6), 0)
    canvas.ellipsoid(head, fixed(0, -0.45, -0.38), long, plain("hair"))
    # A hat presses the hair flat.
    volume = np.where(worn, 1.02, np.where(style == 3, 1.3, 1.09))[:, None]
    hair = np.where((style > 0)[:, None], fixed(0.76, 0.82, 0.92) * volume, 0)
    canvas.ellipsoid(head, fixed(0, 0.18, -0.05), hair, _hair(t))
    shell = np.stack([t["rx"], t["ry"], t["rz"]], -1)
    canvas.ellipsoid(head, np.stack([zero, t["cy"], t["cz"]], -1), shell, _shell(t), shell=True)
    brim = np.stack([t["brim_x"], t["brim_y"], t["brim_z"]], -1)
    at = np.stack([zero, t["brim_up"], t["brim_out"]], -1)
    canvas.ellipsoid(head, at, brim, lambda hits: Surface(
        t["shell"][hits.picture] * 0.92, t["gloss"][hits.picture]
    ))  # fmt: skip


def _face(t: Traits) -> Paint:
    """Skin with eyes, brows, mouth, beard, glasses and a helmet's straps."""

    def paint(hits: Hits) -> Surface:
        i, x, y, front = hits.picture, np.abs(hits.x), hits.y, hits.z > 0
        colour = t["skin"][i]

        def put(where: NDArray[np.bool_], what: Reals) -> None:
            colour[where] = what[where] if what.ndim == 2 else what[where, None]

        hair = t["hair"][i]
        bearded = (t["beard"][i] < 0.25) & (y < -0.42) & (hits.z > -0.1)
        put(bearded & ~((x < 0.2) & (np.abs(y + 0.6) < 0.06)), hair)
        put(front & (x < 0.24) & (np.abs(y + 0.6) < 0.05), colour * np.array([0.75, 0.5, 0.5]))
        eye = (x - 0.28) ** 2 / 0.0144 + (y - 0.02) ** 2 / 0.0049
        put(front & (eye < 1), np.full(len(i), 0.92))
        put(front & ((x - 0.28) ** 2 + (y - 0.02) ** 2 < 0.0036), t["eyes"][i])
        put(front & (np.abs(x - 0.28) < 0.16) & (np.abs(y - 0.19) < 0.035), hair * 0.8)
        glasses = t["glasses"][i]
        lens = ((x - 0.3) / 0.23) ** 2 + (y / 0.19) ** 2
        put(front & (glasses < 0.15) & (lens < 1), np.full(len(i), 0.05))
        put(front & (glasses < 0.3) & (np.abs(lens - 1) < 0.25), np.full(len(i), 0.1))
        put((glasses < 0.3) & (hits.z > -0.1) & (x > 0.5) & (np.abs(y - 0.04) < 0.04),
            np.full(len(i), 0.1))  # fmt: skip
        # From the temples, before and behind the ear, to the chin.
        fore = np.abs(hits.z - 0.12 + 0.25 * y) < 0.07
        rear = (np.abs(hits.z + 0.3 - 0.9 * (0.2 - y)) < 0.06) & (y > -0.35)
        put((t["strap"][i] > 0.5) & (y < 0.35) & (fore | rear), t["strap_colour"][i])
        return Surface(colour)

    return paint


def _hair(t: Traits) -> Paint:
    def paint(hits: Hits) -> Surface:
        i = hits.picture
        strands = 1 + 0.15 * np.cos(11 * hits.x + 5 * hits.z + t["pattern"][i])
        line = 0.02 + 0.62 * hits.z + 0.1 * np.cos(6 * hits.x + t["pattern"][i])
        return Surface(t["hair"][i] * strands[:, None], 0.08, hits.y > line)

    return paint


def _shell(t: Traits) -> Paint:
    """What is worn: its opening, vents, knitting, stripe, visor and lining."""

    def paint(hits: Hits) -> Surface:
        i, x, y, z = hits.picture, hits.x, hits.y, hits.z
        opening = (z > t["front"][i] + 0.15 * np.abs(y)) & (y < t["top"][i]) & (y > t["bottom"][i])
        covered = y > t["height"][i] + t["slope"][i] * z
        visor = opening & covered & (t["visor"][i] > 0) & (t["bottom"][i] < 0)
        phase = t["pattern"][i]
        colour = t["shell"][i]
        band = t["stripe"][i] > 0.45
        along = np.where(phase > 3, np.cos(4.5 * x), np.cos(6 * (y - 0.3) + phase))
        colour = np.where((band & (along > 0.75))[:, None], t["second"][i], colour)
        ribs = 1 + 0.22 * t["knit"][i] * np.cos(16 * np.arctan2(x, z)) * np.cos(14 * y)
        slots = (np.cos((8 + phase) * x) > 0.35) & (np.cos(5 * z + phase) > -0.55)
        holes = slots & (t["vents"][i] > 0.2) & (y > t["height"][i] + t["slope"][i] * z + 0.22)
        dark = np.where(holes, 1 - np.clip(t["vents"][i] + 0.3, 0, 0.9), 1.0)
        colour = colour * (ribs * dark)[:, None]
        # The foam under a helmet's shell.
        foam = (y < t["height"][i] + t["slope"][i] * z + 0.1) & (t["rim"][i] > 0.25)
        colour = np.where(foam[:, None], 0.1, colour)
        colour = np.where(visor[:, None], 0.08, colour)
        gloss = np.where(visor, 0.9, t["gloss"][i] * dark)
        return Surface(colour, gloss, (covered & ~opening) | visor)

    return paint
