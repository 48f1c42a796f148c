"""`tinybench run`: real models on an emulated board and on the runtimes of this computer."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.boards import BOARDS
from tinybench.cli import main
from tinybench.machines import Cost, Execution, machines, random_inputs
from tinybench.runtimes import RUNTIMES, Artifact, batch_shape
from tinybench.storage import hashing

from ..codegen.builder import Op, Tensor, build
from ..codegen.float_families import UNITS
from ..components import needs
from ..conftest import link_compiler

MODELS = Path(__file__).parents[1] / "tflite" / "models"
CONV = MODELS / "conv-int8.tflite"
TWO = MODELS / "two-inputs-int8.tflite"
FLOAT = MODELS / "dense-float32.tflite"
DENSE16 = MODELS / "dense-int16x8.tflite"
COSTS = (
    *("instructions", "reads", "writes", "stack_bytes", "profile"),
    *("flash_bytes", "code_bytes", "weight_bytes", "ram_bytes", "arena_bytes"),
)

on_board = needs("cortex-m4")


@pytest.fixture
def cache(warm_cache: Path, tmp_path: Path) -> str:
    """Nothing is kept in it but what the compiler makes for a processor."""
    link_compiler(warm_cache, tmp_path)
    return f"--cache={tmp_path}"


def expected(path: Path, inputs: Any) -> Any:
    """TFLM's answer in this process."""
    return RUNTIMES.get("tflm").load(Artifact("model", path.read_bytes())).run(inputs)


@on_board
def test_board_json(tmp_path: Path, cache: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One object: costs, profile and origin; outputs are TFLM's bytes."""
    (x,) = random_inputs(tflite.read(CONV.read_bytes()), 5, seed=1)
    np.save(tmp_path / "x.npy", x)
    arguments = [f"--input={tmp_path / 'x.npy'}", f"--to={tmp_path / 'y.npy'}", "--json"]

    assert main(["run", str(CONV), "--against=tflm", cache, *arguments]) == 0

    found = json.loads(capsys.readouterr().out)
    assert all(found[key] for key in COSTS)
    assert found["flash_bytes"] == found["code_bytes"] + found["weight_bytes"]
    assert found["ram_bytes"] >= found["arena_bytes"]
    assert sum(each["instructions"] for each in found["profile"]) < found["instructions"]
    assert sum(each["cycles"] for each in found["profile"]) < found["cycles"]
    assert "no interrupts" in found["time_basis"]
    ran = [(each["index"], each["operator"]) for each in found["profile"]]
    assert (0, "CONV_2D") in ran
    assert (6, "SOFTMAX") in ran
    assert found["profile"][-1]["name"] == "StatefulPartitionedCall:0"
    assert found["model"] == hashing.of_bytes(CONV.read_bytes())
    assert (found["board"], found["runtime"]) == ("cortex-m4", None)
    assert found["compiler"].startswith("zig cc ")
    assert "-O2" in found["flags"]
    assert (found["samples"], found["seed"]) == (5, None)
    assert found["against"]["equal"]
    assert found["against"]["first_difference"] is None
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), expected(CONV, x))


