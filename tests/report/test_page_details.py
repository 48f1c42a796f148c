"""Curves and layers: what the page shows beyond the document."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench.artifacts import Artifacts
from tinybench.measurement.measure import Measurements
from tinybench.report.page.details import POINTS, collect, curves_of
from tinybench.results.document import Document
from tinybench.storage.store import Store
from tinybench.training.checkpoint import Checkpoint

from ..documents import result_of


@pytest.mark.parametrize(("epochs", "shown"), [(0, 0), (1, 1), (7, 7), (POINTS, POINTS)])
def test_short_curves_are_shown_whole(epochs: int, shown: int) -> None:
    found = curves_of(Checkpoint({}, {"loss": np.arange(epochs, dtype=np.float32)}, {}))

    assert found["epochs"] == list(range(1, shown + 1))
    assert found["values"]["loss"] == [float(at) for at in range(shown)]


def test_long_curves_keep_first_and_last_epoch() -> None:
    loss = np.linspace(5, 1, 2001, dtype=np.float32)

    found = curves_of(Checkpoint({}, {"loss": loss, "val_loss": loss + 1}, {}))

    assert len(found["epochs"]) == len(found["values"]["val_loss"]) <= POINTS + 1
    assert (found["epochs"][0], found["epochs"][-1]) == (1, 2001)
    assert (found["values"]["loss"][0], found["values"]["loss"][-1]) == (5.0, 1.0)


def test_details_of_a_registered_task(tmp_path: Path) -> None:
    """Stages that the measured variants come from; layers of closed variants that are not exact."""
    document = Document({})
    for variant in ("float32", "int8", "qat-int8"):
        document.add(result_of("linear", variant))
    document.add(result_of("nobody-registered-this", "int8"))

    found = collect(document, Measurements(Artifacts(Store(tmp_path))))

    assert list(found.training) == ["linear"]
    assert list(found.training["linear"]) == ["float32", "qat"]
    assert found.layers["columns"] == ["task", "variant", "layer", "operator", "error"]
    assert {tuple(row[:3]) for row in found.layers["rows"]} == {
        *(("linear", "int8", layer) for layer in ("0 dense_0", "1 dense_1"))
    }


def test_details_of_a_classifier(classes: Document, class_bench: Measurements) -> None:
    """Accuracy by epoch, and the layers of int8; what equals float32 has no error."""
    found = collect(classes, class_bench)

    assert list(found.training["sides"]) == ["float32", "qat"]
    assert "val_categorical_accuracy" in found.training["sides"]["float32"]["values"]
    assert {row[1] for row in found.layers["rows"]} == {"int8"}
    assert [row[3] for row in found.layers["rows"]][-1] == "SOFTMAX"
