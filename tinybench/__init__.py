"""Benchmark the quantization variants of Keras models for microcontrollers, as pytest tests.

The public names are imported on first use: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tinybench import machines, results, tflite
    from tinybench.artifacts import Artifacts, saved_model
    from tinybench.boards import (
        BOARDS,
        Board,
        BoardError,
        BoardSession,
        Counters,
        CountingSession,
        DoesNotFitError,
        Image,
        OperatorCost,
        PatientBoard,
        Toolchain,
    )
    from tinybench.codegen.program import Port, Program
    from tinybench.comparison import compare, gates
    from tinybench.comparison.compare import Change
    from tinybench.comparison.gates import Gate
    from tinybench.conversion.variants import VARIANTS, Variant
    from tinybench.errors import TinybenchError
    from tinybench.machines import Cost, Execution, Machine
    from tinybench.measurement.advice import ADVICES, Advice, Evidence, advise
    from tinybench.measurement.measure import Measurements
    from tinybench.measurement.predictions import Predictions, predict, value_problem
    from tinybench.metrics import METRICS, Metric
    from tinybench.metrics.heads import HEADS, Head
    from tinybench.pytest_plugin.fixture import Benchmark
    from tinybench.registry import Registry, UnknownNameError
    from tinybench.results import document as documents
    from tinybench.results.document import Document, DocumentError
    from tinybench.results.record import Note, Place, Result
    from tinybench.runtimes import (
        DEVICE_REFERENCE,
        REFERENCE_RUNTIME,
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
    from tinybench.tflite.verify import RULES, Rule
    from tinybench.timing import latency

_HOME = {
    "tinybench.artifacts": ("Artifacts",),
    "tinybench.boards": (
        "BOARDS",
        "Board",
        "BoardError",
        "BoardSession",
        "Counters",
        "CountingSession",
        "DoesNotFitError",
        "Image",
        "OperatorCost",
        "PatientBoard",
        "Toolchain",
    ),
    "tinybench.codegen.program": (
        "Port",
        "Program",
    ),
    "tinybench.comparison.compare": ("Change",),
    "tinybench.comparison.gates": ("Gate",),
    "tinybench.conversion.variants": (
        "VARIANTS",
        "Variant",
    ),
    "tinybench.errors": ("TinybenchError",),
    "tinybench.machines": (
        "Cost",
        "Execution",
        "Machine",
    ),
    "tinybench.measurement.advice": (
        "ADVICES",
        "Advice",
        "Evidence",
        "advise",
    ),
    "tinybench.measurement.measure": ("Measurements",),
    "tinybench.measurement.predictions": (
        "Predictions",
        "predict",
        "value_problem",
    ),
    "tinybench.metrics": (
        "METRICS",
        "Metric",
    ),
    "tinybench.metrics.heads": (
        "HEADS",
        "Head",
    ),
    "tinybench.pytest_plugin.fixture": ("Benchmark",),
    "tinybench.registry": (
        "Registry",
        "UnknownNameError",
    ),
    "tinybench.results.document": (
        "Document",
        "DocumentError",
    ),
    "tinybench.results.record": (
        "Note",
        "Place",
        "Result",
    ),
    "tinybench.runtimes": (
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
    ),
    "tinybench.storage.identity": ("Identity",),
    "tinybench.storage.store": ("Store",),
    "tinybench.tasks": (
        "TASKS",
        "DataError",
        "Dataset",
        "Recipe",
        "Split",
        "Task",
    ),
    "tinybench.tflite.verify": (
        "RULES",
        "Rule",
    ),
}
_MODULES = {
    "compare": "tinybench.comparison.compare",
    "gates": "tinybench.comparison.gates",
    "documents": "tinybench.results.document",
    "latency": "tinybench.timing.latency",
    "machines": "tinybench.machines",
    "results": "tinybench.results",
    "saved_model": "tinybench.artifacts.saved_model",
    "tflite": "tinybench.tflite",
}
"""Modules that are public as a whole."""
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "ADVICES",
    "BOARDS",
    "DEVICE_REFERENCE",
    "HEADS",
    "METRICS",
    "REFERENCE_RUNTIME",
    "RULES",
    "RUNTIMES",
    "TASKS",
    "VARIANTS",
    "Advice",
    "Arena",
    "ArenaSession",
    "Artifact",
    "Artifacts",
    "Benchmark",
    "Board",
    "BoardError",
    "BoardSession",
    "Change",
    "Cost",
    "Counters",
    "CountingSession",
    "DataError",
    "Dataset",
    "Document",
    "DocumentError",
    "DoesNotFitError",
    "Evidence",
    "Execution",
    "Gate",
    "Head",
    "Identity",
    "Image",
    "Machine",
    "Measurements",
    "Metric",
    "Note",
    "OperatorCost",
    "PatientBoard",
    "Place",
    "Port",
    "PortsSession",
    "Predictions",
    "Program",
    "Recipe",
    "RefusalError",
    "Registry",
    "Result",
    "Rule",
    "Runtime",
    "Session",
    "Split",
    "Store",
    "Task",
    "TimedSession",
    "TinybenchError",
    "Toolchain",
    "UnknownNameError",
    "Variant",
    "advise",
    "batch_shape",
    "compare",
    "documents",
    "gates",
    "latency",
    "machines",
    "predict",
    "results",
    "saved_model",
    "tflite",
    "value_problem",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(_MODULES[name])
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'tinybench' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
