"""What the generator writes: self-contained C99, the same every time, or nothing at all."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import UnsupportedError, generate, refusals
from tinybench.codegen.operators import LOWERINGS

from . import host
from .batch import NAMES, models
from .builder import Op, Tensor, build
from .strategies import FAMILIES, sample

MODELS = Path(__file__).parents[1] / "tflite" / "models"
KERNELS = sorted(
    path.name
    for path in (resources.files("tinybench.codegen") / "kernels").iterdir()
    if path.name.endswith(".h")
)
INCLUDES = {"stdint.h", "stddef.h", "arm_acle.h", "string.h"}
"""The last in C++ only."""
LIBRARY = r"\b(malloc|calloc|realloc|free|printf|puts|abort|exit|assert|expf|tanhf|sqrtf|roundf)\("

DIGESTS = """
import hashlib, pathlib, sys
from tinybench.codegen import generate
for path in sys.argv[1:]:
    files = generate(pathlib.Path(path).read_bytes()).program.files
    print(hashlib.sha256(repr(list(files.items())).encode()).hexdigest())
"""


def network() -> bytes:
    return sample("graph_classifier", 1, seed=1)[0].data


def text(data: bytes, prefix: str = "model") -> tuple[str, str]:
    """The source and the header."""
    files = generate(data, prefix).program.files
    return files[f"{prefix}.c"].decode(), files[f"{prefix}.h"].decode()


@pytest.mark.parametrize("family", FAMILIES)
def test_files_need_nothing_but_each_other_and_integer_types(family: str) -> None:
    files = generate(sample(family, 1)[0].data).program.files
    for name, data in files.items():
        source = data.decode("ascii")
        system = set(re.findall(r"#\s*include\s*<(.*?)>", source))
        own = re.findall(r'#\s*include\s*"(.*?)"', source)
        assert system <= INCLUDES, name
        for other in own:
            assert other in files or f"kernels/{other}" in files, name
        assert not re.search(LIBRARY, source), name
        assert not re.search(r"^\s*//|[;{}]\s*//", source, re.MULTILINE), "C99, but older style"


def test_only_variable_is_the_arena() -> None:
    source, _ = text(network())

    variables = re.findall(
        r"^(?!static const|typedef|#|/\*| \*|void|static void| |})\S.*", source, re.M
    )

    assert variables == ["uint8_t model_arena[MODEL_ARENA_BYTES] TB_ALIGN(16);"]


@pytest.mark.parametrize(("narrow", "range_"), [*product((0, 1), ("ANY", "INT8", "RECTIFIED"))])
@pytest.mark.parametrize("language", ["c99", "c++11"])
def test_all_kernels_can_be_used_by_one_model(
    language: str, narrow: int, range_: str, tmp_path: Path
) -> None:
    """No two of them define the same name, and C++ takes them, too."""
    compiler = host.require_compiler()
    lines = [f"#define TB_NARROW {narrow}"]
    for name in (
        *("CONV_S8", "CONV_GROUPS_S8", "TRANSPOSE_CONV_S8"),
        *("DEPTHWISE_S8", "DEPTHWISE_MULTIPLIER_S8", "FULLY_CONNECTED_S8"),
    ):
        lines.append(f"#define TB_{name}_RANGE TB_RANGE_{range_}")
    lines += [f'#include "{name}"' for name in KERNELS]
    for name in KERNELS:
        kernel = resources.files("tinybench.codegen") / "kernels" / name
        (tmp_path / name).write_bytes(kernel.read_bytes())
    (tmp_path / "all.c").write_text("\n".join(lines) + "\n")

    warnings = [*host.WARNINGS[1:], "-Wpedantic", "-Wno-unused-function"]
    kind = ["-x", "c++" if "+" in language else "c", f"-std={language}"]
    command = [*compiler, *kind, *warnings, "-fsyntax-only", "all.c"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr[:2000]


def members() -> dict[str, list[str]]:
    """The members of every kernel's struct, in their order, those that a macro writes, too."""
    folder = resources.files("tinybench.codegen") / "kernels"
    command = [*host.require_compiler(), "-E", "-P", f"-I{folder}", "-x", "c", "-"]
    includes = "".join(f'#include "{name}"\n' for name in KERNELS)
    done = subprocess.run(command, input=includes, capture_output=True, text=True, check=True)
    return {
        struct: re.findall(r"(\w+)(?:\[\w+\])?(?=[,;])", body)
        for struct, body in re.findall(r"struct (tb_\w+) \{(.*?)\};", done.stdout, re.DOTALL)
    }


