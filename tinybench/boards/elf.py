"""What is needed of an ELF file: sections for sizes, segments for memory, symbols for names."""

from __future__ import annotations

import bisect
import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass

from tinybench.boards.base import ProgramError

ALLOCATED = 0x2  # SHF_ALLOC


@dataclass(frozen=True, slots=True)
class Segment:
    """Bytes that are in memory before the first instruction: at their load address, in flash.

    Startup code may copy them to where they run.
    """

    address: int
    data: bytes
    runs_at: int


@dataclass(frozen=True, slots=True)
class Elf:
    """A linked program.

    `functions` are (first address, end, name), sorted; `memory` is (address, bytes) of all that it
    occupies when it runs.
    """

    entry: int
    segments: tuple[Segment, ...]
    sections: Mapping[str, int]
    symbols: Mapping[str, int]
    functions: tuple[tuple[int, int, str], ...]
    memory: tuple[tuple[int, int], ...] = ()

    def locate(self, address: int) -> str:
        """`function+0xoffset` for an address in code, `?` outside of all functions."""
        at = bisect.bisect_right(self.functions, (address, 1 << 32, "")) - 1
        if at < 0 or address >= self.functions[at][1]:
            return "?"
        first, _, name = self.functions[at]
        return f"{name}+0x{address - first:x}"


@functools.lru_cache(maxsize=16)
def read(data: bytes) -> Elf:
    """Parse a 32-bit program; BoardError if it is none. One that was read of late is not again."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile
    from elftools.elf.sections import SymbolTableSection

    try:
        file = ELFFile(io.BytesIO(data))
        if file.elfclass != 32 or file["e_type"] != "ET_EXEC":
            raise ProgramError("not a 32-bit program: link it for the board")
        table = file.get_section_by_name(".symtab")
        symbols = list(table.iter_symbols()) if isinstance(table, SymbolTableSection) else []
        return Elf(
            entry=file["e_entry"],
            segments=tuple(
                Segment(segment["p_paddr"], segment.data(), segment["p_vaddr"])
                for segment in file.iter_segments("PT_LOAD")
                if segment["p_filesz"]
            ),
            sections={
                section.name: section["sh_size"]
                for section in file.iter_sections()
                if section["sh_flags"] & ALLOCATED
            },
            symbols={symbol.name: symbol["st_value"] for symbol in symbols if symbol.name},
            functions=tuple(
                sorted(
                    # The lowest bit of an Arm function's address says "Thumb".
                    (symbol["st_value"] & ~1, (symbol["st_value"] & ~1) + symbol["st_size"], name)
                    for symbol in symbols
                    if symbol["st_info"]["type"] == "STT_FUNC" and (name := symbol.name)
                )
            ),
            memory=tuple(
                (segment["p_vaddr"], segment["p_memsz"])
                for segment in file.iter_segments("PT_LOAD")
                if segment["p_memsz"]
            ),
        )
    except (ELFError, KeyError, ValueError) as error:
        raise ProgramError(f"not a readable ELF file: {error}") from error


@functools.lru_cache(maxsize=16)
def sections(data: bytes) -> Mapping[str, int]:
    """The bytes of each section that is in memory, of a program of any size of word."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        return {
            section.name: section["sh_size"]
            for section in ELFFile(io.BytesIO(data)).iter_sections()
            if section["sh_flags"] & ALLOCATED
        }
    except (ELFError, KeyError, ValueError) as error:
        raise ProgramError(f"not a readable ELF file: {error}") from error
