"""What the device's own runtime answers: TensorFlow Lite for Microcontrollers on this computer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.console import capture
from tinybench.tflite import Model, Tensor

Arrays = tuple[NDArray[Any], ...]

ARENA_LIMIT = 1 << 20
"""Bytes given to the interpreter: all models of these tests are small."""


class RefusedError(Exception):
    """The runtime did not take the model; the message is what it printed."""


class Oracle:
    """One interpreter for one model, to be asked for many inputs."""

    def __init__(self, data: bytes, outputs: int) -> None:
        # Compiled code, loaded only where a test asks for it.
        from tflite_micro.python.tflite_micro import runtime

        self.outputs = outputs
        with capture.stderr() as said:
            try:
                self.interpreter: Any = runtime.Interpreter.from_bytes(data, arena_size=ARENA_LIMIT)
            except (ValueError, RuntimeError) as error:
                failure: Exception | None = error
            else:
                failure = None
        if failure:
            raise RefusedError(f"{failure}: {' '.join(said.lines())}")

    def __call__(self, inputs: Sequence[NDArray[Any]]) -> Arrays:
        """Return every output of the graph; raise `RefusedError` for a failing operator."""
        for index, values in enumerate(inputs):
            self.interpreter.set_input(values, index)
        try:
            self.interpreter.invoke()
        except RuntimeError as error:
            raise RefusedError(str(error)) from error
        return tuple(np.array(self.interpreter.get_output(i)) for i in range(self.outputs))


def expected(data: bytes, inputs: Sequence[NDArray[Any]], outputs: int = 1) -> Arrays:
    """Return the `outputs` outputs of a model for one set of inputs."""
    return Oracle(data, outputs)(inputs)


def codes(model: Model, count: int, seed: int) -> list[Arrays]:
    """Return `count` sets of raw inputs: all lowest, all highest, the ends mixed, then any."""
    rng = np.random.default_rng(seed)
    quantizes = [op for op in model.operators if op.name == "QUANTIZE"]
    steps = {op.inputs[0]: model.tensors[op.outputs[0]] for op in quantizes}
    compared = {i for op in model.operators if op.name.endswith("EQUAL") for i in op.inputs}

    def values(index: int, number: int) -> NDArray[Any]:
        made = _values(model.tensors[index], number, rng, steps.get(index))
        if index in compared and made.dtype.itemsize >= 4:
            made[...] = rng.integers(-2, 3, made.shape)  # so that some are equal
        return made

    return [tuple(values(index, number) for index in model.inputs) for number in range(count)]


def _values(
    tensor: Tensor, number: int, rng: np.random.Generator, quantized: Tensor | None
) -> NDArray[Any]:
    if tensor.dtype == "float32":
        return _floats(tensor.shape, number, rng, quantized)
    dtype = np.dtype(tensor.dtype)
    if dtype == np.bool_:
        truths = rng.integers(0, 2, tensor.shape) if number > 1 else np.full(tensor.shape, number)
        return np.asarray(truths, np.bool_)
    # Beyond 16 bits the runtime's own 32 overflow, where QUANTIZE takes an int32.
    narrow = np.uint16 if dtype.kind == "u" else np.int16
    info = np.iinfo(dtype) if dtype.itemsize < 4 else np.iinfo(narrow)
    if number < 3:
        ends = ((info.min, info.min), (info.max, info.max), (info.min, info.max))[number]
        return rng.choice(np.array(ends, dtype), tensor.shape)
    return rng.integers(info.min, info.max, tensor.shape, dtype, endpoint=True)


def _floats(
    shape: tuple[int, ...], number: int, rng: np.random.Generator, quantized: Tensor | None
) -> NDArray[Any]:
    if quantized is not None and quantized.quantization is not None:
        # Half steps, where rounding is decided, and some beyond the ends, where clipping is.
        scale = np.float32(quantized.quantization.scales[0])
        info = np.iinfo(quantized.dtype)
        steps = rng.integers(2 * info.min - 600, 2 * info.max + 600, shape)
        steps -= 2 * quantized.quantization.zero_points[0]
        halves = steps.astype(np.float32)
        halves *= scale / np.float32(2)
        return halves
    values = rng.standard_normal(shape, np.float32)
    values *= (0.0, 100.0, 1e-3, 1.0)[min(number, 3)]
    return values
