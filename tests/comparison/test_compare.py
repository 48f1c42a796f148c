"""Verdicts on two documents, as a table of what was and what is."""

from typing import Any

import pytest
from msgspec import UNSET, UnsetType

from tinybench.comparison import compare
from tinybench.comparison.compare import Change, judge
from tinybench.comparison.gates import parse
from tinybench.metrics import METRICS
from tinybench.registry import UnknownNameError
from tinybench.results.document import Document

from ..documents import ENVIRONMENT, entry, make, measured, result

NAN, INFINITE = float("nan"), float("inf")


def only(old: Document, new: Document, *across: str) -> Change:
    (change,) = compare.compare(old, new, across)
    return change


@pytest.mark.parametrize(
    ("metric", "old", "new", "verdict"),
    [
        ("mse", 0.1, 0.1, "no change"),
        ("mse", 0.1, 0.11, "regressed"),
        ("mse", 0.1, 0.09, "improved"),
        ("mse", 0.1, 0.1 * (1 + 1e-7), "regressed"),  # integers are exact
        ("tflite_bytes", 3112, 3113, "regressed"),
        ("tflite_bytes", 3112, 3111, "improved"),
        ("reduced_bytes", 100, 90, "regressed"),  # higher is better
        ("reduced_bytes", 100, 110, "improved"),
        ("host_us", 1.0, 1.2, "within noise"),
        ("host_us", 1.0, 1.3, "regressed"),
        ("host_us", 1.0, 0.7, "improved"),
        ("noop_us", 1.0, 9.0, "not comparable"),  # neither direction is better
        ("retrained_difference", 0.0, 0.04, "within noise"),  # bounded by its own test
        ("mse_vs_float32", 0.0, 1e-30, "regressed"),  # any change from 0
        ("mse_vs_float32", 1e-30, 0.0, "improved"),
        ("instructions", 0, 1, "regressed"),
        ("mse", NAN, NAN, "not comparable"),
        ("mse", 0.1, NAN, "not comparable"),
        ("mse", INFINITE, INFINITE, "not comparable"),
        ("mse", INFINITE, 0.1, "not comparable"),
        ("of_a_later_version", 1, 1, "no change"),
        ("of_a_later_version", 1, 2, "not comparable"),
    ],
)
def test_verdict(metric: str, old: float, new: float, verdict: str) -> None:
    change = only(measured(**{metric: old}), measured(**{metric: new}))

    assert change.verdict == verdict
    assert bool(change.why) == (verdict == "not comparable")


@pytest.mark.parametrize(
    ("metric", "old", "new", "verdict"),
    [
        ("mse", 0.1, 0.1 + 2e-6, "within noise"),  # its root moved by 3e-6
        ("mse", 0.1, 0.1 + 2e-5, "regressed"),
        ("mse", 1e-13, 8e-11, "within noise"),  # nothing but rounding before and after
        ("mse", 1e-13, 2e-10, "regressed"),
        ("mse", 1e-13, 0.0, "within noise"),
        ("max_error", 0.1, 0.10001, "within noise"),
        ("max_error", 0.1, 0.10002, "regressed"),
        ("max_error", 0.1, 0.09998, "improved"),
        ("differing_outputs", 0, 300, "within noise"),  # of floats: says nothing
        ("max_difference_lsb", 1, 2, "regressed"),
        ("accuracy", 0.9, 0.8999, "regressed"),
        ("tflite_bytes", 3112, 3113, "regressed"),
    ],
)
def test_float_sums_move_on_another_processor(
    metric: str, old: float, new: float, verdict: str
) -> None:
    """Where a result says that it has float sums, outputs may move by that much; sizes may not."""
    assert (
        only_one(metric, measured(**{metric: old}), measured(**{metric: new, "rounding": 1e-5}))
        == verdict
    )


def only_one(metric: str, old: Document, new: Document) -> str:
    return next(one.verdict for one in compare.compare(old, new) if one.metric == metric)


