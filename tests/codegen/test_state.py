"""What a model keeps from one inference to the next: in memory of its own, first as in TFLM."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.codegen import UnsupportedError, generate
from tinybench.export import files
from tinybench.tflite import ModelError

from ..export.subjects import subject
from . import host, memory
from .builder import Graph, Op, Tensor, build
from .oracle import Oracle, RefusedError
from .streaming_families import named


def accumulator(dtype: str = "int8", zero_point: int = 0, shape: tuple[int, ...] = (1, 6)) -> bytes:
    """Each output is the last one plus the input."""
    scale = None if dtype == "float32" else 0.5
    x, y = (Tensor(shape, dtype, scale, zero_point) for _ in range(2))
    kept = Tensor(shape, dtype, scale, zero_point, variable=True)
    flat = Tensor((int(np.prod(shape)),), dtype, scale, zero_point)
    shaped = Tensor((1,), "int32", data=[-1])
    ops = [
        Op("ADD", [kept, x], [kept]),
        Op("RESHAPE", [kept, shaped], [flat], bare=True),
        Op("ADD", [kept, x], [y]),
    ]
    return build([x], ops, [flat, y])


SHAPE = (1, 4)
FIRST = Tensor(SHAPE, "int8", 0.5, -3, data=[[9, 8, 7, 6]])


def delay(
    before: Sequence[Op] = (),
    between: Sequence[Op] = (),
    value: tuple[int, ...] = SHAPE,
    *,
    others: Sequence[Graph] = (),
) -> bytes:
    """Each output is the last input."""
    x, y = Tensor(SHAPE, "int8", 0.5, -3), Tensor(value, "int8", 0.5, -3)
    handle = Tensor((), "resource")
    ops = [
        *before,
        named(handle, "v"),
        Op("READ_VARIABLE", [handle], [y]),
        *between,
        Op("ASSIGN_VARIABLE", [handle, x], []),
    ]
    return build([x], ops, [y], others)


def call_once(subgraph: int = 1) -> Op:
    return Op("CALL_ONCE", [], [], init_subgraph_index=subgraph)


def first_values(*more: Op, name: str = "v", value: Tensor = FIRST) -> Graph:
    handle = Tensor((), "resource")
    return Graph([], [*more, named(handle, name), Op("ASSIGN_VARIABLE", [handle, value], [])], [])


def sequence(data: bytes, steps: int) -> list[NDArray[Any]]:
    rng = np.random.default_rng(3)
    made = generate(data)
    port = made.program.inputs[0]
    if port.dtype == "float32":
        return [rng.standard_normal(port.shape, np.float32) for _ in range(steps)]
    info = np.iinfo(port.dtype)
    return [rng.integers(info.min, info.max, port.shape, port.dtype) // 4 for _ in range(steps)]


def equal(data: bytes, folder: Path, outputs: int = 1) -> list[tuple[NDArray[Any], ...]]:
    """What TFLM answers to a sequence, after generated code gave the same."""
    host.require_compiler()
    made = generate(data)
    memory.check(made)
    steps = sequence(data, 8)
    oracle = Oracle(data, outputs)
    wanted = [oracle([values]) for values in steps]
    found = host.build([made.program], folder).run([host.raw(steps)])
    for index in range(outputs):
        assert found[index].tobytes() == host.raw([each[index] for each in wanted]).tobytes()
    return wanted


@pytest.mark.parametrize(("dtype", "zero_point"), [("int8", 0), ("int8", -5), ("float32", 0)])
def test_variable_tensor_lasts(dtype: str, zero_point: int, tmp_path: Path) -> None:
    wanted = equal(accumulator(dtype, zero_point), tmp_path, outputs=2)

    assert len({each[0].tobytes() for each in wanted}) > 4, "nothing was kept"


def test_header_says_what_is_kept() -> None:
    files = generate(accumulator(zero_point=3)).program.files
    source, header = files["model.c"].decode(), files["model.h"].decode()

    assert "#define MODEL_STATE_BYTES 6\n" in header
    assert "extern uint8_t model_state[MODEL_STATE_BYTES];" in header
    assert "void model_reset(void);" in header
    assert "memset(model_state, 3, 6);" in source
    assert "uint8_t model_state[MODEL_STATE_BYTES] TB_ALIGN(16);" in source


def test_model_without_state_has_no_word_of_it() -> None:
    x, y = (Tensor((1, 4), "int8", 0.5) for _ in range(2))
    program = generate(build([x], [Op("RELU", [x], [y])], [y])).program

    assert program.state_bytes == 0
    assert not re.search("state|reset", b"".join(program.files.values()).decode().lower())


def test_input_that_is_a_variable_is_refused() -> None:
    x = Tensor((1, 4), "int8", 0.5, variable=True)
    y = Tensor((1, 4), "int8", 0.5)

    with pytest.raises(UnsupportedError, match="a variable is an input or an output"):
        generate(build([x], [Op("RELU", [x], [y])], [y]))


def test_output_that_is_a_variable_is_copied(tmp_path: Path) -> None:
    x, y = (Tensor((1, 4), "int8", 0.5) for _ in range(2))
    kept = Tensor((1, 4), "int8", 0.5, variable=True)
    ops = [Op("MAXIMUM", [kept, x], [kept]), Op("MINIMUM", [kept, x], [y])]
    data = build([x], ops, [kept, y, kept])

    equal(data, tmp_path, outputs=3)

    assert generate(data).program.operators == ("MAXIMUM", "MINIMUM", "RESHAPE", "RESHAPE")
    manifest = json.loads(files(subject(data))["manifest.json"])
    assert len({port["offset"] for port in manifest["outputs"]}) == 3


def test_variable_starts_at_its_zero_point(tmp_path: Path) -> None:
    wanted = equal(delay(), tmp_path)

    assert set(wanted[0][0].ravel()) == {-3}


def test_variable_starts_with_what_is_called_once(tmp_path: Path) -> None:
    wanted = equal(delay([call_once()], others=[first_values()]), tmp_path)

    assert wanted[0][0].tolist() == [[9, 8, 7, 6]]


def test_subgraph_that_is_never_called_assigns_nothing(tmp_path: Path) -> None:
    wanted = equal(delay(others=[first_values()]), tmp_path)

    assert set(wanted[0][0].ravel()) == {-3}


def test_fresh_interpreter_is_what_reset_restores() -> None:
    """TFLM's own reset does not call the subgraph again, so it is no reset to first values."""
    oracle = Oracle(delay([call_once()], others=[first_values()]), 1)
    x = np.ones(SHAPE, np.int8)
    oracle([x])

    oracle.interpreter.reset()

    assert set(oracle([x])[0].ravel()) == {-3}


