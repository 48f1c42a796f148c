"""`tinybench run` of a streaming model: a sequence from reset, compared step by step."""

import json
from pathlib import Path

import numpy as np
import pytest

from tinybench.cli import main

from ..codegen.strategies import sample
from ..codegen.test_state import delay
from ..components import needs
from ..conftest import link_compiler


@needs("cortex-m4")
def test_profile_names_what_an_operator_without_outputs_keeps(
    warm_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link_compiler(warm_cache, tmp_path)
    file = tmp_path / "delay.tflite"
    file.write_bytes(delay())

    assert main(["run", str(file), "--against=tflm", f"--cache={tmp_path}", "--json"]) == 0

    profile = json.loads(capsys.readouterr().out)["profile"]
    assert [each["operator"] for each in profile] == ["READ_VARIABLE", "ASSIGN_VARIABLE"]
    assert profile[1]["name"] == "t0"


@needs("cortex-m4")
def test_board_and_runtime_play_the_same_sequence(
    warm_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link_compiler(warm_cache, tmp_path)
    file = tmp_path / "stream.tflite"
    file.write_bytes(sample("graph_streaming", 1, seed=3)[0].data)
    arguments = ["run", str(file), "--against=tflm", f"--cache={tmp_path}", "--samples=9"]

    assert main([*arguments, "--json", f"--to={tmp_path / 'y.npy'}"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert main([*arguments]) == 0
    text = capsys.readouterr().out

    assert (found["against"]["sequence"], found["against"]["first_output"]) == (True, None)
    assert found["ram_bytes"] >= found["arena_bytes"] + found["state_bytes"]
    assert found["state_bytes"] > 0
    assert len(np.load(tmp_path / "y.npy")) == 9
    assert "9 samples, steps of one sequence from reset" in text
    assert f"state {found['state_bytes']:,} B" in text
