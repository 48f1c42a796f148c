"""Layers that grow images or multiply matrices, as TensorFlow converts them from Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.codegen import UnsupportedError, generate

from .test_spatial import agree

pytestmark = pytest.mark.slow

LAYERS: dict[str, tuple[int, ...]] = {
    "transposed": (4, 4, 2),
    "transposed in one dimension": (6, 2),
    "upsampling": (4, 4, 2),
    "groups": (6, 6, 4),
    "attention": (6, 8),
}
"""Each with the shape of its input."""


def converted(name: str, kind: str, batch: int | None = 1) -> bytes:
    """A model of one layer, with biases that are not 0."""
    import tensorflow as tf
    import tf_keras as keras

    tf.random.set_seed(0)
    x = keras.Input(LAYERS[name], batch_size=batch)
    layers = keras.layers
    y = {
        "transposed": lambda: layers.Conv2DTranspose(3, 3, strides=2, padding="same")(x),
        "transposed in one dimension": lambda: layers.Conv1DTranspose(
            3, 3, strides=2, padding="same"
        )(x),
        "upsampling": lambda: layers.UpSampling2D(2, interpolation="bilinear")(x),
        "groups": lambda: layers.Conv2D(4, 3, groups=2)(x),
        "attention": lambda: layers.MultiHeadAttention(2, 4)(x, x),
    }[name]()
    model = keras.Model(x, y)
    for weights in model.weights:
        if "bias" in weights.name:
            weights.assign(tf.random.normal(weights.shape) * 0.3)
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind != "float32":
        rng = np.random.default_rng(0)
        samples: list[Any] = [
            [rng.standard_normal((1, *LAYERS[name]), np.float32)] for _ in range(100)
        ]
        ops, dtype = {
            "int8": (tf.lite.OpsSet.TFLITE_BUILTINS_INT8, tf.int8),
            "int16x8": (
                tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
                tf.int16,
            ),
        }[kind]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter(samples)
        converter.target_spec.supported_ops = [ops]
        converter.inference_input_type = converter.inference_output_type = dtype
    data: bytes = converter.convert()
    return data


@pytest.mark.parametrize("kind", ["float32", "int8", "int16x8"])
@pytest.mark.parametrize("name", LAYERS)
def test_layer_of_keras(name: str, kind: str, tmp_path: Path) -> None:
    data = converted(name, kind)
    if (name, kind) == ("upsampling", "int16x8"):
        with pytest.raises(UnsupportedError, match="is int16, not float32 or int8"):
            generate(data)
        return

    agree(data, tmp_path)


def test_size_that_the_file_leaves_open_is_refused() -> None:
    """Of a batch of any size, the converter writes 1 for what it does not know of a shape."""
    data = converted("transposed in one dimension", "int8", batch=None)

    with pytest.raises(UnsupportedError, match="convert a model with a fixed batch size"):
        generate(data)
