"""`tinybench train`: make a task's checkpoints again, or train many seeds of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from tabulate import tabulate

from tinybench import checkpoint as checkpoints
from tinybench import progress
from tinybench.checkpoint import STAGES, Checkpoint, CheckpointError
from tinybench.seeds import SEEDS_FILE
from tinybench.store import write_atomically
from tinybench.tasks import TASKS, Task


def one(name: str, seed: int | None, save: bool) -> int:
    """Train every stage; print how each compares with the committed one; perhaps commit it."""
    from tinybench import training

    task = TASKS.get(name)
    if save:
        _require_folder(task)
    start: Checkpoint | None = None
    for stage in STAGES:
        bar = progress.bar(f"{name} {stage}", "epoch")
        found = training.train(task, stage, start=start, seed=seed, progress=bar)
        start = start or found
        curves = ", ".join(f"{key} {value:.4g}" for key, value in found.final.items())
        print(f"{name} {stage}: {curves}")
        print(f"  {_compared(task, stage, found)}")
        if save and task.checkpoints:
            checkpoints.save(task.checkpoints, stage, found)
            print(f"  written: {task.checkpoints / stage}.npz")
    return 0


def _compared(task: Task, stage: str, found: Checkpoint) -> str:
    if task.checkpoints is None or not (task.checkpoints / f"{stage}.npz").exists():
        return "no committed checkpoint to compare with"
    committed = checkpoints.load(task.checkpoints, stage)
    if committed.sha256 == found.sha256:
        return f"equal to the committed checkpoint, bit for bit ({found.sha256[:16]})"
    pairs = list(zip(committed.weights.values(), found.weights.values(), strict=False))
    if [a.shape for a, _ in pairs] != [b.shape for _, b in pairs]:
        return "differs from the committed checkpoint: other shapes"
    largest = max(float(np.max(np.abs(a - b))) for a, b in pairs)
    losses = [each.final["val_loss"] for each in (committed, found)]
    return (
        f"differs from the committed checkpoint: weights by up to {largest:.3g}, "
        f"val_loss {losses[0]:.6g} → {losses[1]:.6g} ({(losses[1] / losses[0] - 1):+.2%})"
    )


def many(name: str, count: int, save: bool) -> int:
    """Train seeds 0 to count - 1 at once and print the spread of their quality."""
    from tinybench import ensemble

    task = TASKS.get(name)
    if save:
        _require_folder(task)
    members = ensemble.train_seeds(task, range(count), progress.bar(f"{count} seeds", "epoch"))
    found = ensemble.study(task, members, progress.bar("convert and run int8", "seed"))
    print(table(found))
    if found["failed_above"] is not None:
        print(f"failed (float32 MSE above {found['failed_above']:g}): {found['failed']} of {count}")
    if save and task.checkpoints:
        path = task.checkpoints / SEEDS_FILE
        write_atomically(path, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())
        print(f"written: {path}")
    return 0


def table(found: Mapping[str, Any]) -> str:
    """The spread as text: a row a metric, for float32 and int8."""
    points = ("min", "q25", "median", "q75", "max")
    rows = [
        (variant, metric, *(spread[point] for point in points))
        for variant in ("float32", "int8")
        for metric, spread in found[variant].items()
    ]
    return tabulate(rows, ("variant", "metric", *points), floatfmt=".4g")


def _require_folder(task: Task) -> None:
    if task.checkpoints is None:
        raise CheckpointError(
            f"task {task.name!r} has no checkpoint folder to save to; set Task(checkpoints=...)"
        )
