"""Made-up recordings are what an accelerometer in a hand would give."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.datasets import motion
from tinybench.datasets.strokes import FIGURES

GESTURES = ("wing", "ring", "slope")


def recorded(what: list[str], seed: int = 5) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    people = motion.persons(random, 10)
    return motion.recordings(random, people, np.arange(len(what)) % 10, what).astype(np.float64)


def test_seed_decides_every_reading() -> None:
    first, second, other = (recorded(["wing", "scribble"] * 10, seed) for seed in (5, 5, 6))

    assert first.tobytes() == second.tobytes()
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", ["still", *GESTURES])
def test_gravity_is_in_every_recording(kind: str) -> None:
    """Most of the time the hand rests, and a resting sensor feels 1 g, however it is held."""
    strength = np.linalg.norm(recorded([kind] * 30), axis=-1)

    np.testing.assert_allclose(np.median(strength, axis=1), 1000, atol=100)


def test_device_at_rest_is_held_in_any_way_if_nothing_is_drawn() -> None:
    """Each axis is the one that feels gravity somewhere, upwards and downwards."""
    means = recorded(["still"] * 60).mean(axis=1)

    assert (means.max(axis=0) > 700).all()
    assert (means.min(axis=0) < -700).all()


def test_whole_gestures_begin_and_end_inside() -> None:
    """The first and the last readings are quiet; of a cut one, either moves."""

    def at_the_edges(what: str) -> NDArray[np.float64]:
        readings = recorded([what] * 200)
        edges = readings[:, [0, 1, -2, -1]] - np.median(readings, axis=1, keepdims=True)
        return np.asarray(np.linalg.norm(edges, axis=-1).max(axis=1))

    whole, cut = at_the_edges("wing"), at_the_edges("cut wing")
    assert np.median(whole) < 300 < np.quantile(cut, 0.75)


def test_readings_saturate_as_the_sensor_does() -> None:
    random = np.random.default_rng(1)
    people = motion.persons(random, 1)
    people.size[:] = 5.0
    readings = motion.recordings(random, people, np.zeros(20, np.int64), ["wing"] * 20)

    assert readings.dtype == np.int16
    assert {readings.max(), -readings.min()} == {motion.LIMIT_MILLI_G}


def test_negatives_are_none_of_the_gestures() -> None:
    """All kinds occur, in about their shares; a gesture only broken off or cut."""
    kinds = motion.negatives(np.random.default_rng(1), 2000, GESTURES)

    assert not set(kinds) & set(GESTURES)
    others = sum(kind in FIGURES for kind in kinds) / len(kinds)
    assert others == pytest.approx(motion.SHARES["other"], abs=0.05)
    for kind, share in motion.SHARES.items():
        if kind != "other":
            found = sum(name.startswith(kind) for name in kinds) / len(kinds)
            assert found == pytest.approx(share, abs=0.05)


def test_without_other_figures_negatives_are_scribbles() -> None:
    kinds = motion.negatives(np.random.default_rng(1), 200, list(FIGURES))

    assert not set(kinds) & set(FIGURES)
    assert kinds.count(motion.SCRIBBLE) > 60


def test_a_broken_off_gesture_is_shorter_than_a_whole_one() -> None:
    def movement(kind: str) -> float:
        readings = recorded([kind] * 100)
        return float(
            np.median(((readings - np.median(readings, axis=1, keepdims=True)) ** 2).sum((1, 2)))
        )

    for gesture in GESTURES:
        assert movement(f"partial {gesture}") < 0.8 * movement(gesture)
