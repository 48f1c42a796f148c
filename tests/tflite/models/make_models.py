"""Make the `.tflite` files beside this script with the real converter: tests need no TensorFlow.

Made with Python 3.11.7, TensorFlow 2.21.0, tf-keras 2.21.0 and tensorflow-model-optimization
0.8.1 on x86-64 Linux. Weights are seeded and untrained: the files show what the converter emits,
not what a network learns. Run `python tests/tflite/models/make_models.py`; no argument, no
other output.
"""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # QAT needs Keras 2; must precede the import of TensorFlow
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Imported by name as `Any`: none of the three has annotations.
tf: Any = importlib.import_module("tensorflow")
tfmot: Any = importlib.import_module("tensorflow_model_optimization")
keras: Any = importlib.import_module("tf_keras")

HERE = Path(__file__).parent
SAMPLES = 64
INT8 = ("int8", "int8-per-tensor", "int8-float-io", "qat-int8", "uint8")

layers = keras.layers


def dense() -> Any:
    """Return the sine network, 1 → 16 → 16 → 1: all weights are under 1024 elements."""
    return keras.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=(1,), name="dense_0"),
            layers.Dense(16, activation="relu", name="dense_1"),
            layers.Dense(1, name="dense_2"),
        ],
        name="dense",
    )


def wide() -> Any:
    """Return 32 → 40 → 2: the first weight has 1280 elements, enough for `dynamic`."""
    return keras.Sequential(
        [
            layers.Dense(40, activation="relu", input_shape=(32,), name="dense_0"),
            layers.Dense(2, name="dense_1"),
        ],
        name="wide",
    )


def conv() -> Any:
    """Return an image classifier with the layers of a small keyword or vision network."""
    return keras.Sequential(
        [
            layers.Conv2D(4, 3, 2, "same", activation="relu", input_shape=(8, 8, 1), name="conv"),
            layers.DepthwiseConv2D(3, padding="same", name="depthwise"),
            layers.ReLU(6.0, name="relu6"),
            layers.Conv2D(8, 1, activation="relu", name="pointwise"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Flatten(name="flatten"),
            layers.Dense(3, activation="softmax", name="dense"),
        ],
        name="conv",
    )


def conv_wide() -> Any:
    """Return a convolution with 1152 weight elements, enough for `dynamic`."""
    return keras.Sequential(
        [layers.Conv2D(8, 3, input_shape=(5, 5, 16), name="conv")],
        name="conv_wide",
    )


def two_inputs() -> Any:
    """Return a network of two inputs and two outputs with an elementwise and a joining operator."""
    left = keras.Input((4,), name="left")
    right = keras.Input((4,), name="right")
    total = layers.Add(name="add")([left, right])
    joined = layers.Concatenate(name="concatenate")([total, left])
    first = layers.Dense(3, activation="tanh", name="first")(joined)
    second = layers.Dense(2, activation="sigmoid", name="second")(joined)
    return keras.Model([left, right], [first, second], name="two_inputs")


def upsample() -> Any:
    """Return a transposed convolution and a product of two activations."""
    image = keras.Input((3, 4, 2), name="image")
    up = layers.Conv2DTranspose(5, 3, 2, "same", name="up")(image)
    rows = layers.Reshape((6, 40), name="rows")(up)
    return keras.Model(image, layers.Dot((2, 2), name="dot")([rows, rows]), name="upsample")


def lstm() -> Any:
    """Return a recurrent network: variables, absent inputs, an int16 state between int8 tensors."""
    return keras.Sequential(
        [layers.LSTM(4, input_shape=(5, 3), name="lstm"), layers.Dense(2, name="dense")],
        name="lstm",
    )


def recipe(converter: Any, variant: str, shapes: list[tuple[int, ...]]) -> None:
    """Set the converter's options for a variant; `shapes` are those of one calibration sample."""
    lite = tf.lite

    def representative() -> Iterator[list[Any]]:
        random = np.random.default_rng(1)
        for _ in range(SAMPLES):
            yield [random.uniform(-1, 1, shape).astype(np.float32) for shape in shapes]

    if variant != "float32":
        converter.optimizations = [lite.Optimize.DEFAULT]
    if variant == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if variant in INT8 and variant != "qat-int8":  # a QAT graph carries its ranges: no calibration
        converter.target_spec.supported_ops = [lite.OpsSet.TFLITE_BUILTINS_INT8]
    if variant in INT8 and variant != "int8-float-io":
        code = tf.uint8 if variant == "uint8" else tf.int8
        converter.inference_input_type = converter.inference_output_type = code
    if variant == "int8-per-tensor":
        converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    if variant == "int16x8":
        converter.target_spec.supported_ops = [
            lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
        converter.inference_input_type = converter.inference_output_type = tf.int16
    if variant in (*INT8, "int16x8") and variant != "qat-int8":
        converter.representative_dataset = representative


def convert(model: Any, variant: str, batch: int | None = 1) -> bytes:
    """Convert a Keras model through a concrete function of a fixed batch, or of any batch."""
    specs = [
        tf.TensorSpec((batch, *tensor.shape[1:]), tf.float32, name=tensor.name)
        for tensor in model.inputs
    ]

    def call(*tensors: Any) -> Any:
        return model(list(tensors) if len(tensors) > 1 else tensors[0], training=False)

    function = tf.function(call, input_signature=specs).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
    recipe(converter, variant, [(1, *tensor.shape[1:]) for tensor in model.inputs])
    return bytes(converter.convert())


def seeded(build: Callable[[], Any], *, train: bool = False) -> Any:
    """Build a network of seeded weights and non-zero biases; with `train`, a QAT network."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    model = build()
    random = np.random.default_rng(1)
    model.set_weights(
        [
            weight if weight.ndim > 1 else random.uniform(-0.5, 0.5, weight.shape)
            for weight in model.get_weights()
        ]
    )
    if train:
        model = tfmot.quantization.keras.quantize_model(model)
        x = random.uniform(-1, 1, (SAMPLES, *model.input_shape[1:]))
        y = random.uniform(0, 1, (SAMPLES, *model.output_shape[1:]))
        model.compile("sgd", "mse")
        model.fit(x, y, epochs=2, verbose=0, shuffle=False)
    return model


POST_TRAINING = (
    "float32",
    "dynamic",
    "float16",
    "int8",
    "int8-per-tensor",
    "int8-float-io",
    "int16x8",
)


def main() -> None:
    """Write every file."""
    made = {
        (build.__name__, variant): convert(seeded(build), variant)
        for build, variants in (
            (dense, POST_TRAINING),
            (conv, (*POST_TRAINING, "uint8")),
            (wide, ("float32", "dynamic")),
            (conv_wide, ("dynamic",)),
            (two_inputs, ("float32", "int8", "int8-float-io")),
            (upsample, ("float32", "int8")),
            (lstm, ("int8",)),
        )
        for variant in variants
    }
    for build in (dense, conv):
        made[build.__name__, "qat-int8"] = convert(seeded(build, train=True), "qat-int8")
    made["any_batch", "float32"] = convert(seeded(upsample), "float32", batch=None)
    made["any_batch", "int8"] = convert(seeded(conv), "int8", batch=None)
    for (name, variant), data in made.items():
        (HERE / f"{name.replace('_', '-')}-{variant}.tflite").write_bytes(data)


if __name__ == "__main__":
    main()
