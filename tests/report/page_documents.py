"""Documents for the page: boards beside the small real document, hostile names, very many rows."""

from __future__ import annotations

from tinybench.results.document import Document
from tinybench.results.record import OperatorCost

from ..documents import result_of

TASK, BOARD = "sine-16x16", "cortex-m4"
HOSTILE = "<img src=x onerror=window.hacked=1></script>"
COSTS = {
    "float32": (0.0103, 2648, 1889),
    "dynamic": (0.0103, 2648, 1889),
    "int8": (0.0109, 1704, 1361),
    "qat-int8": (0.0090, 1756, 1588),
}
"""Error, flash and instructions of variants of sine-16x16."""


def with_boards(document: Document) -> Document:
    """Add a board to the document: int8 costs less than float32, dynamic is float32."""
    for variant, (error, flash, instructions) in COSTS.items():
        metrics = {"mse": error, "flash_bytes": flash, "instructions": instructions}
        half = OperatorCost("FULLY_CONNECTED", 600, 9, 4)
        document.add(
            result_of(
                *(TASK, variant, BOARD),
                metrics={**metrics, "ram_bytes": 36, "stack_bytes": 108},
                profile=[half, OperatorCost("LOGISTIC", 300, 9, 4)],
            )
        )
    return document


NET = "helmet"
ACCURACIES = {"float32": (0.944, 105_000, 8_000_000), "int8": (0.934, 98_000, 6_000_000)}
"""Accuracy, flash and instructions of a classifier's variants."""


def with_classifier(document: Document) -> Document:
    """Add a classifier to the document, on a board too."""
    document.tasks[NET] = {"summary": "Helmet or none", "labels": ["none", "helmet"]}
    for variant, (accuracy, flash, instructions) in ACCURACIES.items():
        quality: dict[str, float] = {"accuracy": accuracy, "recall_none": 0.9, "recall_helmet": 1.0}
        own = {**quality, "tflite_bytes": flash - 1000}
        matrix = [[180, 20], [0, 200]]
        document.add(result_of(NET, variant, metrics=own, confusion=matrix))
        there = {**quality, "flash_bytes": flash, "instructions": instructions}
        document.add(result_of(NET, variant, BOARD, metrics=there))
    return document


def hostile() -> Document:
    """Every text that a user chooses is HTML that ends elements and runs a script."""
    document = Document(
        {"machine": {"cpu": HOSTILE, "cores": HOSTILE}, "versions": {HOSTILE: HOSTILE}},
        {HOSTILE: {"summary": HOSTILE, "published": {HOSTILE: HOSTILE}}},
        created=HOSTILE,
    )
    profile = [OperatorCost(HOSTILE, 9, 1, 1)]
    costs = {"mse": 0.5, "flash_bytes": 10, "instructions": 9, HOSTILE: 1.0}
    document.add(
        result_of(
            HOSTILE,
            HOSTILE,
            metrics={"mse": 0.5, "tflite_bytes": 8},
            notes=[HOSTILE],
            outcome="failed",
            sha256=HOSTILE,
        )
    )
    document.add(result_of(HOSTILE, HOSTILE, BOARD, metrics=costs, profile=profile))
    return document


def large(benchmarks: int) -> Document:
    """As many results as asked for, a tenth of them on a board."""
    document = Document({}, created="2026-01-01T00:00:00+00:00")
    for index in range(benchmarks // 10):
        task, variant = f"task-{index // 10}", f"variant-{index % 10}"
        metrics = dict.fromkeys(("mse", "mae", "mse_true"), index + 0.123456789)
        for place in ("", BOARD, *(f"runtime-{number}" for number in range(8))):
            more: dict[str, float] = {"tflite_bytes": 1000 + index, "host_us": 0.25 * index}
            if place == BOARD:
                more = {"flash_bytes": index, "instructions": index}
            document.add(result_of(task, variant, place or None, metrics={**metrics, **more}))
    return document
