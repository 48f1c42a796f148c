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
    "REFERENCE_RUNTIME",
    "RUNTIMES",
    "Artifact",
    "PortsSession",
    "RefusalError",
    "Runtime",
    "Session",
    "batch_shape",
]


REFERENCE_RUNTIME = "litert"
"""Runs every variant; its outputs are the published quality and what others are checked against."""


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
