"""What the tests export: small models, and compilers for what comes of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tinybench import tflite
from tinybench.boards import toolchain
from tinybench.export import Subject
from tinybench.runtimes import batch_shape

from ..codegen.builder import Op, Tensor, build
from ..components import require

MODELS = Path(__file__).parents[1] / "tflite" / "models"
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror")


def content(name: str) -> bytes:
    """A file that a converter made."""
    return (MODELS / f"{name}.tflite").read_bytes()


def subject(data: bytes, count: int = 3, labels: tuple[str, ...] = ()) -> Subject:
    """A model with test vectors of zeros."""
    model = tflite.read(data)
    inputs, outputs = (
        [
            np.zeros(batch_shape(model.tensors[index].shape, count), model.tensors[index].dtype)
            for index in indexes
        ]
        for indexes in (model.inputs, model.outputs)
    )
    return Subject(data, "a task", "a variant", inputs, outputs, 1234, labels)


def two_by_two() -> bytes:
    """Two inputs and two outputs of other types, sizes and scales: a sum and a slice."""
    left, right = Tensor((1, 6), "int8", 0.1, -7), Tensor((1, 6), "int8", 1 / 3, 5)
    summed = Tensor((1, 6), "int8", 0.5, 11)
    begin, size = (Tensor((2,), "int32", data=data) for data in ([0, 2], [1, 3]))
    part = Tensor((1, 3), "int8", 1 / 3, 5)
    return build(
        [left, right],
        [Op("ADD", [left, right], [summed]), Op("SLICE", [right, begin, size], [part])],
        [summed, part],
    )


def reshape_only() -> bytes:
    """A model whose output is its input."""
    given, shaped = Tensor((1, 6), "int8", 0.1), Tensor((1, 2, 3), "int8", 0.1)
    shape = Tensor((3,), "int32", data=[1, 2, 3])
    return build([given], [Op("RESHAPE", [given, shape], [shaped])], [shaped])


def floor_only() -> bytes:
    """A model that TFLM runs, without the activation that it does not know, and C code refuses."""
    given, rounded, added = (Tensor((1, 4), "float32") for _ in range(3))
    zero = Tensor((1, 4), "float32", data=[[0.0] * 4])
    plus = Op("ADD", [rounded, zero], [added], fused_activation_function="SIGN_BIT")
    return build([given], [Op("FLOOR", [given], [rounded]), plus], [added])


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def compile_(language: str, folder: Path, *arguments: str) -> None:
    """Run a compiler of "cc" or "c++" without a warning; skip where there is none."""
    process = subprocess.run(
        [*_compiler(language), *WARNINGS, *arguments], cwd=folder, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr


def _compiler(language: str) -> Sequence[str]:
    name = {"cc": "gcc", "c++": "g++"}[language]
    if found := shutil.which(name):
        return [found]
    require("ziglang")
    return sys.executable, "-m", toolchain.COMPILER, language
