"""Packages for other build systems: what is in them, and real builds of their examples."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tinybench.codegen import Names
from tinybench.export import ExportError, files, of_file
from tinybench.export.packages import LAYOUTS, package
from tinybench.storage import hashing

from ..components import needs
from .subjects import MODELS, floor_only, subject, write

CONSUMER = """\
cmake_minimum_required(VERSION 3.15)
project(consumer C)
add_subdirectory(package)
file(WRITE "${CMAKE_BINARY_DIR}/main.c" "#include \\"model.h\\"
int main(void) { model_invoke(); return 0; }")
add_executable(app "${CMAKE_BINARY_DIR}/main.c")
target_link_libraries(app PRIVATE model::model)
"""


def packed(kind: str, names: Names | None = None, model: str = "dense-int8") -> dict[str, bytes]:
    return package(kind, files(of_file(MODELS / f"{model}.tflite"), names))


def ran(*command: str | Path) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def built(folder: Path, *targets: str) -> Path:
    """The build folder of a CMake project."""
    build = folder / "build"
    ran("cmake", "-S", folder, "-B", build)
    ran("cmake", "--build", build, *targets)
    return build


def printed(output: str) -> dict[str, dict[str, Any]]:
    """The protocol's lines by their metric, the last of each."""
    lines = (line.partition("tinybench: ")[2] for line in output.splitlines())
    return {found["metric"]: found for found in map(json.loads, filter(None, lines))}


@pytest.mark.parametrize("kind", LAYOUTS)
@needs("C compiler")
def test_the_manifest_lists_every_file(kind: str) -> None:
    """Hence a second export replaces the first, and keeps files of the user's."""
    found = packed(kind)

    stated = json.loads(found.pop("manifest.json"))
    assert stated["package"] == kind
    assert stated["files"] == {name: hashing.of_bytes(data) for name, data in found.items()}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_without_c_code_there_is_no_package(kind: str) -> None:
    with pytest.raises(ExportError, match="--as needs C code, and there is none for the model: "):
        package(kind, files(subject(floor_only())))


@pytest.mark.parametrize(
    ("names", "model"),
    [(Names(), "dense-int8"), (Names("net", "pool"), "dense-int8"), (Names("f"), "dense-float32")],
    ids=["model", "prefix and arena", "float32"],
)
@needs("cmake", "C compiler", "make")
def test_cmake_finds_the_package_and_its_example_runs(
    tmp_path: Path, names: Names, model: str
) -> None:
    write(tmp_path, packed("cmake", names, model))

    build = built(tmp_path / "examples" / "benchmark")

    lines = printed(ran(build / "benchmark"))
    assert (lines["vectors"]["value"], lines["vectors"]["count"]) == (0, 64)
    assert lines["quantize"]["value"] == lines["status"]["value"] == 0


@needs("cmake", "C compiler", "make")
def test_cmake_takes_the_package_as_a_subdirectory(tmp_path: Path) -> None:
    write(tmp_path / "package", packed("cmake"))
    (tmp_path / "CMakeLists.txt").write_text(CONSUMER)

    ran(built(tmp_path) / "app")
