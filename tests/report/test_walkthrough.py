"""A page a task: summary, weights by layer, predictions, and what the file is."""

import pytest

from tinybench.report import walkthrough
from tinybench.results.document import Document
from tinybench.results.illustration import Illustration

from .. import illustrations
from ..documents import result_of


@pytest.fixture
def page() -> str:
    document = Document({}, {"mine": {"summary": "A task of mine"}})
    document.add(result_of("mine", "int8"))
    document.add(result_of("without-illustration"))
    pages = walkthrough.pages(document, {"mine": illustrations.of(document, "mine")})
    assert list(pages) == ["mine"]
    return pages["mine"]


def test_summary_and_weights(page: str) -> None:
    """Keras' summary, and every weight by layer."""
    assert page.startswith("# mine\n")
    assert "A task of mine.\n" in page
    assert "Total params: 31" in page
    assert "`dense_0/kernel` 1×10\n\n```\n[[1. 2.]]\n```" in page


def test_predictions_are_in_columns_by_model(page: str) -> None:
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("|")]

    assert [cell.strip() for cell in rows[0]] == ["x", "Keras", "int8"]
    assert [float(cell) for cell in rows[3]] == pytest.approx([0.54545, 0.51881, 0.54545])
    assert "Trained on x from 0 to 6" in page


def test_a_classifier_has_a_page_without_probes(classes: Document, sides: Illustration) -> None:
    page = walkthrough.pages(classes, {"sides": sides})["sides"]

    assert "`dense_0/kernel` 16×2" in page
    assert "## Predictions" not in page
    assert "SOFTMAX" in page
