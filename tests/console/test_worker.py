"""A child process gives results, its errors in one line, and survives itself."""

import contextlib
import functools
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinybench.console import worker
from tinybench.console.progress import Progress
from tinybench.console.worker import ChildError, ForeignError, Worker
from tinybench.errors import TinybenchError

from ..interrupts import heed_interrupts


@pytest.fixture(scope="module")
def child() -> Iterator[Worker]:
    with Worker() as started:
        yield started


class OwnError(TinybenchError):
    """Of a module that the child cannot import."""


def double(value: int) -> int:
    return 2 * value


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hang() -> None:
    threading.Event().wait()


def say(text: str) -> None:
    print(text)
    sys.stdout.flush()
    os.write(2, f"{text} again\n".encode())


def refuse(text: str) -> None:
    raise OwnError(text)


def divide(by: int) -> float:
    return 1 / by


def warn() -> str:
    warnings.warn("of a library", DeprecationWarning, stacklevel=1)
    warnings.warn("to be heard", UserWarning, stacklevel=1)
    return "warned"


def count(steps: int, progress: Progress) -> str:
    for step in range(steps):
        progress(step, steps)
    return "counted"


def is_alive(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def test_functions_of_a_test_travel_as_code(child: Worker) -> None:
    """Those of this module, and what they use of it; also bound arguments and closures."""
    more = 3

    assert child.call(double, 4) == 8
    assert child.call(functools.partial(double, 5)) == 10
    assert child.call(lambda value: double(value) + more, 1) == 5


def test_one_process_answers_all(child: Worker) -> None:
    first, second = child.call(os.getpid), child.call(os.getpid)

    assert first == second != os.getpid()


def test_warnings_that_are_errors_elsewhere(
    child: Worker, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """By PYTHONWARNINGS, which a child inherits, or by pytest's filters in this process."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    assert child.call(warn) == "warned"
    assert "UserWarning: to be heard" in capfd.readouterr().err

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with warnings.catch_warnings(record=True) as heard:
            assert worker.here(warn) == "warned"
    assert [str(one.message) for one in heard] == ["to be heard"]


def test_progress_comes_back(child: Worker) -> None:
    seen = []

    assert child.call(count, 3, progress=lambda *done: seen.append(done)) == "counted"

    assert seen == [(0, 3), (1, 3), (2, 3)]


def test_a_crash_names_its_signal(child: Worker) -> None:
    """The next request starts another process."""
    before = child.call(os.getpid)

    with pytest.raises(ChildError, match=r"^ended with SIGSEGV$"):
        child.call(kill_itself)

    assert child.call(os.getpid) != before


def test_last_words_are_part_of_the_reason(child: Worker) -> None:
    def fail() -> None:
        os.write(2, b"first\nCheck failed: x\n\n")
        os._exit(3)

    with pytest.raises(ChildError, match=r"^ended with status 3: Check failed: x$"):
        child.call(fail)


def test_a_process_that_died_meanwhile_is_replaced(child: Worker) -> None:
    before = child.call(os.getpid)
    os.kill(before, signal.SIGKILL)
    while is_alive(before) and child._child and child._child.poll() is None:
        time.sleep(0)

    assert child.call(double, 1) == 2


def test_a_hang_ends(child: Worker) -> None:
    with pytest.raises(ChildError, match=r"^did not finish within 0.2 s$"):
        child.call(hang, timeout=0.2)

    assert child.call(double, 1) == 2


def test_own_errors_arrive_as_themselves(child: Worker) -> None:
    with pytest.raises(OwnError, match=r"^too small$"):
        child.call(refuse, "too small")


def test_other_errors_are_one_line_with_their_place(child: Worker) -> None:
    """The innermost line of code that is not installed."""
    line = divide.__code__.co_firstlineno + 1

    with pytest.raises(ForeignError) as caught:
        child.call(divide, 0)

    assert re.fullmatch(
        rf"ZeroDivisionError: division by zero \(.*test_worker\.py:{line}\)", str(caught.value)
    )


def test_errors_in_a_library_are_placed_where_it_was_called(child: Worker) -> None:
    def reshape() -> object:
        import numpy as np

        return np.reshape(np.zeros(3), (2, 2))

    line = reshape.__code__.co_firstlineno + 3
    with pytest.raises(ForeignError, match=rf"^ValueError: cannot reshape .*py:{line}\)$"):
        child.call(reshape)


def test_long_reasons_are_cut(child: Worker) -> None:
    def fail() -> None:
        raise ValueError("first line\n" + "x" * 10_000)

    with pytest.raises(ForeignError) as caught:
        child.call(fail)

    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 500


def test_what_cannot_be_pickled_is_done_here(child: Worker) -> None:
    lock = threading.Lock()

    assert child.call(lambda: (lock.locked(), os.getpid())) == (False, os.getpid())
    with pytest.raises(ForeignError, match=r"^ZeroDivisionError: "):
        child.call(lambda: (lock.locked(), divide(0)))


def test_what_the_child_cannot_import_is_done_here(
    child: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It unpickles by name what was put into a module by hand."""
    module = type(sys)("made_by_hand")
    monkeypatch.setitem(sys.modules, "made_by_hand", module)

    @functools.lru_cache
    def kept() -> int:
        return os.getpid()

    kept.__module__, kept.__qualname__, module.kept = "made_by_hand", "kept", kept  # type: ignore[attr-defined]

    assert child.call(kept) == os.getpid()


def test_a_result_that_cannot_be_pickled_is_an_error(child: Worker) -> None:
    with pytest.raises(ForeignError, match=r"^TypeError: cannot pickle .*lock"):
        child.call(threading.Lock)


def test_modules_beside_the_project_are_imported(
    child: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child started before the folder was on the path."""
    (tmp_path / "my_models.py").write_text("import os\ndef where(): return os.getpid(), __file__\n")
    child.call(double, 1)
    monkeypatch.syspath_prepend(tmp_path)
    import my_models  # type: ignore[import-not-found]

    process, file = child.call(my_models.where)

    assert process == child.call(os.getpid)
    assert file == str(tmp_path / "my_models.py")


def test_the_working_folder_is_the_parents(
    child: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child.call(double, 1)
    monkeypatch.chdir(tmp_path)

    assert child.call(os.getcwd) == str(tmp_path)


def test_what_it_prints_goes_to_standard_error(
    child: Worker, capfd: pytest.CaptureFixture[str]
) -> None:
    child.call(say, "hello")
    child.call(double, 1)

    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == "hello\nhello again\n"


def test_nothing_is_left(tmp_path: Path) -> None:
    """Neither the process nor its temporary files."""

    def leave() -> str:
        return tempfile.mkdtemp()

    with Worker() as own:
        process, folder = own.call(os.getpid), Path(own.call(leave))
        assert folder.is_dir()

    assert not is_alive(process)
    assert not folder.exists()
    assert not folder.parent.exists()


PARENT = """
import os, signal, sys, tempfile, threading
from pathlib import Path
from tinybench.console import worker

def begin(path):
    path.write_text(f"{os.getpid()} {tempfile.gettempdir()}")
    threading.Event().wait()

worker.call(begin, Path(sys.argv[1]))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_the_child_ends_with_its_parent(how: signal.Signals, tmp_path: Path) -> None:
    """An interrupt reaches both, as from a keyboard; a kill only the parent."""
    script, told = tmp_path / "parent.py", tmp_path / "told"
    script.write_text(textwrap.dedent(PARENT))
    parent = subprocess.Popen(
        [sys.executable, str(script), str(told)],
        start_new_session=True,
        preexec_fn=heed_interrupts,
        stderr=subprocess.PIPE,
    )
    while not (told.exists() and told.read_text().count(" ") == 1):
        assert parent.poll() is None
    process, folder = told.read_text().split(" ")
    if how == signal.SIGINT:
        os.killpg(parent.pid, how)
    else:
        parent.kill()

    said = parent.communicate(timeout=60)[1].decode()

    while is_alive(int(process)) or Path(folder).exists():
        pass
    assert said.count("Traceback") == (how == signal.SIGINT)


def test_the_shared_worker_is_one() -> None:
    assert worker.call(os.getpid) == worker.call(os.getpid) != os.getpid()
