"""A small real document: two tasks, few variants, with sizes published and a study of seeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tinybench.conversion.variants import VARIANTS
from tinybench.measurement.illustration import illustrate
from tinybench.measurement.measure import Measurements
from tinybench.results.document import Document, decode, read
from tinybench.results.illustration import Illustration
from tinybench.tasks import TASKS

from . import classifier

MEDIAN = {"min": 0.0099, "q25": 0.0101, "median": 0.0105, "q75": 0.012, "max": 0.17}


@pytest.fixture
def document() -> Document:
    """Read anew for every test, which may change it."""
    return read(Path(__file__).parent / "document.json")


@pytest.fixture
def study() -> dict[str, Any]:
    """What a task's entry holds under `seeds`."""
    return {
        "seeds": 100,
        "failed": 29,
        "failed_above": 0.05000000000000001,
        "float32": {"mse": MEDIAN},
        "int8": {"mse": MEDIAN, "mse_vs_float32": MEDIAN},
        "recipe": {"epochs": 500},
        "versions": {"python": "3.11.7"},
    }


@pytest.fixture(scope="session")
def class_bench(warm_cache: Path) -> Measurements:
    """What is kept: training and converting the classifier takes seconds."""
    return classifier.bench(warm_cache)


@pytest.fixture(scope="session")
def measured_classes(class_bench: Measurements) -> Document:
    """As it is read back from a file."""
    return decode(json.loads(classifier.measured(class_bench).to_json()), "measured")


@pytest.fixture
def classes(measured_classes: Document) -> Iterator[Document]:
    """The document of a registered classifier, anew for every test."""
    TASKS.add(classifier.TASK)
    yield deepcopy(measured_classes)
    TASKS.remove(classifier.TASK.name)


@pytest.fixture(scope="session")
def sides(class_bench: Measurements) -> Illustration:
    """What the run of the classifier writes beside its document."""
    variants = [VARIANTS.get(name) for name in classifier.VARIANTS_OF_IT]
    return illustrate(class_bench, classifier.TASK, variants)


@pytest.fixture
def both(document: Document, classes: Document) -> Document:
    """Regressions and a classifier in one document."""
    document.tasks |= classes.tasks
    document.results |= classes.results
    return document
