"""What was counted on boards has tables of its own, and is in no other."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tinybench.metrics import METRICS
from tinybench.report import rows
from tinybench.report.table import Table
from tinybench.report.tables import tables
from tinybench.results.document import Document
from tinybench.results.record import HOST_ONLY, OperatorCost

from ..documents import result_of

COSTS: dict[str, float] = {
    "instructions": 9000,
    "memory_reads": 800,
    "memory_writes": 90,
    "flash_bytes": 3000,
    "flash_code_bytes": 1000,
    "flash_weight_bytes": 2000,
    "ram_bytes": 64,
    "stack_bytes": 32,
    "board_samples": 200,
    "tflm_mismatches": 0,
    "mse": 0.0109,
}
PROFILE = [OperatorCost("CONV_2D", 7000, 600, 60), OperatorCost("SOFTMAX", 1900)]


@pytest.fixture
def counted(document: Document) -> Document:
    """The document, with int8 on two boards and float16 refused on one."""
    add(document, "int8", "cortex-m4", metrics=dict(COSTS), profile=PROFILE)
    add(document, "int8", "cortex-m0plus", metrics={**COSTS, "instructions": 20000})
    add(document, "float16", "cortex-m4", outcome="skipped", notes=[f"{HOST_ONLY}: float16"])
    return document


def add(document: Document, variant: str, board: str, **values: Any) -> None:
    task = "sine-16x16"
    document.add(result_of(task, variant, board, **values))


def named(document: Document, name: str) -> Table:
    return {table.name: table for table in tables(document)}[name]


def test_their_tables_stand_behind_the_cost_on_the_host(counted: Document) -> None:
    names = [table.name for table in tables(counted)]

    assert names[3:6] == ["cost", "boards", "profile"]


def test_a_row_is_a_variant_on_a_board(counted: Document) -> None:
    """Board by board, in the order of the registries, with the numbers as they were recorded."""
    found = named(counted, "boards").records()

    assert [(row["runtime"], row["variant"]) for row in found] == [
        ("cortex-m0plus", "int8"),
        ("cortex-m4", "float16"),
        ("cortex-m4", "int8"),
    ]
    assert {name: found[2][name] for name in COSTS} == COSTS
    assert all(type(found[2][name]) is int for name in COSTS if name in METRICS.of("board"))


def test_headings_have_units_and_zero_mismatches_are_shown(counted: Document) -> None:
    shown = named(counted, "boards").rendered().to_dict("records")

    assert shown[2]["board"] == "cortex-m4"
    assert shown[2]["instructions (instr) ↓"] == "9000"
    assert shown[2]["flash_bytes (B) ↓"] == "3000"
    assert shown[2]["tflm_mismatches (samples) ↓"] == "0"
    assert shown[1]["flash_bytes (B) ↓"] == "–"


def test_a_refused_variant_says_why_below(counted: Document) -> None:
    table = named(counted, "boards")

    assert table.records()[1]["labels"] == HOST_ONLY
    assert table.footnotes == ("host-only (sine-16x16-float16-cortex-m4): float16",)


def test_the_profile_keeps_the_order_of_operators(counted: Document) -> None:
    """Boards that count no accesses leave gaps."""
    table = named(counted, "profile")

    expected = [{"index": at, **msgspec.to_builtins(one)} for at, one in enumerate(PROFILE)]
    assert [{key: row[key] for key in expected[0]} for row in table.records()] == expected
    assert table.rendered()["reads (accesses) ↓"].tolist() == ["600", "–"]


def test_no_profile_no_table(counted: Document) -> None:
    counted.results["sine-16x16-int8-cortex-m4"].profile = []

    assert "profile" not in [table.name for table in tables(counted)]


@pytest.mark.parametrize("name", ["runtimes", "latency", "cost", "quality"])
def test_boards_are_no_runtimes(counted: Document, name: str) -> None:
    """Even a failed one, which has no metrics to be known by."""
    add(counted, "dynamic", "cortex-m4", outcome="failed")

    table = named(counted, name)

    assert "cortex" not in table.frame.to_string()
    assert not any("cortex" in str(column) for column in table.frame.columns)


def test_a_failure_on_a_board_is_a_row_of_its_table(counted: Document) -> None:
    add(counted, "dynamic", "cortex-m4", outcome="failed")

    (row,) = [r for r in named(counted, "boards").records() if r["variant"] == "dynamic"]
    assert row["labels"] == "FAILED"


def test_metrics_of_users_on_boards_are_shown(counted: Document) -> None:
    counted.results["sine-16x16-int8-cortex-m4"].metrics["energy_uj"] = 5

    (row,) = named(counted, "others").records()
    assert (row["runtime"], row["metric"], row["value"]) == ("cortex-m4", "energy_uj", 5)


def test_a_board_that_is_not_registered_is_known_by_what_was_counted(document: Document) -> None:
    add(document, "int8", "mine", metrics={"instructions": 7})
    add(document, "int8", "theirs", metrics={"host_us": 7.0})

    assert rows.boards(document) == ["mine"]
    assert "theirs" in rows.runtimes(document)
    assert "mine" not in rows.runtimes(document)