@pytest.mark.parametrize(
    ("metric", "verdict"), [("mse", "regressed"), ("mse_vs_float32", "within noise")]
)
def test_the_float_model_moves_under_a_comparison_with_it(metric: str, verdict: str) -> None:
    """The int8 outputs are the same everywhere; the float32 outputs beside them are not."""

    def document(value: float) -> Document:
        int8 = result({metric: value, "rounding": 0})
        return make(int8, result({"rounding": 1e-5}, "float32"))

    assert only_one(metric, document(1e-4), document(1.0001e-4)) == verdict


def test_missing_and_new() -> None:
    """Of metrics and of whole benchmarks, each metric a row."""
    old = make(result({"mse": 1, "mae": 2}), result({"mse": 1}, "float32"))
    new = make(result({"mse": 1, "max_error": 3}), result({"mse": 1}, "int16x8"))

    found = {(one.id, one.metric): one.verdict for one in compare.compare(old, new)}

    assert found == {
        ("sine-int8", "mse"): "no change",
        ("sine-int8", "mae"): "missing",
        ("sine-int8", "max_error"): "new",
        ("sine-float32", "mse"): "missing",
        ("sine-int16x8", "mse"): "new",
    }


def test_missing_says_why_a_benchmark_measured_nothing() -> None:
    new = make(result({}, notes=["host-only: no kernel"], outcome="skipped"))

    assert only(measured(mse=1), new).why == "host-only: no kernel"


@pytest.mark.parametrize(
    ("changed", "kind", "why"),
    [
        (
            {"data": {"sha256": "0" * 64}},
            "data",
            "task sine has another data set (dddddddd, now 00000000)",
        ),
        (
            {"calibration": {"sha256": "0" * 64}},
            "calibration",
            "task sine has another calibration set (cccccccc, now 00000000)",
        ),
        (
            {"definition": {"recipe": {"seed": 2, "epochs": 100}, "architecture": "e" * 64}},
            "definition",
            "task sine is defined otherwise: seed 1, now 2",
        ),
        (
            {"definition": {"recipe": {"seed": 1, "epochs": 100}, "architecture": "f" * 64}},
            "definition",
            "task sine is defined otherwise: architecture eeeeeeee, now ffffffff",
        ),
    ],
)
def test_another_task_is_not_comparable(changed: dict[str, Any], kind: str, why: str) -> None:
    """The same name for another thing; who knows and wants it can look past that."""
    old, new = measured(mse=1), make(result({"mse": 2}), sine=entry(**changed))

    assert (only(old, new).verdict, only(old, new).why) == ("not comparable", why)
    assert only(old, new, kind).verdict == "regressed"


def test_documents_without_definition_compare_seed_and_epochs() -> None:
    """As the first release wrote them."""

    def document(seed: int) -> Document:
        checkpoints = {"float32": {"seed": seed, "epochs": 5}}
        return make(result({"mse": 1}), sine=entry(definition=None, checkpoints=checkpoints))

    assert only(document(1), document(1)).verdict == "no change"
    assert only(document(1), document(2)).why.endswith("defined otherwise: seed 1, now 2")


def test_undescribed_task_is_not_comparable() -> None:
    """Nothing known is not the same as nothing changed."""
    silent = measured(mse=1)
    silent.tasks = {}

    assert only(silent, measured(mse=1)).why.startswith("only one run says what task sine is")
    assert only(silent, silent).why.startswith("neither run says")


@pytest.mark.parametrize(
    ("part", "value", "metric", "why"),
    [
        (
            "toolchain",
            {**ENVIRONMENT["toolchain"], "flags": "-Os -std=c99 -Wall -Wextra -Werror"},
            "instructions",
            "another compiler: flags -O2, now -Os",
        ),
        ("toolchain", None, "flash_bytes", "a run does not say its compiler"),
        ("machine", {"cpu": "b", "cores": 2}, "host_us", "another machine: cpu a, now b"),
    ],
)
def test_conditions_of_a_metric(part: str, value: Any, metric: str, why: str) -> None:
    """Each metric names what it depends on; the others stay comparable."""
    old = measured(**{metric: 1, "tflite_bytes": 1})
    new = make(result({metric: 1, "tflite_bytes": 1}), environment={part: value})

    found = {one.metric: (one.verdict, one.why) for one in compare.compare(old, new)}

    assert found == {metric: ("not comparable", why), "tflite_bytes": ("no change", "")}


