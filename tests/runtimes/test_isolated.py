"""A model from outside cannot harm the process that asks about it."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from tinybench import tflite
from tinybench.runtimes import isolated

from ..codegen.builder import Op, Tensor, build

MODELS = Path(__file__).parents[1] / "tflite" / "models"
DATA = (MODELS / "dense-int8.tflite").read_bytes()


def test_runs() -> None:
    found = isolated.attempt(DATA, "tflm")

    assert found.reason == ""
    assert found.arena is not None
    assert found.arena["total"] == found.arena["head"] + found.arena["tail"]


def test_refusal_comes_through() -> None:
    found = isolated.attempt((MODELS / "dense-float16.tflite").read_bytes(), "tflm")

    assert "Node DEQUANTIZE" in found.reason


def test_every_input_has_what_the_model_takes() -> None:
    """One run of a model with several inputs: a shape is that shape, an index in range."""
    shape, x, ids = Tensor((2,), "int32"), Tensor((1, 6), "float32"), Tensor((2,), "int32")
    rows, out = Tensor((3, 2), "float32"), Tensor((2, 2), "float32")
    ops = [Op("RESHAPE", [x, shape], [rows]), Op("GATHER", [rows, ids], [out], axis=0)]
    data = build([shape, x, ids], ops, [out])

    assert [isolated.attempt(data, name).reason for name in ("litert", "tflm")] == ["", ""]


def test_what_fails_when_it_runs_is_a_refusal() -> None:
    a, b, out = (Tensor((2, 3), "int32") for _ in range(3))
    data = build([a, b], [Op("FLOOR_MOD", [a, b], [out])], [out])

    assert "not supported by FLOOR_MOD" in isolated.attempt(data, "tflm").reason


def kill_itself(*_: object) -> isolated.Attempt:
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def test_crash_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is killed is reported by its signal."""
    monkeypatch.setattr(isolated, "_try_here", kill_itself)

    assert isolated.attempt(DATA, "tflm").reason == "ended with SIGSEGV"


def test_hang_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "TIMEOUT_SECONDS", 0.01)

    assert isolated.attempt(DATA, "tflm").reason == "did not finish within 0.01 s"


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bytes(seed: int) -> None:
    """Whatever the damage, this process gets an answer: it ran, or a reason."""
    random = np.random.default_rng(seed)
    for _ in range(200):
        damaged = bytearray(DATA)
        for position in random.integers(8, len(DATA), 3):
            damaged[position] = int(random.integers(256))
        try:
            tflite.read(bytes(damaged))
        except tflite.ModelError:
            continue
        # Readable although damaged: the case that is left to the runtimes.
        found = isolated.attempt(bytes(damaged), "tflm")
        assert found.reason or found.arena
        return
    pytest.fail("no readable damage was found in 200 tries")
