"""Operators on single elements and reductions: what runs, what is refused, and odd inputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.codegen import UnsupportedError, generate

from . import host
from .builder import Op, Tensor, build
from .oracle import Oracle, RefusedError, expected

NUMBERS = np.array([-2.5, -1.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, 1e9, -1e-40], np.float32)
SPECIAL = np.array([np.nan, np.inf, -np.inf, 3e38, -3e38, 0.0, -0.0, 1e-45], np.float32)


def floats(*shape: int) -> Tensor:
    return Tensor(shape, "float32")


def constant(*values: Any, dtype: str = "int32") -> Tensor:
    array = np.asarray(values, dtype)
    return Tensor(array.shape, dtype, data=array)


def single(op: Op) -> bytes:
    """A model of one operator; what is no constant is an input."""
    inputs = [t for t in op.inputs if t is not None and t.data is None]
    return build(list(dict.fromkeys(inputs)), [op], op.outputs)


def run(data: bytes, folder: Path, inputs: list[NDArray[Any]]) -> list[bytes]:
    """What the program gives on this computer, under the sanitizers."""
    host.require_compiler()
    session = host.build([generate(data).program], folder)
    return [rows[0].tobytes() for rows in session.run([host.raw([x]) for x in inputs])]


def normalized() -> tuple[list[Tensor], list[Op], list[Tensor]]:
    """Keras's LayerNormalization of one axis, as the converter writes it."""
    x, mean, squares, spread, root, scaled, moved = (
        floats(2, size) for size in (8, 1, 8, 1, 1, 8, 8)
    )
    shifted = floats(2, 1)
    epsilon = constant(1e-3, dtype="float32")
    return (
        [x],
        [
            Op("MEAN", [x, constant(1)], [mean], keep_dims=True),
            Op("SQUARED_DIFFERENCE", [x, mean], [squares]),
            Op("MEAN", [squares, constant(1)], [spread], keep_dims=True),
            Op("ADD", [spread, epsilon], [shifted]),
            Op("RSQRT", [shifted], [root]),
            Op("SUB", [x, mean], [moved]),
            Op("MUL", [moved, root], [scaled]),
        ],
        [scaled],
    )


def softplus() -> tuple[list[Tensor], list[Op], list[Tensor]]:
    x, grown, more, y = (floats(10) for _ in range(4))
    ops = [
        Op("EXP", [x], [grown]),
        Op("ADD", [grown, constant(1.0, dtype="float32")], [more]),
        Op("LOG", [more], [y]),
    ]
    return [x], ops, [y]


def simple(name: str, *parameters: Tensor, shape: tuple[int, ...] = (10,), **options: Any) -> Any:
    x = floats(10)
    y = Tensor(shape, "int32" if name.startswith("ARG") else "float32")
    return [x], [Op(name, [x, *parameters], [y], **options)], [y]


@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(simple("ELU"), id="ELU"),
        pytest.param(simple("SIN"), id="sin"),
        pytest.param(simple("ROUND"), id="round"),
        pytest.param(simple("CEIL"), id="ceil"),
        pytest.param(simple("FLOOR"), id="floor"),
        pytest.param(simple("ARG_MAX", constant(0), shape=()), id="argmax"),
        pytest.param(simple("REDUCE_MAX", constant(0), shape=()), id="GlobalMaxPooling"),
        pytest.param(simple("LOG_SOFTMAX"), id="log_softmax"),
        pytest.param(simple("L2_NORMALIZATION"), id="UnitNormalization"),
        pytest.param(softplus(), id="softplus"),
        pytest.param(normalized(), id="LayerNormalization"),
    ],
)
@pytest.mark.parametrize("odd", [False, True])
def test_small_float_model_gives_the_runtimes_bytes(graph: Any, odd: bool, tmp_path: Path) -> None:
    data = build(*graph)
    values = np.resize(SPECIAL if odd else NUMBERS, graph[0][0].shape)

    [answer] = run(data, tmp_path, [values])

    [wanted] = expected(data, [values])
    given = np.frombuffer(answer, wanted.dtype).reshape(wanted.shape)
    np.testing.assert_array_equal(given, wanted)


def test_division_of_integers_has_no_undefined_case(tmp_path: Path) -> None:
    """TFLM's host build ends at these; a program goes on, with what ARM's instruction gives."""
    lowest = np.iinfo(np.int32).min
    x, y, z = (Tensor((4,), "int32") for _ in range(3))
    data = single(Op("DIV", [x, y], [z]))
    given = [np.array(values, np.int32) for values in ((7, -7, lowest, lowest), (0, 2, -1, 0))]

    [answer] = run(data, tmp_path, given)

    assert np.frombuffer(answer, np.int32).tolist() == [0, -3, lowest, 0]


def test_sums_of_integers_wrap(tmp_path: Path) -> None:
    x, y, z = (Tensor((2,), "int32") for _ in range(3))
    data = single(Op("MUL", [x, y], [z]))
    given = [np.array(values, np.int32) for values in ((2**31 - 1, -(2**31)), (2**31 - 1, -1))]

    assert run(data, tmp_path, given) == [expected(data, given)[0].tobytes()]


