"""From a model's C sources to a static program for Linux that serves requests.

It needs nothing of the computer that it runs on but the kernel, so it runs on any distribution.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.boards import elf, toolchain
from tinybench.boards.base import BoardError, Image, NoBoardError, Toolchain
from tinybench.boards.build import FLAGS
from tinybench.boards.linux.targets import LinuxTarget
from tinybench.boards.sources import firmware_root
from tinybench.storage.hashing import of_bytes
from tinybench.storage.store import Store

if TYPE_CHECKING:
    from tinybench.codegen.program import Port, Program

CODE = (".text",)
WEIGHTS = (".rodata", ".data", ".data.rel.ro")
VARIABLES = (".data", ".bss")
LINK_FLAGS = ("-static", "-Wl,--gc-sections", "-s")
TABLE = "models.c"


def image(
    target: LinuxTarget,
    board: str,
    programs: Program | Sequence[Program],
    store: Store | None,
) -> Image:
    """The program with these models for a target, as an image of that board."""
    if reason := toolchain.missing("ziglang", "elftools"):
        raise NoBoardError(f"{board}: {reason}")
    programs = tuple(programs) if isinstance(programs, Sequence) else (programs,)
    if len({program.prefix for program in programs}) < len(programs):
        raise BoardError("two programs of one image have the same prefix")
    linked = _linked(target, board, programs, store)
    full = elf.sections(linked)
    empty = elf.sections(_linked(target, board, (), store))

    def added(names: Sequence[str]) -> int:
        return sum(full.get(name, 0) - empty.get(name, 0) for name in names)

    return Image(
        board=board,
        programs=programs,
        elf=linked,
        symbols={},
        code_bytes=added(CODE),
        weight_bytes=added(WEIGHTS),
        ram_bytes=added(VARIABLES),
        toolchain=Toolchain("zig cc", toolchain.version(), _compiler_flags(target)),
    )


def _compiler_flags(target: LinuxTarget) -> tuple[str, ...]:
    return ("-target", target.triple, f"-mcpu={target.cpu}", *FLAGS)


def _linked(
    target: LinuxTarget, board: str, programs: Sequence[Program], store: Store | None
) -> bytes:
    folder = firmware_root() / "boards" / "linux"
    files = {path.name: path.read_bytes() for path in folder.glob("*.[ch]")}
    files[TABLE] = table(programs).encode()
    arguments = [*_compiler_flags(target), "-I."]
    for program in programs:
        files |= {f"{program.prefix}/{name}": data for name, data in program.files.items()}
        arguments.append(f"-I{program.prefix}")
    arguments += [*sorted(name for name in files if name.endswith(".c")), *LINK_FLAGS]

    def make() -> bytes:
        with tempfile.TemporaryDirectory(prefix="tinybench-") as folder:
            cache = store.root / "zig" if store else Path(folder) / "zig-global"
            try:
                return toolchain.compile_(files, arguments, "program", Path(folder), cache)
            except toolchain.CompileError as error:
                raise BoardError(f"{board}: {error}", page=error.page) from None

    if store is None:
        return make()
    inputs = {
        "compiler": toolchain.version(),
        "arguments": arguments,
        "files": {name: of_bytes(data) for name, data in files.items()},
    }
    return store.get(f"image-{target.name}", inputs, "elf", make)


def table(programs: Sequence[Program]) -> str:
    """The C source of `models`, as `firmware/boards/linux/models.h` declares it."""
    lines = ['#include "models.h"', ""]
    for program in programs:
        lines += _declared(program)
    rows = [_row(program) for program in programs] or ["{0}"]
    lines += ["const struct model models[] = {", *(f"  {row}," for row in rows), "};"]
    lines += [f"const uint32_t model_count = {len(programs)}u;", ""]
    return "\n".join(lines)


def _declared(program: Program) -> list[str]:
    prefix = program.prefix
    lines = [f"extern uint8_t {prefix}_arena[];", f"void {prefix}_invoke(void);"]
    lines.append(f"extern void (*const {prefix}_operators[])(void);")
    if program.state_bytes:
        lines += [f"extern uint8_t {prefix}_state[];", f"void {prefix}_reset(void);"]
    if program.limited:
        lines.append(f"extern uint32_t {prefix}_overruns;")
    for name, ports in (("inputs", program.inputs), ("outputs", program.outputs)):
        lines.append(f"static const struct place {prefix}_{name}[] = {{{_places(ports)}}};")
    return lines


def _places(ports: Sequence[Port]) -> str:
    return ", ".join(f"{{{port.offset}u, {port.nbytes}u}}" for port in ports) or "{0, 0}"


def _row(program: Program) -> str:
    prefix, stateful = program.prefix, bool(program.state_bytes)
    values = [
        f"{prefix}_arena",
        f"{program.arena_bytes}u",
        f"{prefix}_state" if stateful else "NULL",
        f"{program.state_bytes}u",
        f"{int(program.cleared)}u",
        f"&{prefix}_overruns" if program.limited else "NULL",
        f"{prefix}_reset" if stateful else "NULL",
        f"{prefix}_invoke",
        f"{prefix}_operators",
        f"{len(program.operators)}u",
        f"{prefix}_inputs",
        f"{len(program.inputs)}u",
        f"{prefix}_outputs",
        f"{len(program.outputs)}u",
    ]
    return f"{{{', '.join(values)}}}"
