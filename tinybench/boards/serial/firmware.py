"""From a model's C sources to a program with the harness, for a board with a folder of its own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards import build, elf, toolchain
from tinybench.boards.base import BoardError, Image, NoBoardError, Toolchain
from tinybench.boards.sources import firmware_root
from tinybench.boards.targets import Region
from tinybench.storage.hashing import of_bytes, of_json

if TYPE_CHECKING:
    from tinybench.boards.targets import Target
    from tinybench.codegen.program import Program
    from tinybench.storage.store import Store

SHA256 = re.compile(rb"SHA-256 ([0-9a-f]{64})")
SAID = re.compile(rb'"([0-9a-f]{64})", "build": "([0-9a-f]*)"')
MEMORY = re.compile(
    r"^\s*(FLASH|RAM)\b[^:\n]*:\s*ORIGIN\s*=\s*(\w+),\s*LENGTH\s*=\s*(\d+)([KM]?)", re.MULTILINE
)
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20}
BUILD_DIGITS = 16
# What an image is compared with: the harness, and a model of nothing.
EMPTY = {
    "model/model.h": b"#include <stdint.h>\n#define MODEL_ARENA_BYTES 1u\n"
    b"#define MODEL_OPERATORS 1\nextern uint8_t model_arena[1];\n"
    b"extern void (*const model_operators[])(void);\nvoid model_invoke(void);\n",
    "model/model.c": b'#include "model.h"\nuint8_t model_arena[1];\n'
    b"void model_invoke(void) {}\n"
    b"void (*const model_operators[])(void) = {model_invoke};\n",
}


@dataclass(frozen=True, slots=True)
class Firmware:
    """What a board has beside the model: its folder of start-up code, UART and memory."""

    folder: Path
    files: Mapping[str, bytes]
    script: str
    flash: Region
    ram: Region


@dataclass(frozen=True, slots=True)
class Contents:
    """What a program with the harness answers to `h`: hash of the model, and of all sources."""

    model: str
    build: str


def firmware_of(folder: Path, target: Target) -> Firmware:
    """The firmware in a folder; BoardError if it is none."""
    scripts = sorted(folder.glob("*.ld"))
    if not (folder / "board.c").is_file() or len(scripts) != 1:
        raise BoardError(f"{folder} has no board.c with one linker script (.ld) beside it")
    text = scripts[0].read_text("utf-8")
    memory = {
        name: Region(int(start, 0), int(size) * UNITS[unit])
        for name, start, size, unit in MEMORY.findall(text)
    }
    if memory.keys() != {"FLASH", "RAM"}:
        raise BoardError(f"{scripts[0]}: MEMORY has no FLASH and RAM with ORIGIN and LENGTH")
    root = firmware_root()
    family = root / "boards" / target.family
    sources = {"board.h": root / "include" / "board.h", "harness.c": root / "src" / "harness.c"}
    sources |= {path.name: path for path in (root / "boards").glob("*.h")}
    sources |= {path.name: path for path in (family / "startup.c", family / f"{target.family}.ld")}
    sources |= {path.name: path for path in folder.iterdir() if path.suffix in (".c", ".h", ".S")}
    files = {name: path.read_bytes() for name, path in sorted(sources.items())}
    files["link.ld"] = build.WITHOUT_DEBUG.format(memory=text).encode()
    return Firmware(folder, files, scripts[0].name, memory["FLASH"], memory["RAM"])


def image(target: Target, firmware: Firmware, program: Program, store: Store | None) -> Image:
    """The linked image with the harness; BoardError if it fails, DoesNotFitError."""
    if reason := toolchain.missing("ziglang", "elftools"):
        raise NoBoardError(f"{target.name}: {reason}")
    sized = replace(target, flash=firmware.flash, ram=firmware.ram)
    files = {f"model/{name}": data for name, data in program.files.items()} | _names(program)
    linked = _linked(sized, firmware, files, (program,), store)
    full, empty = elf.read(linked), elf.read(_linked(sized, firmware, EMPTY, (), store))

    def added(sections: tuple[str, ...]) -> int:
        return sum(full.sections.get(name, 0) - empty.sections.get(name, 0) for name in sections)

    return Image(
        board=target.name,
        programs=(program,),
        elf=linked,
        symbols=full.symbols,
        code_bytes=added(build.CODE),
        weight_bytes=added(build.WEIGHTS),
        ram_bytes=added(build.VARIABLES),
        toolchain=Toolchain("zig cc", toolchain.version(), build.compiler_flags(target)),
    )


def contents(linked: bytes) -> Contents:
    """What the harness in a linked program will say of itself."""
    found = SAID.search(linked)
    if found is None:
        raise BoardError("the program has no harness")
    return Contents(found[1].decode(), found[2].decode())


def _names(program: Program) -> dict[str, bytes]:
    """Headers with which the harness calls a model of any prefix."""
    header = f"{program.prefix}.h"
    found = SHA256.search(program.files.get(header, b""))
    # A program that was not made from a file is known by its sources.
    sources = of_json({name: of_bytes(data) for name, data in program.files.items()})
    sha256 = found[1].decode() if found else sources
    settings = f'#define MODEL_SHA256 "{sha256}"\n'
    if program.limited:
        settings += f"#define HARNESS_OVERRUNS {program.prefix}_overruns\n"
    made = {"names/model_settings.h": settings.encode()}
    if program.prefix != "model":
        upper = program.prefix.upper()
        names = [f"MODEL_{it} {upper}_{it}" for it in ("ARENA_BYTES", "OPERATORS")]
        names += [f"model_{it} {program.prefix}_{it}" for it in ("arena", "operators", "invoke")]
        if program.state_bytes:
            names.append(f"MODEL_STATE_BYTES {upper}_STATE_BYTES")
            names.append(f"model_reset {program.prefix}_reset")
        lines = [f'#include "{header}"', *(f"#define {name}" for name in names), ""]
        made["names/model.h"] = "\n".join(lines).encode()
    return made


def _linked(
    target: Target,
    firmware: Firmware,
    model: Mapping[str, bytes],
    programs: tuple[Program, ...],
    store: Store | None,
) -> bytes:
    files = {**firmware.files, **model}
    files.setdefault("names/model_settings.h", b'#define MODEL_SHA256 ""\n')
    arguments = [*build.compiler_flags(target), "-I.", "-Inames", "-Imodel"]
    arguments += sorted(name for name in files if name.endswith((".c", ".S")))
    arguments += ["-Wl,--gc-sections", "-Wl,-T,link.ld", *build.LINK_FLAGS]
    inputs = {
        "compiler": toolchain.version(),
        "arguments": arguments,
        "files": {name: of_bytes(data) for name, data in files.items()},
    }
    number = of_json(inputs)[:BUILD_DIGITS]
    files["names/model_settings.h"] += f'#define HARNESS_BUILD "{number}"\n'.encode()

    def make() -> bytes:
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            cache = store.root / "zig" if store else Path(folder) / "zig-global"
            try:
                return toolchain.compile_(files, arguments, "image.elf", Path(folder), cache)
            except toolchain.CompileError as error:
                raise build.explained(error, target, programs) from None

    return store.get(f"harness-{target.name}", inputs, "elf", make) if store else make()
