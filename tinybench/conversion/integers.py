"""Inputs that keep their type: a functional Keras model casts them to the type of its Input.

That is float32 if none was said, and an Embedding behind it casts back: in an int8 file token ids
would be quantized between.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tinybench.tensorflow import KerasModel, is_keras3, layers_of, load


@contextlib.contextmanager
def uncast(model: KerasModel) -> Iterator[None]:
    """Within the block functional models take tensors as they come."""
    changed = []

    def change(layer: Any, name: str, value: Any) -> None:
        if hasattr(layer, name):
            layer.__dict__[name] = value
            changed.append((layer, name))

    try:
        for layer in layers_of(model):
            if not is_keras3(layer):
                change(layer, "_conform_to_reference_input", _keras2(layer))
                continue
            # A Sequential has a functional model inside, which is none of its layers.
            for one in (layer, getattr(layer, "_functional", None)):
                change(one, "_convert_inputs_to_tensors", _keras3(one))
            if type(layer).__name__ == "Embedding" and layer.quantization_mode is None:
                change(layer, "call", _gather(layer))
        yield
    finally:
        for layer, name in changed:
            del layer.__dict__[name]


def _gather(layer: Any) -> Any:
    """An embedding that does not count negative ids from the end, which takes a SELECT."""

    def call(inputs: Any) -> Any:
        tf = load().tf
        ids = inputs if inputs.dtype in (tf.int32, tf.int64) else tf.cast(inputs, tf.int32)
        return tf.cast(tf.gather(layer.embeddings, ids), layer.compute_dtype)

    return call


def _keras2(layer: Any) -> Any:
    def conform(tensor: Any, ref_input: Any) -> Any:
        found = type(layer)._conform_to_reference_input(layer, tensor, ref_input)
        return tensor if tensor.shape.as_list() == found.shape.as_list() else found

    return conform


def _keras3(layer: Any) -> Any:
    def convert(flat_inputs: Any) -> Any:
        found = type(layer)._convert_inputs_to_tensors(layer, flat_inputs)
        is_tensor = load().tf.is_tensor
        return [
            tensor if is_tensor(tensor) else value
            for tensor, value in zip(flat_inputs, found, strict=True)
        ]

    return convert
