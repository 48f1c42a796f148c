"""What counts as wrong: values, bounds and names."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement import predictions
from tinybench.measurement.measure import Measurements
from tinybench.measurement.predictions import Predictions
from tinybench.results.record import SAME_AS_FLOAT32
from tinybench.runtimes import RUNTIMES
from tinybench.tasks import TASKS
from tinybench.tflite import ports
from tinybench.tflite.quantize import dequantize
from tinybench.tflite.verify import UnknownRuleError

MODELS = Path(__file__).parents[1] / "tflite" / "models"
TASK = TASKS.get("sine-16x16-kink")


def int8_predictions(codes: "np.ndarray[Any, Any]") -> Predictions:
    grid = ports.output_of(tflite.read((MODELS / "dense-int8.tflite").read_bytes()))
    assert grid.quantization is not None
    values = dequantize(codes, grid.quantization.scales[0], grid.quantization.zero_points[0])
    return Predictions(values, codes, grid=grid)


@pytest.mark.parametrize(
    ("shift", "differing", "lsb", "wrong"),
    [(0, 0, 0, False), (1, 10, 1, False), (4, 10, 4, False), (5, 10, 5, True), (17, 10, 17, True)],
)
def test_integer_outputs_are_compared_in_codes(
    shift: int, differing: int, lsb: int, wrong: bool
) -> None:
    """A few codes are rounding; more, for all samples, is a wrong result."""
    codes = np.arange(10, dtype=np.int8)[:, None]
    expected, found = int8_predictions(codes), int8_predictions(codes + np.int8(shift))

    difference = predictions.difference(found, expected)

    assert (difference["differing_outputs"], difference["max_difference_lsb"]) == (differing, lsb)
    assert (predictions.value_problem(found, expected) is not None) == wrong


@pytest.mark.parametrize(
    ("first", "others", "message"),
    [
        (0.6, 0.9, None),
        (0.4, 0.9, None),
        (0.1, 0.9, None),
        (
            0.7,
            0.6,
            "100.0% of the samples differ by more than 0.0625 units, by up to 0.3; at most 2%",
        ),
        (0.9, 0.4, "99.0% of the samples are in other classes; at most 2%"),
    ],
    ids=["rounding", "one of 100 on the border", "one far off", "too far", "other classes"],
)
def test_probabilities_may_differ_more_but_not_the_classes(
    first: float, others: float, message: str | None
) -> None:
    """A softmax of two, of 100 samples: 0.9 expected for each, 0.6 for the first."""

    def probabilities(one: float, rest: float) -> Predictions:
        yes = np.array([one] + [rest] * 99, np.float32)[:, None]
        values = np.concatenate([yes, 1 - yes], axis=1)
        grid = int8_predictions(np.zeros((1, 1), np.int8)).grid
        return Predictions(values, values, grid=grid, probabilities=True)

    problem = predictions.value_problem(probabilities(first, others), probabilities(0.6, 0.9))

    assert (message is None) == (problem is None)
    assert message is None or message in str(problem)


@pytest.mark.parametrize(("shift", "wrong"), [(0, False), (9e-5, False), (2e-4, True)])
def test_float_outputs_are_compared_with_their_range(shift: float, wrong: bool) -> None:
    values = np.linspace(0, 1, 10, dtype=np.float32)[:, None]
    moved = (values + shift).astype(np.float32)

    problem = predictions.value_problem(Predictions(moved, moved), Predictions(values, values))

    assert (problem is not None) == wrong


def test_nan_outputs_are_a_problem() -> None:
    """NaN compares false with everything: it must not pass as "not larger"."""
    values = np.ones((3, 1), np.float32)
    broken = np.full((3, 1), np.nan, np.float32)

    assert predictions.value_problem(Predictions(broken, broken), Predictions(values, values))


def test_float_io_is_compared_in_codes_too() -> None:
    """A dequantized output moves in steps of the int8 tensor that it comes from."""
    model = tflite.read((MODELS / "dense-int8-float-io.tflite").read_bytes())

    grid = ports.output_grid(model)

    assert ports.output_of(model).dtype == "float32"
    assert grid is not None
    assert grid.dtype == "int8"


@pytest.mark.parametrize(
    ("name", "rounding"),
    [
        ("dense-float32", 1e-5),
        ("dense-int8", 0),
        ("dense-int8-float-io", 0),  # only conversions are in float
        ("dense-int16x8", 0),
        ("wide-dynamic", 1e-2),  # activations are rounded to 8 bits
    ],
)
def test_what_another_processor_may_change(name: str, rounding: float) -> None:
    """Nothing of integers; of float sums, a part of the largest label."""
    model = tflite.read((MODELS / f"{name}.tflite").read_bytes())
    y = np.array([[1.0], [-200.0]], np.float32)
    outputs = ports.output_of(model)

    predicted = predictions.read_outputs(model, np.zeros((2, 1), outputs.dtype), 0)

    assert predictions.rounding(predicted, y) == pytest.approx(200 * rounding)


def test_notes(bench: Measurements) -> None:
    """A variant that changed nothing and one that no device runs are called that."""
    notes = {
        name: list(map(str, bench.variant(TASK, VARIANTS.get(name)).notes))
        for name in ("float32", "dynamic", "float16", "int8")
    }

    assert notes["float32"] == notes["int8"] == []
    assert notes["dynamic"] == ["= float32"]
    assert notes["float16"][0].startswith("host-only: dequantize_common.cc")


def test_wrong_name_is_a_problem(bench: Measurements) -> None:
    """A variant whose file is not what it promises fails, naming tensor and expectation."""
    liar = replace(VARIANTS.get("float16"), name="liar", rule="int8")

    assert any("float32" in problem for problem in bench.variant(TASK, liar).problems)


def test_only_dynamic_may_change_nothing(bench: Measurements) -> None:
    """An int8 variant that is float32 is wrong, not noted."""
    liar = replace(VARIANTS.get("float32"), name="liar", rule="int8")

    found = bench.variant(TASK, liar)

    assert found.problems
    assert not found.note(SAME_AS_FLOAT32)


def test_variant_without_a_rule(bench: Measurements) -> None:
    """A user's variant says what it is to be verified as."""
    nameless = replace(VARIANTS.get("int8"), name="int8-mine")

    with pytest.raises(UnknownRuleError, match=r"variant 'int8-mine' .*RULES.add"):
        bench.variant(TASK, nameless)


