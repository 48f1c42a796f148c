"""From a model's C sources to an image: compile, link, and subtract what is there without a model.

The same inputs give the same bytes, so images are kept in the store.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards import elf, toolchain
from tinybench.boards.base import BoardError, DoesNotFitError, Image, NoBoardError, Toolchain
from tinybench.boards.sources import firmware_root
from tinybench.boards.targets import Target
from tinybench.environment import package_version
from tinybench.storage.hashing import of_bytes
from tinybench.storage.store import Store

if TYPE_CHECKING:
    # Imported, it would bring the generator along, which who only lists boards does not need.
    from tinybench.codegen.program import Program

FLAGS = (
    "-O2",
    "-std=c99",
    "-ffreestanding",
    "-ffp-contract=off",
    "-ffunction-sections",
    "-fdata-sections",
    "-fomit-frame-pointer",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Werror",
)
CODE = (".text",)
WEIGHTS = (".rodata", ".data")
VARIABLES = (".data", ".bss")
IN_FLASH = {"code": (".vectors", *CODE), "weights": (".rodata",), "initial values": (".data",)}
IN_RAM = {"stack": (".stack",), "variables with the arena": VARIABLES}

# Segments are copied, not mapped: no padding to pages in the file.
LINK_FLAGS = ("-Wl,-z,max-page-size=4",)
LINK_SCRIPT = "link.ld"
# The compiler's own library comes with debug information that names folders of its making.
WITHOUT_DEBUG = "{memory}SECTIONS {{ /DISCARD/ : {{ *(.debug*) }} }}\n"


def image(target: Target, programs: Program | Sequence[Program], store: Store | None) -> Image:
    """The linked image of these programs for a target; BoardError if it fails, DoesNotFitError."""
    if reason := toolchain.missing("ziglang", "elftools"):
        raise NoBoardError(f"{target.name}: {reason}")
    programs = tuple(programs) if isinstance(programs, Sequence) else (programs,)
    if len({program.prefix for program in programs}) < len(programs):
        raise BoardError("two programs of one image have the same prefix")
    linked = _linked(target, programs, store)
    full, empty = elf.read(linked), elf.read(_linked(target, (), store))

    def added(sections: Sequence[str]) -> int:
        return sum(full.sections.get(name, 0) - empty.sections.get(name, 0) for name in sections)

    return Image(
        board=target.name,
        programs=programs,
        elf=linked,
        symbols=full.symbols,
        code_bytes=added(CODE),
        weight_bytes=added(WEIGHTS),
        ram_bytes=added(VARIABLES),
        toolchain=Toolchain("zig cc", toolchain.version(), compiler_flags(target)),
    )


def compiler_flags(target: Target) -> tuple[str, ...]:
    return ("-target", target.triple, f"-mcpu={target.cpu}", *FLAGS)


def _linked(target: Target, programs: Sequence[Program], store: Store | None) -> bytes:
    files = _support_files(target)
    arguments = [*compiler_flags(target), "-Iinclude", "-Iboards"]
    for program in programs:
        files |= {f"{program.prefix}/{name}": data for name, data in program.files.items()}
        arguments.append(f"-I{program.prefix}")
        kept = ["state", "reset"] * bool(program.state_bytes) + ["overruns"] * program.limited
        for symbol in ("arena", "invoke", "operators", *kept):
            arguments.append(f"-Wl,-u,{program.prefix}_{symbol}")
    arguments += sorted(name for name in files if name.endswith(".c"))
    arguments += ["-Wl,--gc-sections", f"-Wl,-T,{LINK_SCRIPT}", *LINK_FLAGS]

    def make() -> bytes:
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            cache = store.root / "zig" if store else Path(folder) / "zig-global"
            try:
                return toolchain.compile_(files, arguments, "image.elf", Path(folder), cache)
            except toolchain.CompileError as error:
                found = explained(error, target, programs)
            if not isinstance(found, DoesNotFitError):
                raise found
            raise DoesNotFitError(f"{found}{_by_section(target, programs, store)}")

    if store is None:
        return make()
    inputs = {
        "compiler": toolchain.version(),
        "arguments": arguments,
        "files": {name: of_bytes(data) for name, data in files.items()},
    }
    return store.get(f"image-{target.name}", inputs, "elf", make)


def _support_files(target: Target) -> dict[str, bytes]:
    root = firmware_root()
    family = root / "boards" / target.family
    sources = [
        root / "include" / "board.h",
        root / "src" / "measure.c",
        *(root / "boards").glob("*.h"),
        *family.glob("*.[ch]"),
    ]
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in sources}
    # Linker scripts include each other by bare name, from the folder the linker runs in.
    files |= {path.name: path.read_bytes() for path in family.glob("*.ld")}
    files[LINK_SCRIPT] = WITHOUT_DEBUG.format(memory=target.memory_script).encode()
    return files


def explained(
    error: toolchain.CompileError, target: Target, programs: Sequence[Program]
) -> BoardError:
    """A linker's overflow in terms of the model and the board; other errors name the board."""
    beyond: dict[str, int] = {}
    pattern = r"will not fit in region '(\w+)': overflowed by (\d+) bytes"
    for region, bytes_ in re.findall(pattern, error.output):
        beyond[region] = max(int(bytes_), beyond.get(region, 0))
    if "RAM" in beyond:
        arena = sum(program.arena_bytes for program in programs)
        state = sum(program.state_bytes for program in programs)
        kept = f" and state of {state:,}" if state else ""
        total = target.ram.size + beyond["RAM"]
        return DoesNotFitError(
            f"{target.name}: arena of {arena:,} bytes{kept} (RAM {total:,} in all, with the stack) "
            f"does not fit its {target.ram.size:,} bytes"
        )
    if "FLASH" in beyond:
        total = target.flash.size + beyond["FLASH"]
        return DoesNotFitError(
            f"{target.name}: {total:,} bytes of code and weights do not fit its flash of "
            f"{target.flash.size:,} bytes"
        )
    return BoardError(f"{target.name}: {error}", page=error.page)


def _by_section(target: Target, programs: Sequence[Program], store: Store | None) -> str:
    """What fills flash and RAM, from an image for the same processor with room for all of it."""
    roomy = target.with_memory(*target.most_memory)
    if roomy == target:
        return ""
    try:
        sections = elf.read(_linked(roomy, programs, store)).sections
    except DoesNotFitError:
        return ""

    def sizes(parts: Mapping[str, Sequence[str]]) -> str:
        found = {
            what: sum(sections.get(name, 0) for name in names) for what, names in parts.items()
        }
        total = sum(found.values())
        return f"{total:,} ({', '.join(f'{what} {size:,}' for what, size in found.items())})"

    flash, ram = sizes(IN_FLASH), sizes(IN_RAM)
    return (
        f"; in all, flash {flash} of {target.flash.size:,}, RAM {ram} of {target.ram.size:,} bytes"
    )


def built_with() -> dict[str, str]:
    """What images are built with, JSON-able; without it their sizes and counts mean nothing."""
    return {"compiler": f"zig cc {package_version('ziglang')}", "flags": " ".join(FLAGS)}
