"""Whole programs, with the printing and the timer that the boards' C code gives them."""

import subprocess
import tempfile
from pathlib import Path

import pytest

from tinybench.boards import BoardError, build, qemu, toolchain
from tinybench.boards.emulated import EmulatedBoard
from tinybench.boards.targets import TARGETS
from tinybench.cli import main
from tinybench.cli.status import Exit
from tinybench.storage.cache_folder import CACHE_VARIABLE
from tinybench.storage.store import Store

from ..components import needs

BY_NAME = {target.name: target for target in TARGETS}
WORK = """
#include "board.h"
static void number(uint32_t value) {
  char text[12] = {0};
  char *at = text + 11;
  do *--at = (char)('0' + value % 10); while (value /= 10);
  board_write(at);
}
static __attribute__((noinline)) void work(volatile uint32_t *turns) { while (--*turns) {} }
"""
TIMED = """
int main(void) {
  board_init();
  board_write("hello\\n");
  for (uint32_t turns = 1; turns < 3000; turns = turns * 2 + 15) {
    uint32_t before = board_ticks(), left = turns;
    work(&left);
    number(board_ticks() - before);
    board_write(" ");
    board_write(board_tick_unit);
    board_write("\\n");
  }
  return 3;
}
"""

pytestmark = needs("cortex-m4")


def firmware(name: str, source: str, store: Store) -> bytes:
    """An ELF file of this program for a board, with the board's C code."""
    target = BY_NAME[name]
    files = build._support_files(target)
    del files["src/measure.c"]
    files["main.c"] = (WORK + source).encode()
    arguments = [*build.compiler_flags(target), "-Wno-unused-function", "-Iinclude", "-Iboards"]
    arguments += [name for name in files if name.endswith(".c")]
    arguments += ["-Wl,--gc-sections", "-Wl,-T,link.ld"]
    with tempfile.TemporaryDirectory() as folder:
        return toolchain.compile_(
            files, arguments, "firmware.elf", Path(folder), store.root / "zig"
        )


@pytest.mark.parametrize("name", list(BY_NAME))
def test_prints_counts_and_ends(name: str, store: Store) -> None:
    data = firmware(name, TIMED, store)

    ended = EmulatedBoard(BY_NAME[name]).run_firmware(data, store)

    hello, *lines = ended.output.splitlines()
    counts = [int(line.removesuffix(" instructions")) for line in lines]
    turns = [1, 17, 49, 113, 241, 497, 1009, 2033]
    assert hello == "hello"
    assert ended.status == 3
    # Sixteen turns of the loop are the same number of instructions, however it was unrolled.
    sixteen = counts[1] - counts[0]
    assert sixteen >= 64
    assert counts == [counts[0] + sixteen * (n // 16) for n in turns]


@needs(qemu.PROGRAM)
@pytest.mark.parametrize("name", [target.name for target in TARGETS if target.qemu])
def test_qemu_prints_the_same(name: str, store: Store, tmp_path: Path) -> None:
    """Timer values included."""
    path = tmp_path / "firmware.elf"
    path.write_bytes(firmware(name, TIMED, store))
    done = subprocess.run(
        [
            *(qemu.PROGRAM, *qemu.OPTIONS, "-M", BY_NAME[name].qemu, "-kernel", str(path)),
            *("-chardev", "stdio,id=out", "-semihosting-config", "enable=on,chardev=out"),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )

    ended = EmulatedBoard(BY_NAME[name]).run_firmware(path.read_bytes(), store)

    assert (ended.output, ended.status) == (done.stdout, done.returncode)


def test_command_line(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(store.root))
    path = tmp_path / "firmware.elf"
    path.write_bytes(firmware("cortex-m3", TIMED, store))

    status = main(["emulate", str(path), "--on", "cortex-m3"])

    assert status == 3
    assert capsys.readouterr().out.startswith("hello\n")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("for (;;) {}", r"did not end within 0\.3 s: stopped at main\+0x"),
        ("*(volatile uint32_t *)0x50000000 = 1; return 0;", r"write to 0x50000000 at main\+0x"),
    ],
    ids=["hang", "fault"],
)
def test_firmware_that_fails(code: str, message: str, store: Store) -> None:
    data = firmware("cortex-m4", f"int main(void) {{ {code} }}", store)

    with pytest.raises(BoardError, match=f"cortex-m4: {message}"):
        EmulatedBoard(BY_NAME["cortex-m4"]).run_firmware(data, store, timeout=0.3)


def test_firmware_for_another_board(store: Store) -> None:
    data = firmware("cortex-m33", "int main(void) { return 0; }", store)

    with pytest.raises(BoardError, match="outside of the flash at 0x00000000 to 0x00100000"):
        EmulatedBoard(BY_NAME["cortex-m4"]).run_firmware(data, store)


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (b"no ELF", [], "not a readable ELF file"),
        (None, [], "No such file"),
        (b"", ["--on", "cortex-m5"], "unknown board 'cortex-m5' (did you mean"),
        (b"", ["--on", "qemu-cortex-m4"], "qemu-cortex-m4 does not run whole programs"),
    ],
    ids=["no ELF", "no file", "no board", "qemu"],
)
def test_command_line_errors(
    content: bytes | None,
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line that names the file."""
    path = tmp_path / "firmware.elf"
    if content is not None:
        path.write_bytes(content)

    assert main(["emulate", str(path), *arguments]) == Exit.NO_END

    said = capsys.readouterr().err
    assert message in said
    assert said.startswith(str(path))
    assert said.count("\n") == 1
