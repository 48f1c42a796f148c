"""Magic-wand gestures: a wing (W), a ring (O), a slope (L) or none, from an accelerometer.

One input is 128 readings of three axes at 25 Hz, (128, 3, 1). A reading is a whole number of
milli-g; its value is reading · 2⁻¹⁰, which is exact in float32, so that device and host quantize
the same numbers. The net is the one of TensorFlow Lite Micro's magic_wand example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tinybench.console import progress
from tinybench.datasets import grouping, motion, traces
from tinybench.datasets.data import OURS, Dataset, LabelsError, Split
from tinybench.datasets.evaluation import Grid
from tinybench.datasets.strokes import FIGURES
from tinybench.registry import UnknownNameError
from tinybench.storage import hashing
from tinybench.tasks.task import Recipe, Task
from tinybench.tensorflow import Keras, KerasModel

RECIPE = Recipe(
    epochs=80,
    batch_size=64,
    learning_rate=2e-3,
    loss="CategoricalCrossentropy",
    metric="categorical_accuracy",
    fine_tune_epochs=20,
    fine_tune_learning_rate=1e-4,
    patience=15,
)
GESTURES = ("wing", "ring", "slope")
MILLI_G = Grid("int16", 2.0**-10)
"""How a reading in milli-g becomes an input."""

PERSONS = {"train": 60, "validation": 12, "test": 20}
SAMPLES = {"train": (36, 52), "validation": (14, 18), "test": (7, 9)}
"""Of each person in each split: of every gesture, and of none."""


def drawn_in_the_air(seed: int, gestures: Sequence[str] = GESTURES) -> Dataset:
    """Made-up people who draw figures (names in `strokes.FIGURES`) or do something else."""
    random = np.random.default_rng(seed)
    people = motion.persons(random, sum(PERSONS.values()))
    labels = (*gestures, motion.NEGATIVE)
    splits: dict[str, Split] = {}
    first = 0
    for name, count in PERSONS.items():
        each, others = SAMPLES[name]
        of_one = np.repeat(np.arange(len(labels)), (*[each] * len(gestures), others))
        # Mixed, because the first training samples calibrate.
        order = random.permutation(count * len(of_one))
        who = np.repeat(np.arange(first, first + count), len(of_one))[order]
        classes = np.tile(of_one, count)[order]
        negatives = iter(motion.negatives(random, count * others, gestures))
        what = [gestures[c] if c < len(gestures) else next(negatives) for c in classes]
        splits[name] = split(motion.recordings(random, people, who, what), classes, len(labels))
        first += count
    return Dataset(
        splits["train"],
        splits["validation"],
        splits["test"],
        source=f"figures drawn in the air by made-up people, generated with seed {seed}",
        licence=OURS,
        groups="persons: " + ", ".join(f"{count} {name}" for name, count in PERSONS.items()),
    )


def recorded(seed: int, folder: Path, labels: Sequence[str]) -> Dataset:
    """A folder's traces of these classes; see `tinybench.datasets.traces` for its layout.

    Short traces are padded with noise around their first and last readings, as the magic_wand
    example does, in training at several places. Raises DataError for a folder that cannot be used.
    """
    found = list(traces.read(folder, labels, progress.bar(f"read {folder.name}", "file")))
    have: dict[str, set[str]] = {}
    for trace in found:
        have.setdefault(trace.person, set()).add(trace.label)
    splits = grouping.assign(have)
    made: dict[str, Split] = {}
    for name in PERSONS:
        readings: list[NDArray[np.int16]] = []
        classes: list[int] = []
        for trace in found:
            if splits[trace.person] == name:
                placed = placements(trace, seed, PLACES if name == "train" else 1)
                readings += placed
                classes += [labels.index(trace.label)] * len(placed)
        order = np.random.default_rng(seed).permutation(len(classes))
        made[name] = split(np.stack(readings)[order], np.array(classes)[order], len(labels))
    counts = {name: sum(where == name for where in splits.values()) for name in PERSONS}
    return Dataset(
        made["train"],
        made["validation"],
        made["test"],
        source=f"accelerometer traces in {folder.name}",
        licence="that of the recordings",
        groups="persons: " + ", ".join(f"{count} {name}" for name, count in counts.items()),
    )


PLACES = 6
"""How often a trace is in the training split, each time at another place."""
SHIFT = 16
"""Readings that a long trace is moved by there, at most; what leaves the input is lost."""
PADDING_MILLI_G = 10


def placements(trace: traces.Trace, seed: int, count: int) -> list[NDArray[np.int16]]:
    """That many inputs (128, 3) in milli-g with a trace at the end, the beginning, and elsewhere.

    A single one is at either end. The trace's key and the seed decide.
    """
    length = len(trace.readings)
    room = motion.SAMPLES - length
    random = np.random.default_rng([seed, int(hashing.of_bytes(trace.key.encode())[:8], 16)])
    ends = list(dict.fromkeys([room, 0]))
    slack = max(SHIFT - room, 0)
    places = [*ends, *random.integers(-slack, room + slack + 1, count)][:count]
    padded = []
    for place in places if count > 1 else [random.choice(ends)]:
        noise = random.uniform(-PADDING_MILLI_G, PADDING_MILLI_G, (motion.SAMPLES, 3))
        before = max(place, 0)
        outer = trace.readings[[0, -1]]
        around = np.repeat(outer, (before, motion.SAMPLES - before), axis=0)
        whole = np.clip(np.rint(around + noise), -32768, 32767).astype(np.int16)
        end = min(place + length, motion.SAMPLES)
        whole[before:end] = trace.readings[before - place : end - place]
        padded.append(whole)
    return padded


def split(readings: NDArray[np.int16], classes: NDArray[np.int64], count: int) -> Split:
    """Inputs (N, 128, 3, 1) and one-hot targets (N, `count`) of readings (N, 128, 3) in milli-g."""
    return Split(MILLI_G.values(readings)[..., None], np.eye(count, dtype=np.float32)[classes])


def magic_wand(keras: Keras, classes: int) -> KerasModel:
    """Two convolutions, the first across the axes, and two dense layers: 62,016 MACs for four."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((motion.SAMPLES, 3, 1)),
            layers.Conv2D(8, (4, 3), padding="same", activation="relu"),
            layers.MaxPool2D((3, 3)),
            layers.Dropout(0.1),
            layers.Conv2D(16, (4, 1), padding="same", activation="relu"),
            layers.MaxPool2D((3, 1), padding="same"),
            layers.Dropout(0.1),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dropout(0.1),
            layers.Dense(classes, activation="softmax"),
        ]
    )