@on_board
def test_board_table(cache: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Costs with units and thousands separators, and a row an operator."""
    assert main(["run", str(CONV), "--samples=2", "--seed=3", cache]) == 0

    text = capsys.readouterr().out
    for part in ("Board ", "cortex-m4: ", "2 samples, random ", "seed 3", " B: code ", "CONV_2D"):
        assert part in text
    (line,) = (line for line in text.splitlines() if line.startswith("Instructions "))
    assert "," in line.split()[1]


def test_floats_within_some_ulp_are_equal(cache: str, capsys: pytest.CaptureFixture[str]) -> None:
    """LiteRT's sums are in another order: an operator sets how far the two are apart."""
    path = MODELS / "conv-float32.tflite"
    arguments = ["run", str(path), "--on=litert", "--against=tflm", "--samples=50", cache]

    assert main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["against"]
    assert (found["equal"], found["passed"], found["ulps_allowed"]) == (False, True, 32)
    assert 0 < found["ulps"] <= 32
    operator = found["ulps_set_by"]
    assert main(arguments) == 0
    verdict = f"set by operator {operator['index']} ({operator['operator']}); 32 are allowed"
    assert f"Equal within {found['ulps']} ulp, {verdict}" in capsys.readouterr().out
    assert main([*arguments, "--ulp=0"]) == 1
    assert "Different by more than 0 ulp" in capsys.readouterr().out


@on_board
def test_a_boards_floats_are_the_runtimes(cache: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Behind an exponential, too, where the C library is the one that generated code repeats."""
    path = MODELS / "conv-float32.tflite"

    assert main(["run", str(path), "--against=tflm", "--samples=50", "--json", cache]) == 0

    found = json.loads(capsys.readouterr().out)["against"]
    assert found["ulps"] <= UNITS


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--on=tflm", "--flash=1M"], "--flash and --ram size an emulated board, not tflm"),
        (["--on=cortex-m4", "--ram=1K"], "cortex-m4: 1,024 bytes of ram; from 16,384 to "),
    ],
)
def test_memory_that_cannot_be(
    arguments: list[str], said: str, cache: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(CONV), cache, *arguments]) == 2
    assert said in capsys.readouterr().err


@on_board
def test_a_board_with_enough_memory(
    tmp_path: Path, cache: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What does not fit the board as it is."""
    path = tmp_path / "large.tflite"
    path.write_bytes(with_width("wide-float32", 100_000))

    assert main(["run", str(path), "--ram=1M", "--samples=1", cache]) == 0

    assert "1024 KiB flash, 1024 KiB RAM" in capsys.readouterr().out


@on_board
def test_model_too_large_for_the_board(
    tmp_path: Path, cache: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The arena and the memory in bytes, nothing written."""
    path = tmp_path / "large.tflite"
    path.write_bytes(with_width("wide-float32", 100_000))
    output = tmp_path / "y.npy"

    assert main(["run", str(path), f"--to={output}", "--samples=1", cache]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "cortex-m4: arena of " in said.err
    assert "does not fit its 262,144 bytes" in said.err
    assert not output.exists()


def with_width(name: str, width: int) -> bytes:
    """A model of one RELU, made of a converter's file, for `width` floats."""
    schema: Any = importlib.import_module("ai_edge_litert.schema_py_generated")
    flatbuffers: Any = importlib.import_module("flatbuffers")
    tree = schema.ModelT.InitFromObj(
        schema.Model.GetRootAsModel((MODELS / f"{name}.tflite").read_bytes(), 0)
    )
    graph = tree.subgraphs[0]
    graph.operators = graph.operators[:1]
    graph.operators[0].inputs, graph.operators[0].outputs = [0], [1]
    graph.operators[0].builtinOptionsType, graph.operators[0].builtinOptions = 0, None
    tree.operatorCodes[0].builtinCode = tree.operatorCodes[0].deprecatedBuiltinCode = (
        schema.BuiltinOperator.RELU
    )
    graph.tensors = [graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]]
    for tensor in graph.tensors:
        tensor.shape, tensor.shapeSignature = [1, width], None
        tensor.buffer = 0
    graph.inputs, graph.outputs = [0], [1]
    tree.signatureDefs = tree.metadata = None
    builder = flatbuffers.Builder(1024)
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_runtime_json(capsys: pytest.CaptureFixture[str]) -> None:
    """What a runtime cannot tell is null; TFLM's allocator tells the arena."""
    assert main(["run", str(CONV), "--on=tflm", "--samples=2", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert [key for key in COSTS if found[key] is not None] == ["arena_bytes"]
    assert found["arena_bytes"] > 1000
    assert (found["board"], found["runtime"], found["compiler"]) == (None, "tflm", None)
    assert (found["samples"], found["seed"]) == (2, 0)


def test_several_inputs_and_outputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Archives by tensor name."""
    net = tflite.read(TWO.read_bytes())
    inputs = random_inputs(net, 4, seed=2)
    named: dict[str, Any] = {
        net.tensors[index].name: values for index, values in zip(net.inputs, inputs, strict=True)
    }
    np.savez(tmp_path / "x.npz", **named)
    files = [f"--input={tmp_path / 'x.npz'}", f"--to={tmp_path / 'y.npz'}"]

    assert main(["run", str(TWO), "--on=tflm", "--against=litert-ref", *files]) == 0

    assert "equal, all 12 elements" in capsys.readouterr().out
    found = np.load(tmp_path / "y.npz")
    assert found.files == [net.tensors[index].name for index in net.outputs]
    assert sorted(found[key].shape for key in found.files) == [(4, 2), (4, 3)]


def test_runtimes_that_differ(capsys: pytest.CaptureFixture[str]) -> None:
    """LiteRT and TFLM round 16-bit activations differently: exit status 1, and where it starts."""
    assert main(["run", str(DENSE16), "--on=litert", "--against=tflm", "--json"]) == 1

    found = json.loads(capsys.readouterr().out)["against"]
    assert not found["equal"]
    assert found["outputs"][0]["differing"] > 0
    first = found["first_difference"]
    assert (first["index"], first["operator"]) == (0, "FULLY_CONNECTED")
    one, other = first["values"]
    assert first["max_abs_difference"] >= abs(one - other) > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.tflite"], "nothing.tflite: No such file or directory"),
        ([__file__], "test_run.py: model: not a .tflite file"),
        ([str(CONV), "--on=cortex-m44"], "unknown board or runtime 'cortex-m44' (did you mean"),
        ([str(CONV), "--on=tflm", "--against=lite"], "valid: cortex-m0plus, "),
        ([str(CONV), "--on=tflm", "--input=nothing.npy"], "No such file"),
        ([str(CONV), "--on=tflm", f"--input={CONV}"], "not a sound NumPy file of numbers"),
        ([str(CONV), "--on=tflm", "--input=x.npy", "--seed=1"], "not with --input"),
        ([str(CONV), "--on=tflm", "--to=y.txt"], "to .npy or .npz files, not '.txt'"),
        ([str(TWO), "--on=tflm", "--to=y.npy"], "has 2 outputs: name an .npz file"),
        ([str(CONV), "--on=tflm", "--samples=999999999"], "use fewer --samples"),
        ([str(CONV), "--on=tflm", "--timeout=0.01"], "tflm: did not finish within 0.01 s"),
        ([str(MODELS / "dense-float16.tflite"), "--on=tflm"], "tflm: dequantize_common.cc: "),
    ],
)
def test_errors(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, exit status 2."""
    assert main(["run", *arguments]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert message in said.err
    assert said.err.count("\n") == 1


@on_board
def test_operator_without_c_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The refusal names the file, the operator, and where to see more."""
    x, y = Tensor((1, 4), "float32"), Tensor((1, 4), "float32")
    path = tmp_path / "gelu.tflite"
    path.write_bytes(build([x], [Op("GELU", [x], [y])], [y]))

    assert main(["run", str(path)]) == 2

    said = capsys.readouterr().err
    assert said.startswith(f"tinybench: error: {path}: ")
    assert "`tinybench inspect`" in said


def test_no_compiler(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The remedy is the extra to install."""
    monkeypatch.setitem(sys.modules, "ziglang", None)

    assert main(["run", str(CONV)]) == 2

    said = capsys.readouterr().err
    assert said.startswith("tinybench: error: cortex-m4: ")
    assert "ziglang" in said
    assert "pip install 'pytest-tinybench[boards]'" in said


class Fake:
    """A machine without a process: what it answers is what it is told to."""

    name, summary, kind, identity = "fake", "Adds to its outputs", "runtime", None

    def __init__(self, added: float | None) -> None:
        self.added = added

    def unavailable(self) -> str | None:
        return None

    def run(self, model: Artifact, inputs: Any, **options: Any) -> Execution:
        if self.added is None:
            raise KeyboardInterrupt
        net = tflite.read(model.data)
        shapes = [batch_shape(net.tensors[index].shape, 16) for index in net.outputs]
        values = np.arange(16, dtype=np.float32) + np.float32(self.added)
        return Execution([np.broadcast_to(values, s[::-1]).T.copy() for s in shapes], Cost())


def fakes(monkeypatch: pytest.MonkeyPatch, added: list[float | None]) -> None:
    machines = iter([Fake(value) for value in added])
    monkeypatch.setattr("tinybench.machines.find", lambda *_: next(machines))


def test_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Outputs are written when everything has run, or not at all."""
    fakes(monkeypatch, [0, None])
    output = tmp_path / "y.npy"

    assert main(["run", str(FLOAT), "--against=fake", f"--to={output}"]) == 130

    assert "interrupted" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_difference_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which operator, which element, both values; the outputs are written all the same."""
    fakes(monkeypatch, [0.1, 0.35])
    output = tmp_path / "y.npy"

    assert main(["run", str(FLOAT), "--against=fake", f"--to={output}"]) == 1

    text = capsys.readouterr().out
    assert "StatefulPartitionedCall:0: 16 of 16 elements differ, by up to 0.25" in text
    assert "First operator that differs: 0 (FULLY_CONNECTED)" in text
    assert "first at sample 0, index [0]: fake 0.1, fake 0.35" in text
    assert text.endswith(f"written: {output}\n")
    assert np.load(output).shape == (16, 1)


def test_numbers_that_json_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Infinity is text, so that every reader takes the object."""
    fakes(monkeypatch, [0, float("inf")])

    assert main(["run", str(FLOAT), "--against=fake", "--json"]) == 1

    found = json.loads(capsys.readouterr().out)["against"]
    assert found["outputs"][0]["max_abs_difference"] == "inf"
    assert found["first_difference"]["values"] == [0.0, "inf"]


@pytest.mark.parametrize("option", ["--samples=0", "--seed=-1", "--timeout=0", "--timeout=nan"])
def test_numbers_are_checked(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", str(CONV), option])

    assert caught.value.code == 2
    assert option.split("=")[0] in capsys.readouterr().err


def test_every_board_and_runtime_is_found() -> None:
    for kind, registry in (("board", BOARDS), ("runtime", RUNTIMES)):
        for item in registry:
            found = machines.find(item.name)
            assert (found.name, found.kind) == (item.name, kind)


def test_advice_is_that_of_inspect(capsys: pytest.CaptureFixture[str]) -> None:
    """Wherever the file runs: TFLM is asked what it thinks of it."""
    path = str(MODELS / "dense-qat-int8.tflite")
    assert main(["inspect", "--json", path]) == 0
    expected = json.loads(capsys.readouterr().out)["advice"]

    assert main(["run", path, "--on=litert", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["advice"] == expected
    assert main(["run", path, "--on=litert"]) == 0
    assert f"- {expected[0]['name']}: {expected[0]['text']}\n" in capsys.readouterr().out