OTHER_VERSIONS = {"tensorflow": "2.20.0", "tf-keras": "2.20.1", "numpy": "2.4.6"}
BY_CONVERTER = "another converter: tensorflow 2.21.0, now 2.20.0; tf-keras 2.21.0, now 2.20.1"


@pytest.mark.parametrize(
    ("metric", "files", "versions", "why"),
    [
        ("tflite_bytes", "ab", OTHER_VERSIONS, BY_CONVERTER),
        ("saved_model_bytes", "ab", OTHER_VERSIONS, BY_CONVERTER),
        ("arena_bytes", "ab", OTHER_VERSIONS, BY_CONVERTER),
        ("flash_bytes", "ab", OTHER_VERSIONS, BY_CONVERTER),
        ("instructions", "ab", OTHER_VERSIONS, BY_CONVERTER),
        ("instructions", "aa", OTHER_VERSIONS, ""),  # the same file, whoever wrote it
        ("tflite_bytes", "aa", OTHER_VERSIONS, ""),
        ("tflite_bytes", "ab", {"numpy": "1.26.4"}, ""),  # it writes no file
        ("tflite_bytes", "ab", {}, ""),
        ("mse", "ab", OTHER_VERSIONS, ""),  # quality is gated whoever wrote the file
        ("tflm_mismatches", "ab", OTHER_VERSIONS, ""),
        (
            "tflite_bytes",
            "ab",
            {**ENVIRONMENT["versions"], "tensorflow": "not installed"},
            "another converter: tensorflow 2.21.0, now not installed",
        ),
    ],
)
def test_another_converter(metric: str, files: str, versions: dict[str, str], why: str) -> None:
    """Sizes and costs of files that different converters wrote say nothing of the model."""
    old, new = (
        make(result({metric: value}, sha256=file * 64), environment={"versions": said})
        for value, file, said in zip(
            (100, 124), files, (ENVIRONMENT["versions"], versions), strict=True
        )
    )

    found = only(old, new)

    assert (found.verdict, found.why) == (("not comparable", why) if why else ("regressed", ""))
    assert only(old, new, "converter").verdict == "regressed"


def test_a_board_across_converters_still_needs_the_compiler() -> None:
    old = make(result({"flash_bytes": 1}, sha256="a" * 64))
    new = make(
        result({"flash_bytes": 2}, sha256="b" * 64),
        environment={"versions": OTHER_VERSIONS, "toolchain": {"compiler": "zig cc 2"}},
    )

    assert only(old, new, "converter").why.startswith("another compiler: ")
    assert only(old, new, "compiler").why == BY_CONVERTER
    assert only(old, new, "compiler", "converter").verdict == "regressed"


RULES = "rules 1 of cortex-m4; 120 MHz; no interrupts"


@pytest.mark.parametrize("metric", ["cycles", "device_ms_low", "device_ms_high"])
@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (RULES, RULES, ""),
        (RULES, RULES.replace("120", "80"), "another basis: 120 MHz, now 80 MHz"),
        (RULES, RULES.replace("1 of", "2 of"), "rules 1 of cortex-m4, now rules 2 of cortex-m4"),
        ("rules", "rules; 120 MHz", "another basis: less, now 120 MHz"),
        (RULES, UNSET, "a run does not say what its cycles stand on"),
        (UNSET, UNSET, ""),
    ],
)
def test_another_basis_of_cycles(
    metric: str, old: str | UnsetType, new: str | UnsetType, why: str
) -> None:
    """Other rules or another board of the same name say nothing of the model."""
    before = make(result({metric: 100}, place="cortex-m4", time_basis=old))
    after = make(result({metric: 124}, place="cortex-m4", time_basis=new))

    found = only(before, after)

    assert found.verdict == ("not comparable" if why else "regressed")
    assert found.why.endswith(why)
    assert only(before, after, "basis").verdict == "regressed"
    counted = [make(result({"instructions": 9}, time_basis=basis)) for basis in (old, new)]
    assert only(counted[0], counted[1]).verdict == "no change"


