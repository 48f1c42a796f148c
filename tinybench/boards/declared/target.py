"""From the settings of a board to a processor with memory and a clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tinybench.boards.base import BoardError
from tinybench.boards.declared.declaration import Declaration
from tinybench.cycles.profile import WORD_BYTES, Cache, MemoryProfile
from tinybench.registry import UnknownNameError

if TYPE_CHECKING:
    from tinybench.boards.targets import Target

CACHES = ("code_cache", "data_cache")
PROFILE = frozenset({"wait_cycles", *CACHES, "source"})
SETTINGS = frozenset({"summary", "flash", "ram", "stack", "clock_hz"}) | PROFILE
LARGEST_CACHE = 1 << 20


def target_of(declared: Declaration, key: str, known: Mapping[str, Target]) -> Target:
    """The target that the setting `key` names among the known ones, with all other settings."""
    name = declared.text(key)
    if name not in known:
        raise declared.wrong(str(UnknownNameError(key, name, known)))
    base = known[name]
    clock = declared.whole("clock_hz") if "clock_hz" in declared.settings else base.clock_hz
    target = replace(
        base,
        name=declared.name,
        script=base.linker_script.removesuffix(".ld"),
        qemu="",
        chip=True,
        clock_hz=clock,
        memory=_profile(declared, base),
        stack_bytes=declared.size("stack", base.stack_bytes),
    )
    frequency = "" if clock is None else f", {clock / 1e6:g} MHz"
    what = declared.text("summary", f"{declared.name} as {name}")
    flash, ram = (declared.size(one, size) for one, size in _sizes(base).items())
    try:
        target = target.with_memory(flash, ram)
    except BoardError as error:
        raise declared.wrong(str(error)) from None
    sizes = target.summary.rpartition("; ")[2]
    return replace(
        target,
        summary=f"{what} ({base.processor or base.name}{frequency}); {sizes}",
        processor=base.processor or base.name,
    )


def _sizes(target: Target) -> dict[str, int]:
    return {"flash": target.flash.size, "ram": target.ram.size}


def _profile(declared: Declaration, base: Target) -> MemoryProfile | None:
    """How flash waits: what the table says, all of it; else what the base says."""
    if not PROFILE & declared.settings.keys():
        # Waits are cycles of one clock: at another one there are others.
        same = declared.settings.get("clock_hz", base.clock_hz) == base.clock_hz
        return base.memory if same else None
    waits = declared.settings.get("wait_cycles")
    if isinstance(waits, list):
        least, most = declared.pair("wait_cycles")
    else:
        least = most = declared.number("wait_cycles")
    code, data = (_cache(declared, key) for key in CACHES)
    return MemoryProfile(
        code, data, (least, most), declared.text("source", "declared by the project")
    )


def _cache(declared: Declaration, key: str) -> Cache | None:
    if key not in declared.settings:
        return None
    value = declared.settings[key]
    if not isinstance(value, list) or [type(one) for one in value] != [int, int]:
        raise declared.wrong(f"{key} is {value!r}, not lines and bytes of a line, such as [32, 32]")
    lines, size = value
    if lines < 1 or size < WORD_BYTES or size & (size - 1) or lines * size > LARGEST_CACHE:
        raise declared.wrong(
            f"{key} is {value!r}, which no cache is: at least one line, each of a power of two "
            f"from {WORD_BYTES} bytes up, {LARGEST_CACHE:,} bytes in all"
        )
    return Cache(lines, size)
