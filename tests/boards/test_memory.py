"""Chips by name, and a processor with any memory."""

import numpy as np
import pytest

from tinybench.boards import BOARDS, BoardError, DoesNotFitError, SizedBoard
from tinybench.boards.chips import chips
from tinybench.boards.emulated import EmulatedBoard
from tinybench.boards.targets import KIB, TARGETS
from tinybench.codegen.program import Port, Program
from tinybench.machines import find, has_memory
from tinybench.storage.store import Store

from ..components import require

pytestmark = pytest.mark.slow
MIB = 1 << 20


def large(arena_bytes: int) -> Program:
    """One that negates the last byte of its arena."""
    at = arena_bytes - 1
    source = (
        f"#include <stdint.h>\nuint8_t model_arena[{arena_bytes}];\n"
        f"static void flip(void) {{ model_arena[{at}] = (uint8_t)~model_arena[{at}]; }}\n"
        "void (*const model_operators[])(void) = {flip};\n"
        "void model_invoke(void) { model_operators[0](); }\n"
    )
    port = Port("x", "uint8", (1,), at, 1)
    return Program("model", {"model.c": source.encode()}, (port,), (port,), ("FLIP",), arena_bytes)


def sized(name: str, flash: int | None, ram: int | None) -> SizedBoard:
    require(name)
    board = BOARDS.get(name)
    assert isinstance(board, SizedBoard)
    other = board.with_memory(flash, ram)
    assert isinstance(other, SizedBoard)
    return other


@pytest.mark.parametrize("name", [target.name for target in TARGETS])
def test_any_memory(name: str, store: Store) -> None:
    """A program that needs 6 MiB runs where there are 8, and is refused without them."""
    program, board = large(6 * MIB), sized(name, 16 * MIB, 8 * MIB)
    assert isinstance(board, EmulatedBoard)
    with board.start(board.build(program, store), store) as session:
        (outputs,) = session.run([np.array([[1]], np.uint8)])
    assert outputs.tolist() == [[254]]
    assert (board.flash_bytes, board.ram_bytes) == (16 * MIB, 8 * MIB)
    assert board.summary.endswith("; 16384 KiB flash, 8192 KiB RAM")

    with pytest.raises(DoesNotFitError, match="does not fit its"):
        BOARDS.get(name).build(program, store)


def test_a_size_that_is_not_given_stays() -> None:
    board = sized("cortex-m4", None, 2 * MIB)
    assert isinstance(board, EmulatedBoard)

    assert (board.flash_bytes, board.ram_bytes) == (MIB, 2 * MIB)


@pytest.mark.parametrize(("flash", "ram"), [(0, None), (None, 4 * KIB), (None, 1 << 30)])
def test_no_room(flash: int | None, ram: int | None) -> None:
    with pytest.raises(
        BoardError, match=r"cortex-m4: [\d,]+ bytes of (flash|ram); from 16,384 to "
    ):
        sized("cortex-m4", flash, ram)


def test_chips_are_boards_that_nobody_gets_unasked() -> None:
    named = {target.name for target in chips()}

    assert named <= {board.name for board in BOARDS}
    assert not named & {board.name for board in BOARDS.select(())}
    assert BOARDS.get("nrf52840").summary == (
        "Nordic nRF52840, as on an Arduino Nano 33 BLE (cortex-m4); 1024 KiB flash, 256 KiB RAM"
    )


@pytest.mark.parametrize(("chip", "fits"), [("stm32f103c8", False), ("rp2040", True)])
def test_a_chip_has_its_own_memory(chip: str, fits: bool, store: Store) -> None:
    require(chip)
    board, program = BOARDS.get(chip), large(100 * KIB)
    if not fits:
        with pytest.raises(DoesNotFitError, match="does not fit its 20,480 bytes"):
            board.build(program, store)
        return
    with board.start(board.build(program, store), store) as session:
        (outputs,) = session.run([np.array([[0]], np.uint8)])
    assert outputs.tolist() == [[255]]


def test_who_has_memory() -> None:
    memory = (16 * MIB, None)

    assert has_memory(find("cortex-m7", memory=memory))
    assert not has_memory(find("qemu-cortex-m7", memory=memory))
    assert not has_memory(find("tflm", memory=memory))
    assert not has_memory(None)
