"""Layer names that do not count what else a process has built: they are written into the file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tinybench.tensorflow import KerasModel, is_keras3, layers_of


@contextlib.contextmanager
def canonical(model: KerasModel) -> Iterator[None]:
    """Within the block the layers of a Keras 3 model are named by type and position.

    Those of Keras 2 have such names from when they were built or were read from a file.
    """
    layers = layers_of(model) if is_keras3(model) else []
    kept = [layer.name for layer in layers]
    counts: dict[str, int] = {}
    try:
        for layer in layers:
            kind = type(layer).__name__.lower()
            layer.name = f"{kind}_{counts.setdefault(kind, 0)}"
            counts[kind] += 1
        yield
    finally:
        for layer, name in zip(layers, kept, strict=True):
            layer.name = name
