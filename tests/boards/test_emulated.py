"""What a program does wrong becomes one line that names the place."""

import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tinybench.boards import BoardError, emulated
from tinybench.boards.emulated import EmulatedBoard
from tinybench.boards.targets import TARGETS
from tinybench.codegen.program import Program
from tinybench.storage.store import Store

from ..components import needs
from .programs import ADD_HALVE, NOTHING, SAMPLE, program

BOARDS = {target.name: EmulatedBoard(target) for target in TARGETS}
ARM, RISCV = BOARDS["cortex-m4"], BOARDS["rv32imc"]

pytestmark = needs(ARM.name)


def failure(board: EmulatedBoard, model: Program, store: Store, how: str = "run") -> str:
    """The message of the BoardError that running the program raises."""
    with (
        board.start(board.build(model, store), store) as session,
        pytest.raises(BoardError) as caught,
    ):
        getattr(session, how)(SAMPLE)
    return str(caught.value)


@pytest.mark.parametrize("how", ["run", "count"])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("*(volatile uint32_t *)0x10 = 1;", "write to 0x00000010 at bad+0x[0-9a-f]+ (pc 0x"),
        ("(void)*(volatile uint32_t *)0x30000000;", "read from 0x30000000 at bad+0x"),
        ("(void)*(volatile uint32_t *)0x20040000;", "read from 0x20040000 at bad+0x"),
        ("((void (*)(void))0x20003001)();", "jump to 0x20003000, where no code is"),
        ('__asm__ volatile("udf #0");', "invalid instruction at bad+0x"),
        ('__asm__ volatile("svc #0");', "unhandled cpu exception at bad+0x"),
        ('__asm__ volatile("wfi");', "the processor stopped at bad+0x"),
    ],
    ids=["write to flash", "read outside", "read above RAM", "jump to data", "udf", "svc", "wfi"],
)
def test_faults(code: str, message: str, how: str, store: Store) -> None:
    said = failure(ARM, program(bad=code), store, how)

    pattern = re.escape(message).replace(re.escape("[0-9a-f]+"), "[0-9a-f]+")
    assert re.match(f"cortex-m4: {pattern}", said)
    assert "\n" not in said


def test_fault_on_riscv(store: Store) -> None:
    said = failure(RISCV, program(bad="*(volatile uint32_t *)16 = 1;"), store)

    assert said.startswith("rv32imc: write to 0x00000010 at bad+0x")


def test_unaligned_access_on_m0plus(store: Store) -> None:
    """Unicorn allows what a Cortex-M0+ does not; counting notices it."""
    said = failure(
        BOARDS["cortex-m0plus"],
        program(bad="*(volatile uint32_t *)(void *)(arena + 1);"),
        store,
        "count",
    )

    assert re.match(r"cortex-m0plus: unaligned access to 0x2000\w{3}1 at bad\+0x4 \(", said)


def test_stack_overflow_is_a_fault(store: Store) -> None:
    """The stack is at the bottom of RAM: it runs into nothing, and over no variable."""
    deep = "volatile uint8_t big[20000]; for (unsigned i = 20000; i-- > 0;) big[i] = 1;"

    assert "write to 0x1fff" in failure(ARM, program(deep=deep), store)


@pytest.mark.parametrize("how", ["run", "count"])
@pytest.mark.parametrize("name", ["cortex-m4", "rv32imc"])
def test_endless_loop(name: str, how: str, store: Store) -> None:
    board = replace(BOARDS[name], timeout=0.2)

    said = failure(board, program(forever="for (;;) arena[4]++;"), store, how)

    assert re.match(rf"{name}: did not end within 0.2 s: stopped at forever\+0x", said)


def test_session_survives_a_fault(store: Store) -> None:
    """The next request boots anew."""
    sometimes = program(bad="if (arena[0] == 3) *(volatile uint32_t *)0x10 = 1; arena[4] = 7;")

    with ARM.start(ARM.build(sometimes, store), store) as session:
        with pytest.raises(BoardError, match="write to 0x00000010"):
            session.run(SAMPLE)
        assert session.run([SAMPLE[0] * 2])[0].tolist() == [[7]]


def test_worker_that_dies(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    processes = watch_processes(monkeypatch)

    with ARM.start(ARM.build(NOTHING, store), store) as session:
        processes[-1].kill()
        with pytest.raises(BoardError, match="the emulator's process ended with status -9"):
            session.run(SAMPLE)


def test_worker_that_does_not_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker stops a program by itself; should it hang nevertheless, it is killed."""
    processes = watch_processes(monkeypatch)
    monkeypatch.setattr(emulated, "GRACE_SECONDS", 0.1)
    board = replace(ARM, timeout=0.1)

    with (
        ARM.start(ARM.build(NOTHING, store), store),
        board.start(ARM.build(NOTHING, store), store) as session,
    ):
        processes[-1].send_signal(signal.SIGSTOP)
        with pytest.raises(BoardError, match=r"the emulator did not answer within 0\.2 s"):
            session.run(SAMPLE)


def test_no_process_is_left(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    processes = watch_processes(monkeypatch)

    with (
        pytest.raises(KeyboardInterrupt),
        ARM.start(ARM.build(NOTHING, store), store),
    ):
        raise KeyboardInterrupt

    assert processes[-1].returncode is not None


def watch_processes(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that are started from now on."""
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def start(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))
        return started[-1]

    monkeypatch.setattr("tinybench.boards.emulated.subprocess.Popen", start)
    return started


@pytest.mark.parametrize("module", ["unicorn", "ziglang", "elftools"])
def test_missing_package(module: str, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    package = {"elftools": "pyelftools"}.get(module, module)
    expected = f"needs {package}: pip install 'pytest-tinybench[boards]'"

    assert ARM.unavailable() == f"an emulated board {expected}"
    with (
        pytest.raises(BoardError, match=re.escape(expected)),
        ARM.start(ARM.build(ADD_HALVE, store), store),
    ):
        pass


def test_only_the_worker_imports_unicorn() -> None:
    """Its licence is not ours: this process never loads it."""
    package = Path(emulated.__file__).parents[1]
    importing = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if re.search(r"^\s*(import|from) unicorn\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert importing == ["boards/emulator.py"]
    assert "unicorn" not in sys.modules