def test_division_of_codes_by_zero_gives_the_zero_point(tmp_path: Path) -> None:
    x, y = Tensor((3,), "int8", 0.05, 3), Tensor((3,), "int8", 0.05, -9)
    data = single(Op("DIV", [x, y], [Tensor((3,), "int8", 0.01, 17)]))
    given = [np.array(values, np.int8) for values in ((3, 100, -100), (-9, -9, -9))]

    [answer] = run(data, tmp_path, given)

    assert np.frombuffer(answer, np.int8).tolist() == [17, 17, 17]


def test_root_below_zero_has_the_highest_code(tmp_path: Path) -> None:
    """The runtime stops there."""
    x, y = Tensor((3,), "int16", 0.001), Tensor((3,), "int16", 0.01)
    data = single(Op("RSQRT", [x], [y]))
    values = np.array([-1, -32768, 4], np.int16)

    [answer] = run(data, tmp_path, [values])

    assert np.frombuffer(answer, np.int16).tolist()[:2] == [32767, 32767]
    with pytest.raises(RefusedError):
        expected(data, [values])


def codes(*shape: int, dtype: str = "int8", scale: float = 0.05, zero: int = 3) -> Tensor:
    return Tensor(shape, dtype, scale, zero)


def truths(*shape: int) -> Tensor:
    return Tensor(shape, "bool")


NUMBER = Tensor((4,), "int32", 0.1)
REFUSED = [
    (Op("RELU_N1_TO_1", [floats(4)], [floats(4)]), "no kernel for it"),
    (Op("EXP", [codes(4)], [codes(4)]), "no kernel for int8"),
    (Op("SQRT", [codes(4)], [codes(4)]), "no kernel for int8"),
    (Op("FLOOR_MOD", [Tensor((4,), "int32")] * 2, [Tensor((4,), "int32")]), "no kernel for int32"),
    (Op("GREATER", [codes(4, dtype="int16")] * 2, [truths(4)]), "is int16, not float32"),
    (Op("LESS", [truths(4)] * 2, [truths(4)]), "is bool, not float32"),
    (Op("EQUAL", [codes(4, scale=1.5)] * 2, [truths(4)]), "has scale 1.5, which is not below 1"),
    (Op("LOGICAL_AND", [codes(4)] * 2, [codes(4)]), "is int8, not bool"),
    (Op("ADD", [NUMBER, NUMBER], [Tensor((4,), "int32")]), "is int32 with a scale"),
    (Op("REDUCE_MAX", [codes(2, 4, dtype="int16", zero=0), constant(1)],
        [codes(2, dtype="int16", zero=0)]), "is int16, not int8 or float32"),
    (Op("REDUCE_ALL", [codes(2, 4), constant(1)], [codes(2)]), "is int8, not bool"),
    (Op("SUM", [floats(2, 4), constant(1, dtype="int64")], [floats(2)]), "is int64, not int32"),
    (Op("ARG_MAX", [floats(2, 4), constant(1)], [Tensor((2,), "int64")]), "is int64, not int32"),
    (Op("PRELU", [floats(1, 1, 1, 2, 4), floats(4)], [floats(1, 1, 1, 2, 4)]), "four dimensions"),
    (Op("LOG_SOFTMAX", [codes(4)], [codes(4)]), "another quantization than 0.0625:127"),
    (Op("L2_NORMALIZATION", [floats(4)], [floats(4)], fused_activation_function="RELU"),
     "fused RELU"),
    (Op("ADD_N", [codes(4), codes(4, scale=0.1)], [codes(4)]), "are quantized differently"),
    (Op("SQUARED_DIFFERENCE", [codes(4, dtype="int16")] * 2, [codes(4, dtype="int16")]),
     "has zero point 3"),
    (Op("RSQRT", [Tensor((4,), "int16")], [Tensor((4,), "int16")]), "no scale and zero point"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "reason"), REFUSED, ids=[op.name for op, _ in REFUSED])
def test_what_the_runtime_refuses_is_refused(op: Op, reason: str) -> None:
    """But not all of them at once: it reads what it never set, or ends the whole process."""
    data = single(op)

    with pytest.raises(UnsupportedError, match=reason):
        generate(data)


@pytest.mark.parametrize("number", [0, 1, 3, 5, 9, 11, 12, 15])
def test_the_runtime_refuses_it_too(number: int) -> None:
    op, _ = REFUSED[number]
    inputs = [np.zeros(t.shape, t.dtype) for t in dict.fromkeys(op.inputs) if t and t.data is None]

    with pytest.raises(RefusedError):
        Oracle(single(op), 1)(inputs)


def test_small_quotients_of_codes_are_refused() -> None:
    """There the runtime shifts by more than 31 bits, which no standard defines."""
    with pytest.raises(UnsupportedError, match="shifted by more than 31 bits"):
        generate(single(Op("DIV", [codes(4), codes(4)], [codes(4, scale=0.5)])))
