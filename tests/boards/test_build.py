"""Images are the same bytes everywhere, and what does not fit or compile says so."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tinybench.boards import BoardError, build, elf, toolchain
from tinybench.boards.sources import firmware_root
from tinybench.boards.targets import TARGETS, Target
from tinybench.storage.store import Store

from ..components import needs
from .programs import ADD_HALVE, BUSY, FLOAT, program

BY_NAME = {target.name: target for target in TARGETS}
M4 = BY_NAME["cortex-m4"]

pytestmark = needs("ziglang", "elftools")


def test_same_bytes_on_every_build(store: Store, fresh_store: Store) -> None:
    first = build.image(M4, BUSY, store)

    assert build.image(M4, BUSY, fresh_store) == first
    assert str(Path.home()).encode() not in first.elf
    assert b"/tmp" not in first.elf


def test_image_comes_from_the_cache(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second build does not run the compiler; another source or flag does."""
    first = build.image(M4, ADD_HALVE, store)

    def refuse(*_: object) -> bytes:
        raise AssertionError("the compiler was run")

    monkeypatch.setattr(toolchain, "compile_", refuse)

    assert build.image(M4, ADD_HALVE, store) == first
    with pytest.raises(AssertionError):
        build.image(M4, replace(ADD_HALVE, prefix="other"), store)


def test_names_its_compiler(store: Store) -> None:
    made = build.image(M4, ADD_HALVE, store).toolchain

    assert (made.compiler, made.version) == ("zig cc", toolchain.version())
    assert {"-O2", "-mcpu=cortex_m4+vfp4d16sp"} <= set(made.flags)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_linker_script_has_the_memory_of_the_target(target: Target, store: Store) -> None:
    """Stated twice, because the C project builds without Python."""
    script = (firmware_root() / "boards" / target.family / target.linker_script).read_text()
    symbols = build.image(target, ADD_HALVE, store).symbols
    found = {
        region: (int(origin, 16), int(length) * {"K": 1 << 10, "M": 1 << 20}[unit])
        for region, origin, length, unit in re.findall(
            r"(\w+) +\(\w+\) *: ORIGIN = (\w+), LENGTH = (\d+)([KM])", script
        )
    }

    assert found == {
        "FLASH": (target.flash.start, target.flash.size),
        "RAM": (target.ram.start, target.ram.size),
    }
    assert symbols["timer"] == target.timer
    assert target.ram.start < symbols["stack_top"] <= symbols["model_arena"]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_but_the_model_is_counted(target: Target, store: Store) -> None:
    """The program around the model takes nothing of the compiler's library that a model may need.

    Its size and use count as the model's.
    """
    alone = elf.read(build._linked(target, (), store))

    assert {name for _, _, name in alone.functions} == {
        *("_start", "fault", "main", "timed_call", "nothing", "board_init", "board_write"),
        *("board_ticks", "board_exit"),
        *(("start",) if target.family == "riscv" else ()),
    }


def test_runtime_library_is_the_models_cost(store: Store) -> None:
    """Float arithmetic without an FPU takes code that a board with one does not need."""
    soft = build.image(BY_NAME["cortex-m3"], FLOAT, store)
    hard = build.image(M4, FLOAT, store)

    assert soft.code_bytes > hard.code_bytes + 300
    assert "__aeabi_fmul" in soft.symbols
    assert "__aeabi_fmul" not in hard.symbols


def test_no_sanitizer_is_linked(store: Store) -> None:
    symbols = build.image(M4, BUSY, store).symbols

    assert not [name for name in symbols if "ubsan" in name or "panic" in name]


def test_arena_that_does_not_fit(store: Store) -> None:
    with pytest.raises(BoardError) as caught:
        build.image(M4, program(arena=300_000, nothing=""), store)

    assert re.fullmatch(
        r"cortex-m4: arena of 300,000 bytes \(RAM 308,2\d\d in all, with the stack\) "
        r"does not fit its 262,144 bytes; in all, flash [\d,]+ \(code [\d,]+, weights \d+, "
        r"initial values 0\) of 1,048,576, RAM 308,\d{3} \(stack 8,192, variables with the arena "
        r"300,\d{3}\) of 262,144 bytes",
        str(caught.value),
    )


def test_weights_that_do_not_fit(store: Store) -> None:
    """A few thousand bytes stand for the code around them."""
    table = "static const uint8_t table[1200000] = {1};\n"

    with pytest.raises(BoardError) as caught:
        build.image(M4, program(before=table, look="arena[4] = table[arena[0] * 9];"), store)

    assert re.fullmatch(
        r"cortex-m4: 1,20\d,\d{3} bytes of code and weights do not fit its flash of "
        r"1,048,576 bytes; in all, flash 1,20\d,\d{3} \(code [\d,]+, weights 1,200,\d{3}, "
        r"initial values 0\) of 1,048,576, RAM 8,\d{3} \(stack 8,192, .*",
        str(caught.value),
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("nonsense;", r"model/model\.c:\d+:\d+: error: .*nonsense"),
        (
            "uint32_t wide = arena[0]; int8_t x = wide; arena[4] = 1 + (uint8_t)x;",
            r"model/model\.c:\d+:\d+: error: .*conversion",
        ),
        ("extern void missing(void); missing();", r"error: undefined symbol: missing"),
    ],
    ids=["syntax", "warning", "link"],
)
def test_compiler_error_is_one_line(code: str, message: str, store: Store) -> None:
    with pytest.raises(BoardError) as caught:
        build.image(M4, program(bad=code), store)

    assert re.match(rf"cortex-m4: .*{message}", str(caught.value))
    assert "\n" not in str(caught.value)


def test_prefixes_must_differ(store: Store) -> None:
    with pytest.raises(BoardError, match="two programs of one image have the same prefix"):
        build.image(M4, [ADD_HALVE, BUSY], store)
