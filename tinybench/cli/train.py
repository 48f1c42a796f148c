"""`tinybench train`: make a task's checkpoints again, or train many seeds of it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from tinybench.artifacts import Artifacts
from tinybench.artifacts.seeds import SEEDS_FILE
from tinybench.console import progress
from tinybench.datasets import evaluation
from tinybench.storage.store import Store, write_atomically
from tinybench.tasks import TASKS, Dataset, Task
from tinybench.training import checkpoint as checkpoints
from tinybench.training.checkpoint import STAGES, Checkpoint, CheckpointError
from tinybench.training.unfinished import Unfinished


def run(patterns: Sequence[str], seed: int | None, save: bool, cache: Path) -> int:
    """Train every stage of these tasks; print how each compares with the committed one."""
    tasks = TASKS.select(patterns)
    if save:
        for task in tasks:
            _require_folder(task)
    artifacts = Artifacts(Store(cache), progress.bar)
    for task in tasks:
        started = time.monotonic()
        _one(task, seed, save, artifacts)
        print(f"{task.name}: {time.monotonic() - started:.1f} s")
    return 0


def _one(task: Task, seed: int | None, save: bool, artifacts: Artifacts) -> None:
    data = artifacts.dataset(task)
    if save and task.shipped and task.grid:
        # First: the checkpoints are looked for with the hash that stands there.
        evaluation.save(task.shipped, task.evaluation_of(data), task.grid)
        print(f"{task.name}: written: {task.shipped}")
    inputs = {**task.recipe_and_data(data.sha256), "code": task.code(), "seed": seed}
    unfinished = Unfinished(artifacts.store.root, task.name, inputs)
    trained: dict[str, Checkpoint] = {}
    for stage in STAGES:
        if task.checkpoints is None and seed is None:
            # Kept where the benchmarks look for it.
            found = artifacts.retrained(task, stage)
        else:
            found = unfinished.finished(stage) or _trained(
                task, stage, seed, data, trained.get("float32"), unfinished
            )
            unfinished.finish(stage, found)
        trained[stage] = found
        curves = ", ".join(f"{key} {value:.4g}" for key, value in found.final.items())
        print(f"{task.name} {stage}: {_length(found)}, {curves}")
        print(f"  {_compared(task, stage, found)}")
    if save and task.checkpoints:
        for stage, found in trained.items():
            checkpoints.save(task.checkpoints, stage, found)
            print(f"  written: {task.checkpoints / stage}.npz")
    unfinished.clear()


def _length(found: Checkpoint) -> str:
    epochs, kept = found.provenance["epochs"], found.provenance.get("kept_epoch")
    return f"{epochs} epochs" if kept in (None, epochs) else f"epoch {kept} of {epochs}"


def _trained(
    task: Task,
    stage: str,
    seed: int | None,
    data: Dataset,
    start: Checkpoint | None,
    unfinished: Unfinished,
) -> Checkpoint:
    from tinybench.training import stages

    memory = unfinished.stage(stage)
    if (kept := memory.recall()) is not None:
        print(f"{task.name} {stage}: going on after {len(kept['curves'])} epochs")
    return stages.train(
        task,
        stage,
        start=start,
        seed=seed,
        progress=progress.bar(f"{task.name} {stage}", "epoch"),
        data=data,
        memory=memory,
    )


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


def many(patterns: Sequence[str], count: int, save: bool) -> int:
    """Train seeds 0 to count - 1 of each task at once and print the spread of their quality."""
    for task in TASKS.select(patterns):
        if save:
            _require_folder(task)
        _study(task, count, save)
    return 0


def _study(task: Task, count: int, save: bool) -> None:
    from tinybench.measurement import ensemble

    members = ensemble.train_seeds(task, range(count), progress.bar(f"{count} seeds", "epoch"))
    found = ensemble.study(task, members, progress.bar("convert and run int8", "seed"))
    print(table(found))
    if found["failed_above"] is not None:
        print(f"failed (float32 MSE above {found['failed_above']:g}): {found['failed']} of {count}")
    if save and task.checkpoints:
        path = task.checkpoints / SEEDS_FILE
        write_atomically(path, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())
        print(f"written: {path}")


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
