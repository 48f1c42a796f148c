"""Packages for other build systems: what is in them, and real builds of their examples.

The builds are those that docs/how-to/packages.md shows.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tinybench.codegen import Names
from tinybench.export import ExportError, files, of_file
from tinybench.export.packages import LAYOUTS, package
from tinybench.storage import hashing

from ..components import find, needs
from .subjects import MODELS, floor_only, subject, two_by_two, write

CONSUMER = """\
cmake_minimum_required(VERSION 3.15)
project(consumer C)
add_subdirectory(package)
file(WRITE "${CMAKE_BINARY_DIR}/main.c" "#include \\"model.h\\"
int main(void) { model_invoke(); return 0; }")
add_executable(app "${CMAKE_BINARY_DIR}/main.c")
target_link_libraries(app PRIVATE model::model)
"""


ARDUINO = Path("/usr/share/arduino/hardware")
CTAGS = (
    '"{cmd.path}" -u --language-force=c++ -f - --c++-kinds=svpf --fields=KSTtzns'
    ' --line-directives "{source_file}"'
)


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


@needs("C compiler")
def test_platformio_has_its_files_where_they_are_said_to_be(tmp_path: Path) -> None:
    """A compiler stands in for PlatformIO: all of src/ is the library, src/ its headers."""
    write(tmp_path, packed("platformio", Names("net", "pool")))

    stated = json.loads((tmp_path / "library.json").read_text())
    assert (stated["name"], stated["headers"]) == ("net", "net.h")
    (example,) = stated["examples"]
    folder = tmp_path / example["base"]
    here = (path for path in folder.rglob("*") if path.is_file())
    assert sorted(example["files"]) == sorted(path.relative_to(folder).as_posix() for path in here)
    sources = [*(tmp_path / "src").glob("*.c"), *(folder / "src").glob("*.c")]
    program = tmp_path / "program"
    ran(
        str(find("C compiler")), "-DREPETITIONS=15", "-I", tmp_path / "src", *sources, "-o", program
    )
    assert printed(ran(program))["status"]["value"] == 0


@needs("arduino-builder", "simavr", "avr-gcc")
def test_arduino_builds_the_sketch_and_an_emulated_mega_runs_it(tmp_path: Path) -> None:
    """Debian's core without its WString.cpp, which its gcc cannot compile and the sketch not needs.

    Without tables of codes the model's vectors fit the board's 8 kB.
    """
    library = tmp_path / "libraries" / "model"
    write(library, packed("arduino", model="dense-float32"))
    hardware = tmp_path / "hardware"
    shutil.copytree(ARDUINO / "arduino" / "avr", hardware / "arduino" / "avr")
    (hardware / "arduino" / "avr" / "cores" / "arduino" / "WString.cpp").unlink()
    build = tmp_path / "build"
    build.mkdir()

    ran(
        "arduino-builder",
        *("-hardware", hardware, "-tools", hardware, "-libraries", library.parent),
        *("-prefs", "tools.ctags.cmd.path=/usr/bin/arduino-ctags"),
        *("-prefs", f"tools.ctags.pattern={CTAGS}"),
        *("-fqbn", "arduino:avr:mega:cpu=atmega2560", "-build-path", build),
        library / "examples" / "benchmark" / "benchmark.ino",
    )
    lines = printed(serial(build / "benchmark.ino.elf"))

    assert (lines["vectors"]["value"], lines["vectors"]["count"]) == (0, 64)


def serial(program: Path) -> str:
    """What a program for the ATmega2560 prints until it says its status."""
    command = ["simavr", "-m", "atmega2560", "-f", "16000000", str(program)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = []
    late = threading.Timer(60, process.kill)
    late.start()
    with process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(re.sub(r"\x1b\[\d*m|\.$", "", line.rstrip()))
            if '"status"' in line:
                process.kill()
    late.cancel()
    return "\n".join(said)


def test_arduino_properties_stay_lines() -> None:
    """Whatever a model is called."""
    named = replace(subject(two_by_two()), task="two\nlines=1")

    stated = package("arduino", files(named))["library.properties"].decode().splitlines()

    assert "sentence=The model two lines=1 a variant as C99 without dependencies." in stated
    assert {line.partition("=")[0] for line in stated} == {
        *("name", "version", "author", "maintainer", "sentence", "paragraph", "category", "url"),
        *("architectures", "includes"),
    }
