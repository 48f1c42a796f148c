"""Helmet or none: a small MobileNet looks at 48x48 pictures of heads.

The built-in pictures are rendered, so that the task needs no download and no permission; a folder
of photographs takes their place where there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tinybench.console.progress import bar
from tinybench.datasets import images, scenes
from tinybench.datasets.data import OURS, Dataset, LabelsError
from tinybench.registry import UnknownNameError
from tinybench.tasks.task import Recipe, Task
from tinybench.tensorflow import Keras, KerasModel

LABELS = ("no_helmet", "helmet")
SCENES = {"train": 1700, "validation": 300, "test": 200}
POSES = 2
"""Pictures of a scene; half of them with the helmet."""


def rendered_heads(seed: int, labels: tuple[str, ...] = LABELS) -> Dataset:
    """Rendered pictures, x (N, 48, 48, 3) from 0 to 1; no scene is in two splits.

    `labels` are those of `LABELS` in any order.
    """
    numbers = np.array([labels.index(name) for name in LABELS])
    splits = {}
    for number, (name, count) in enumerate(SCENES.items()):
        random = np.random.default_rng([seed, number])
        pictures, helmets = scenes.render(random, count, POSES)
        if name == "train":
            # The mirror image of a head is another head, for nothing.
            pictures = np.concatenate([pictures, pictures[:, :, ::-1]])
            helmets = np.concatenate([helmets, helmets])
        # The calibration set is the first training samples: they must not be few scenes.
        order = random.permutation(len(pictures))
        splits[name] = images.split(pictures[order], numbers[helmets[order]], len(LABELS))
    groups = "scenes: " + ", ".join(f"{count} {name}" for name, count in SCENES.items())
    source = f"heads with and without helmet, rendered by tinybench with seed {seed}"
    return Dataset(**splits, source=source, licence=OURS, groups=groups, labels=LABELS)


BLOCKS = ((24, 1), (48, 2), (48, 1), (96, 2), (96, 1), (96, 1))
"""Channels and stride of each depthwise separable block."""
MOMENTUM = 0.9
"""Of the moving statistics: slower ones lag behind the weights, and validation jumps about."""


def small_mobilenet(keras: Keras, classes: int) -> KerasModel:
    """MobileNet v1 with six of its thirteen blocks and about a quarter of its width."""
    layers = keras.layers

    def activated() -> list[Any]:
        return [layers.BatchNormalization(momentum=MOMENTUM), layers.ReLU(6.0)]

    stack = [layers.Conv2D(16, 3, 2, "same", use_bias=False), *activated()]
    for channels, stride in BLOCKS:
        stack += [layers.DepthwiseConv2D(3, stride, "same", use_bias=False), *activated()]
        stack += [layers.Conv2D(channels, 1, use_bias=False), *activated()]
    stack += [layers.GlobalAveragePooling2D(), layers.Dense(classes, activation="softmax")]
    return keras.Sequential([keras.Input((scenes.SIDE, scenes.SIDE, 3)), *stack])


def photographs(seed: int, folder: Path, labels: tuple[str, ...]) -> Dataset:
    """The pictures of these classes in a folder; they are the same for every seed."""
    return images.read(folder, labels, scenes.SIDE, bar(f"read {folder}", "picture"))


def elsewhere(folder: Path | None, labels: tuple[str, ...]) -> Task:
    """The same net for the pictures in a folder, of these classes or of all; DataError if bad."""
    data: Callable[[int], Dataset]
    if folder is None:
        for name in labels:
            if name not in LABELS:
                raise LabelsError(f"rendered pictures: {UnknownNameError('class', name, LABELS)}")
        classes = labels or LABELS
        if set(classes) != set(LABELS):
            raise LabelsError(
                f"rendered pictures have two classes: name both of {', '.join(LABELS)}"
            )
        data = partial(rendered_heads, labels=classes)
    else:
        classes = images.class_names(folder, labels)
        data = partial(photographs, folder=folder, labels=classes)
    return replace(
        _HELMET,
        data=data,
        build=partial(small_mobilenet, classes=len(classes)),
        labels=classes,
        bounds={},
    )


_HELMET = Task(
    name="helmet",
    summary="Helmet or none, in rendered pictures of heads: a small MobileNet",
    data=rendered_heads,
    build=partial(small_mobilenet, classes=len(LABELS)),
    recipe=Recipe(
        epochs=20,
        batch_size=64,
        loss="CategoricalCrossentropy",
        metric="categorical_accuracy",
        patience=8,
        fine_tune_epochs=15,
        fine_tune_learning_rate=2e-4,
    ),
    bounds={"accuracy": 0.88},
    labels=LABELS,
    modality="image",
    grid=images.GRID,
    calibration_samples=100,
    elsewhere=elsewhere,
)

TASKS = [_HELMET]
