"""Tasks: one file each, registered here; a user's own are added to `TASKS` in a conftest.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from tinybench.conversion.model_file import ModelFile, ModelFileError
from tinybench.datasets.data import DataError, Dataset, Split
from tinybench.datasets.evaluation import Card, Evaluation, Grid
from tinybench.registry import Registry
from tinybench.tasks.task import Recipe, Task

__all__ = [
    "TASKS",
    "Card",
    "DataError",
    "Dataset",
    "Evaluation",
    "Grid",
    "ModelFile",
    "ModelFileError",
    "Recipe",
    "Split",
    "Task",
]

CHECKPOINTS = Path(__file__).parent / "checkpoints"
"""Committed weights of our own tasks, a folder a task."""
SHIPPED = Path(__file__).parent / "shipped"
"""Committed test and calibration splits of the tasks whose data take long to make."""


def _builtin() -> Iterable[Task]:
    from tinybench.tasks import gesture, helmet, keyword, linear, sine

    modules = (sine, linear, keyword, gesture, helmet)
    return [_committed(task) for module in modules for task in module.TASKS]


def _committed(task: Task) -> Task:
    shipped = SHIPPED / f"{task.ships or task.name}.npz" if task.grid else None
    return replace(task, checkpoints=CHECKPOINTS / task.name, shipped=shipped, calibration="first")


TASKS: Registry[Task] = Registry("task", builtin=_builtin)
