"""One function of any program: its addresses, arguments, memory, and what is refused."""

import json
from pathlib import Path

import pytest

from tinybench.boards import BoardError, toolchain
from tinybench.boards.calls import Called, call, merged
from tinybench.boards.emulated import EmulatedBoard
from tinybench.boards.targets import TARGETS
from tinybench.cli import main
from tinybench.registry import UnknownNameError
from tinybench.storage.store import Store

from ..components import needs
from .programs import program

BY_NAME = {target.name: target for target in TARGETS}
BOARD = EmulatedBoard(BY_NAME["cortex-m4"])
pytestmark = needs(BOARD.name)

SCRIPT = """
SECTIONS {
  . = 0x08004000; .text : { *(.text*) }
  . = 0x20008000; .data : { *(.data*) }
  . = 0x20058000; .bss (NOLOAD) : { *(.bss*) }
}
"""
SOURCE = """
  .syntax unified
  .thumb
  .macro function name
  .global \\\\name
  .type \\\\name, %function
  .thumb_func
  \\\\name:
  .endm

  .text
  function count_down
  1: subs r0, #1
  bne 1b
  bx lr
  .size count_down, . - count_down
  function add_all
  push {r4, lr}
  ldr r4, [r0]
  adds r0, r4, r1
  add r0, r2
  add r0, r3
  ldr r4, =zero
  ldr r4, [r4]
  add r0, r4
  vmov s0, r0
  pop {r4, pc}
  .ltorg
  .size add_all, . - add_all
  function change
  ldr r1, =value
  ldr r0, [r1]
  adds r2, r0, #1
  str r2, [r1]
  bx lr
  .ltorg
  .size change, . - change
  function lost
  movs r0, #0
  ldr r0, [r0]
  bx lr
  .size lost, . - lost
  function forever
  b .
  .size forever, . - forever

  .data
  value: .word 7
  .bss
  zero: .space 4
"""


@pytest.fixture(scope="module")
def elf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Functions at 0x08004000; variables at two places, one outside of the processor's RAM."""
    folder = tmp_path_factory.mktemp("calls")
    flags = ["--target=thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp", "-nostdlib"]
    return toolchain.compile_(
        {"calls.S": SOURCE.replace("\\\\", "\\").encode(), "calls.ld": SCRIPT.encode()},
        [*flags, "-Wl,-T,calls.ld", "-Wl,-e,count_down", "calls.S"],
        "calls.elf",
        folder,
        folder / "zig",
    )


def test_count(elf: bytes, store: Store) -> None:
    assert call(BOARD, elf, "count_down", [1000], store) == Called(
        "count_down", 0, 2001, 0, 0, 0, None
    )


def test_arguments(elf: bytes, store: Store) -> None:
    """The first is an address by name; the third is negative."""
    called = call(BOARD, elf, "add_all", ["value", 1, -2, 0xFFFFFFFF], store)

    assert called.result == 7 + 1 - 2 - 1
    assert called.stack_bytes == 8


def test_each_call_begins_with_the_same_memory(elf: bytes, store: Store) -> None:
    assert [call(BOARD, elf, "change", [], store).result for _ in range(2)] == [7, 7]


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        ("count", [], "unknown function 'count'"),
        ("add_all", ["valu"], "unknown symbol 'valu' (did you mean 'value'?)"),
        ("add_all", [1, 2, 3, 4, 5], "5 arguments; 4 words at most are passed in registers"),
        ("add_all", [1 << 32], "argument 4294967296 does not fit into a register of 32 bits"),
        ("lost", [], "cortex-m4: read from 0x00000000 at lost+0x2"),
        ("forever", [], "cortex-m4: did not end within 0.3 s: stopped at forever+0x0"),
    ],
)
def test_refused(
    function: str, arguments: list[int | str], message: str, elf: bytes, store: Store
) -> None:
    with pytest.raises((BoardError, UnknownNameError)) as caught:
        call(BOARD, elf, function, arguments, store, timeout=0.3)

    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["cortex-m33", "rv32imc"])
def test_programs_of_other_processors(name: str, store: Store) -> None:
    """Addresses and registers are theirs."""
    board = EmulatedBoard(BY_NAME[name])
    image = board.build(program(sums="arena[4] = (uint8_t)(arena[0] + 1);"), store)

    called = call(board, image.elf, "model_invoke", [], store)

    assert (called.reads, called.writes) >= (1, 1)
    assert 5 < called.instructions < 20


def test_regions_are_whole_pages_without_overlap() -> None:
    assert merged([(0x5000, 1), (0x1FFF, 2), (0x2800, 0x10), (0x8000, 0x2000), (0x9000, 4)]) == [
        (0x1000, 0x2000),
        (0x5000, 0x1000),
        (0x8000, 0x2000),
    ]


def test_command(
    elf: bytes, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "calls.elf"
    path.write_bytes(elf)
    shared = [str(path), f"--on={BOARD.name}", f"--cache={store.root}"]

    code = main(["emulate", *shared, "--json", "--function=count_down", "--arguments", "0x10"])
    told = json.loads(capsys.readouterr().out)

    assert code == 0
    assert (told["result"], told["instructions"]) == (0, 33)
    assert {"cycles", "time_basis", "reads", "writes", "stack_bytes"} <= set(told)

    assert main(["emulate", *shared, "--json"]) == 2
    assert "--arguments and --json need --function" in capsys.readouterr().err
    assert main(["emulate", *shared, "--function=count_up"]) == 70
    assert "unknown function 'count_up'" in capsys.readouterr().err
