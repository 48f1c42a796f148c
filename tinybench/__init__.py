"""Benchmark the quantization variants of Keras models for microcontrollers, as pytest tests.

The public names are imported on first use: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinybench import machines, tflite
    from tinybench.boards import (
        BOARDS,
        Board,
        BoardError,
        BoardSession,
        Counters,
        CountingSession,
        Image,
        OperatorCost,
        PatientBoard,
        Toolchain,
    )
    from tinybench.codegen.program import Port, Program
    from tinybench.conversion.variants import VARIANTS, Variant
    from tinybench.errors import TinybenchError
    from tinybench.machines import Cost, Execution, Machine
    from tinybench.metrics import METRICS, Metric
    from tinybench.pytest_plugin.fixture import Benchmark
    from tinybench.runtimes import (
        RUNTIMES,
        Arena,
        ArenaSession,
        Artifact,
        PortsSession,
        RefusalError,
        Runtime,
        Session,
        TimedSession,
        batch_shape,
    )
    from tinybench.storage.identity import Identity
    from tinybench.storage.store import Store
    from tinybench.tasks import TASKS, DataError, Dataset, Recipe, Split, Task
    from tinybench.timing import latency

_HOME = {
    "tinybench.boards": (
        "BOARDS",
        "Board",
        "BoardError",
        "BoardSession",
        "Counters",
        "CountingSession",
        "Image",
        "OperatorCost",
        "PatientBoard",
        "Toolchain",
    ),
    "tinybench.codegen.program": ("Port", "Program"),
    "tinybench.errors": ("TinybenchError",),
    "tinybench.machines": ("Cost", "Execution", "Machine"),
    "tinybench.metrics": ("METRICS", "Metric"),
    "tinybench.runtimes": (
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
    ),
    "tinybench.storage.identity": ("Identity",),
    "tinybench.storage.store": ("Store",),
    "tinybench.tasks": ("TASKS", "DataError", "Dataset", "Recipe", "Split", "Task"),
    "tinybench.pytest_plugin.fixture": ("Benchmark",),
    "tinybench.conversion.variants": ("VARIANTS", "Variant"),
}
_MODULES = {
    "latency": "tinybench.timing.latency",
    "machines": "tinybench.machines",
    "tflite": "tinybench.tflite",
}
"""Modules that are public as a whole."""
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "BOARDS",
    "METRICS",
    "RUNTIMES",
    "TASKS",
    "VARIANTS",
    "Arena",
    "ArenaSession",
    "Artifact",
    "Benchmark",
    "Board",
    "BoardError",
    "BoardSession",
    "Cost",
    "Counters",
    "CountingSession",
    "DataError",
    "Dataset",
    "Execution",
    "Identity",
    "Image",
    "Machine",
    "Metric",
    "OperatorCost",
    "PatientBoard",
    "Port",
    "PortsSession",
    "Program",
    "Recipe",
    "RefusalError",
    "Runtime",
    "Session",
    "Split",
    "Store",
    "Task",
    "TimedSession",
    "TinybenchError",
    "Toolchain",
    "Variant",
    "batch_shape",
    "latency",
    "machines",
    "tflite",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'tinybench' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