def test_cycles_across_bases_still_need_the_compiler() -> None:
    old = make(result({"cycles": 1}, time_basis="rules 1"))
    other = {"toolchain": {"compiler": "zig cc 2"}}
    new = make(result({"cycles": 2}, time_basis="rules 2"), environment=other)

    assert only(old, new, "basis").why.startswith("another compiler: ")
    assert only(old, new, "compiler").why.startswith("cycles stand on another basis: ")
    assert only(old, new, "basis", "compiler").verdict == "regressed"


def test_changed_versions() -> None:
    """What both runs state and differs, in the order of the document."""
    old = make(environment={"versions": {"python": "3.11.7", "numpy": "2.4.6", "gone": "1"}})
    new = make(environment={"versions": {"numpy": "1.26.4", "python": "3.12.1", "new": "1"}})

    assert (
        compare.changed_versions(old, new) == "python 3.11.7, now 3.12.1; numpy 2.4.6, now 1.26.4"
    )
    assert compare.changed_versions(old, old) == ""
    assert compare.changed_versions(make(environment={"versions": None}), new) == ""


def test_delta_and_relative() -> None:
    assert only(measured(mse=-2.0), measured(mse=-1.0)).relative == 0.5
    assert only(measured(mse=0), measured(mse=3)).relative is None
    assert only(measured(mse=0), measured(mse=3)).delta == 3
    assert only(measured(mse=0), make()).delta is None


def test_interesting_first() -> None:
    old = measured(mse=1, mae=1, tflite_bytes=1, arena_bytes=1)
    new = measured(mse=1, mae=0.5, tflite_bytes=2, macs=1)

    found = [one.verdict for one in compare.interesting(compare.compare(old, new))]

    assert found == ["regressed", "missing", "new", "improved"]


def test_unknown_difference() -> None:
    with pytest.raises(UnknownNameError, match=r"'compilers' \(did you mean 'compiler'\?\)"):
        compare.check_across(["compilers"])


def test_a_part_of_a_run_moves_by_what_the_baseline_says() -> None:
    """One test measures int8; what it is held against stands in the baseline, with its bound."""
    old = make(result({"mse_vs_keras": 1e-4}), result({"rounding": 1e-3}, "float32"))
    new = make(result({"mse_vs_keras": 1.0001e-4}))

    (change,) = compare.compare(old, new, wanted={"sine-int8": None})

    assert change.verdict == "within noise"


def test_wanted_says_what_may_be_missing() -> None:
    old = make(result({"mse": 1, "macs": 1, "host_us": 1}), result({"mse": 1}, "float32"))

    changes = compare.compare(old, make(), wanted={"sine-int8": ["mse"]})

    assert [(one.id, one.metric, one.verdict) for one in changes] == [
        ("sine-int8", "mse", "missing")
    ]


@pytest.mark.parametrize("side", ["old", "new"])
def test_times_that_one_run_did_not_take_are_neither_missing_nor_new(side: str) -> None:
    """But a benchmark that is gone is missing, whatever it measured."""
    timed, exact = measured(mse=1, host_us=2, noop_us=1), measured(mse=1)
    changes = compare.compare(exact, timed) if side == "old" else compare.compare(timed, exact)

    assert [one.metric for one in changes] == ["mse"]
    assert [one.verdict for one in compare.compare(measured(host_us=2), make())] == ["missing"]


@pytest.mark.parametrize(
    ("old", "new", "verdict"),
    [(1000, 1030, "within noise"), (1000, 1031, "regressed"), (1000, 969, "improved")],
)
def test_cycles_move_with_addresses(old: int, new: int, verdict: str) -> None:
    """By 3 %, which means nothing; more is gated as any exact metric is."""
    assert judge(METRICS.get("cycles"), old, new) == verdict
    assert parse("cycles:0")
