"""Keras itself: the reference that every variant is a copy of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.environment import package_version
from tinybench.runtimes.base import Artifact, RefusalError
from tinybench.tensorflow import KerasModel, load


@dataclass(frozen=True, slots=True)
class KerasRuntime:
    """The model as a `tf.function`, float32 only: a `.tflite` is no Keras model."""

    name: str = "keras"
    summary: str = "The Keras model that was trained: the reference"
    variants: tuple[str, ...] = ("float32",)
    runs_files: bool = False

    @property
    def version(self) -> str:
        return " ".join(map(package_version, ("tf-keras", "tensorflow")))

    def unavailable(self) -> str | None:
        return None

    def load(self, artifact: Artifact) -> KerasSession:
        if artifact.keras_model is None:
            raise RefusalError("Keras runs the float model, not a quantized .tflite")
        return KerasSession(artifact.keras_model())


class KerasSession:
    """One Keras model, called sample by sample."""

    def __init__(self, model: KerasModel) -> None:
        tf = load().tf
        signature = [tf.TensorSpec([1, *model.input_shape[1:]], tf.float32)]
        self._call = tf.function(
            lambda x: model(x, training=False), input_signature=signature
        ).get_concrete_function()
        self._constant = tf.constant

    def run(self, inputs: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([self._call(self._constant(x[None])).numpy() for x in inputs])

    def prepare(self, sample: NDArray[Any]) -> Callable[[], object]:
        call, constant = self._call, self._constant(sample[None])
        return lambda: call(constant)
