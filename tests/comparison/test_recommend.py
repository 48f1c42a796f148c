"""What is recommended: quality first, then whether it runs, then whether it gains, then costs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tinybench.comparison.recommend import Advice, NothingMeasuredError, recommend
from tinybench.results.document import Document
from tinybench.results.record import HOST_ONLY, NOT_AVAILABLE, Note, Outcome

from ..documents import result_of

BOARD = "cortex-m4"
BOUNDS = {"mse": 0.01}
FLOAT32 = {"flash_bytes": 5000, "ram_bytes": 200, "instructions": 9000}
SMALL = {"flash_bytes": 3000, "ram_bytes": 100, "instructions": 4000}


def add(
    document: Document,
    variant: str,
    costs: Mapping[str, float] | None,
    quality: Mapping[str, float] | None = None,
    *,
    label: str = "",
    on_board: Outcome = "passed",
    here: Outcome = "passed",
) -> None:
    """A variant with its quality and, unless None, its costs on the board."""
    metrics = {"mse": 0.005, "mse_vs_float32": 0.0 if variant == "float32" else 0.001}
    labels = [label] if label else []
    one = result_of("t", variant, None, here, {**metrics, **(quality or {})}, labels)
    document.add(one)
    if costs is not None:
        document.add(result_of("t", variant, BOARD, on_board, dict(costs)))


@pytest.fixture
def document() -> Document:
    """A float32 that meets its bound and a smaller and faster int8."""
    made = Document({})
    add(made, "float32", FLOAT32)
    add(made, "int8", SMALL)
    return made


def advise(document: Document, **options: Any) -> Advice:
    variants = [
        one.variant for one in document.results.values() if one.level == "variant" and one.variant
    ]
    settings = {"bounds": BOUNDS, "board": BOARD, **options}
    return recommend(document, "t", variants, **settings)


def verdicts(advice: Advice) -> dict[str, str]:
    return {one.variant: one.out for one in advice.candidates}


def test_the_cheapest_that_fits_is_chosen_and_the_costs_are_said(document: Document) -> None:
    advice = advise(document)

    assert advice.chosen == "int8"
    assert verdicts(advice) == {"float32": "", "int8": ""}
    assert advice.why == (
        "the least in the order flash_bytes, ram_bytes, instructions (float32 being 0 %): "
        "flash_bytes 3,000 B (-40%), ram_bytes 100 B (-50%), instructions 4,000 instr (-56%)"
    )


def test_cycles_count_where_all_variants_have_them() -> None:
    """Counts overstate integers: here they would choose another variant."""
    document = Document({})
    add(document, "float32", {**FLOAT32, "cycles": 9000})
    add(document, "int8", {**SMALL, "cycles": 5001})
    add(document, "int16x8", {**SMALL, "instructions": 4001, "cycles": 5000})

    advice = advise(document)

    assert advice.chosen == "int16x8"
    assert advice.why.startswith("the least in the order flash_bytes, ram_bytes, cycles ")
    assert advise(document, cost_order=("instructions",)).chosen == "int8"


def test_a_variant_of_more_cycles_than_float32_is_out() -> None:
    document = Document({})
    add(document, "float32", {**FLOAT32, "cycles": 9000})
    add(document, "int8", {**SMALL, "cycles": 9001})

    assert verdicts(advise(document))["int8"] == "cycles 9001, float32 9000"


def test_instructions_count_where_a_variant_has_no_cycles(document: Document) -> None:
    """Such as one of an earlier run; cycles are then asked for in vain."""
    add(document, "int16x8", {**SMALL, "cycles": 5000})

    assert "order flash_bytes, ram_bytes, instructions " in advise(document).why
    asked = verdicts(advise(document, cost_order=("cycles",)))
    assert asked["int8"] == f"no cycles on {BOARD}"


@pytest.mark.parametrize(
    ("costs", "options", "reason"),
    [
        (SMALL, {"quality": {"mse": 0.0101}}, "mse 0.0101, bound 0.01"),
        (SMALL, {"quality": {"mse": 0.01}}, ""),
        ({**SMALL, "mse": 0.02}, {}, "mse 0.02, bound 0.01"),
        (None, {}, "not measured on cortex-m4"),
        (SMALL, {"on_board": "failed"}, "its benchmark failed on cortex-m4"),
        (SMALL, {"here": "failed"}, "its benchmark failed"),
        ({"flash_bytes": 3000, "instructions": 4000}, {}, "no ram_bytes on cortex-m4"),
        (
            {**SMALL, "flash_bytes": 5001},
            {},
            "flash_bytes 5001 B, float32 5000 B",
        ),
        (
            {**SMALL, "instructions": 9001},
            {},
            "instructions 9001 instr, float32 9000 instr",
        ),
        ({**SMALL, "ram_bytes": 201}, {}, ""),
        (SMALL, {"label": "= float32"}, "= float32"),
    ],
)
def test_what_puts_a_variant_out(
    document: Document, costs: dict[str, float] | None, options: dict[str, Any], reason: str
) -> None:
    """And then float32 is the advice."""
    del document.results["t-int8"], document.results[f"t-int8-{BOARD}"]
    add(document, "int8", costs, **options)

    advice = advise(document)

    assert verdicts(advice) == {"float32": "", "int8": reason}
    assert advice.chosen == ("float32" if reason else "int8")
    if reason:
        expected = "no other variant is within bounds, on the board, and no larger or slower"
        assert advice.why == expected


def test_a_refusal_is_the_reason(document: Document) -> None:
    add(document, "float16", None)
    label = f"{HOST_ONLY}: DEQUANTIZE of float16"
    document.add(result_of("t", "float16", BOARD, "skipped", notes=[label]))

    assert verdicts(advise(document))["float16"] == label


def test_what_the_reference_does_not_run_is_never_chosen(document: Document) -> None:
    """A board may run it all the same; nobody has judged it."""
    add(document, "int16x8", dict.fromkeys(SMALL, 1.0), here="skipped")
    note = Note(NOT_AVAILABLE, "litert does not run it: no SQUARED_DIFFERENCE of int16")
    document.results["t-int16x8"].notes = [note]

    found = advise(document)

    assert found.chosen == "int8"
    assert verdicts(found)["int16x8"] == str(note)


def test_quality_counts_before_everything_else(document: Document) -> None:
    """A variant that misses a bound is out for that, also where it does not run."""
    add(document, "int16x8", None, {"mse": 1.0})

    assert verdicts(advise(document))["int16x8"] == "mse 1, bound 0.01"


def test_a_bound_on_what_was_not_measured_is_missed(document: Document) -> None:
    advice = advise(document, bounds={"mse": 0.01, "mae": 0.1})

    assert advice.chosen is None
    assert set(verdicts(advice).values()) == {"mae not measured, bound 0.1"}


def test_nothing_fits(document: Document) -> None:
    advice = advise(document, bounds={"mse": 0.001})

    assert advice.chosen is None
    assert advice.why == "no variant meets the bounds and runs on the board"


def test_a_float32_that_is_out_is_no_measure_for_the_others(document: Document) -> None:
    """A larger variant is chosen if the float model misses its bound or does not fit."""
    document.results["t-float32"].metrics["mse"] = 1.0
    document.results[f"t-int8-{BOARD}"].metrics["flash_bytes"] = 6000

    advice = advise(document)

    assert advice.chosen == "int8"
    assert advice.why == "the only one within bounds and on the board"


@pytest.mark.parametrize(
    ("order", "chosen"),
    [
        (("flash_bytes", "ram_bytes", "instructions"), "int8"),
        (("ram_bytes", "flash_bytes", "instructions"), "int8-per-tensor"),
        (("instructions", "flash_bytes"), "int16x8"),
    ],
)
def test_the_order_of_costs_decides(
    document: Document, order: tuple[str, ...], chosen: str
) -> None:
    add(document, "int8-per-tensor", {**SMALL, "flash_bytes": 3001, "ram_bytes": 99})
    add(document, "int16x8", {**SMALL, "flash_bytes": 4000, "instructions": 3999})

    advice = advise(document, cost_order=order)

    assert advice.chosen == chosen
    assert f"the least in the order {', '.join(order)}" in advice.why


@pytest.mark.parametrize(
    ("closeness", "chosen", "verdict"),
    [
        (0.002, "int8", "costs the same; int8 is closer to float32"),
        (0.0005, "qat-int8", "costs the same; qat-int8 is closer to float32"),
        (0.001, "int8", "costs the same and is as close to float32; int8 is listed first"),
        (None, "int8", "costs the same; int8 is closer to float32"),
    ],
)
def test_equal_costs_go_to_the_closest_to_float32(
    document: Document, closeness: float | None, chosen: str, verdict: str
) -> None:
    """One whose distance is not known is not taken for close; the rule is said of the others."""
    add(document, "qat-int8", SMALL, {"mse_vs_float32": closeness or 0})
    if closeness is None:
        del document.results["t-qat-int8"].metrics["mse_vs_float32"]

    advice = advise(document)

    assert advice.chosen == chosen
    other = {"int8": "qat-int8", "qat-int8": "int8"}[chosen]
    assert {one.variant: one.verdict for one in advice.candidates} == {
        "float32": "fits, costs more",
        chosen: "chosen",
        other: verdict,
    }
    than = "listed before" if "first" in verdict else "closer to float32 than"
    assert advice.why.endswith(f"; {than} what costs the same: {other}")


@pytest.mark.parametrize("variant", ["dynamic", "float32-control"])
def test_float32_by_another_name_and_the_control_are_never_chosen(
    document: Document, variant: str
) -> None:
    """However small they are."""
    label = "= float32" if variant == "dynamic" else ""
    add(document, variant, dict.fromkeys(SMALL, 1), {"mse": 0.0}, label=label)

    advice = advise(document)

    assert advice.chosen == "int8"
    assert verdicts(advice)[variant]


def test_float32_is_chosen_where_quantizing_costs_ram(document: Document) -> None:
    same = {**FLOAT32, "ram_bytes": 201}
    document.results[f"t-int8-{BOARD}"].metrics = {**same}

    advice = advise(document)

    assert advice.chosen == "float32"
    order = "flash_bytes, ram_bytes, instructions"
    assert advice.why == f"no quantized variant costs less, in the order {order}"


def test_float32_is_chosen_where_quantizing_gains_nothing(document: Document) -> None:
    document.results[f"t-int8-{BOARD}"].metrics = {**FLOAT32}

    advice = advise(document)

    assert advice.chosen == "float32"
    assert [one.verdict for one in advice.candidates] == ["chosen", "costs the same as float32"]


def test_a_cost_of_zero_has_no_percentage(document: Document) -> None:
    for variant in ("float32", "int8"):
        document.results[f"t-{variant}-{BOARD}"].metrics["ram_bytes"] = 0

    assert "ram_bytes 0 B, instructions" in advise(document).why


@pytest.mark.parametrize(("found", "reason"), [(90, ""), (89, "reduced_bytes 89, bound 90")])
def test_a_bound_may_be_a_least_value(document: Document, found: int, reason: str) -> None:
    """Of a metric of which more is better."""
    for variant, value in (("float32", 95), ("int8", found)):
        document.results[f"t-{variant}"].metrics["reduced_bytes"] = value

    assert verdicts(advise(document, bounds={"reduced_bytes": 90}))["int8"] == reason


@pytest.mark.parametrize(
    ("found", "on_board", "reason"),
    [
        (0.88, 0.88, ""),
        (0.95, 0.879, "accuracy 0.879, bound 0.88"),
        (0.8, None, "accuracy 0.8, bound 0.88"),
    ],
)
def test_a_classifier_needs_accuracy_where_it_is_run(
    document: Document, found: float, on_board: float | None, reason: str
) -> None:
    """The board's own accuracy counts, and more than the bound is no fault."""
    for variant in ("float32", "int8"):
        document.results[f"t-{variant}"].metrics["accuracy"] = 0.99
    document.results["t-int8"].metrics["accuracy"] = found
    if on_board is not None:
        document.results[f"t-int8-{BOARD}"].metrics["accuracy"] = on_board

    advice = advise(document, bounds={"accuracy": 0.88})

    assert verdicts(advice) == {"float32": "", "int8": reason}
    assert advice.chosen == ("float32" if reason else "int8")


def test_a_class_may_have_a_bound(document: Document) -> None:
    document.results["t-float32"].metrics["recall_helmet"] = 0.9
    document.results["t-int8"].metrics["recall_helmet"] = 0.7

    advice = advise(document, bounds={"recall_helmet": 0.8})

    assert verdicts(advice)["int8"] == "recall_helmet 0.7, bound 0.8"


@pytest.mark.parametrize(("task", "board"), [("t", "cortex-m0plus"), ("other", BOARD)])
def test_nothing_measured_names_the_command(document: Document, task: str, board: str) -> None:
    """Neither another board nor another task says anything."""
    command = f"pytest --pyargs tinybench.bench --tinybench-task={task} --tinybench-board={board}"

    with pytest.raises(NothingMeasuredError, match=re.escape(command)):
        recommend(document, task, ["float32", "int8"], BOUNDS, board)
