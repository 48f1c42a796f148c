"""Calling functions in a process of its own: a crash, a hang, an error there is an answer here.

TensorFlow and the models of other people run there. One such process serves all requests of this
one, so that what takes seconds to import is imported once; it starts with the first request, and
again after a crash. Functions travel by cloudpickle: those of a module that the other process
could not import, such as a `conftest.py`, as their code.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import io
import os
import pickle
import queue
import re
import shutil
import signal
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from types import CodeType, ModuleType
from typing import IO, Any, NoReturn, TypeVar

import cloudpickle

from tinybench.console.capture import no_warning_is_error
from tinybench.console.progress import Progress

T = TypeVar("T")

TIMEOUT_SECONDS = 60
"""What a file from outside may take."""
LONGEST_REASON = 300
LENGTH = struct.Struct("<Q")
START = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path[:] = {path!r}
from tinybench.console import worker
worker.serve({folder!r})
"""
"""An interrupt from the keyboard is the parent's to handle: it ends this process."""
PACKAGE = Path(__file__).resolve().parents[1]
LIBRARY = {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}


class ChildError(Exception):
    """The child gave no result; the message says why and completes a sentence about it."""


class ForeignError(ChildError):
    """Code that is not tinybench's raised an exception: its type, its reason and its place."""


class Worker:
    """One child process, and how to ask it. As a context manager it ends with the block."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._folder = Path()
        self._shown = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(
        self,
        function: Callable[..., T],
        *arguments: Any,
        progress: Progress | None = None,
        timeout: float | None = None,
    ) -> T:
        """The function's result; ChildError if there is none within `timeout` seconds.

        The project's own errors arrive as themselves, all others as one line: a ForeignError.
        With `progress` the function gets a keyword of that name to report to. What it prints is
        shown on standard error when it is done. What cannot be pickled is called in this process.
        """
        more = {} if progress is None else {"progress": progress}
        try:
            asked = _dumped((function, arguments, progress is not None))
        except Exception:
            # Locks, modules, whatever a closure holds: pickle raises a dozen types.
            return here(function, *arguments, **more)
        request = pickle.dumps((Path.cwd(), _path(), asked))
        with self._lock:
            kind, value = self._asked(request, progress, timeout)
        if kind == "unreadable":
            return here(function, *arguments, **more)
        if kind == "raised":
            raise value
        return value  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the process; nothing of it is left."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            # What was not written yet does not matter any more.
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        shutil.rmtree(self._folder, ignore_errors=True)

    def _asked(
        self, request: bytes, progress: Progress | None, timeout: float | None
    ) -> tuple[str, Any]:
        child = self._started()
        assert child.stdin is not None
        assert child.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        timer = threading.Timer(timeout or 0, stop)
        if timeout is not None:
            timer.start()
        try:
            _send(child.stdin, request)
            while True:
                kind, value = pickle.loads(_receive(child.stdout))
                if kind != "progress":
                    break
                assert progress is not None
                progress(*value)
        except (EOFError, BrokenPipeError):
            status, said = child.wait(), self._said()
            self.close()
            if late.is_set():
                raise ChildError(f"did not finish within {timeout:g} s") from None
            raise ChildError(_end(status, said)) from None
        except BaseException:
            # An interrupt: the answer would come when nobody waits for it.
            self.close()
            raise
        finally:
            timer.cancel()
        sys.stderr.write(self._said())
        return kind, value

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is None:
            return self._child
        self.close()
        # Temporary files of the child go with it, whatever ends it.
        self._folder, self._shown = Path(tempfile.mkdtemp(prefix="tinybench-")), 0
        code = START.format(path=_path(), folder=str(self._folder))
        with (self._folder / "said").open("wb") as said:
            self._child = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                env=_surroundings(str(self._folder)),
            )
        return self._child

    def _said(self) -> str:
        """What the child printed since this was asked last."""
        data = (self._folder / "said").read_bytes()
        new, self._shown = data[self._shown :], len(data)
        return new.decode(errors="replace")


def _surroundings(folder: str) -> dict[str, str]:
    """The child's environment: temporary files in this folder, and warnings as they come."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return kept | dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)


def _path() -> list[str]:
    """Where modules are imported from; the working folder may be another one later."""
    return [str(Path(folder).absolute()) for folder in sys.path]


def call(
    function: Callable[..., T],
    *arguments: Any,
    progress: Progress | None = None,
    timeout: float | None = None,
) -> T:
    """`Worker.call` of the one worker that all of this process share."""
    return _shared(os.getpid()).call(function, *arguments, progress=progress, timeout=timeout)


@functools.cache
def _shared(process: int) -> Worker:
    """The worker of a process: a fork of it has no use for its parent's."""
    worker = Worker()
    atexit.register(worker.close)
    return worker


def here(function: Callable[..., T], *arguments: Any, **more: Any) -> T:
    """Call a function in this process; its errors are those that `call` raises."""
    try:
        with no_warning_is_error():
            return function(*arguments, **more)
    except Exception as error:
        if _is_ours(error):
            raise
        raise foreign(error) from error


