"""Registered tasks on a user's own data: a folder, or other classes, in place of the built-in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from tinybench.errors import TinybenchError
from tinybench.storage import hashing
from tinybench.tasks import TASKS


class OwnDataError(TinybenchError, ValueError):
    """An option that names no task, no folder, or no classes."""

    page = "data-option"


def redirect(
    data: Iterable[str], labels: Iterable[str], among: Sequence[str] | None = None
) -> None:
    """Replace tasks by themselves on other data, for the rest of the process.

    `data` are texts TASK=DIR, `labels` texts TASK=NAME,NAME,...; TASK may have shell wildcards.
    `among` are names or patterns of the tasks that are worked on, if not all are: OwnDataError for
    an option that is for none of them.
    """
    # An empty selection would be all.
    at_hand = None if among is None else [one.name for one in TASKS.select(among) if among]
    folders = {task: _folder(task, text) for task, text in _pairs(data, "data", at_hand)}
    names = {task: _names(task, text) for task, text in _pairs(labels, "labels", at_hand)}
    for name in dict.fromkeys([*folders, *names]):
        task, folder = TASKS.get(name), folders.get(name)
        if task.elsewhere is None:
            able = ", ".join(one.name for one in TASKS if one.elsewhere)
            raise OwnDataError(f"task {name!r} has no data or classes of its own; able: {able}")
        found = task.elsewhere(folder, names.get(name, ()))
        TASKS.replace(replace(found, folder=folder))


def fingerprint(folder: Path | None) -> str:
    """Hash of the names, sizes and times of all files below a folder: not of their content."""
    if folder is None:
        return ""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    marks = [(path, path.stat()) for path in files]
    return hashing.of_json(
        [[str(path.relative_to(folder)), mark.st_size, mark.st_mtime_ns] for path, mark in marks]
    )


def _pairs(
    texts: Iterable[str], what: str, at_hand: Sequence[str] | None
) -> Iterable[tuple[str, str]]:
    for text in texts:
        pattern, equals, value = text.partition("=")
        if not (pattern and equals and value):
            raise OwnDataError(f"option for {what} {text!r} is not TASK=..., such as keyword=...")
        named = [task.name for task in TASKS.select([pattern])]
        used = [name for name in named if at_hand is None or name in at_hand]
        if not used:
            raise OwnDataError(
                f"option for {what} {text!r} is of no use: what is worked on is "
                f"{', '.join(at_hand or ['no task'])}; leave it out, or name {named[0]} as a task"
            )
        yield from ((name, value) for name in used)


def _folder(task: str, text: str) -> Path:
    folder = Path(text).expanduser().absolute()
    if not folder.is_dir():
        raise OwnDataError(f"data of task {task!r}: {folder} is not a folder")
    return folder


def _names(task: str, text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(set(names)) < len(names):
        raise OwnDataError(f"labels of task {task!r}: {text!r} has an empty or a double name")
    return names
