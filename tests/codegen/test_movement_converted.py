"""What moves elements, as TensorFlow converts it, in float32 and int8."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import generate

from . import host
from .oracle import Oracle

pytestmark = pytest.mark.slow

SHAPE = (1, 4, 3)


def converted(function: Callable[[Any, Any], Any], *, quantized: bool, ids: bool = False) -> bytes:
    """The function of one input as a file; `ids` are numbers below 10."""
    import tensorflow as tf

    spec = tf.TensorSpec((1, 4) if ids else SHAPE, tf.int32 if ids else tf.float32)
    module = tf.Module()
    concrete = tf.function(lambda x: function(tf, x)).get_concrete_function(spec)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    if quantized:
        rng = np.random.default_rng(0)
        samples = [
            [
                rng.integers(0, 10, spec.shape, np.int32)
                if ids
                else rng.standard_normal(spec.shape).astype(np.float32)
            ]
            for _ in range(100)
        ]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter(samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        if not ids:
            converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
    data: bytes = converter.convert()
    return data


TABLE = np.random.default_rng(2).standard_normal((10, 3)).astype(np.float32)

FUNCTIONS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "gather": ("GATHER", lambda tf, x: tf.gather(x, [2, 0, 1], axis=1)),
    "reverse": ("REVERSE_V2", lambda tf, x: tf.reverse(x, [1])),
    "cumsum": ("CUMSUM", lambda tf, x: tf.cumsum(x, axis=1)),
    "constant": ("MUL", lambda tf, x: (x * 2.0, tf.constant([1.0, 2.0]))),
    "where": ("SELECT_V2", lambda tf, x: tf.where([[[True], [False], [True], [True]]], x, 0.5)),
    "fill": ("MUL", lambda tf, x: (x * 2.0, tf.fill([2, 2], 3.0))),
    "embedding": ("GATHER", lambda tf, x: tf.gather(tf.constant(TABLE), x)),
}


@pytest.mark.parametrize("quantized", [False, True], ids=["float32", "int8"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str, tmp_path: Path, *, quantized: bool) -> None:
    host.require_compiler()
    operator, function = FUNCTIONS[name]
    ids = name == "embedding"
    data = converted(function, quantized=quantized, ids=ids)
    model, program = tflite.read(data), generate(data).program
    assert operator in [each.name for each in model.operators]
    rng = np.random.default_rng(1)
    port = program.inputs[0]
    steps = [
        rng.integers(0, 10, port.shape, np.int32)
        if ids
        else (rng.standard_normal(port.shape) * (40 if quantized else 1)).astype(port.dtype)
        for _ in range(10)
    ]
    oracle = Oracle(data, len(model.outputs))
    wanted = [oracle([step]) for step in steps]

    found = host.build([program], tmp_path).run([host.raw(steps)])

    for position, rows in enumerate(found):
        assert rows.tobytes() == host.raw([each[position] for each in wanted]).tobytes()