H, V, HUGE = (
    Tensor((), "resource"),
    Tensor(SHAPE, "int8", 0.5),
    Tensor((1 << 15, 1 << 12), "int8", 0.5),
)
REFUSALS = {
    "read of what is never assigned": (
        build([], [named(H, "v"), Op("READ_VARIABLE", [H], [V])], [V]),
        r"operator 0 \(VAR_HANDLE\): nothing is ever assigned to the variable 'v'",
    ),
    "value of another size": (
        delay(value=(1, 8)),
        r"operator 1 \(READ_VARIABLE\): tensor \d \(t\d\) has 8 bytes, its variable 4",
    ),
    "first value of another size": (
        delay([call_once()], others=[first_values(value=Tensor((2,), "int8", 0.5, data=[1, 2]))]),
        r"operator 0 \(CALL_ONCE\): tensor 1 \(t1\) has 2 bytes, its variable others",
    ),
    "called once after a use": (
        delay(between=[call_once()], others=[first_values()]),
        r"operator 2 \(CALL_ONCE\): it is to run before any variable is used",
    ),
    "no such subgraph": (delay([call_once(7)]), r"model: subgraph 7 is none of 1"),
    "negative subgraph": (delay([call_once(-1)]), r"model: subgraph -1 is none of 1"),
    "itself": (
        delay([call_once(0)]),
        r"operator 0 \(CALL_ONCE\): its subgraph computes: operator 0 \(CALL_ONCE\)",
    ),
    "two containers": (
        delay(
            between=[
                Op("VAR_HANDLE", [], [H], shared_name="v", container="other"),
                Op("ASSIGN_VARIABLE", [H, FIRST], []),
            ]
        ),
        r"the variable 'v' is in several containers",
    ),
    "larger than any memory": (
        build(
            [],
            [
                named(H, "v"),
                Op("READ_VARIABLE", [H], [HUGE]),
                Op("ASSIGN_VARIABLE", [H, HUGE], []),
            ],
            [],
        ),
        r"model: states of 134,217,728 bytes are too large",
    ),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_variables_that_are_refused(what: str) -> None:
    data, said = REFUSALS[what]

    with pytest.raises((UnsupportedError, ModelError), match=said):
        generate(data)


@pytest.mark.parametrize("what", ["no such subgraph", "negative subgraph", "two containers"])
def test_runtime_refuses_them_too(what: str) -> None:
    with pytest.raises(RefusedError):
        Oracle(REFUSALS[what][0], 1)([np.ones(SHAPE, np.int8)])
