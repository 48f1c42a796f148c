"""What is measured of a variant on a board, with the real toolchain and emulator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tinybench.artifacts import Artifacts
from tinybench.boards import BOARDS, DEFAULT_BOARD, emulated
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement import on_board
from tinybench.measurement.measure import Measurements
from tinybench.metrics import quality
from tinybench.results.record import Result
from tinybench.runtimes import RUNTIMES, RefusalError
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Task
from tinybench.tensorflow import load

from ..components import require

TASK, INT8 = TASKS.get("sine-16x16"), VARIANTS.get("int8")
BOARD = BOARDS.get(DEFAULT_BOARD)


@pytest.fixture(scope="module")
def bench(store: Store) -> Measurements:
    require(BOARD.name, "tflm")
    return Measurements(Artifacts(store))


@pytest.fixture(scope="module")
def int8(bench: Measurements) -> Result:
    return on_board.measure(bench, TASK, INT8, BOARD)


def test_answers_are_tflms_bytes(bench: Measurements, int8: Result) -> None:
    """Over the whole test split, so its quality is TFLM's own."""
    tflm = bench.predictions(TASK, INT8, RUNTIMES.get("tflm"))
    test = bench.artifacts.dataset(TASK).test
    expected = quality.regression(tflm.values, test.y, test.truth)

    assert int8.metrics["tflm_mismatches"] == 0
    assert int8.problems == []
    assert int8.metrics.items() >= expected.items()


def test_flash_is_code_and_weights(int8: Result) -> None:
    found = int8.metrics

    assert found["flash_bytes"] == found["flash_code_bytes"] + found["flash_weight_bytes"]
    names = ("flash_code_bytes", "ram_bytes", "stack_bytes", "memory_reads", "memory_writes")
    assert all(found[name] > 0 for name in names)
    # The weights of 1-16-16-1, and more: biases of 32 bits, and parameters.
    assert found["flash_weight_bytes"] > 16 + 256 + 16 + 4 * 33


def test_the_profile_leaves_out_the_loop_only(int8: Result) -> None:
    """Operators in their order; reads, writes and instructions of each are in the whole."""
    assert [entry.operator for entry in int8.profile] == ["FULLY_CONNECTED"] * 3
    names = {"instructions": "instructions", "reads": "memory_reads", "writes": "memory_writes"}
    for name, metric in names.items():
        total = sum(getattr(entry, name) for entry in int8.profile)
        assert 0 < total < int8.metrics[metric] < total + 200


def test_cycles_of_operators_are_in_the_whole_and_say_what_they_stand_on(int8: Result) -> None:
    """A processor without a product's memory has no milliseconds."""
    cycles = int8.metrics["cycles"]

    assert 1.0 < cycles / int8.metrics["instructions"] < 2.0
    assert 0 < sum(each.cycles or 0 for each in int8.profile) < cycles
    assert int8.time_basis
    assert "memory without waits" in int8.time_basis
    assert not {"device_ms_low", "device_ms_high"} & set(int8.metrics)


def test_milliseconds_are_a_range_where_the_board_is_known(bench: Measurements) -> None:
    found = on_board.measure(bench, TASK, INT8, BOARDS.get("nucleo-l4r5zi"), most=1)
    least, most = (found.metrics[name] for name in ("device_ms_low", "device_ms_high"))

    assert 0 < found.metrics["cycles"] / 120e3 < least < most
    assert found.profile[0].milliseconds
    assert found.time_basis
    assert "120 MHz" in found.time_basis


def test_no_rules_no_cycles(bench: Measurements) -> None:
    found = on_board.measure(bench, TASK, INT8, BOARDS.get("cortex-m7"), most=1)

    assert found.metrics["instructions"] > 0
    assert "cycles" not in found.metrics
    assert not found.time_basis
    assert not found.profile[0].cycles


def test_the_same_every_time(bench: Measurements, int8: Result) -> None:
    """Also for who emulates anew, with nothing shared but the files and the image."""
    for kept in bench.artifacts.store.root.glob("sine-16x16-int8-cortex-m4-*"):
        kept.unlink()

    again = on_board.measure(Measurements(bench.artifacts), TASK, INT8, BOARD)

    assert again == int8


def test_nothing_is_emulated_twice(
    bench: Measurements, int8: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulated, "emulator", None)

    assert on_board.measure(Measurements(bench.artifacts), TASK, INT8, BOARD) == int8


def test_of_a_large_net_as_many_samples_as_instructions_allow(
    bench: Measurements, int8: Result
) -> None:
    """Costs are the same; what a part of the test split answers is no measure of quality."""
    each = int(int8.metrics["instructions"])

    found = on_board.measure(bench, TASK, INT8, BOARD, most=10 * each + 1)

    assert found.metrics["board_samples"] == 10
    assert found.metrics["instructions"] == each
    assert found.metrics["tflm_mismatches"] == 0
    assert "mse" not in found.metrics


def test_a_variant_without_c_code_is_refused_with_the_reason(bench: Measurements) -> None:
    with pytest.raises(RefusalError, match="float16 constants do not run on a device"):
        on_board.measure(bench, TASK, VARIANTS.get("float16"), BOARD)


def test_an_operator_without_c_code_is_named_once(bench: Measurements, small: Task) -> None:
    """Without numbers of operators and tensors, which differ between variants."""

    def net(keras: Any) -> Any:
        x = keras.Input((1,))
        sign, power = load().tf.sign(x), load().tf.pow(load().tf.sign(2 * x) + 3, x)
        return keras.Model(x, keras.layers.Dense(1)(sign + power))

    task = replace(small, name="power", build=net, initialize=None)

    with pytest.raises(RefusalError, match=r"^no C code for SIGN, POW$"):
        on_board.measure(bench, task, VARIANTS.get("float32"), BOARD)


def test_other_bytes_than_tflms_are_a_problem(
    bench: Measurements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sample counts once, however many of its bytes differ."""
    other = Measurements(bench.artifacts)
    real = bench.predictions(TASK, INT8, RUNTIMES.get("tflm"))
    raw = real.raw.copy()
    raw[[3, 7]] ^= np.int8(1)
    answers = {"output": replace(real, raw=raw)}
    monkeypatch.setattr(other, "answers", lambda *arguments: answers)

    found = on_board.measure(other, TASK, INT8, BOARD)

    assert found.metrics["tflm_mismatches"] == 2
    assert found.problems == [f"cortex-m4 gives other bytes than TFLM for 2 of {len(raw)} samples"]


def test_without_tflm_nothing_is_compared(
    bench: Measurements, int8: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    tflm = type(RUNTIMES.get("tflm"))
    monkeypatch.setattr(tflm, "unavailable", lambda self: "not installed")

    found = on_board.measure(Measurements(bench.artifacts), TASK, INT8, BOARD)

    expected = {name: value for name, value in int8.metrics.items() if name != "tflm_mismatches"}
    assert found.metrics == expected
