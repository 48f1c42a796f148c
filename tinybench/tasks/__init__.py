"""Tasks: one file each, registered here; a user's own are added to `TASKS` in a conftest.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tinybench.registry import Registry
from tinybench.tasks.data import DataError, Dataset, Split
from tinybench.tasks.task import Recipe, Task

__all__ = ["TASKS", "DataError", "Dataset", "Recipe", "Split", "Task"]

CHECKPOINTS = Path(__file__).parent / "checkpoints"
"""Committed weights of our own tasks, a folder a task."""


def _builtin() -> Iterable[Task]:
    from tinybench.tasks import linear, sine

    return [
        replace(task, checkpoints=CHECKPOINTS / task.name) for task in (*sine.TASKS, *linear.TASKS)
    ]


TASKS: Registry[Task] = Registry("task", builtin=_builtin)
