"""Rendered pictures: the same everywhere, in pairs, and of what they are said to show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets import scenes, solids
from tinybench.datasets.solids import Canvas, Frame, Hits, Light, Surface
from tinybench.storage import hashing


def render(seed: int = 1, count: int = 20, poses: int = 2) -> NDArray[np.uint8]:
    return scenes.render(np.random.default_rng(seed), count, poses)[0]


def canvas(side: int = 40) -> Canvas:
    """One picture in light from all around only."""
    return Canvas(1, side, Light(np.array([[0.0, 0.0, 1.0]]), np.zeros(1), np.ones(1)))


def frame(yaw: float = 0.0, scale: float = 1.0) -> Frame:
    angle, zero = np.array([yaw]), np.zeros(1)
    return Frame(solids.rotations(angle, zero, zero), np.zeros((1, 2)), np.array([scale]))


def white(hits: Hits) -> Surface:
    return Surface(np.ones((len(hits.picture), 3)))


def red(hits: Hits) -> Surface:
    return Surface(np.tile([1.0, 0.0, 0.0], (len(hits.picture), 1)))


def row(*values: float) -> NDArray[np.float64]:
    return np.array([values])


def test_pixels_are_the_same_on_every_machine() -> None:
    """A machine that finds another hash has other data, and checkpoints that do not fit them."""
    assert hashing.of_arrays({"x": render()}) == (
        "c745d00a4bb94af0dc840fd8df7dfe8e7f0c284f28c5ed5acfb647eb9ebf40a7"
    )


def test_seeds_give_other_people() -> None:
    assert np.mean(render(1) != render(2)) > 0.9


def test_half_of_a_scenes_pictures_show_the_helmet() -> None:
    pictures, helmets = scenes.render(np.random.default_rng(1), 3, 4)

    assert pictures.shape == (12, scenes.SIDE, scenes.SIDE, 3)
    assert helmets.tolist() == [0, 1, 0, 1] * 3


def test_pictures_of_a_scene_are_alike() -> None:
    """The same place and light: they differ less than pictures of two scenes do."""
    pictures = render(count=60).reshape(60, 2, -1).astype(np.float64)

    within = np.abs(pictures[:, 0] - pictures[:, 1]).mean()
    between = np.abs(pictures[:-1, 0] - pictures[1:, 1]).mean()
    assert within < 0.8 * between


def test_the_classes_have_the_same_brightness_and_contrast() -> None:
    """Mean and spread of a picture's pixels alone do not tell the classes apart."""
    pictures = render(count=150).reshape(150, 2, -1).astype(np.float64)

    assert abs(np.diff(pictures.mean((0, 2)))[0]) < 8
    assert abs(np.diff(pictures.std(2).mean(0))[0]) < 8


def test_a_sphere_covers_its_disc() -> None:
    scene = canvas(100)
    scene.ellipsoid(frame(), row(0, 0, 0), row(0.5, 0.5, 0.5), white)

    covered = scene.over(np.zeros((1, 100, 100, 3)))[0, :, :, 0]
    np.testing.assert_allclose(covered.mean(), np.pi * 0.5**2 / 4, rtol=0.01)


def test_a_quarter_turn_shows_the_depth() -> None:
    """Turned by 90 degrees, what was deep is wide, and the face looks to the picture's right."""
    solid, place = row(0.2, 0.3, 0.6), row(0, 0, 0.3)
    widths, middles = [], []
    for yaw in (0.0, np.pi / 2):
        scene = canvas(100)
        scene.ellipsoid(frame(yaw), place, solid, white)
        covered = scene.over(np.zeros((1, 100, 100, 3)))[0, 49, :, 0]
        widths.append(covered.sum() / 50)
        middles.append(float(np.flatnonzero(covered).mean() - 49.5) / 50)

    np.testing.assert_allclose(widths, [0.4, 1.2], atol=0.03)
    np.testing.assert_allclose(middles, [0.0, 0.3], atol=0.03)


def test_the_nearer_solid_hides_the_other_in_either_order() -> None:
    near, far = (row(0, 0, 1), red), (row(0, 0, -1), white)
    seen = []
    for order in ((near, far), (far, near)):
        scene = canvas()
        for place, paint in order:
            scene.ellipsoid(frame(scale=0.5), place, row(0.5, 0.5, 0.5), paint)
        seen.append(scene.over(np.zeros((1, 40, 40, 3)))[0, 20, 20].tolist())

    assert seen == [[1, 0, 0], [1, 0, 0]]


def test_a_shell_shows_its_inside_through_a_hole() -> None:
    """The far wall, in the dark; a solid's far wall is not drawn."""

    def holed(hits: Hits) -> Surface:
        return Surface(np.ones((len(hits.picture), 3)), there=hits.z < 0)

    seen = []
    for shell in (False, True):
        scene = canvas()
        scene.ellipsoid(frame(), row(0, 0, 0), row(0.5, 0.5, 0.5), holed, shell=shell)
        seen.append(float(scene.over(np.zeros((1, 40, 40, 3)))[0, 20, 20, 0]))

    np.testing.assert_allclose(seen, [0, 0.35])


def test_a_solid_of_no_size_is_not_drawn() -> None:
    scene = canvas()
    scene.ellipsoid(frame(), row(0, 0, 0), row(0, 0, 0), white)

    assert not scene.over(np.zeros((1, 40, 40, 3))).any()


def test_mirrored_poses_mirror_the_solid() -> None:
    found = []
    for yaw in (0.7, -0.7):
        scene = canvas()
        scene.ellipsoid(frame(yaw), row(0, 0.1, 0.4), row(0.2, 0.3, 0.5), white)
        found.append(scene.over(np.zeros((1, 40, 40, 3))))

    np.testing.assert_array_equal(found[0], found[1][:, :, ::-1])
