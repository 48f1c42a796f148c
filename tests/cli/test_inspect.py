"""`tinybench inspect` says beforehand whether C code can be generated, whatever the file."""

import json
import random
import re
from pathlib import Path

import numpy as np
import pytest

from tinybench import codegen, tflite
from tinybench.cli import inspect, main
from tinybench.codegen import support
from tinybench.machines import random_inputs
from tinybench.runtimes import RUNTIMES, Artifact, isolated
from tinybench.runtimes.base import answered

from ..codegen.builder import Op, Tensor, build

MODELS = Path(__file__).parents[1] / "tflite" / "models"


def test_supported(capsys: pytest.CaptureFixture[str]) -> None:
    """Operators that run, the arena's bytes, and the least that it could be."""
    path = MODELS / "conv-int8.tflite"
    made = codegen.generate(path.read_bytes())
    operators, arena = len(made.program.operators), made.program.arena_bytes
    least = made.plan.lower_bound

    assert main(["inspect", str(path)]) == 0

    text = capsys.readouterr().out
    assert f"C code: yes, {operators} operators, arena {arena} B (at least {least} B)" in text


def test_refused_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Every reason, and no sizes."""
    path = MODELS / "dense-float16.tflite"
    reasons = codegen.refusals(tflite.read(path.read_bytes()))

    assert main(["inspect", "--json", str(path)]) == 0

    assert reasons
    assert json.loads(capsys.readouterr().out)["codegen"] == {
        "supported": False,
        "operators": None,
        "arena_bytes": None,
        "lower_bound": None,
        "state_bytes": None,
        "refusals": reasons,
    }


def test_many_reasons_are_cut(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each on a line of its own, whatever a file has for names."""
    refusals = tuple(f"reason\n{number}" for number in range(25))
    found = support.Support(supported=False, refusals=refusals)
    monkeypatch.setattr(inspect, "support_of", lambda data: found)
    monkeypatch.setattr(inspect, "TRIED", ())

    assert main(["inspect", str(MODELS / "conv-int8.tflite")]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[-22:-19] == ["C code: no", "- reason 0", "- reason 1"]
    assert lines[-1] == "- and 5 more, see --json"


def test_a_hang_is_a_refusal() -> None:
    data = (MODELS / "dense-int8.tflite").read_bytes()

    found = support.support_of(data, timeout=0.01)

    assert not found.supported
    assert found.refusals == ("model: code generation did not finish within 0.01 s",)


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.tflite")), ids=lambda path: path.stem)
def test_tflm_runs_what_there_is_code_for(path: Path) -> None:
    """Nothing would prove the C code of a model that TFLM refuses."""
    data = path.read_bytes()
    if support.attempt(data).supported:
        model = tflite.read(data)
        session = RUNTIMES.get("tflm").load(Artifact(path.stem, data))
        assert answered(session, random_inputs(model, 1, seed=0), len(model.outputs))


def refused_by_tflm() -> dict[str, bytes]:
    """Operators that look as if they ran everywhere."""
    x, y, scalar = (Tensor(shape, "float32") for shape in ((1, 4), (1, 4), ()))
    ids, turned = Tensor((2, 3), "int32"), Tensor((3, 2), "int32")
    axes = Tensor((2,), "int32", data=[1, 0])
    a, b, both = (Tensor((1, n), "uint8", scale=0.5) for n in (4, 4, 8))
    return {
        "scalar": build([scalar], [Op("SQUEEZE", [scalar], [y], squeeze_dims=[0])], [y]),
        "relu": build([x], [Op("RELU_N1_TO_1", [x], [y])], [y]),
        "transpose": build([ids], [Op("TRANSPOSE", [ids, axes], [turned])], [turned]),
        "concatenation": build([a, b], [Op("CONCATENATION", [a, b], [both], axis=1)], [both]),
    }


@pytest.mark.parametrize("name", refused_by_tflm())
def test_no_code_of_what_tflm_refuses(name: str) -> None:
    data = refused_by_tflm()[name]

    assert support.attempt(data).refusals
    assert isolated.attempt(data, "tflm").reason


def test_code_that_nothing_proves(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No yes for a model that TFLM refuses; a TFLM that is not there refuses nothing."""
    path = str(MODELS / "conv-int8.tflite")

    def attempt(data: bytes, runtime: str) -> isolated.Attempt:
        return isolated.Attempt(runtime, "not\nso", tried=tried)

    monkeypatch.setattr(inspect, "attempt", attempt)
    tried = True
    assert main(["inspect", path]) == 0
    text = capsys.readouterr().out
    assert "C code: yes" not in text
    assert re.search(r"C code: unproven, 6 operators, .*: TFLM refuses the model: not so\n", text)

    tried = False
    assert main(["inspect", path]) == 0
    assert "C code: yes, 6 operators" in capsys.readouterr().out


def damaged(tmp_path: Path) -> Path:
    data = bytearray((MODELS / "dense-int8.tflite").read_bytes())
    tensor = tflite.read(bytes(data)).tensors[7]
    assert tensor.quantization is not None
    scale = np.float32(tensor.quantization.scales[0]).tobytes()
    at = data.index(scale)
    assert data.count(scale) == 1
    data[at : at + 4] = np.float32(np.inf).tobytes()
    path = tmp_path / "damaged.tflite"
    path.write_bytes(data)
    return path


def test_what_can_be_read_of_a_damaged_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is wrong, as text and for programs; no runtime and no generator is let near it."""
    path = damaged(tmp_path)

    assert main(["inspect", str(path)]) == 1
    text = capsys.readouterr().out
    assert main(["inspect", "--json", str(path)]) == 1
    value = json.loads(capsys.readouterr().out)

    [problem] = value["problems"]
    assert problem.endswith("scale inf is not a positive finite number")
    assert f"\n\nProblems\n- {problem}\n\n" in text
    assert "3 FULLY_CONNECTED" in text
    assert f"\ntflm: not tried: {problem}\n\nC code: no\n- {problem}\n" in text
    assert [one["tried"] for one in value["runtimes"]] == [False, False]
    assert value["codegen"]["refusals"] == [problem]
    assert value["tensors"][7]["quantization"]["scales"] == ["inf"]


@pytest.mark.parametrize(
    "command", [["run", "--on", "tflm"], ["run", "--on", "cortex-m0plus"], ["export", "--file"]]
)
def test_a_damaged_file_is_described_only(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What runs a model or makes code of it says the same reason."""
    rest = ["--to", str(tmp_path / "out")] if command[0] == "export" else []

    assert main([*command, str(damaged(tmp_path)), *rest]) == 2

    assert "scale inf is not a positive finite number" in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("path", sorted(MODELS.glob("*.tflite")), ids=lambda path: path.stem)
def test_damaged_files(path: Path) -> None:
    """Readable although damaged: an answer, never another exception."""
    source, whole = random.Random(path.stem), path.read_bytes()
    values = (0, 1, 2, 127, 255, 2**16, 2**31 - 1, 2**32 - 1)
    answers = []
    for _ in range(40):
        data = bytearray(whole)
        at = 4 * source.randrange(len(data) // 4)
        data[at : at + 4] = source.choice(values).to_bytes(4, "little")
        answers.append(support.attempt(bytes(data)))

    assert all(found.supported or found.refusals for found in answers)
    assert not all(found.supported for found in answers)


def test_advice_as_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same lines, what is wrong and the remedy; a sound file has none."""
    path = str(MODELS / "dense-qat-int8.tflite")

    assert main(["inspect", path]) == 0
    text = capsys.readouterr().out
    assert main(["inspect", "--json", path]) == 0
    found = json.loads(capsys.readouterr().out)["advice"]

    assert [one["name"] for one in found] == ["unsettled-ranges", "dead-channel"]
    shown = "\n".join(f"- {one['name']}: {one['text']}" for one in found)
    assert text.endswith(f"\n\nAdvice (explained by `tinybench explain NAME`)\n{shown}\n")

    assert main(["inspect", "--json", str(MODELS / "conv-int8.tflite")]) == 0
    assert json.loads(capsys.readouterr().out)["advice"] == []