def test_missed_bound_is_a_problem(bench: Measurements) -> None:
    task = replace(TASK, bounds={"mse": 0.01})

    assert bench.variant(task, VARIANTS.get("float32")).problems == [
        "the float model's mse is 0.0102; its bound is 0.01"
    ]


def test_exact_numbers(bench: Measurements) -> None:
    """What the tables say of the recommended int8 model, from its committed checkpoint."""
    metrics = bench.variant(TASK, VARIANTS.get("int8")).metrics

    assert metrics["macs"] == 16 + 16 * 16 + 16
    assert metrics["weight_bytes"] == (16 + 256 + 16) + 4 * (16 + 16 + 1)
    assert metrics["tflite_bytes"] == 3112
    assert metrics["reduced_bytes"] == metrics["saved_model_bytes"] - 3112
    assert metrics["mse"] == pytest.approx(0.01029, abs=5e-6)
    assert metrics["mse_vs_float32"] < 2e-4
    assert metrics["saturated_inputs"] == 0


def test_saturated_inputs_are_counted(bench: Measurements) -> None:
    """Calibrated on five points, the input's range does not cover the test split."""
    task = replace(TASK, calibration_samples=5)

    assert bench.variant(task, VARIANTS.get("int8")).metrics["saturated_inputs"] > 0


def test_truncating_costs_accuracy(bench: Measurements) -> None:
    """The tutorials' truncated inputs give a larger error against the true sine than ours."""
    int8, tflm = VARIANTS.get("int8"), RUNTIMES.get("tflm")
    test = bench.artifacts.dataset(TASK).test
    model = bench.graph(TASK, int8)
    tensor = ports.input_of(model)
    assert tensor.quantization is not None
    scale, zero_point = tensor.quantization.scales[0], tensor.quantization.zero_points[0]
    truncated = (test.x / scale + zero_point).astype(np.int8)

    codes = bench.session(TASK, int8, tflm).run(truncated)

    ours = bench.runtime(TASK, int8, tflm).metrics["mse_true"]
    values = ports.values_of(codes, ports.output_of(model))
    theirs = float(np.mean((values - test.truth) ** 2)) if test.truth is not None else 0.0
    assert theirs > 1.1 * ours
