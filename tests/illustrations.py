"""A made-up illustration of a task of one number, as a run writes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from tinybench.results.document import Document
from tinybench.results.illustration import (
    Box,
    Curves,
    Illustration,
    Predictions,
    Probes,
    files_of,
)

X = np.linspace(0, 6, 12, dtype=np.float32)
Y = np.sin(X)
CURVE = np.linspace(5, 1, 4, dtype=np.float32)
ERRORS = [
    {"layer": "0 dense_0", "operator": "FULLY_CONNECTED", "error": 0.01},
    {"layer": "1 dense_1", "operator": "FULLY_CONNECTED", "error": 0.0},
]
NUMBERS = Illustration(
    files={},
    data="d" * 64,
    loss="mean squared error",
    summary="Total params: 31",
    inspection="what the file is",
    weights=(("dense_0/kernel", (1, 10), "[[1. 2.]]"),),
    history={"loss": CURVE, "val_loss": CURVE},
    curves={
        stage: Curves(np.arange(1, 5, dtype=np.int32), {"loss": CURVE})
        for stage in ("float32", "qat")
    },
    graph=(Box("input", "float32", (1, 1), 0), Box("dense_0", "ADD", (1, 1), 20, (0,))),
    layers={"int8": ERRORS},
    splits=dict.fromkeys(("train", "validation", "test"), (X, Y)),
    truth=np.concatenate([Y, Y, Y]),
    predictions=Predictions(X, Y[:, None], {"Keras": Y[:, None], "TFLite": Y[:, None]}),
    probes=Probes(X[:2, None], {"Keras": Y[:2, None], "int8": X[:2, None]}, (0.0, 6.0)),
)


def of(document: Document, task: str, **changes: Any) -> Illustration:
    """That of the task's models and data in a document."""
    data = document.tasks.get(task, {}).get("data", {}).get("sha256", NUMBERS.data)
    return replace(NUMBERS, files=files_of(document, task), data=data, **changes)
