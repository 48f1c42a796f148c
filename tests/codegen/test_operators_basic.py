"""Movement, elementwise operators, reductions and tables: their lowering, and what they refuse."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.codegen import Generated, UnsupportedError, generate
from tinybench.codegen.strided import merged

from ..components import find, require
from .builder import Op, Tensor, build
from .oracle import expected

CODES = np.arange(-128, 128, dtype=np.int8)


def codes(*shape: int, scale: float = 0.05, zero_point: int = 3, dtype: str = "int8") -> Tensor:
    return Tensor(shape, dtype, scale, zero_point)


def constant(*values: Any, dtype: str = "int32") -> Tensor:
    array = np.asarray(values, dtype)
    return Tensor(array.shape, dtype, data=array)


def single(op: Op) -> bytes:
    """A model of one operator; what is no constant is an input."""
    inputs = [t for t in op.inputs if t is not None and t.data is None]
    return build(list(dict.fromkeys(inputs)), [op], op.outputs)


# Name, scale and zero point of input and output, options.
TABLES: list[tuple[str, float, int, float, int, dict[str, Any]]] = [
    ("RELU", 0.05, 3, 0.03, -128, {}),
    ("RELU", 0.05, -128, 20.0, 7, {}),
    ("RELU6", 0.05, -20, 0.05, -20, {}),
    ("LEAKY_RELU", 0.117233716, -1, 0.0669907, -128, {"alpha": 0.01}),
    ("LEAKY_RELU", 0.004170588, 93, 0.004170588, -1, {"alpha": -0.5}),
    ("LEAKY_RELU", 8.979249e-05, -20, 8.979249e-05, -1, {"alpha": 1.7}),
    ("HARD_SWISH", 0.05, 3, 0.04, -100, {}),
    ("HARD_SWISH", 0.9, -3, 0.03, 0, {}),
    ("LOGISTIC", 0.05, 3, 1 / 256, -128, {}),
    ("LOGISTIC", 91.8, 5, 1 / 256, -128, {}),
    ("TANH", 0.05, 3, 1 / 128, 0, {}),
    ("TANH", 13.03, 5, 1 / 128, 0, {}),
    ("ELU", 0.05, 3, 0.03, -90, {}),
    ("ABS", 0.05, 3, 0.05, -90, {}),
    ("ABS", 0.05, 3, 0.07, -90, {}),
    ("QUANTIZE", 0.05, 3, 0.033, -90, {}),
]


@pytest.mark.parametrize(("name", "scale", "zero", "out_scale", "out_zero", "options"), TABLES)
def test_table_is_the_runtimes_answer_to_every_code(
    name: str, scale: float, zero: int, out_scale: float, out_zero: int, options: dict[str, Any]
) -> None:
    source = codes(256, scale=scale, zero_point=zero)
    target = codes(256, scale=out_scale, zero_point=out_zero)
    data = single(Op(name, [source], [target], **options))

    [call] = generate(data).steps[0].calls

    [answer] = expected(data, [CODES])
    assert call.kernel == "lookup_s8"
    np.testing.assert_array_equal(call.fields["table"], answer)


@pytest.mark.parametrize("name", ["ADD", "SUB", "MUL"])
def test_constant_operand_of_one_code_makes_a_table(name: str) -> None:
    other = Tensor((), "int8", 0.02, -5, data=np.int8(77))
    data = single(Op(name, [codes(256), other], [codes(256, scale=0.06, zero_point=9)]))

    [call] = generate(data).steps[0].calls

    assert call.kernel == "lookup_s8"
    np.testing.assert_array_equal(call.fields["table"], expected(data, [CODES])[0])


@pytest.mark.parametrize(
    ("dimensions", "fewer"),
    [
        pytest.param([(2, 12, 12), (3, 4, 4), (4, 1, 1)], [(24, 1, 1)], id="in order"),
        pytest.param([(1, 99, 7), (5, 3, 1)], [(5, 3, 1)], id="ones"),
        pytest.param([(2, 1, 6), (3, 4, 2), (2, 2, 1)], [(2, 1, 6), (6, 2, 1)], id="inner two"),
        pytest.param([(4, 0, 3), (3, 0, 1)], [(12, 0, 1)], id="broadcast"),
        pytest.param([(1, 1, 1)], [], id="one element"),
    ],
)
def test_dimensions_that_continue_each_other_are_merged(
    dimensions: list[tuple[int, int, int]], fewer: list[tuple[int, int, int]]
) -> None:
    assert merged(dimensions) == fewer


@pytest.mark.parametrize(
    "op",
    [
        pytest.param(Op("RESHAPE", [codes(2, 6)], [codes(3, 4)], bare=True), id="reshape"),
        pytest.param(
            Op("TRANSPOSE", [codes(1, 5, 1, 3), constant(0, 2, 1, 3)], [codes(1, 1, 5, 3)]),
            id="transpose of ones",
        ),
        pytest.param(
            Op(
                "STRIDED_SLICE",
                [codes(1, 5), *[constant(0, 0)] * 2, constant(1, 1)],
                [codes(5)],
                shrink_axis_mask=1,
                end_mask=2,
            ),
            id="all of a slice",
        ),
        pytest.param(Op("PAD", [codes(5), constant([0, 0])], [codes(5)]), id="no padding"),
        pytest.param(Op("CONCATENATION", [codes(5)], [codes(5)]), id="one part"),
        pytest.param(Op("QUANTIZE", [codes(5)], [codes(5)]), id="same codes"),
    ],
)
def test_nothing_runs_where_every_byte_stays(op: Op) -> None:
    assert generate(single(op)).program.operators == ()


def test_chain_that_computes_a_shape_folds_to_a_constant() -> None:
    """What the converter writes to flatten a batch of any size."""
    x = codes(2, 3, 4)
    shape, batch, wanted = (Tensor(s, "int32") for s in ((3,), (), (2,)))
    y = codes(2, 12)
    ops = [
        Op("SHAPE", [x], [shape]),
        Op(
            "STRIDED_SLICE",
            [shape, constant(0), constant(1), constant(1)],
            [batch],
            shrink_axis_mask=1,
        ),
        Op("PACK", [batch, Tensor((), "int32", data=12)], [wanted], values_count=2),
        Op("RESHAPE", [x, wanted], [y]),
    ]

    made = generate(build([x], ops, [y]))

    assert [step.operator.name for step in made.steps] == ["RESHAPE"]
    assert made.program.arena_bytes == 24


REFUSED = [
    (Op("PAD", [codes(3), constant([-1, 0])], [codes(2)]), r"paddings \[-1, 0\] do not fit"),
    (Op("PAD", [codes(3), constant([2**31 - 1, 1])], [codes(3)]), "its inputs make it 2147483651"),
    (Op("PAD", [codes(3), Tensor((1, 2), "int32")], [codes(3)]), "computed, it must be constant"),
    (Op("PADV2", [codes(3), constant([0, 1])], [codes(5)]), "is 5, its inputs make it 4"),
    (Op("CONCATENATION", [codes(3), codes(3)], [codes(7)], axis=0), "is 7, its inputs make it 6"),
    (Op("CONCATENATION", [codes(3), codes(3)], [codes(6)], axis=1), "axis 1 is none of 1"),
    (Op("CONCATENATION", [codes(3), codes(1, 3)], [codes(6)]), "different numbers of dimensions"),
    (Op("CONCATENATION", [codes(3), codes(3)], [codes(6, zero_point=0)]), "quantized differently"),
    (
        Op("PACK", [codes(3), codes(3, dtype="int16")], [codes(2, 3)], values_count=2),
        "is int16, not int8",
    ),
    (Op("UNPACK", [codes(2, 3)], [codes(3)], num=2), "1 outputs for 2 slices"),
    (Op("SPLIT", [constant(0), codes(5)], [codes(2), codes(3)]), "not cut into 2 equal"),
    (Op("SPLIT_V", [codes(5), constant(9, -4), constant(0)], [codes(9), codes(1)]), "do not fit 5"),
    (Op("TRANSPOSE", [codes(2, 3), constant(0, 0)], [codes(2, 2)]), "no permutation of 2 axes"),
    (Op("TRANSPOSE", [codes(2, 3), constant(1, 0)], [codes(2, 3)]), "is 2x3, its inputs make it 3"),
    (Op("SLICE", [codes(4), constant(-1), constant(2)], [codes(2)]), "2 elements from -1"),
    (Op("SLICE", [codes(4), constant(3), constant(2)], [codes(2)]), "2 elements from 3"),
    (Op("STRIDED_SLICE", [codes(4), *[constant(0)] * 3], [codes(4)]), "a stride is zero"),
    (Op("STRIDED_SLICE", [codes(4), constant(0)], [codes(4)]), "it has 2 inputs"),
    (
        Op("STRIDED_SLICE", [codes(4), constant(4), constant(5), constant(1)], [codes()],
           shrink_axis_mask=1),
        "index 4 is outside of 4",
    ),
    (Op("RESHAPE", [codes(4)], [codes(5)], bare=True), "other sizes"),
    (Op("RESHAPE", [None], [codes(5)], bare=True), "input 0 is absent"),
    (Op("RESHAPE", [codes(0)], [codes(0)], bare=True), "has no elements"),
    (Op("ADD", [codes(2), codes(3)], [codes(3)]), "dimensions of 2 and 3 do not broadcast"),
    (Op("ADD", [codes(2, 3), codes(3)], [codes(3)]), "more dimensions than the output"),
    (Op("ADD", [codes(3)], [codes(3)]), "input 1 is absent"),
    (Op("ADD", [codes(3), codes(3)], [codes(3, scale=1e-9)]), "scale is too fine"),
    (
        Op("ADD", [codes(3), codes(3)], [codes(3)], fused_activation_function="TANH"),
        "fused TANH is not supported",
    ),
    (Op("MUL", [codes(3), Tensor((3,), "int8")], [codes(3)]), "no scale and zero point"),
    (Op("MAXIMUM", [codes(3), codes(3)], [codes(3, dtype="int16")]), "is int16, not int8"),
    (Op("RELU", [codes(3)], [codes(4)]), "is 4, its inputs make it 3"),
    (Op("LOGISTIC", [codes(3)], [codes(3)]), "another zero point than -128"),
    (Op("HARD_SWISH", [codes(3, scale=9)], [codes(3, scale=0.01)]), "scale is too fine"),
    (Op("MEAN", [codes(2, 3), constant(2)], [codes(2)]), "axis 2 is none of 2"),
    (Op("MEAN", [codes(2, 3), constant(1)], [codes(2, 1)]), "is 2x1, its inputs make it 2"),
    (Op("REDUCE_MAX", [codes(2, 3), constant(1)], [codes(2, scale=1)]), "quantized differently"),
    (Op("ARG_MAX", [codes(2, 3), constant(0, 1)], [Tensor((), "int32")]), "its inputs make it 3"),
    (Op("SOFTMAX", [codes(3)], [codes(3)], beta=1.0), "another scale than 0.00390625"),
    (
        Op("SOFTMAX", [codes(3)], [codes(3, scale=1 / 256, zero_point=-128)]),
        "times beta, 0, is too small",
    ),
    (
        Op("SPACE_TO_DEPTH", [codes(1, 4, 4, 1)], [codes(1, 2, 2, 3)], block_size=2),
        "blocks of 2 do not lead",
    ),
    (
        Op("SPACE_TO_DEPTH", [codes(1, 4, 4, 1)], [codes(1, 4, 4, 1)], block_size=0),
        "blocks of 0 in 4 dimensions",
    ),
    (
        Op("RESIZE_NEAREST_NEIGHBOR", [codes(1, 2, 2, 1), constant(0, 4)], [codes(1, 2, 4, 1)]),
        "is 1x2x4x1, its inputs make it 1x0x4x1",
    ),
    (
        Op("MIRROR_PAD", [codes(3), constant([3, 0])], [codes(6)]),
        "3 and 0 elements cannot mirror 3",
    ),
    (Op("QUANTIZE", [codes(3)], [Tensor((3,), "float32")]), "no scale and zero point"),
    (Op("DEQUANTIZE", [codes(3)], [Tensor((4,), "float32")]), "is 4, its inputs make it 3"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("op", "reason"), REFUSED, ids=[f"{op.name} {i}" for i, (op, _) in enumerate(REFUSED)]
)
def test_operator_that_does_not_fit_its_tensors_is_refused_by_name(op: Op, reason: str) -> None:
    with pytest.raises(UnsupportedError, match=reason) as error:
        generate(single(op))

    assert str(error.value).startswith(f"operator 0 ({op.name}): ")
    assert "\n" not in str(error.value)


def network() -> bytes:
    """A graph in which every kernel of these operators runs."""
    x, skip = codes(1, 6, 4, 3), codes(1, 1, 1, 3, scale=0.02, zero_point=-7)
    padded, turned, sliced = codes(1, 8, 6, 3), codes(1, 6, 3, 8), codes(1, 6, 2, 4)
    left, right, joined = codes(1, 3, 2, 4), codes(1, 3, 2, 4), codes(1, 3, 4, 4)
    added, scaled = codes(1, 6, 4, 3, scale=0.07), codes(1, 6, 4, 3, scale=0.06, zero_point=0)
    larger, largest, curved = (codes(1, 6, 4, 3, scale=0.06, zero_point=0) for _ in range(3))
    slopes = Tensor((3,), "int8", 0.01, 4, data=np.array([-128, 5, 127], np.int8))
    mean, most = codes(1, 3, scale=0.01, zero_point=-100), codes(1, 6, 4, scale=0.06, zero_point=0)
    sure = codes(1, 3, scale=1 / 256, zero_point=-128)
    wide, real = codes(1, 3, scale=0.001, zero_point=0, dtype="int16"), Tensor((1, 3), "float32")
    best, again = Tensor((1,), "int32"), codes(1, 3)
    deep, mirrored, large = codes(1, 3, 2, 12), codes(1, 8, 4, 3), codes(1, 9, 5, 3)
    ops = [
        Op("PAD", [x, constant([0, 0], [1, 1], [0, 2], [0, 0])], [padded]),
        Op("TRANSPOSE", [padded, constant(0, 2, 3, 1)], [turned]),
        Op("STRIDED_SLICE",
           [turned, constant(0, -1, 0, 1), constant(1, 0, 2, 8), constant(1, -1, 1, 2)],
           [sliced], end_mask=2),
        Op("SPLIT", [constant(1), sliced], [left, right], num_splits=2),
        Op("CONCATENATION", [right, left], [joined], axis=2),
        Op("ADD", [x, skip], [added], fused_activation_function="RELU"),
        Op("MUL", [added, x], [scaled]),
        Op("MAXIMUM", [scaled, larger], [largest]),
        Op("PRELU", [largest, slopes], [curved]),
        Op("REDUCE_MAX", [curved, constant(3)], [most]),
        Op("MEAN", [curved, constant(1, 2)], [mean]),
        Op("SOFTMAX", [mean], [sure], beta=1.0),
        Op("ARG_MAX", [mean, constant(1)], [best]),
        Op("QUANTIZE", [mean], [wide]),
        Op("DEQUANTIZE", [wide], [real]),
        Op("QUANTIZE", [real], [again]),
        Op("SPACE_TO_DEPTH", [x], [deep], block_size=2),
        Op("MIRROR_PAD", [x, constant([0, 0], [2, 0], [0, 0], [0, 0])], [mirrored]),
        Op("RESIZE_NEAREST_NEIGHBOR", [x, constant(9, 5)], [large]),
    ]  # fmt: skip
    return build([x, skip, larger], ops, [joined, most, sure, best, again, deep, mirrored, large])


def run(made: Generated, folder: Path, inputs: Sequence[bytes]) -> list[bytes]:
    """The outputs of the program, compiled and run here under the sanitizers."""
    program = made.program
    for name, text in program.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text)
    reads = "".join(
        f"  got += fread(model_arena + {port.offset}, 1, {port.nbytes}, stdin);\n"
        for port in program.inputs
    )
    writes = "".join(
        f"  fwrite(model_arena + {port.offset}, 1, {port.nbytes}, stdout);\n"
        for port in program.outputs
    )
    (folder / "main.c").write_text(
        '#include <stdio.h>\n#include "model.h"\nint main(void) {\n  size_t got = 0;\n'
        f"{reads}  model_invoke();\n{writes}  return got == {sum(map(len, inputs))} ? 0 : 1;\n}}\n"
    )
    require("C compiler")
    warnings = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    checks = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-ffp-contract=off"]
    compiler = str(find("C compiler"))
    command = [compiler, *warnings, *checks, "-O1", "main.c", "model.c", "-o", "program"]
    subprocess.run(command, cwd=folder, check=True)
    said = subprocess.run(
        [folder / "program"], input=b"".join(inputs), stdout=subprocess.PIPE, check=True
    ).stdout
    assert len(said) == sum(port.nbytes for port in program.outputs)
    ends = np.cumsum([port.nbytes for port in program.outputs])[:-1]
    return [bytes(part) for part in np.split(np.frombuffer(said, np.uint8), ends)]


def test_compiled_program_gives_the_runtimes_bytes(tmp_path: Path) -> None:
    data = network()
    made = generate(data)
    rng = np.random.default_rng(5)
    inputs = [rng.integers(-128, 128, port.shape, np.int8) for port in made.program.inputs]

    outputs = run(made, tmp_path, [array.tobytes() for array in inputs])

    assert outputs == [array.tobytes() for array in expected(data, inputs, 8)]
    assert made.program.arena_bytes >= max(math.prod(port.shape) for port in made.program.inputs)
