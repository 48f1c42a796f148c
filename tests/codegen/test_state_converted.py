"""A `tf.Variable` that holds the last steps, as TensorFlow converts it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import generate

from . import host, memory
from .oracle import Oracle

pytestmark = pytest.mark.slow


def converted(*, quantized: bool) -> bytes:
    """The last three steps and the new one; the last three of these are kept."""
    import tensorflow as tf

    class Window(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.kept = tf.Variable(tf.constant([[[1.0, 0, -1, 0.5]] * 3]))

        @tf.function(input_signature=[tf.TensorSpec((1, 1, 4), tf.float32)])  # type: ignore[untyped-decorator]
        def step(self, x: Any) -> Any:
            y = tf.concat([self.kept, x], 1)
            self.kept.assign(y[:, 1:])
            return y

    window = Window()
    converter = tf.lite.TFLiteConverter.from_concrete_functions(
        [window.step.get_concrete_function()], window
    )
    converter.experimental_enable_resource_variables = True
    if quantized:
        rng = np.random.default_rng(0)
        samples = [[rng.standard_normal((1, 1, 4)).astype(np.float32)] for _ in range(100)]
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter(samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    data: bytes = converter.convert()
    return data


@pytest.mark.parametrize("quantized", [False, True], ids=["float32", "int8"])
def test_window_of_the_last_steps(tmp_path: Path, *, quantized: bool) -> None:
    host.require_compiler()
    data = converted(quantized=quantized)
    made = generate(data)
    memory.check(made)
    names = [operator.name for operator in tflite.read(data).operators]
    assert {"CALL_ONCE", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE"} <= set(names)
    rng = np.random.default_rng(1)
    steps = [rng.standard_normal((1, 1, 4)).astype(np.float32) for _ in range(20)]
    if quantized:
        steps = [np.clip(step * 40, -128, 127).astype(np.int8) for step in steps]
    oracle = Oracle(data, 1)
    wanted = host.raw([oracle([step])[0] for step in steps])

    [found] = host.build([made.program], tmp_path).run([host.raw(steps)])

    assert found.tobytes() == wanted.tobytes()
