"""What a model keeps from one inference to the next: in memory of its own, first as in TFLM."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.codegen import UnsupportedError, generate

from . import host, memory
from .builder import Op, Tensor, build
from .oracle import Oracle


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


def sequence(data: bytes, steps: int) -> list[NDArray[Any]]:
    rng = np.random.default_rng(3)
    made = generate(data)
    port = made.program.inputs[0]
    if port.dtype == "float32":
        return [rng.standard_normal(port.shape, np.float32) for _ in range(steps)]
    info = np.iinfo(port.dtype)
    return [rng.integers(info.min, info.max, port.shape, port.dtype) // 4 for _ in range(steps)]


@pytest.mark.parametrize(("dtype", "zero_point"), [("int8", 0), ("int8", -5), ("float32", 0)])
def test_variable_tensor_lasts(dtype: str, zero_point: int, tmp_path: Path) -> None:
    host.require_compiler()
    data = accumulator(dtype, zero_point)
    made = generate(data)
    memory.check(made)
    steps = sequence(data, 8)
    oracle = Oracle(data, 2)
    wanted = [oracle([values]) for values in steps]

    found = host.build([made.program], tmp_path).run([host.raw(steps)])

    for index in range(2):
        expected = host.raw([each[index] for each in wanted])
        assert found[index].tobytes() == expected.tobytes()
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


def test_variables_of_the_graphs_own_ports_are_refused() -> None:
    x, y = (Tensor((1, 4), "int8", 0.5, variable=True) for _ in range(2))

    with pytest.raises(UnsupportedError, match="a variable is an input or an output"):
        generate(build([x], [Op("RELU", [x], [y])], [y]))
