"""The page of the linear tutorial, from its committed checkpoint."""

import pytest

from tinybench.artifacts import Artifacts
from tinybench.measurement.measure import Measurements
from tinybench.report import walkthrough
from tinybench.results.document import Document
from tinybench.storage.store import Store

from ..documents import result_of


@pytest.fixture(scope="module")
def page(store: Store) -> str:
    document = Document({})
    document.add(result_of("linear", "int8"))
    document.add(result_of("nobody-registered-this"))
    pages = walkthrough.pages(document, Measurements(Artifacts(store)))
    assert list(pages) == ["linear"]
    return pages["linear"]


def test_summary_and_weights(page: str) -> None:
    """Keras' summary, and every weight by layer."""
    assert "dense_0 (Dense)             (None, 10)                20" in page
    assert "Total params: 31" in page
    for name in ("`dense_0/kernel` 1×10", "`dense_1/bias` 1\n"):
        assert name in page


def test_extrapolation(page: str) -> None:
    """On 1 … 5 the float model gives what the tutorial expects; int8 is shown as it is."""
    rows = [line.split("|")[1:-1] for line in page.splitlines() if line.startswith("|")]
    names = [cell.strip() for cell in rows[0]]
    keras = {float(row[0]): float(row[names.index("Keras")]) for row in rows[2:]}
    int8 = {float(row[0]): float(row[names.index("int8")]) for row in rows[2:]}

    for x in range(1, 6):
        assert keras[x] == pytest.approx(100 * x + 5, abs=0.5)
    assert max(abs(int8[x] - keras[x]) for x in range(1, 6)) > 20


def test_a_classifier_has_a_page_without_probes(
    classes: Document, class_bench: Measurements
) -> None:
    page = walkthrough.pages(classes, class_bench)["sides"]

    assert "`dense_0/kernel` 16×2" in page
    assert "## Predictions" not in page
    assert "SOFTMAX" in page
