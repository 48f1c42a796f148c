"""LSTM and SVDF: sequences from reset give TFLM's bytes, and what TFLM refuses is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import UnsupportedError, generate

from . import host, memory
from .builder import Op, Tensor, build
from .draft import Case, Draft
from .oracle import Oracle, RefusedError, codes
from .recurrent_families import FAMILIES, lstm, svdf

STEPS = 40

LAYERS: dict[str, Callable[[Draft], Tensor]] = {
    "lstm of 20 units over 28 steps": lambda draft: lstm(draft, "int8", (1, 28, 28, 20)),
    "the same in int16": lambda draft: lstm(draft, "int16", (1, 28, 28, 20)),
    "lstm of one step": lambda draft: lstm(draft, "int8", (1, 1, 17, 33)),
    "svdf of 64 units": lambda draft: svdf(draft, "int8", "int8", (96, 64, 8, 1)),
    "the same with an int16 state": lambda draft: svdf(draft, "int8", "int16", (96, 64, 8, 1)),
    "float svdf of rank 2": lambda draft: svdf(draft, "float32", "float32", (30, 7, 10, 2)),
}


def sequence(layer: Callable[[Draft], Tensor], seed: int = 0) -> Case:
    draft = Draft(Random(seed))
    return draft.case(layer(draft))


@pytest.mark.parametrize("name", LAYERS)
def test_sequence_gives_the_runtimes_bytes(name: str, tmp_path: Path) -> None:
    host.require_compiler()
    case = sequence(LAYERS[name])
    made = generate(case.data)
    memory.check(made)
    inputs = codes(tflite.read(case.data), STEPS, seed=1)
    oracle = Oracle(case.data, 1)
    wanted = host.raw([oracle(each)[0] for each in inputs])

    [found] = host.build([made.program], tmp_path).run([host.raw([each[0] for each in inputs])])

    assert [n for n in range(STEPS) if found[n].tobytes() != wanted[n].tobytes()] == []
    assert len({row.tobytes() for row in wanted}) > STEPS // 2


def test_float_lstm_is_near_the_runtime(tmp_path: Path) -> None:
    """Where the C library has other exponentials, little comes of it behind 28 steps."""
    host.require_compiler()
    case = sequence(lambda draft: lstm(draft, "float32", (1, 28, 28, 20)))
    inputs = codes(tflite.read(case.data), 10, seed=1)
    oracle = Oracle(case.data, 1)
    wanted = np.stack([oracle(each)[0] for each in inputs])

    program = generate(case.data).program
    [found] = host.build([program], tmp_path).run([host.raw([each[0] for each in inputs])])

    given = found.reshape(-1).view(np.float32)
    assert np.abs(given - wanted.reshape(-1)).max() < 2e-6


def _put(position: int, change: Callable[[Any], Tensor | None]) -> Callable[[Op], None]:
    def edit(op: Op) -> None:
        inputs = list(op.inputs)
        inputs[position] = change(inputs[position])
        op.inputs = tuple(inputs)

    return edit


def _vector(_: object) -> Tensor:
    return Tensor((1,), "int16", 1e-4, data=[1])


def _fused(name: str) -> Callable[[Op], None]:
    return lambda op: op.options.update(fused_activation_function=name)


def _no_input_gate(op: Op) -> None:
    for position in (1, 5, 12):
        _put(position, lambda _: None)(op)


def _coarser(tensor: Tensor) -> Tensor:
    assert isinstance(tensor.scale, float)
    return replace(tensor, scale=tensor.scale + 2e-5)


@pytest.mark.parametrize(
    ("family", "change", "reason"),
    [
        ("lstm", _put(9, _vector), "peephole weights: TensorFlow Lite Micro runs plain LSTMs"),
        ("lstm", _put(16, _vector), "a projection: TensorFlow Lite Micro runs plain LSTMs"),
        ("lstm", _put(21, _vector), "layer normalization: TensorFlow Lite Micro runs plain LSTMs"),
        ("lstm", _no_input_gate, "no input gate: TensorFlow Lite Micro runs plain LSTMs"),
        ("svdf", _put(3, _coarser), r"the bias has scale [\d.e-]+, not [\d.e-]+"),
    ],
)
def test_what_the_runtime_refuses_is_refused(
    family: str, change: Callable[[Op], None], reason: str
) -> None:
    draft = Draft(Random(1))
    made = FAMILIES[family](draft)
    change(draft.ops[0])
    data = draft.case(made).data

    with pytest.raises(RefusedError):
        Oracle(data, 1)
    with pytest.raises(UnsupportedError, match=reason):
        generate(data)


@pytest.mark.parametrize(
    ("family", "change", "reason"),
    [
        ("lstm", _fused("RELU"), "the fused activation RELU: TensorFlow Lite Micro has TANH"),
        ("svdf_float32", _fused("SIGN_BIT"), "the fused activation SIGN_BIT is not supported"),
        ("svdf", _put(3, lambda _: None), "input 3 is absent"),
        ("lstm", _put(2, lambda t: replace(t, zero_point=1)), "has a zero point"),
        ("lstm", _put(19, lambda t: replace(t, scale=1e-20)), "cell state is out of range"),
    ],
)
def test_what_else_is_refused(family: str, change: Callable[[Op], None], reason: str) -> None:
    """Where the runtime asserts, crashes, or computes what no number of bits holds."""
    draft = Draft(Random(1))
    made = FAMILIES[family](draft)
    change(draft.ops[0])

    with pytest.raises(UnsupportedError, match=reason):
        generate(draft.case(made).data)


def test_svdf_in_float_ends_with_tanh(tmp_path: Path) -> None:
    host.require_compiler()
    draft = Draft(Random(3))
    made = FAMILIES["svdf_float32"](draft)
    _fused("TANH")(draft.ops[0])
    case = draft.case(made)
    inputs = codes(tflite.read(case.data), 6, seed=1)
    oracle = Oracle(case.data, 1)
    wanted = np.stack([oracle(each)[0] for each in inputs])

    program = generate(case.data).program
    [found] = host.build([program], tmp_path).run([host.raw([each[0] for each in inputs])])

    np.testing.assert_array_max_ulp(found.reshape(-1).view(np.float32), wanted.reshape(-1), 4)


@pytest.mark.parametrize(
    ("slots", "options", "reason"),
    [
        (4, {"cycles_max": 2}, "it ends all but one in 2 inferences"),
        (4, {}, "it ends all but one in 2 inferences"),
        (5, {"cycles_max": 3}, "it ends all but one in 3 inferences"),
        (5, {"cycles": 1}, "its options are cycles, not cycles_max"),
    ],
)
def test_buffer_that_ends_inferences_early_is_refused(
    slots: int, options: dict[str, int], reason: str
) -> None:
    """The runtime skips what follows, so that the outputs are those of no inference."""
    x, y = Tensor((1, 1, 1, 3), "int8", 0.1), Tensor((1, slots, 1, 3), "int8", 0.1)
    buffer = replace(y, variable=True)
    fill = Op("CUSTOM:CIRCULAR_BUFFER", [x], [buffer], bare=not options, **options)

    with pytest.raises(UnsupportedError, match=reason):
        generate(build([x], [fill, Op("RELU", [buffer], [y])], [y]))
