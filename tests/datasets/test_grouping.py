"""Splits by person: disjoint, stable, and complete in classes."""

import pytest

from tinybench.datasets.grouping import SHARES, assign
from tinybench.tasks import DataError

ALL = {"wing", "ring"}


def counts(splits: dict[str, str]) -> dict[str, int]:
    return {name: sum(found == name for found in splits.values()) for name in SHARES}


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (3, {"train": 1, "validation": 1, "test": 1}),
        (10, {"train": 7, "validation": 1, "test": 2}),
        (100, {"train": 65, "validation": 13, "test": 22}),
    ],
)
def test_shares(people: int, expected: dict[str, int]) -> None:
    assert expected == counts(assign({f"person {i}": ALL for i in range(people)}))


def test_order_of_files_does_not_matter() -> None:
    people = [f"person {i}" for i in range(20)]

    assert assign(dict.fromkeys(people, ALL)) == assign(dict.fromkeys(people[::-1], ALL))


def test_people_of_one_class_only() -> None:
    """As in the magic_wand data: those who recorded no gesture have other names."""
    classes = {
        **{f"a{i}": {"wing", "ring"} for i in range(8)},
        **{f"{i}": {"no"} for i in range(5)},
    }
    splits = assign(classes)

    for name in SHARES:
        seen = set().union(*(classes[who] for who, split in splits.items() if split == name))
        assert {"wing", "ring", "no"} == seen


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ({"anna": ALL}, r"class 'ring' has samples of 1 persons \(anna\).*at least 3"),
        ({"anna": ALL, "bo": ALL}, r"class 'ring' has samples of 2 persons \(anna, bo\)"),
        (
            {"anna": ALL, "bo": ALL, "eve": {"ring"}},
            r"class 'wing' has samples of 2 persons \(anna, bo\)",
        ),
    ],
)
def test_too_few_people(classes: dict[str, set[str]], message: str) -> None:
    with pytest.raises(DataError, match=message):
        assign(classes)
