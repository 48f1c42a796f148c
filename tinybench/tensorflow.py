"""TensorFlow, imported once, late, and with Keras 2; beside it Keras 3, for models made with that.

Quantization-aware training exists for Keras 2 only, and TensorFlow decides which Keras it carries
while it is being imported: every module that needs TensorFlow gets it here.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from tinybench.console import capture
from tinybench.errors import require_packages

Keras = Any
"""The `tf_keras` module; it has no type information."""
KerasModel = Any
"""A `tf_keras.Model`, or a `keras.Model` of Keras 3."""


NEEDED_FOR = "training or converting a model"
"""What cannot be had without TensorFlow, in a sentence about the extra."""


class Backend(NamedTuple):
    """The two modules: TensorFlow and Keras 2."""

    tf: Any
    keras: Keras


@functools.cache
def load() -> Backend:
    """Import TensorFlow and Keras 2, which takes five to ten seconds the first time.

    MissingPackageError where they are not.
    """
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    # 3 leaves out the notes on oneDNN and on the GPU that a CPU machine does not have.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Which logs itself, and its start of a device, on standard error whatever the level.
    with capture.stderr(), capture.no_warning_is_error():
        require_packages(NEEDED_FOR, "tensorflow", "tf_keras")
        import tensorflow as tf
        import tf_keras as keras

        tf.zeros(())
    return Backend(tf, keras)


def load_keras3() -> Keras:
    """Import Keras 3, the package `keras`, which lives beside Keras 2 in one process."""
    load()
    require_packages("a model of Keras 3", "keras")
    import keras

    return keras


def is_keras3(model: KerasModel) -> bool:
    """Whether a model, or a layer, is of Keras 3."""
    return any(kind.__module__.split(".")[0] == "keras" for kind in type(model).__mro__)


def is_functional(model: KerasModel) -> bool:
    """Whether a model declares its inputs: a functional one, or a Sequential that was built."""
    kinds = {kind.__name__ for kind in type(model).__mro__}
    return bool(kinds & {"Functional", "Sequential"}) and bool(getattr(model, "inputs", None))


def layers_of(model: KerasModel) -> list[Any]:
    """The model and all layers in it, at any depth; none of what is no Keras model."""
    if not hasattr(model, "_flatten_layers"):
        return []
    return list(model._flatten_layers(include_self=True, recursive=True))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence the converter's routine remarks; errors still come through as exceptions."""
    absl, tensorflow = logging.getLogger("absl"), logging.getLogger("tensorflow")
    levels = absl.level, tensorflow.level
    absl.setLevel(logging.ERROR)
    tensorflow.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        absl.setLevel(levels[0])
        tensorflow.setLevel(levels[1])
