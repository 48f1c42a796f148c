"""Models and data of strangers, for tests of `tinybench bench`: as their own programs write them.

The models are made in the process that converts them, which imports TensorFlow once.
"""

from __future__ import annotations

import wave
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tinybench.conversion.variants import VARIANTS, convert
from tinybench.tensorflow import Keras, KerasModel, load, load_keras3

CENTRES = np.array([[3, 0, 0, 1], [0, 3, 0, 1], [0, 0, 3, -1]], np.float32)
"""Of the three classes of flowers."""
COLUMNS = "length,width,petal_length,petal_width,species"
SPECIES = ("rose", "iris", "tulip")
SIZE = 12
CLIP = 16000


def flowers(count: int = 150) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Four numbers a flower, and its class."""
    random = np.random.default_rng(3)
    y = np.arange(count) % 3
    x = CENTRES[y] + random.normal(scale=0.6, size=(count, 4))
    return x.astype(np.float32), y.astype(np.int64)


def classifier(keras: Keras) -> KerasModel:
    """The nearest centre, exactly: nothing need be trained."""
    layers = keras.layers
    model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
    model.set_weights([CENTRES.T, -(CENTRES**2).sum(axis=1) / 2])
    return model


def pictures(keras: Keras) -> KerasModel:
    """Dark or bright."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((SIZE, SIZE, 1)),
            layers.Conv2D(1, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    ends = [np.array([[-20, 20]], np.float32), np.array([10, -10], np.float32)]
    model.set_weights([np.full((3, 3, 1, 1), 1 / 9), np.zeros(1), *ends])
    return model


def sounds(keras: Keras) -> KerasModel:
    """Quiet or loud."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((CLIP, 1)),
            layers.Conv1D(1, 64, strides=64, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    kernel = np.zeros((64, 1, 1))
    kernel[0] = 1
    ends = [np.array([[-20, 20]], np.float32), np.array([6, -6], np.float32)]
    model.set_weights([kernel, np.zeros(1), *ends])
    return model


def logarithm(keras: Keras) -> KerasModel:
    """Nothing is finite but what positive numbers give: a model to be found out."""
    tf, inputs = load().tf, keras.Input((4,))
    return keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Lambda(tf.math.log)(inputs)))


OWN = """
import keras

class Twice(keras.layers.Layer):
    def call(self, x):
        return x * 2
"""


def write_models(folder: Path) -> None:
    """`m3.keras`, `m2.keras`, `m.h5`, `saved/`, `m.tflite`, `pictures.keras`, `sounds.h5` …."""
    keras3, keras2 = load_keras3(), load().keras
    model = classifier(keras3)
    model.save(folder / "m3.keras")
    model.save(folder / "m.h5")
    model.save_weights(folder / "only.weights.h5")
    model.export(folder / "saved", verbose=False)
    classifier(keras2).save(folder / "m2.keras")
    (folder / "m.tflite").write_bytes(convert(model, VARIANTS.get("int8"), flowers()[0]))
    pictures(keras3).save(folder / "pictures.keras")
    sounds(keras3).save(folder / "sounds.h5")
    logarithm(keras2).export(folder / "logarithm")
    weights = model.get_weights()
    weights[0][1, 2] = np.nan
    model.set_weights(weights)
    model.save(folder / "nan.keras")
    (folder / "twice.py").write_text(OWN, "utf-8")
    own: dict[str, Any] = {}
    exec(OWN, own)
    twice = keras3.Sequential([keras3.Input((4,)), own["Twice"](), keras3.layers.Dense(3)])
    twice.save(folder / "twice.keras")


def write_data(folder: Path) -> None:
    """`data.npz`, `x.npz` without labels, `flowers.csv`, and folders `photos` and `clips`."""
    x, y = flowers()
    np.savez(folder / "data.npz", x=x, y=y)
    np.savez(folder / "x.npz", x=x)
    rows = [
        ",".join(f"{value:.4f}" for value in row) + f",{SPECIES[c]}"
        for row, c in zip(x, y, strict=True)
    ]
    (folder / "flowers.csv").write_text("\n".join([COLUMNS, *rows]), "utf-8")
    random = np.random.default_rng(4)
    for number, (dark, quiet) in enumerate([("dark", "quiet"), ("bright", "loud")]):
        for kind, name in (("photos", dark), ("clips", quiet)):
            (folder / kind / name).mkdir(parents=True)
        for index in range(12):
            grey = random.integers(150 * number, 150 * number + 100, (SIZE, SIZE), np.uint8)
            suffix = "bmp" if index % 2 else "png"
            Image.fromarray(grey).save(folder / "photos" / dark / f"{index}.{suffix}")
            noise = random.normal(scale=400 if not number else 8000, size=CLIP)
            with wave.open(str(folder / "clips" / quiet / f"{index}.wav"), "wb") as file:
                file.setparams((1, 2, CLIP, CLIP, "NONE", ""))
                file.writeframes(noise.clip(-32768, 32767).astype("<i2").tobytes())


def edit_archive(source: Path, target: Path, member: str, old: bytes, new: bytes) -> None:
    """A copy of an archive in which a member says something else."""
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w") as copy:
        for name in archive.namelist():
            data = archive.read(name)
            copy.writestr(name, data.replace(old, new) if name == member else data)
