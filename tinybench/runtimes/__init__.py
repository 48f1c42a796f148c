"""Who executes a model on this computer; each answers differently, so each is named."""

from __future__ import annotations

from collections.abc import Iterable

from tinybench.registry import Registry
from tinybench.runtimes.base import (
    Arena,
    ArenaSession,
    Artifact,
    PortsSession,
    RefusalError,
    Runtime,
    Session,
    TimedSession,
    batch_shape,
    is_device,
    runs_files,
)

__all__ = [
    "DEVICE_REFERENCE",
    "REFERENCE_RUNTIME",
    "RUNTIMES",
    "Arena",
    "ArenaSession",
    "Artifact",
    "PortsSession",
    "RefusalError",
    "Runtime",
    "Session",
    "TimedSession",
    "batch_shape",
    "is_device",
    "runs_files",
]

REFERENCE_RUNTIME = "litert"
"""Runs every variant; its outputs are the published quality and what others are checked against."""

DEVICE_REFERENCE = "tflm"
"""A device's arithmetic: generated C gives its bytes, and what it refuses is for hosts only."""


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