def foreign(error: Exception) -> ForeignError:
    """An exception in one line: type, reason, and the place in code that is not installed."""
    frames = [(one.filename, one.lineno) for one in traceback.extract_tb(error.__traceback__)]
    # AutoGraph runs another file, and says in the message where the lines were.
    frames += re.findall(r'^ *File "(.+)", line (\d+), in ', str(error), re.MULTILINE)
    places = [f"{_shown(file)}:{line}" for file, line in frames if _is_own(file)]
    place = f" ({places[-1]})" if places else ""
    return ForeignError(f"{type(error).__name__}: {_reason(error)}{place}")


def _reason(error: Exception) -> str:
    """The message without what Keras and AutoGraph add around it."""
    text = str(error).partition("Call arguments received by")[0]
    text = text.partition("Arguments received by")[0].strip() or "no message"
    if "in user code:" in text:
        text = text.splitlines()[-1].strip().removeprefix(f"{type(error).__name__}: ")
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]} …"


def _is_own(file: str) -> bool:
    """Whether a source is a user's: not of Python, of an installed package, or of tinybench."""
    path = Path(file)
    if file.startswith("<") or path.name.startswith("__autograph_generated_file"):
        return False
    path = path.resolve()
    if {"site-packages", "dist-packages"} & set(path.parts):
        return False
    return not any(folder in path.parents for folder in (PACKAGE, *LIBRARY))


def _shown(file: str) -> str:
    with contextlib.suppress(ValueError):
        return str(Path(file).resolve().relative_to(Path.cwd()))
    return file


def _is_ours(error: BaseException) -> bool:
    return any(each.__module__.startswith("tinybench.") for each in type(error).__mro__)


def _end(status: int, said: str) -> str:
    if status >= 0:
        how = f"ended with status {status}"
    else:
        name = signal.Signals(-status).name
        memory = " (the system does that to what takes too much memory)"
        how = f"ended with {name}{memory if name == 'SIGKILL' else ''}"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return f"{how}: {lines[-1]}" if lines else how


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Keeps the file names of code: AutoGraph reads sources, and errors have a place."""

    def reducer_override(self, found: Any) -> Any:
        if isinstance(found, CodeType):
            make, arguments = self.dispatch_table[CodeType](found)
            return _code, (make, arguments, found.co_filename)
        return super().reducer_override(found)


def _code(make: Callable[..., CodeType], arguments: tuple[Any, ...], file: str) -> CodeType:
    return make(*arguments).replace(co_filename=file)


def _dumped(value: Any) -> bytes:
    stream = io.BytesIO()
    with _by_value():
        _Pickler(stream).dump(value)
    return stream.getvalue()


@contextlib.contextmanager
def _by_value() -> Iterator[None]:
    """Let functions and classes of what the other process cannot import travel as code."""
    known = cloudpickle.list_registry_pickle_by_value()
    modules = [
        module
        for name, module in list(sys.modules.items())
        if isinstance(module, ModuleType)
        and module.__name__ == name not in known
        and isinstance(file := vars(module).get("__file__"), str)
        and _is_own(file)
        and not _is_importable(module, file)
    ]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def _is_importable(module: ModuleType, file: str) -> bool:
    """Whether `sys.path` leads to this file. pytest's modules are imported for its run alone."""
    if type(module.__loader__).__module__.startswith("_pytest."):
        return False
    parts, path, spec = module.__name__.split("."), None, None
    for count in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:count]), path)
        if spec is None:
            return False
        path = list(spec.submodule_search_locations or ())
    return spec is not None and spec.origin == file


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    return _exactly(stream, LENGTH.unpack(_exactly(stream, LENGTH.size))[0])


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise EOFError("the other side is gone")
    return data


# What follows runs in the child.
def serve(folder: str) -> NoReturn:
    """Answer requests until the parent closes the pipe, or dies, which closes it too."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device, not a file
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    waiting: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(requests, waiting, folder), daemon=True).start()
    while True:
        answer = _answer(waiting.get(), answers)
        sys.stdout.flush()
        sys.stderr.flush()
        _send(answers, answer)


def _listen(requests: IO[bytes], waiting: queue.Queue[bytes], folder: str) -> None:
    """Take requests while one is answered, so as to know at once that nobody waits for it."""
    with contextlib.suppress(EOFError):
        while True:
            waiting.put(_receive(requests))
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _answer(request: bytes, answers: IO[bytes]) -> bytes:
    try:
        folder, path, asked = pickle.loads(request)
        os.chdir(folder)
        if path != sys.path:
            sys.path[:] = path
            importlib.invalidate_caches()
        function, arguments, reports = pickle.loads(asked)
    except Exception:
        return pickle.dumps(("unreadable", None))
    more = {}
    if reports:
        more["progress"] = lambda *done: _send(answers, pickle.dumps(("progress", done)))
    try:
        return bytes(cloudpickle.dumps(("value", here(function, *arguments, **more))))
    except Exception as error:
        found = error if _is_ours(error) else foreign(error)
    try:
        answer = bytes(cloudpickle.dumps(("raised", found)))
        pickle.loads(answer)
    except Exception:
        answer = pickle.dumps(("raised", foreign(found)))
    return answer