def inner_members(body: str, indent: str = "    ") -> Iterator[list[str]]:
    """The names in each struct inside of an initializer, and in those inside of these."""
    for inner in re.findall(rf"\{{\n(.*?)^{indent}\}}", body, re.DOTALL | re.MULTILINE):
        deeper = f"{indent}    "
        yield re.findall(rf"^{deeper}/\* (\w+) \*/", inner, re.MULTILINE)
        yield from inner_members(inner, deeper)


def test_members_are_initialized_in_their_order() -> None:
    """C++ before C++20 has no names for them, and C would not see two of one type swapped."""
    structs, seen = members(), set()
    pattern = re.compile(
        r"^static const struct (tb_\w+) \w+ = \{\n(.*?)^\};", re.DOTALL | re.MULTILINE
    )
    cases = [case.data for family in NAMES for case in models(family, 4, seed=8)]
    for data in cases:
        try:
            source, _ = text(data)
        except UnsupportedError:
            continue
        for struct, body in pattern.findall(source):
            seen.add(struct)
            assert re.findall(r"^    /\* (\w+) \*/", body, re.MULTILINE) == structs[struct]
            assert all(names in structs.values() for names in inner_members(body))

    assert len(seen) > 45


def test_same_model_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    families = ("graph_branches", "graph_shuffle", "conv_2d", "softmax_float32")
    paths = [tmp_path / f"{family}.tflite" for family in families]
    for family, path in zip(families, paths, strict=True):
        path.write_bytes(sample(family, 1)[0].data)
    outputs = {
        subprocess.run(
            [sys.executable, "-c", DIGESTS, *paths],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "77")
    }

    assert len(outputs) == 1
    assert len(set(outputs.pop().split())) == len(families)


def test_every_name_begins_with_the_prefix() -> None:
    """Two models of different prefixes can be linked into one program."""
    for one, other in zip(text(network(), "alpha"), text(network(), "omega_2"), strict=True):
        assert one.replace("alpha", "omega_2").replace("ALPHA", "OMEGA_2") == other
        code = re.sub(r"/\*.*?\*/|#error.*", "", one, flags=re.DOTALL)
        assert not re.search(r"model|\b(tb|test)_", code, re.IGNORECASE)


def test_operators_are_listed_in_the_order_in_which_they_run() -> None:
    program = generate(network()).program
    source, header = text(network())
    [table] = re.findall(r"model_operators\[\w*\]\)\(void\) = \{(.*?)\};", source, re.S)

    expected = [
        f"model_{number}_{re.sub('[^a-z0-9]', '_', name.lower())}"
        for number, name in enumerate(program.operators)
    ]
    assert [name.strip() for name in table.split(",")] == expected
    assert f"#define MODEL_OPERATORS {len(expected)}\n" in header
    assert set(program.operators) <= set(LOWERINGS)
    assert {"CONV_2D", "SOFTMAX"} <= set(program.operators)


