"""Keras itself: the reference that every variant is a copy of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.environment import package_version
from tinybench.errors import missing_packages
from tinybench.runtimes.base import Artifact, KerasReference, RefusalError
from tinybench.tensorflow import load


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
        return missing_packages("this runtime", "tensorflow", "tf_keras")

    def load(self, artifact: Artifact) -> ReferenceSession:
        if artifact.keras is None:
            raise RefusalError("Keras runs the float model, not a quantized .tflite")
        return ReferenceSession(artifact.keras)


class ReferenceSession:
    """The model where it is kept, in another process; in this one only to be timed."""

    def __init__(self, model: KerasReference) -> None:
        self._model = model
        self._here: KerasSession | None = None

    def run(self, inputs: NDArray[Any]) -> NDArray[Any]:
        return self.run_ports([inputs])[0]

    def run_ports(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        return self._model.run_ports(inputs)

    def prepare(self, *sample: NDArray[Any]) -> Callable[[], object]:
        if self._here is None:
            self._here = KerasSession(self._model.function())
        return self._here.prepare(*sample)


class KerasSession:
    """One Keras model as a concrete function with a batch of one, called sample by sample."""

    def __init__(self, function: Any) -> None:
        self._call = function
        self._constant = load().tf.constant
        given, _ = function.structured_input_signature
        self._types = [spec.dtype.as_numpy_dtype for spec in given]

    def run_ports(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        found: list[list[NDArray[Any]]] = []
        for sample in zip(*inputs, strict=True):
            answer = self._call(*self._arguments(sample))
            several = answer if isinstance(answer, list | tuple) else [answer]
            found.append([tensor.numpy() for tensor in several])
        return [np.concatenate(values) for values in zip(*found, strict=True)]

    def prepare(self, *sample: NDArray[Any]) -> Callable[[], object]:
        call, arguments = self._call, self._arguments(sample)
        return lambda: call(*arguments)

    def _arguments(self, sample: Sequence[NDArray[Any]]) -> list[Any]:
        pairs = zip(sample, self._types, strict=True)
        return [self._constant(np.asarray(values, dtype)[None]) for values, dtype in pairs]
