"""Conditions, loops and Keras 3's recurrent layers, as the converter writes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import generate
from tinybench.tensorflow import load, load_keras3

from . import host
from .batch import Example, mismatches
from .oracle import Oracle, codes

pytestmark = pytest.mark.slow

WEIGHTS = np.random.default_rng(0).standard_normal((4, 4)).astype(np.float32)


def branches(tf: Any) -> Callable[[Any], Any]:
    return lambda x: tf.cond(
        tf.reduce_sum(x) > 0, lambda: tf.matmul(x, tf.constant(WEIGHTS)), lambda: x - 1.0
    )


def counted(tf: Any) -> Callable[[Any], Any]:
    def body(i: Any, y: Any) -> tuple[Any, Any]:
        # A branch in the loop.
        y = tf.cond(i < 2, lambda: y + 1.0, lambda: tf.matmul(y, tf.constant(WEIGHTS)) * 0.25)
        return i + 1, y

    return lambda x: tf.while_loop(lambda i, y: i < 4, body, [tf.constant(0), x])[1]


def by_value(tf: Any) -> Callable[[Any], Any]:
    return lambda x: tf.while_loop(
        lambda y: tf.reduce_max(tf.abs(y)) > 0.1, lambda y: (y * 0.5,), [x]
    )[0]


def converted(function: Callable[[Any], Any], *, int8: bool) -> bytes:
    tf = load().tf
    signature = [tf.TensorSpec((1, 4), tf.float32)]
    concrete = tf.function(function, input_signature=signature).get_concrete_function()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    if int8:
        rng = np.random.default_rng(1)
        samples = [[rng.standard_normal((1, 4), np.float32)] for _ in range(100)]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter(samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return bytes(converter.convert())


def check(data: bytes, folder: Path, units: int = 0) -> None:
    host.require_compiler()
    inputs = codes(tflite.read(data), 6, seed=2)
    oracle = Oracle(data, 1)
    program = generate(data).program
    example = Example("model", program, tuple(inputs), tuple(map(oracle, inputs)), units)

    assert not mismatches(host.build([program], folder), [example])


@pytest.mark.parametrize("int8", [False, True], ids=["float32", "int8"])
@pytest.mark.parametrize("make", [branches, counted, by_value])
def test_control_flow_of_tensorflow(
    make: Callable[[Any], Callable[[Any], Any]], int8: bool, tmp_path: Path
) -> None:
    check(converted(make(load().tf), int8=int8), tmp_path)


@pytest.mark.parametrize("layer", ["LSTM", "GRU", "SimpleRNN"])
def test_recurrent_layers_of_keras_3_are_loops(layer: str, tmp_path: Path) -> None:
    keras, tf = load_keras3(), load().tf
    made = getattr(keras.layers, layer)(5)
    model = keras.Sequential([keras.layers.Input((6, 3), batch_size=1), made])
    data = bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())

    assert "WHILE" in [operator.name for operator in tflite.read(data).operators]
    # Its gates go through the exponentials of two C libraries, round after round.
    check(data, tmp_path, units=64)
