"""Curves and layers: what the page shows beyond the document."""

from __future__ import annotations

from tinybench.report.page.details import collect
from tinybench.results.document import Document
from tinybench.results.illustration import Illustration

from .. import illustrations
from ..documents import result_of


def test_details_of_an_illustrated_task() -> None:
    """Curves by stage; layers of variants that are not exact."""
    document = Document({})
    document.add(result_of("mine", "int8"))
    document.add(result_of("without-illustration", "int8"))

    found = collect(document, {"mine": illustrations.of(document, "mine")})

    assert list(found.training) == ["mine"]
    assert list(found.training["mine"]) == ["float32", "qat"]
    drawn = found.training["mine"]["qat"]
    assert drawn == {"epochs": [1, 2, 3, 4], "values": {"loss": [5.0, 3.666667, 2.333333, 1.0]}}
    assert found.layers["columns"] == ["task", "variant", "layer", "operator", "error"]
    assert found.layers["rows"] == [["mine", "int8", "0 dense_0", "FULLY_CONNECTED", 0.01]]


def test_details_of_a_classifier(classes: Document, sides: Illustration) -> None:
    """Accuracy by epoch, and the layers of int8; what equals float32 has no error."""
    found = collect(classes, {"sides": sides})

    assert list(found.training["sides"]) == ["float32", "qat"]
    assert "val_categorical_accuracy" in found.training["sides"]["float32"]["values"]
    assert {row[1] for row in found.layers["rows"]} == {"int8"}
    assert [row[3] for row in found.layers["rows"]][-1] == "SOFTMAX"
