"""The files of an export: the same bytes everywhere, accounted for, or a clear refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tinybench import tflite
from tinybench.export import ExportError, files, of_file
from tinybench.storage import hashing

from ..components import needs
from .subjects import MODELS, content, reshape_only, subject, two_by_two

DIGESTS = """
import json, sys
from pathlib import Path
import numpy as np
from tinybench.storage import hashing
from tinybench.export import Subject, files
data = Path(sys.argv[1]).read_bytes()
vectors = [np.arange(12, dtype=np.int8).reshape(3, 4)]
made = files(Subject(data, "a", "b", vectors, vectors, 1, ("x", "y")))
print(json.dumps([[name, hashing.of_bytes(data)] for name, data in made.items()]))
"""


def manifest(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(subject(data))["manifest.json"])
    return found


def test_the_same_model_gives_the_same_bytes_in_any_process() -> None:
    """Whatever the order of sets is there."""
    command = [sys.executable, "-c", DIGESTS, str(MODELS / "conv-int8.tflite")]

    first, second = (
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    )

    assert first == second
    assert len(json.loads(first)) > 8


def test_the_manifest_is_last_and_has_the_digest_of_every_other_file() -> None:
    made = files(subject(content("conv-int8")))

    found = json.loads(made["manifest.json"])["files"]

    assert list(made)[-1] == "manifest.json"
    assert found == {
        name: hashing.of_bytes(data) for name, data in made.items() if name != "manifest.json"
    }
    expected = {"model.c", "model.h", "model_data.cc", "model_data.h", "model_settings.h"}
    assert {name for name in found if not name.startswith("kernels/")} == {
        *expected,
        "model.tflite",
        "test_vectors.h",
    }
    assert made["model.tflite"] == content("conv-int8")


def test_the_manifest_says_what_was_exported() -> None:
    data = content("dense-int8")

    found = manifest(data)

    assert found["format"] == 1
    assert found["model"] == {
        "sha256": hashing.of_bytes(data),
        "bytes": len(data),
        "task": "a task",
        "variant": "a variant",
    }
    assert found["arena"]["tflm_bytes"] == 1234
    assert 0 < found["arena"]["lower_bound"] <= found["arena"]["bytes"]
    assert found["test_vectors"]["count"] == 3


@pytest.mark.parametrize("name", ["dense-int8", "conv-int8", "dense-float32", "conv-int16x8"])
def test_work_and_weights_are_split_by_operator(name: str) -> None:
    model = tflite.read(content(name))

    operators = manifest(content(name))["operators"]

    assert sum(each["macs"] for each in operators) == tflite.macs(model) > 0
    assert all(each["kernels"] for each in operators)
    by_index = {each["index"]: each for each in operators}
    for operator in model.operators:
        if entry := by_index.get(operator.index):
            constants = (model.tensors[index].data for index in operator.inputs if index >= 0)
            assert entry["name"] == operator.name
            assert entry["computes"] == [model.tensors[i].name for i in operator.outputs]
            assert entry["weight_bytes"] == sum(len(data) for data in constants if data is not None)


def test_every_port_has_its_place_and_its_quantization() -> None:
    found = manifest(two_by_two())

    ports = [*found["inputs"], *found["outputs"]]
    assert [port["shape"] for port in ports] == [[1, 6], [1, 6], [1, 6], [1, 3]]
    assert [port["bytes"] for port in ports] == [6, 6, 6, 3]
    assert [port["zero_point"] for port in ports] == [-7, 5, 11, 5]
    assert all(port["offset"] + port["bytes"] <= found["arena"]["bytes"] for port in ports)
    assert "scale" not in manifest(content("dense-float32"))["inputs"][0]


def test_a_model_that_nobody_runs_is_refused(tmp_path: Path) -> None:
    """By the operator or tensor that is the reason, and the file's name."""
    path = tmp_path / "any.tflite"
    path.write_bytes(content("dense-float16"))
    why = r"tensor 6 \(dense/.*\): float16 constants do not run on a device"

    with pytest.raises(ExportError, match=rf"cannot export \S*any\.tflite: {why}.*; no test vec"):
        of_file(path)


def test_a_model_that_computes_nothing_is_refused() -> None:
    with pytest.raises(ExportError, match="cannot export a task: the model computes nothing"):
        files(subject(reshape_only()))


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "cannot read .*: No such file"), (b"", "cannot export .*model.tflite: ")],
)
def test_a_file_that_is_no_model(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "model.tflite"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ExportError, match=message):
        of_file(path)


@needs("tflm")
def test_vectors_of_a_file_are_the_same_every_time() -> None:
    """And they spread over the codes of each input."""
    first, second = (of_file(MODELS / "two-inputs-int8.tflite") for _ in range(2))

    assert len(first.inputs) == 2
    for one, two in zip(
        (*first.inputs, *first.outputs), (*second.inputs, *second.outputs), strict=True
    ):
        assert (one == two).all()
    assert all(values.min() < -100 and values.max() > 100 for values in first.inputs)
    assert (first.tflm_arena_bytes or 0) > 0
