"""Who executes a model on this computer; each answers differently, so each is named."""

from __future__ import annotations

from collections.abc import Iterable

from tinybench.registry import Registry
from tinybench.runtimes.base import (
    Artifact,
    PortsSession,
    RefusalError,
    Runtime,
    Session,
    batch_shape,
)

__all__ = [
    "RUNTIMES",
    "Artifact",
    "PortsSession",
    "RefusalError",
    "Runtime",
    "Session",
    "batch_shape",
]


def _builtin() -> Iterable[Runtime]:
    from tinybench.runtimes.keras import KerasRuntime
    from tinybench.runtimes.litert import LiteRT
    from tinybench.runtimes.tflm import TFLM

    return [
        KerasRuntime(),
        LiteRT("litert", "LiteRT with its default kernels (XNNPACK)", "AUTO"),
        LiteRT("litert-ref", "LiteRT with its reference kernels", "BUILTIN_REF"),
        TFLM(),
    ]


RUNTIMES: Registry[Runtime] = Registry("runtime", builtin=_builtin)
