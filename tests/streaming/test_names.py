"""The pipelines' C code can be part of any program: its names meet none of the program's own."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from tinybench.boards import toolchain
from tinybench.boards.sources import firmware_root
from tinybench.codegen import Names
from tinybench.streaming import Application, program
from tinybench.streaming.application import header

from ..components import needs
from . import models

PIPELINE = firmware_root() / "pipeline"
TARGET = ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4")
C_LIBRARIES = ("x86_64-linux-gnu", "x86_64-linux-musl", "x86_64-windows-gnu", "aarch64-macos")
DEFINED = {
    "macro": r"^ *# *define (\w+)",
    "structure": r"^struct (\w+) \{",
    "type": r"^(?:typedef .*?|\} )(\w+);",
    "function or table": r"^static .*?(\w+)(?:\(|\[\w+\] =)",
}
needs_compiler = needs("ziglang", "elftools")


def external(source: str, application: Application, folder: Path, cache: Path) -> set[str]:
    """What a compiled file of the pipeline offers to the linker."""
    from elftools.elf.elffile import ELFFile

    files = program.of_application(application).play.files
    data = toolchain.compile_(files, [*TARGET, "-std=c99", "-c", source], "one.o", folder, cache)
    table = ELFFile(io.BytesIO(data)).get_section_by_name(".symtab")
    return {
        symbol.name
        for symbol in table.iter_symbols()
        if symbol["st_info"]["bind"] != "STB_LOCAL" and symbol["st_shndx"] != "SHN_UNDEF"
    }


@needs_compiler
@pytest.mark.parametrize("source", sorted(path.name for path in PIPELINE.glob("*.c")))
def test_external_symbols_have_the_prefix(source: str, warm_cache: Path, tmp_path: Path) -> None:
    motion = source in program.GESTURE
    application = models.gesture() if motion else models.keyword()

    found = external(source, application, tmp_path, warm_cache / "zig")

    assert found
    assert {name for name in found if not name.startswith("tb_")} == set()


@pytest.mark.parametrize("kind", DEFINED)
def test_what_a_header_defines_has_the_prefix(kind: str) -> None:
    """Settings that are written for a model are one of them; macros of sources count, too."""
    texts = [path.read_text("utf-8") for path in PIPELINE.glob("*.h")]
    for application in (models.keyword(scale=1 / 200), models.gesture()):
        texts.append(header(application, Names())[1])
    if kind == "macro":
        texts += [path.read_text("utf-8") for path in PIPELINE.glob("*.c")]

    found = {name for text in texts for name in re.findall(DEFINED[kind], text, re.MULTILINE)}

    assert found
    assert {name for name in found if not name.lower().startswith("tb_")} == set()


@needs_compiler
@pytest.mark.parametrize("library", C_LIBRARIES)
def test_no_header_hides_one_of_a_c_library(library: str, warm_cache: Path, tmp_path: Path) -> None:
    """A folder on the include path comes before the library's: <memory.h> is everywhere."""
    names = sorted(path.name for path in PIPELINE.glob("*.h"))
    asked = [f"#if __has_include(<{name}>)\n{name}\n#endif\n" for name in (*names, "memory.h")]

    answer = toolchain.compile_(
        {"asked.c": "".join(asked).encode()},
        ["-target", library, "-E", "-P", "asked.c"],
        "answer.txt",
        tmp_path,
        warm_cache / "zig",
    )

    assert answer.decode().split() == ["memory.h"]
