"""A data set as its card tells it."""

from __future__ import annotations

from typing import Any

import pytest

from tinybench.report import dataset_cards

COUNTED = {"train": {"yes": 6, "no": 5}, "validation": {"yes": 2}, "test": {"yes": 1, "no": 3}}
NUMBERS = {"train": 600, "validation": 200, "test": 200}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (COUNTED, {"train": 11, "validation": 2, "test": 4}),
        (NUMBERS, NUMBERS),
        ({"sha256": "d", "test": 9}, {"test": 9}),
    ],
)
def test_classes_add_up_to_a_split(data: dict[str, Any], expected: dict[str, int]) -> None:
    assert dataset_cards.totals(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (COUNTED, "yes 6/2/1, no 5/0/3"),
        (NUMBERS, ""),
        ({**COUNTED, "test": 4}, ""),
        ({}, ""),
    ],
)
def test_a_class_is_counted_in_every_split(data: dict[str, Any], expected: str) -> None:
    """One that a split has no sample of is counted there as none."""
    assert dataset_cards.classes(data) == expected


def test_only_what_is_known_is_told() -> None:
    licence = {"licence": "CC0", "groups": "persons: 3 train, 1 validation, 1 test"}

    assert list(dataset_cards.facts(NUMBERS)) == [
        ("data set", "600 train, 200 validation, 200 test")
    ]
    assert list(dataset_cards.facts({**COUNTED, **licence, "source": "drawn"})) == [
        ("data set", "drawn; 11 train, 2 validation, 4 test"),
        ("licence of the data", "CC0"),
        ("groups, none in two splits", "persons: 3 train, 1 validation, 1 test"),
        ("samples by class (train/validation/test)", "yes 6/2/1, no 5/0/3"),
    ]