@pytest.mark.parametrize("family", ["graph_classifier", "graph_float_edges", "split", "relu"])
def test_header_says_what_the_plan_decided(family: str) -> None:
    made = generate(sample(family, 1)[0].data)
    header = made.program.files["model.h"].decode()
    defined = dict(re.findall(r"#define (MODEL_\w+) (\S.*)", header))

    assert int(defined["MODEL_ARENA_BYTES"]) == made.plan.arena_bytes == made.program.arena_bytes
    for kind, ports in (("INPUT", made.program.inputs), ("OUTPUT", made.program.outputs)):
        assert int(defined[f"MODEL_{kind}S"]) == len(ports)
        for number, port in enumerate(ports):
            name = f"MODEL_{kind}_{number}"
            assert f"(model_arena + {port.offset})" in defined[name]
            assert int(defined[f"{name}_BYTES"]) == port.nbytes
            assert int(defined[f"{name}_ELEMENTS"]) == int(np.prod(port.shape))


def test_files_name_the_model_that_they_came_from() -> None:
    digest = hashlib.sha256(network()).hexdigest()

    assert all(digest in each for each in text(network()))


def test_equal_constants_are_stored_once() -> None:
    x, y, z = (Tensor((1, 3), "int8", 0.5) for _ in range(3))
    weights = Tensor((3, 3), "int8", 0.01, data=np.arange(9).reshape(3, 3))
    bias = Tensor((3,), "int32", 0.005, data=[1, 2, 3])
    ops = [Op("FULLY_CONNECTED", [a, weights, bias], [b]) for a, b in ((x, y), (y, z))]

    source, _ = text(build([x], ops, [z]))

    arrays = re.findall(r"static const int\w+ \w+\[\d+\].*?= \{(.*?)\};", source, re.DOTALL)
    assert len(arrays) == len(set(arrays)) == 3  # weights, biases with zeros, scales


def test_batch_of_any_size_is_one() -> None:
    """The chain by which the converter flattens such a batch is folded away."""
    data = (MODELS / "any-batch-int8.tflite").read_bytes()
    assert -1 in tflite.read(data).tensors[tflite.read(data).inputs[0]].shape_signature

    program = generate(data).program

    assert program.inputs[0].shape[0] == program.outputs[0].shape[0] == 1
    assert not {"SHAPE", "STRIDED_SLICE", "PACK"}.intersection(program.operators)


def test_chain_that_computes_a_shape_is_not_run() -> None:
    x, y = Tensor((2, 3, 4), "int8", 0.5), Tensor((2, 12), "int8", 0.5)
    shape, batch, wanted = (Tensor(s, "int32") for s in ((3,), (), (2,)))
    zero, one = (Tensor((1,), "int32", data=[n]) for n in (0, 1))
    rest = Tensor((), "int32", data=12)
    ops = [
        Op("SHAPE", [x], [shape]),
        Op("STRIDED_SLICE", [shape, zero, one, one], [batch], shrink_axis_mask=1),
        Op("PACK", [batch, rest], [wanted], values_count=2),
        Op("RESHAPE", [x, wanted], [y]),
    ]

    program = generate(build([x], ops, [y])).program

    assert program.operators == ()
    assert program.arena_bytes == 24


def test_operator_whose_result_nobody_needs_is_not_run() -> None:
    x, y, unused = (Tensor((3,), "int8", 0.5) for _ in range(3))
    ops = [Op("RELU", [x], [unused]), Op("RELU6", [x], [y])]

    assert generate(build([x], ops, [y])).program.operators == ("RELU6",)


def unknown() -> bytes:
    x, y, z = Tensor((3,), "float32"), Tensor((3,), "float32"), Tensor((3,), "float32")
    return build([x], [Op("ATAN2", [x], [y]), Op("SIGN", [y], [z])], [z])


def test_refusal_names_the_operator_and_the_tensor() -> None:
    with pytest.raises(UnsupportedError) as error:
        generate(unknown())

    assert str(error.value).startswith("operator 0 (ATAN2): the generator has no kernel")
    assert "tensor 1 (t1)" in str(error.value)


def test_every_refused_operator_is_listed() -> None:
    reasons = refusals(tflite.read(unknown()))

    assert [reason.partition(":")[0] for reason in reasons] == [
        "operator 0 (ATAN2)",
        "operator 1 (SIGN)",
    ]
    assert refusals(tflite.read(network())) == []
