"""What of an export is left out and why: C code without kernels, TFLM's part where it is absent."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.boards import toolchain
from tinybench.cli import main
from tinybench.codegen import Names
from tinybench.export import ExportError, files, host, of_file
from tinybench.export.reference import Reference
from tinybench.runtimes import RUNTIMES

from ..components import needs, require
from .subjects import MODELS, compile_, content, floor_only, subject, write


@pytest.fixture
def no_tflm(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where there is no wheel of it."""
    runtime = type(RUNTIMES.get("tflm"))
    monkeypatch.setattr(runtime, "unavailable", lambda self: "not installed: tflite-micro")


def manifest(made: dict[str, bytes]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made["manifest.json"])
    return found


@needs("tflm")
def test_a_model_without_c_code_is_exported_for_tflm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 0: the array, settings, resolver and vectors; one line says what is missing."""
    monkeypatch.chdir(tmp_path)

    path = tmp_path / "floor.tflite"
    path.write_bytes(floor_only())

    assert main(["export", "--file", str(path), "--prefix", "talk"]) == 0

    said = capsys.readouterr().out
    folder = tmp_path / "firmware" / "talk"
    settings = (folder / "talk_settings.h").read_text()
    why = "operator 1 (ADD): the fused activation SIGN_BIT is not supported"
    assert {path.name for path in folder.iterdir()} == {
        *("talk.tflite", "talk_data.cc", "talk_data.h", "talk_settings.h"),
        *("talk_test_vectors.h", "manifest.json"),
    }
    assert f"left out: C code (talk.c, talk.h, kernels): {why}" in said
    assert "cmake" not in said
    assert "(resolver).AddFloor();" in settings
    assert "#define TALK_INPUTS 1\n" in settings
    assert re.search(r"#define TALK_TFLM_ARENA_BYTES [1-9]\d+\n", settings)
    stated = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert stated["arena"]["bytes"] is None
    assert [why in each for each in stated["left_out"].values()] == [True]


@needs("tflm")
def test_vectors_of_a_model_without_c_code_compile(tmp_path: Path) -> None:
    path = tmp_path / "floor.tflite"
    path.write_bytes(floor_only())
    write(tmp_path, files(of_file(path), Names("floor_net")))
    check = """#include "floor_net_test_vectors.h"
#include <math.h>
#include <string.h>
int main(void) {
  for (int i = 0; i < FLOOR_NET_TEST_VECTORS; i++) {
    float x, y;
    memcpy(&x, floor_net_test_inputs[0].bytes + (uint32_t)i * FLOOR_NET_INPUT_0_BYTES, 4);
    memcpy(&y, floor_net_test_outputs[0].bytes + (uint32_t)i * floor_net_test_outputs[0].size, 4);
    if (y > x || x - y >= 1) return 1;
  }
  return FLOOR_NET_INPUTS + FLOOR_NET_OUTPUTS;
}
"""
    for name, language, standard in (("main.c", "cc", "c99"), ("main.cc", "c++", "c++11")):
        (tmp_path / name).write_text(check)
        compile_(language, tmp_path, f"-std={standard}", "-Wpedantic", name, "-o", "main")

        assert subprocess.run([tmp_path / "main"], check=False).returncode == 2


@needs("C compiler", "tflm")
@pytest.mark.parametrize("name", ["conv-int8", "dense-float32", "two-inputs-int8-float-io"])
def test_the_generated_c_answers_as_tflm_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = of_file(MODELS / f"{name}.tflite")
    monkeypatch.setattr(type(RUNTIMES.get("tflm")), "unavailable", lambda self: "not installed")

    ours = of_file(MODELS / f"{name}.tflite")

    assert ours.reference is Reference.CODE
    assert ours.tflm_arena_bytes is None
    for one, other in zip(ours.outputs, theirs.outputs, strict=True):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


@needs("C compiler")
@pytest.mark.usefixtures("no_tflm")
def test_without_tflm_all_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The output, the manifest, the vectors' comment, and no number for TFLM's arena."""
    to = str(tmp_path / "m")

    assert main(["export", "--file", str(MODELS / "conv-int8.tflite"), "--to", to]) == 0

    said = capsys.readouterr().out
    stated = json.loads((tmp_path / "m" / "manifest.json").read_text("utf-8"))
    settings = (tmp_path / "m" / "model_settings.h").read_text()
    assert "test vectors, answered by the generated C on this computer: they check your" in said
    assert "left out: TensorFlow Lite Micro's arena: tflite-micro was not there" in said
    assert stated["test_vectors"]["reference"] == "the generated C on this computer"
    assert stated["arena"]["tflm_bytes"] is None
    vectors = (tmp_path / "m" / "test_vectors.h").read_text()
    assert vectors.startswith("/* Inputs, the bytes that the generated C itself, not TFLM, gives")
    assert "#define MODEL_TFLM_ARENA_BYTES" not in settings
    assert "(resolver).AddConv2D();" in settings


@needs("litert")
@pytest.mark.usefixtures("no_tflm")
def test_without_tflm_and_c_litert_answers(tmp_path: Path) -> None:
    path = tmp_path / "floor.tflite"
    path.write_bytes(floor_only())

    made = files(of_file(path))

    assert manifest(made)["test_vectors"]["reference"].startswith("ai-edge-litert ")
    assert len(manifest(made)["left_out"]) == 2
    assert made["test_vectors.h"].startswith(b"/* Inputs, the bytes that LiteRT gives for them")


@pytest.mark.usefixtures("no_tflm")
def test_without_tflm_and_a_compiler_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host, "COMPILERS", ())
    monkeypatch.setattr(toolchain, "missing", lambda *modules: "not installed: ziglang")

    with pytest.raises(ExportError, match=r"tflite-micro; .*pytest-tinybench\[boards"):
        of_file(MODELS / "dense-int8.tflite")


def test_the_boards_compiler_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a computer has none of its own, as on Windows."""
    require("ziglang")
    monkeypatch.setattr(host, "COMPILERS", ())
    made = files(subject(content("dense-int8")))
    assert manifest(made)["left_out"] == {}
    command = host.compiler()

    assert command is not None
    assert command[1:] == ("-m", "ziglang", "cc")
