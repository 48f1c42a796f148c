"""An export of a model that keeps something: its vectors are a sequence from a reset."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinybench.codegen import generate
from tinybench.export import files, host, of_file
from tinybench.runtimes import RUNTIMES, Artifact, PortsSession

from ..codegen.strategies import sample
from ..components import require
from .subjects import content, subject


@pytest.fixture
def streaming() -> bytes:
    return sample("graph_streaming", 1, seed=3)[0].data


def test_files_say_what_is_kept(streaming: bytes) -> None:
    made = files(subject(streaming))
    program = generate(streaming).program
    manifest = json.loads(made["manifest.json"])

    assert manifest["state"] == {"symbol": "model_state", "bytes": program.state_bytes}
    assert b"#define TEST_RESET_EACH 0\n" in made["test_vectors.h"]
    assert b"one sequence: reset the state before the first" in made["test_vectors.h"]


def test_models_without_state_have_no_word_of_it() -> None:
    made = files(subject(content("conv-int8")))

    assert "state" not in json.loads(made["manifest.json"])
    assert b"TEST_RESET_EACH" not in made["test_vectors.h"]


def test_layers_over_whole_sequences_begin_anew_with_each_vector() -> None:
    data = content("lstm-int8")
    assert generate(data).program.cleared

    assert b"#define TEST_RESET_EACH 1\n" in files(subject(data))["test_vectors.h"]


@pytest.mark.parametrize("cleared", [False, True])
def test_vectors_of_the_code_itself(streaming: bytes, tmp_path: Path, *, cleared: bool) -> None:
    """Where TFLM is not installed the generated C answers, from a reset, as TFLM would."""
    require("C compiler")
    command = host.compiler()
    assert command is not None
    program = replace(generate(streaming).program, cleared=cleared)
    (tmp_path / "s.tflite").write_bytes(streaming)
    inputs = of_file(tmp_path / "s.tflite").inputs

    found = host.run(command, program, inputs)

    def answers(values: list[np.ndarray]) -> list[np.ndarray]:
        session = RUNTIMES.get("tflm").load(Artifact("s", streaming))
        assert isinstance(session, PortsSession)
        return session.run_ports(values)

    one_by_one = [answers([port[i : i + 1] for port in inputs]) for i in range(len(inputs[0]))]
    alone = [np.concatenate(port) for port in zip(*one_by_one, strict=True)]
    wanted = alone if cleared else answers(list(inputs))
    assert all(np.array_equal(*pair) for pair in zip(found, wanted, strict=True))
