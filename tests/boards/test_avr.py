"""An Arduino Uno in simavr."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.components import needs
from tinybench import machines
from tinybench.boards import BOARDS, DoesNotFitError
from tinybench.boards.avr import ArduinoUno
from tinybench.runtimes import Artifact

MODELS = Path(__file__).parents[2] / "results" / "models"


def model(name: str) -> Artifact:
    return Artifact(name, (MODELS / f"{name}.tflite").read_bytes())


@needs("arduino-uno", "tflm")
def test_sine_has_the_bytes_of_tensorflow_lite_micro_and_a_cost() -> None:
    samples = [np.arange(-128, 128, dtype=np.int8).reshape(-1, 1)]

    ran = machines.find("arduino-uno").run(model("sine-16x16-int8"), samples)

    expected = machines.find("tflm").run(model("sine-16x16-int8"), samples)
    np.testing.assert_array_equal(ran.outputs[0], expected.outputs[0])
    cost = ran.cost
    assert cost.instructions is None
    assert cost.cycles is not None
    assert 30_000 < cost.cycles < 60_000
    assert cost.milliseconds == (cost.cycles / 16_000,) * 2
    assert cost.flash_bytes is not None
    assert cost.ram_bytes is not None
    assert cost.flash_bytes < 4096
    assert cost.ram_bytes < 1024


@needs("arduino-uno")
def test_cycles_beyond_16_bits_are_counted() -> None:
    samples = [np.zeros((1, 1), np.float32)]

    ran = machines.find("arduino-uno").run(model("sine-16x16-float32"), samples)

    assert ran.cost.cycles is not None
    assert ran.cost.cycles > 65_536


@needs("arduino-uno")
def test_a_model_that_does_not_fit_is_told_with_numbers() -> None:
    samples = [np.zeros((1, 128, 3), np.int8)]

    with pytest.raises(
        DoesNotFitError,
        match=r"RAM [\d,]+ \(stack 256, constants [\d,]+, variables .* of 2,048 bytes",
    ):
        machines.find("arduino-uno").run(model("gesture-int8"), samples)


def test_without_the_compiler_it_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert "gcc-avr" in (ArduinoUno().unavailable() or "")
    assert not getattr(BOARDS.get("arduino-uno"), "default", True)
