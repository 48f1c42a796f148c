"""docs/reference/operators.md says of every operator and type what is so."""

from __future__ import annotations

import pytest

from .operator_table import PAGE, TYPES, UNTYPED, registered, row, shown_rows

SHOWN = shown_rows(PAGE.read_text("utf-8"))


def test_all_operators_of_the_runtime_are_in_the_table() -> None:
    typed = [cells for name, cells in SHOWN.items() if name not in UNTYPED and ":" not in name]

    assert sorted(SHOWN) == sorted(registered())
    assert {len(cells) for cells in typed} == {len(TYPES)}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_row_is_what_happens(name: str) -> None:
    """`python -m tests.codegen.operator_table` writes the page again."""
    assert SHOWN[name] == row(name)
