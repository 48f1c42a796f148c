"""A declared board at a port: a pseudo-terminal, with the host's build or QEMU at its other end.

Its settings are those of docs/how-to/serial-boards.md.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tty
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tinybench.boards import BOARDS, BoardError
from tinybench.boards.declared import DeclarationError, declared
from tinybench.boards.serial import SerialError
from tinybench.boards.serial.board import SerialBoard
from tinybench.codegen import generate
from tinybench.machines.board import BoardMachine
from tinybench.runtimes import Artifact
from tinybench.storage.store import Store

from ...components import needs
from .harness import FIRMWARE, built, terminal

pytestmark = needs("C compiler", "POSIX shell", "serial", "ziglang", "elftools")

DATA = (FIRMWARE / "model" / "model.tflite").read_bytes()
OTHER = Path(__file__).parents[2] / "tflite" / "models" / "conv-int8.tflite"
CODES = np.arange(-128, 128, 16).astype(np.int8).reshape(-1, 1)
FLASH = 0x08000000
QEMU = "exec qemu-system-arm -M netduinoplus2 -display none -monitor none -serial stdio"


def board(folder: Path, port: str, more: str = "") -> SerialBoard:
    (folder / "pyproject.toml").write_text(
        f'[tool.tinybench.boards.mine]\nport = "{port}"\nprocessor = "cortex-m4"\n'
        f'firmware = "netduinoplus2"\n{more}'
    )
    (found,) = declared(folder, BOARDS.is_builtin)
    assert isinstance(found, SerialBoard)
    return found


def artifact(data: bytes = DATA) -> Artifact:
    return Artifact("sine", data)


def expected(store: Store) -> list[int]:
    ran = BoardMachine(BOARDS.get("cortex-m4"), store).run(artifact(), [CODES], count=False)
    return [int(code) for code in ran.outputs[0].ravel()]


@contextlib.contextmanager
def waiting(folder: Path) -> Iterator[str]:
    """A port with a board that runs what is copied to board.elf, once it is."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    script = f"while [ ! -e board.elf ]; do sleep 0.02; done; {QEMU} -kernel board.elf"
    with subprocess.Popen(["sh", "-c", script], cwd=folder, stdin=ours, stdout=ours) as process:
        try:
            yield os.ttyname(theirs)
        finally:
            process.kill()
    os.close(ours)
    os.close(theirs)


def test_the_host_at_a_pseudo_terminal(tmp_path: Path, store: Store) -> None:
    """Bytes are those of the emulated board; time is by the clock there."""
    with terminal(built(tmp_path)) as port:
        mine = board(tmp_path, port)

        ran = BoardMachine(mine, store).run(artifact(), [CODES])

    assert [int(code) for code in ran.outputs[0].ravel()] == expected(store)
    assert ran.cost.milliseconds is not None
    assert ran.cost.cycles is None
    assert ran.cost.instructions is None


@needs("qemu-system-arm")
def test_a_board_is_flashed_once(tmp_path: Path, store: Store) -> None:
    """One that has the firmware already is only asked."""
    with waiting(tmp_path) as port:
        flash = "sh -c 'echo once >> log; cp {elf} made; mv made board.elf'"
        mine = board(tmp_path, port, f'flash = "{flash}"\nclock_hz = 16_000_000\n')
        machine = BoardMachine(mine, store)

        first, second = (machine.run(artifact(), [CODES]) for _ in range(2))

    assert [int(code) for code in first.outputs[0].ravel()] == expected(store)
    assert first.outputs[0].tolist() == second.outputs[0].tolist()
    assert first.cost.stack_bytes is not None
    assert 64 <= first.cost.stack_bytes < 1024
    # QEMU has no cycle counter: nothing is told in the place of a wrong number.
    assert first.cost.cycles is None
    assert (tmp_path / "log").read_text() == "once\n"


def test_another_model(tmp_path: Path, store: Store) -> None:
    with terminal(built(tmp_path)) as port:
        mine = board(tmp_path, port)
        image = mine.build(generate(OTHER.read_bytes()).program, store)

        with pytest.raises(SerialError, match="the board has the model 453abb3d7911…, not"):
            mine.start(image).__enter__()


def test_two_runs_on_one_port(tmp_path: Path, store: Store) -> None:
    with terminal(built(tmp_path)) as port:
        mine = board(tmp_path, port)
        image = mine.build(generate(DATA).program, store)
        with mine.start(image), pytest.raises(SerialError, match="another run of tinybench uses"):
            mine.start(image).__enter__()


@pytest.mark.parametrize(
    ("flash", "said"),
    [
        ("sh -c 'echo No probe; exit 3' {elf}", "the flash command sh failed with status 3: No pr"),
        ("no-such-flasher {bin}", "the flash command cannot be run: no-such-flasher: No such file"),
        ("true {hex}", "the flash command ended well, and the board still has other firmware"),
    ],
)
def test_flashing_fails(tmp_path: Path, store: Store, flash: str, said: str) -> None:
    with terminal(built(tmp_path)) as port:
        mine = board(tmp_path, port, f'flash = "{flash}"\n')
        image = mine.build(generate(DATA).program, store)

        with pytest.raises(SerialError, match=re.escape(said)):
            mine.start(image).__enter__()


def test_files_for_flashing(tmp_path: Path, store: Store) -> None:
    """What is written as {bin} and as {hex} is the same, from the start of the flash."""
    with terminal(built(tmp_path)) as port:
        script = "import sys, shutil; [shutil.copy(f, '.') for f in sys.argv[1:]]"
        (tmp_path / "keep.py").write_text(script)
        mine = board(tmp_path, port, f'flash = "{sys.executable} keep.py {{bin}} {{hex}}"\n')
        with contextlib.suppress(SerialError):
            mine.start(mine.build(generate(DATA).program, store)).__enter__()

    lines = [bytes.fromhex(one[1:]) for one in (tmp_path / "firmware.hex").read_text().split()]
    assert all(sum(line) & 0xFF == 0 for line in lines)
    binary = (tmp_path / "firmware.bin").read_bytes()
    found, upper = bytearray(b"\xff" * len(binary)), 0
    for line in lines:
        if line[3] == 4:
            upper = int.from_bytes(line[4:6], "big") << 16
        elif line[3] == 0:
            at = upper + int.from_bytes(line[1:3], "big") - FLASH
            found[at : at + line[0]] = line[4:-1]
    assert found == binary


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('flash = "pyocd flash {efl}"', "{efl} is none of {elf}, {bin}, {hex}, {port}"),
        ('flash = "pyocd \'"', "No closing quotation"),
        ("clock_hz = 0", "clock_hz is 0, not a whole number from 1 up"),
        ("baud = -1", "baud is -1"),
        ("flsh = 1", "unknown setting 'flsh' (did you mean 'flash'?)"),
    ],
)
def test_wrong_settings(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(said)):
        board(tmp_path, "/dev/ttyX", more)


def test_no_such_firmware(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.tinybench.boards.mine]\nport = "x"\nprocessor = "cortex-m4"\nfirmware = "own"\n'
    )

    with pytest.raises(DeclarationError, match=r"own has no board\.c with one linker script"):
        list(declared(tmp_path, BOARDS.is_builtin))


def test_one_model_only(tmp_path: Path, store: Store) -> None:
    program = generate(DATA).program

    with pytest.raises(BoardError, match="the harness has one model, not 2"):
        board(tmp_path, "/dev/ttyX").build([program, program], store)