def task(gestures: Sequence[str] = GESTURES) -> Task:
    """The task with the built-in data of these gestures, and no bound if they are others."""
    return Task(
        name="gesture",
        summary="Magic wand: wing, ring and slope from an accelerometer",
        data=partial(drawn_in_the_air, gestures=tuple(gestures)),
        build=partial(magic_wand, classes=len(gestures) + 1),
        recipe=RECIPE,
        bounds={},
        labels=(*gestures, motion.NEGATIVE),
        modality="motion",
        grid=MILLI_G,
        calibration_samples=300,
        elsewhere=elsewhere,
    )


def elsewhere(folder: Path | None, labels: tuple[str, ...]) -> Task:
    """The task on a folder's traces, or on made-up ones of these gestures or figures.

    The class of no gesture is there whether it is named or not, where there are samples of it.
    """
    if folder is None:
        gestures = tuple(name for name in labels or GESTURES if name != motion.NEGATIVE)
        for name in gestures:
            if name not in FIGURES:
                raise LabelsError(f"made-up data: {UnknownNameError('gesture', name, FIGURES)}")
        if not gestures:
            raise LabelsError(f"made-up data: name one or more gestures: {', '.join(FIGURES)}")
        return replace(task(gestures), bounds={})
    found = traces.labels_in(folder, labels, GESTURES)
    return replace(
        task(),
        data=partial(recorded, folder=folder, labels=found),
        build=partial(magic_wand, classes=len(found)),
        # Real sets are small: more epochs for as many steps.
        recipe=replace(RECIPE, epochs=400, patience=40, fine_tune_epochs=200),
        bounds={},
        labels=found,
    )


TASKS = [replace(task(), bounds={"accuracy": 0.91})]
