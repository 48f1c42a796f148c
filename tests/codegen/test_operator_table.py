"""docs/reference/operators.md says of every operator and type what is so."""

from __future__ import annotations

import pytest

from .operator_table import PAGE, TYPES, UNTYPED, registered, row, shown_rows

SHOWN = shown_rows(PAGE.read_text("utf-8"))


def test_all_operators_of_the_runtime_are_in_the_table() -> None:
    widths = {name: len(cells) for name, cells in SHOWN.items() if name not in UNTYPED}

    assert widths == {name: 1 if name in UNTYPED else len(TYPES) for name in registered()}


@pytest.mark.slow
@pytest.mark.parametrize("name", SHOWN)
def test_row_is_what_happens(name: str) -> None:
    """`python -m tests.codegen.operator_table` writes the page again."""
    assert SHOWN[name] == row(name)
