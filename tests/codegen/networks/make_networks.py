"""Make the `.tflite` files beside this script: the nets that people put on microcontrollers.

Made with Python 3.11.7, TensorFlow 2.21.0, tf-keras 2.21.0 and tensorflow-model-optimization
0.8.1 on x86-64 Linux. They are trained for a moment on noise: activations have plausible ranges,
answers mean nothing. Run `python tests/codegen/networks/make_networks.py`; no argument, no other
output.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tinybench.conversion.variants import VARIANTS, convert
from tinybench.tensorflow import Keras, KerasModel, load
from tinybench.training.stages import canonical_names, quantization_aware

HERE = Path(__file__).parent
SAMPLES = 64

FILES = {
    "keyword": ("int8",),
    "keyword_separable": ("int8", "qat-int8"),
    "gesture": ("float32", "int8", "int8-float-io", "int16x8"),
    "mobile": ("int8",),
}


def keyword(keras: Keras) -> list[Any]:
    """Return tiny_conv, the micro_speech example's: one convolution and a dense layer."""
    layers = keras.layers
    return [
        layers.Input((49, 40, 1)),
        layers.Conv2D(8, (10, 8), strides=2, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dense(4, activation="softmax"),
    ]


def keyword_separable(keras: Keras) -> list[Any]:
    """Return DS-CNN with 32 filters: a convolution and three separable ones."""
    layers = keras.layers
    first = layers.Conv2D(32, (10, 4), strides=2, padding="same", use_bias=False)
    blocks = [part for _ in range(3) for part in _separable(keras, 32, 1)]
    return [layers.Input((49, 40, 1)), first, *_normalized(keras), *blocks, *_top(keras, 4)]


def gesture(keras: Keras) -> list[Any]:
    """Return the magic_wand example's: convolutions and pools along time."""
    layers = keras.layers
    return [
        layers.Input((128, 3, 1)),
        layers.Conv2D(8, (4, 3), padding="same", activation="relu"),
        layers.MaxPool2D((3, 3)),
        layers.Conv2D(16, (4, 1), padding="same", activation="relu"),
        layers.MaxPool2D((3, 1), padding="same"),
        layers.Flatten(),
        layers.Dense(16, activation="relu"),
        layers.Dense(4, activation="softmax"),
    ]


def mobile(keras: Keras) -> list[Any]:
    """Return the beginning of MobileNet-v1 0.25, for an image of 48x48."""
    layers = keras.layers
    first = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)
    sizes = ((16, 1), (32, 2), (32, 1), (64, 2))
    blocks = [part for channels, stride in sizes for part in _separable(keras, channels, stride)]
    return [layers.Input((48, 48, 3)), first, *_normalized(keras), *blocks, *_top(keras, 2)]


def _normalized(keras: Keras) -> list[Any]:
    return [keras.layers.BatchNormalization(), keras.layers.ReLU()]


def _separable(keras: Keras, channels: int, stride: int) -> list[Any]:
    layers = keras.layers
    return [
        layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False),
        *_normalized(keras),
        layers.Conv2D(channels, 1, use_bias=False),
        *_normalized(keras),
    ]


def _top(keras: Keras, classes: int) -> list[Any]:
    layers = keras.layers
    return [layers.GlobalAveragePooling2D(), layers.Dense(classes, activation="softmax")]


def _fit(keras: Keras, model: KerasModel, x: Any, y: Any) -> None:
    model.compile(keras.optimizers.Adam(1e-3), "categorical_crossentropy")
    model.fit(x, y, epochs=8, batch_size=16, verbose=0)


def main() -> None:
    """Write every file."""
    keras = load().keras
    builds = {
        "keyword": keyword,
        "keyword_separable": keyword_separable,
        "gesture": gesture,
        "mobile": mobile,
    }
    for name, variants in FILES.items():
        keras.utils.set_random_seed(1)
        keras.backend.reset_uids()
        model = keras.Sequential(builds[name](keras))
        canonical_names(model)
        rng = np.random.default_rng(1)
        noise = rng.normal(size=(SAMPLES, *model.input_shape[1:]))
        # Neighbours resemble each other, as in a spectrogram, a movement or an image.
        x = np.float32((noise + np.roll(noise, 1, 1) + np.roll(noise, 2, 1)) / 3)
        y = np.eye(model.output_shape[1], dtype=np.float32)[rng.integers(0, 2, SAMPLES)]
        _fit(keras, model, x, y)
        for variant in variants:
            stage = model
            if VARIANTS.get(variant).stage == "qat":
                stage = quantization_aware(model)
                _fit(keras, stage, x, y)
            data = convert(stage, VARIANTS.get(variant), x)
            (HERE / f"{name}-{variant}.tflite").write_bytes(data)


if __name__ == "__main__":
    main()
