"""What a user's project adds to tasks, variants, runtimes, boards and metrics, for a command.

A `conftest.py` is written for pytest and may not load without it: that stops no command which does
not need what stands there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tinybench.boards import BOARDS
from tinybench.cli import inifile
from tinybench.conversion.variants import VARIANTS
from tinybench.errors import TinybenchError, shown
from tinybench.metrics import METRICS
from tinybench.runtimes import RUNTIMES
from tinybench.tasks import TASKS, discovery

REGISTRIES: dict[str, Any] = {
    "tasks": TASKS,
    "variants": VARIANTS,
    "runtimes": RUNTIMES,
    "boards": BOARDS,
    "metrics": METRICS,
}
"""What `list`, `doctor` and the Tab key name, and in this order."""


def load(given: argparse.Namespace) -> None:
    """Load the project's `conftest.py` files and each `--task-module`.

    What a `conftest.py` raises is a warning where all that the command asks for is known.
    """
    problem: TinybenchError | None = None
    if _takes_tasks(given) or not _knows_all(given):
        try:
            load_project(Path.cwd())
        except TinybenchError as error:
            problem = error
    for name in given.task_module:
        discovery.load_module(name, "--task-module")
    if problem:
        if given.asks_tasks and not _knows_all(given):
            raise problem
        print(f"tinybench: warning: {shown(problem)}", file=sys.stderr)


def load_project(folder: Path) -> None:
    """Load the `conftest.py` files of a folder and of those above it, up to pytest's rootdir."""
    for path in reversed(inifile.import_folders(folder)):
        if str(path) not in sys.path:
            sys.path.insert(0, str(path))
    discovery.load_conftests(folder, inifile.root(folder))


def _takes_tasks(given: argparse.Namespace) -> bool:
    """Whether the command is about tasks, those that it names or any at all."""
    return not given.asks_tasks or bool(list(tasks(given)))


def tasks(given: argparse.Namespace) -> Iterator[str]:
    """Names and patterns of tasks, among them those of what is timed."""
    task = getattr(given, "task", None)
    yield from [task] if isinstance(task, str) else task or ()
    model = getattr(given, "model", None)
    if model and not Path(model).expanduser().exists():
        yield model
    for side in (getattr(given, "a", ""), getattr(given, "b", "")):
        if "/" in side and not side.endswith(".tflite") and not Path(side).is_file():
            yield side.partition("/")[0]


def _knows_all(given: argparse.Namespace) -> bool:
    """Whether all that the options name is registered already."""
    variants, on, against = (_named(given, name) for name in ("variant", "on", "against"))
    try:
        for pattern in tasks(given):
            TASKS.select([pattern])
        VARIANTS.select(variants)
    except LookupError:
        return False
    return all(place in BOARDS or place in RUNTIMES for place in (*on, *against))


def _named(given: argparse.Namespace, option: str) -> list[str]:
    """The names that an option has, which may be repeatable, or not be there."""
    value = getattr(given, option, None) or []
    return [value] if isinstance(value, str) else value
