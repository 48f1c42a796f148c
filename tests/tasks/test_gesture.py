"""The gesture task: its data, its net, and what a reading becomes on its way into a model."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.datasets import motion
from tinybench.datasets.traces import Trace
from tinybench.tasks import DataError, Dataset, gesture
from tinybench.tensorflow import load
from tinybench.tflite.quantize import quantize

(TASK,) = gesture.TASKS


class Recorder:
    """Passes recordings on, and keeps who made them."""

    def __init__(self) -> None:
        self.people: list[set[int]] = []
        self.real = motion.recordings

    def __call__(
        self,
        random: np.random.Generator,
        people: motion.Persons,
        who: NDArray[np.int64],
        what: list[str],
    ) -> NDArray[np.int16]:
        self.people.append(set(who.tolist()))
        return self.real(random, people, who, what)


@pytest.fixture(scope="module")
def built_in() -> Iterator[tuple[Dataset, list[set[int]]]]:
    """The task's own data, made once, and the people of each split."""
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(motion, "recordings", recorder)
        yield TASK.dataset(), recorder.people


@pytest.mark.slow
def test_built_in_data_are_these(built_in: tuple[Dataset, list[set[int]]]) -> None:
    """The generator is frozen: recipes were chosen, and the shipped splits made, with this set."""
    expected = "ec73d73409ae9afcee25a058ff296cb2934617aae84e3db1683ec5e313999f66"

    assert expected == built_in[0].sha256


@pytest.mark.slow
def test_splits_are_by_person(built_in: tuple[Dataset, list[set[int]]]) -> None:
    train, validation, test = built_in[1]

    assert (len(train), len(validation), len(test)) == (60, 12, 20)
    assert len(train | validation | test) == 92
    assert built_in[0].groups == "persons: 60 train, 12 validation, 20 test"


@pytest.mark.slow
def test_every_class_is_in_every_split(built_in: tuple[Dataset, list[set[int]]]) -> None:
    counts = {name: split.y.sum(axis=0).tolist() for name, split in built_in[0].splits().items()}

    assert counts == {
        "train": [2160, 2160, 2160, 3120],
        "validation": [168, 168, 168, 216],
        "test": [140, 140, 140, 180],
    }


@pytest.mark.slow
def test_calibration_has_every_class(built_in: tuple[Dataset, list[set[int]]]) -> None:
    """It is the first training samples, so they are mixed."""
    first = built_in[0].train.y[: TASK.calibration_samples]

    assert (first.sum(axis=0) > 50).all()


@pytest.mark.slow
def test_inputs_are_whole_milli_g(built_in: tuple[Dataset, list[set[int]]]) -> None:
    """They can be stored as integers and come back bit for bit."""
    x = built_in[0].test.x
    codes = gesture.MILLI_G.codes(x)

    assert codes.dtype == np.int16
    assert np.array_equal(gesture.MILLI_G.values(codes), x)
    assert np.abs(codes).max() == motion.LIMIT_MILLI_G


def test_a_reading_has_one_value_however_it_is_computed() -> None:
    """Multiplied in float32 as C does, divided, or from float64: the same bits, so one code."""
    readings = np.arange(-32768, 32768)
    value = gesture.MILLI_G.values(readings.astype(np.int16))

    assert np.array_equal(value, readings.astype(np.float32) / np.float32(1024))
    assert np.array_equal(value, (readings * 2.0**-10).astype(np.float32))
    for scale in (0.0313725508749485, 0.03129411, 0.0078125):
        # Rounded half away from zero, in integers as far as they go.
        exact = np.float64(readings) / 1024
        steps = (exact.astype(np.float32) / np.float32(scale)).astype(np.float64)
        expected = np.clip(np.trunc(steps + np.copysign(0.5, steps)) - 5, -128, 127)
        assert np.array_equal(quantize(value, scale, -5, np.int8)[0], expected)


def test_net_is_magic_wands() -> None:
    """4,300 parameters, and 62,016 multiplications with those of the padding counted."""
    model = TASK.build(load().keras)
    macs = 0
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "Conv2D":
            macs += int(np.prod(layer.output_shape[1:3])) * int(np.prod(layer.kernel.shape))
        elif kind == "Dense":
            macs += int(np.prod(layer.kernel.shape))

    assert model.input_shape == (None, 128, 3, 1)
    assert model.output_shape == (None, 4)
    assert macs == 62_016
    assert sum(int(np.prod(weight.shape)) for weight in model.weights) == 4_300


@pytest.mark.parametrize(("count", "expected"), [(1, 1), (6, 6)])
def test_short_traces_are_padded_with_noise(count: int, expected: int) -> None:
    """Around the first and the last reading, at most 10 milli-g; the readings are kept."""
    readings = np.array([[0, 0, 1000]] * 3 + [[500, 0, 900]] * 4, np.int16)
    placed = gesture.placements(Trace("wing", "anna", "wing/a/0", readings), 1, count)

    assert len(placed) == expected
    places = []
    for padded in placed:
        place = next(i for i in range(122) if np.array_equal(padded[i : i + 7], readings))
        places.append(place)
        assert (np.abs(padded[:place] - readings[0]) <= 10).all()
        assert (np.abs(padded[place + 7 :] - readings[-1]) <= 10).all()
    if count > 1:
        assert places[:2] == [121, 0]
    else:
        assert places[0] in (0, 121)


