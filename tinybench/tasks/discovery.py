"""Loads the files in which users add tasks and whatever else a registry takes.

These are the `conftest.py` that pytest would load, too, and modules that are named. Under pytest,
which has loaded the former already, nothing is loaded twice.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from tinybench.errors import TinybenchError

CONFTEST = "conftest.py"


class OwnTasksError(TinybenchError, ValueError):
    """A user's file that adds tasks cannot be loaded; the message names the line."""

    page = "own-tasks-broken"


def load_conftests(folder: Path, root: Path) -> None:
    """Load the `conftest.py` of the root, of the folder, and of all between them, in that order."""
    folders = [folder, *folder.parents]
    if root in folders:
        folders = folders[: folders.index(root) + 1]
    for each in reversed(folders):
        if (path := each / CONFTEST).is_file():
            _load_file(
                path, "correct it, or keep what the command `tinybench` cannot load in another file"
            )


def load_module(name: str, option: str) -> ModuleType:
    """Load and return a file, if the name ends with `.py`, or import the module of that name.

    `option` is the one that named it, for messages.
    """
    # A console script does not look for modules in the working folder, as `python -m` does.
    _look_in(Path.cwd())
    if name.endswith(".py"):
        path = Path(name).expanduser().absolute()
        if not path.is_file():
            raise OwnTasksError(f"{option} {name}: there is no file {path}; correct the path")
        return _load_file(path, f"correct it, or leave out {option}")
    if name not in sys.modules:
        _load(
            lambda: importlib.import_module(name),
            f"{option} {name}",
            "name a module that can be imported here, or the path of a .py file",
        )
    return sys.modules[name]


def _load_file(path: Path, remedy: str) -> ModuleType:
    if (known := _loaded(path)) is None:
        _load(lambda: _execute(path), str(path), remedy)
        known = _loaded(path)
    assert known is not None  # it is among the modules now
    return known


def _loaded(path: Path) -> ModuleType | None:
    return next((one for one in list(sys.modules.values()) if _is_of(one, path)), None)


def _is_of(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or Path(file).name != path.name:
        return False
    return Path(file).resolve() == path.resolve()


def _execute(path: Path) -> None:
    """Import a file by the name that pytest gives it, with the modules beside it."""
    parts, folder = [path.stem], path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    _look_in(folder)
    name = ".".join(parts)
    while name in sys.modules or (len(parts) == 1 and name in sys.stdlib_module_names):
        # Another folder's conftest.py, or a module that others need by this name.
        name += "_"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None  # its name ends with .py
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _look_in(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _load(run: Callable[[], object], what: str, remedy: str) -> None:
    """Run a user's code; OwnTasksError, in one line, for whatever it raises.

    What it prints goes to standard error, where it is in nobody's way.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            run()
    except KeyboardInterrupt:
        raise
    # Also of pytest's skip(), and of sys.exit(), which are no Exception.
    except BaseException as error:
        said = next(iter(str(error).splitlines()), "")
        text = f"{type(error).__name__}: {said}" if said else type(error).__name__
        raise OwnTasksError(f"cannot load {_place(error) or what}: {text}; {remedy}") from None


def _place(error: BaseException) -> str:
    """File and line of the user's code that raised, empty if it was none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    return next(_user_lines(error), "")


def _user_lines(error: BaseException) -> Iterator[str]:
    """The innermost lines first, without those of Python, tinybench and installed packages."""
    theirs = (str(Path(__file__).parents[1]), str(Path(traceback.__file__).parent))
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith("<") or "site-packages" in Path(frame.filename).parts:
            continue
        if not frame.filename.startswith(theirs):
            yield f"{frame.filename}:{frame.lineno}"
