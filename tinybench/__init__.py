"""Benchmark the quantization variants of Keras models for microcontrollers, as pytest tests.

The public names are imported on first use: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinybench.boards import BOARDS, Board, BoardError
    from tinybench.conversion.variants import VARIANTS, Variant
    from tinybench.errors import TinybenchError
    from tinybench.metrics import METRICS, Metric
    from tinybench.pytest_plugin.fixture import Benchmark
    from tinybench.runtimes import RUNTIMES, Artifact, RefusalError, Runtime, Session
    from tinybench.tasks import TASKS, DataError, Dataset, Recipe, Split, Task
    from tinybench.timing import latency

_HOME = {
    "tinybench.boards": ("BOARDS", "Board", "BoardError"),
    "tinybench.errors": ("TinybenchError",),
    "tinybench.metrics": ("METRICS", "Metric"),
    "tinybench.runtimes": ("RUNTIMES", "Artifact", "RefusalError", "Runtime", "Session"),
    "tinybench.tasks": ("TASKS", "DataError", "Dataset", "Recipe", "Split", "Task"),
    "tinybench.pytest_plugin.fixture": ("Benchmark",),
    "tinybench.conversion.variants": ("VARIANTS", "Variant"),
}
_MODULES = {"latency": "tinybench.timing.latency"}
"""Modules that are public as a whole."""
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "BOARDS",
    "METRICS",
    "RUNTIMES",
    "TASKS",
    "VARIANTS",
    "Artifact",
    "Benchmark",
    "Board",
    "BoardError",
    "DataError",
    "Dataset",
    "Metric",
    "Recipe",
    "RefusalError",
    "Runtime",
    "Session",
    "Split",
    "Task",
    "TinybenchError",
    "Variant",
    "latency",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'tinybench' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
