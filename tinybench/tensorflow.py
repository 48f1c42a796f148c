"""TensorFlow, imported once, late, and with Keras 2.

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

Keras = Any
"""The `tf_keras` module; it has no type information."""
KerasModel = Any
"""A `tf_keras.Model`."""


class Backend(NamedTuple):
    """The two modules: TensorFlow and Keras 2."""

    tf: Any
    keras: Keras


@functools.cache
def load() -> Backend:
    """Import TensorFlow and Keras 2, which takes five to ten seconds the first time."""
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    # 3 leaves out the notes on oneDNN and on the GPU that a CPU machine does not have.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Which logs itself, and its start of a device, on standard error whatever the level.
    with capture.stderr():
        import tensorflow as tf
        import tf_keras as keras

        tf.zeros(())
    return Backend(tf, keras)


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