def test_padding_depends_on_the_trace_and_the_seed() -> None:
    readings = np.zeros((5, 3), np.int16)

    def made(key: str, seed: int) -> bytes:
        return np.stack(gesture.placements(Trace("wing", "a", key, readings), seed, 3)).tobytes()

    assert made("wing/a/0", 1) == made("wing/a/0", 1)
    assert len({made("wing/a/0", 1), made("wing/a/1", 1), made("wing/a/0", 2)}) == 3


def test_full_traces_are_taken_as_they_are_and_moved_in_training() -> None:
    """Every trace is trained with as often, so that no class counts more for its length."""
    readings = np.arange(384, dtype=np.int16).reshape(128, 3)
    trace = Trace("wing", "anna", "wing/a/0", readings)
    (only,) = gesture.placements(trace, 1, 1)
    first, *moved = gesture.placements(trace, 1, 6)

    assert np.array_equal(only, readings)
    assert np.array_equal(first, readings)
    assert len(moved) == 5
    for padded in moved:
        # The middle is whole; its place tells the shift.
        shift = 64 - int(np.flatnonzero((padded == readings[64]).all(axis=1))[0])
        assert abs(shift) <= gesture.SHIFT
        inside = slice(max(0, -shift), 128 - max(0, shift))
        assert np.array_equal(padded[inside], readings[max(0, shift) : 128 + min(0, shift)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five people with two traces of two gestures each, and long negative recordings."""
    random = np.random.default_rng(3)

    def lines(count: int) -> str:
        readings = random.integers(-50, 50, (count, 3)) + np.array([0, 0, 1000])
        return "".join(f"{x}.00,{y}.00,{z}.00\n" for x, y, z in readings)

    for label in ("kreis", "häkchen"):
        (tmp_path / label).mkdir()
        for person in ("anna", "bo", "eve", "jörg", "王"):
            text = f" -,-,-\n{lines(60)}\n\n -,-,-\n{lines(140)}"
            (tmp_path / label / f"output_{label}_{person}.txt").write_text(text, "utf-8")
    (tmp_path / "negative").mkdir()
    for number in range(3):
        (tmp_path / "negative" / f"{number}.csv").write_text(lines(300))
    return tmp_path


PEOPLE = {"train": 4, "validation": 2, "test": 2}


def test_a_folder_of_ones_own(folder: Path) -> None:
    """Its own classes, split by person, the same every time."""
    task = gesture.elsewhere(folder, ())
    data = task.dataset()

    assert task.labels == ("häkchen", "kreis", "negative")
    people = dict(part.split()[::-1] for part in data.groups.split(": ")[1].split(", "))
    assert {name: int(count) for name, count in people.items()} == PEOPLE
    for name, split in data.splits().items():
        assert split.x.shape[1:] == (128, 3, 1)
        # Each person has two traces of each gesture, and training places each six times.
        each = 12 if name == "train" else 2
        gestures = split.y.sum(axis=0)[:2]
        assert (gestures == gestures[0]).all()
        assert gestures[0] % each == 0
    assert data.sha256 == task.dataset().sha256
    assert task.build(load().keras).output_shape == (None, 3)
    assert not task.bounds
    assert task.shipped is None


def test_wanted_classes_of_a_folder(folder: Path) -> None:
    assert gesture.elsewhere(folder, ("kreis",)).labels == ("kreis", "negative")
    with pytest.raises(DataError, match="did you mean 'kreis'"):
        gesture.elsewhere(folder, ("kries",))


def test_one_person_is_not_enough(folder: Path) -> None:
    for path in folder.glob("*/*"):
        if "anna" not in path.name:
            path.unlink()
    task = gesture.elsewhere(folder, ("kreis", "häkchen"))

    with pytest.raises(DataError, match="negative has no traces"):
        task.dataset()
    (folder / "negative").rmdir()
    task = gesture.elsewhere(folder, ("kreis", "häkchen"))
    with pytest.raises(DataError, match=r"samples of 1 persons \(anna\).*at least 3"):
        task.dataset()


def test_other_made_up_figures() -> None:
    """Those that are drawn are no negatives."""
    task = gesture.elsewhere(None, ("V", "8", "negative"))

    assert task.labels == ("V", "8", "negative")
    with pytest.raises(DataError, match=r"unknown gesture 'rings' \(did you mean 'ring'\?\)"):
        gesture.elsewhere(None, ("rings",))
    with pytest.raises(DataError, match="name one or more gestures: wing, ring"):
        gesture.elsewhere(None, ("negative",))
