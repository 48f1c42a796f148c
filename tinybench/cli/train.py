"""`tinybench train`: make a task's checkpoints again, or train many seeds of it."""

from __future__ import annotations

import argparse
import functools
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tabulate import tabulate

from tinybench.artifacts import Artifacts, apart
from tinybench.artifacts.seeds import SEEDS_FILE
from tinybench.cli import options
from tinybench.cli.status import Exit
from tinybench.console import progress
from tinybench.datasets import evaluation
from tinybench.storage.store import Store, write_atomically
from tinybench.tasks import TASKS, Dataset, Task
from tinybench.training import checkpoint as checkpoints
from tinybench.training.checkpoint import STAGES, Checkpoint, CheckpointError
from tinybench.training.unfinished import Unfinished

Say = Callable[[str], None]
"""Prints a line for people: with `--json` on standard error."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Train the float32 model of a task, then its float control and its quantization-aware "
        "edition, and say whether they equal the committed checkpoints. An interrupted training "
        "goes on where it was when it is started again."
    )
    parser.epilog = (
        "Examples: tinybench train sine-16x16; tinybench train 'sine-*' keyword; tinybench train "
        "sine-16x16 --seeds 100; tinybench train keyword --data keyword=recordings "
        "--labels keyword=fire,anna"
    )
    parser.add_argument("task", nargs="+", metavar="TASK", help="Name, also with shell wildcards")
    parser.add_argument("--seed", type=int, help="Train with this seed instead of the task's")
    parser.add_argument(
        "--seeds",
        type=options.positive,
        metavar="N",
        help="Train seeds 0 to N-1 at once and show the spread of float and int8 quality",
    )
    parser.add_argument(
        "--save", action="store_true", help="Write the result into the task's checkpoint folder"
    )
    options.add_json(parser)
    options.add_data(parser)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    if given.seeds:
        return many(given.task, given.seeds, given.save, given.json)
    return run(given.task, given.seed, given.save, given.cache, given.json)


def _say(as_json: bool) -> Say:
    return functools.partial(print, file=sys.stderr) if as_json else print


def run(
    patterns: Sequence[str], seed: int | None, save: bool, cache: Path, as_json: bool = False
) -> int:
    """Train every stage of these tasks; print how each compares with the committed one."""
    say = _say(as_json)
    tasks = TASKS.select(patterns)
    if save:
        for task in tasks:
            _require_folder(task)
    artifacts = Artifacts(Store(cache), progress.bar)
    trained = []
    for task in tasks:
        started = time.monotonic()
        stages = _one(task, seed, save, artifacts, say)
        seconds = time.monotonic() - started
        say(f"{task.name}: {seconds:.1f} s")
        trained.append({"task": task.name, "seconds": seconds, "stages": stages})
    if as_json:
        print(json.dumps(trained, indent=1, ensure_ascii=False))
    return Exit.OK


def _one(
    task: Task, seed: int | None, save: bool, artifacts: Artifacts, say: Say
) -> list[dict[str, Any]]:
    """Train a task, and return what is to be said of each stage."""
    said = []
    data = artifacts.dataset(task)
    if save and task.shipped and task.grid:
        # First: the checkpoints are looked for with the hash that stands there.
        evaluation.save(task.shipped, task.evaluation_of(data), task.grid)
        say(f"{task.name}: written: {task.shipped}")
    inputs = {**task.recipe_and_data(data.sha256), "code": task.code(), "seed": seed}
    unfinished = Unfinished(artifacts.store.root, task.name, inputs)
    trained: dict[str, Checkpoint] = {}
    for stage in STAGES:
        if task.checkpoints is None and seed is None:
            # Kept where the benchmarks look for it.
            found = artifacts.retrained(task, stage)
        else:
            found = unfinished.finished(stage) or _trained(
                task, stage, seed, data, trained.get("float32"), unfinished, say
            )
            unfinished.finish(stage, found)
        trained[stage] = found
        curves = ", ".join(f"{key} {value:.4g}" for key, value in found.final.items())
        compared = _compared(task, stage, found)
        say(f"{task.name} {stage}: {_length(found)}, {curves}")
        say(f"  {compared}")
        said.append(
            {
                "stage": stage,
                "epochs": found.provenance["epochs"],
                "kept_epoch": found.provenance.get("kept_epoch"),
                "final": dict(found.final),
                "sha256": found.sha256,
                "compared": compared,
            }
        )
    if save and task.checkpoints:
        for stage, found in trained.items():
            checkpoints.save(task.checkpoints, stage, found)
            say(f"  written: {task.checkpoints / stage}.npz")
    unfinished.clear()
    return said


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
    say: Say,
) -> Checkpoint:
    memory = unfinished.stage(stage)
    if (kept := memory.recall()) is not None:
        say(f"{task.name} {stage}: going on after {len(kept['curves'])} epochs")
    return apart.train(
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


def many(patterns: Sequence[str], count: int, save: bool, as_json: bool = False) -> int:
    """Train seeds 0 to count - 1 of each task at once and print the spread of their quality."""
    studies = []
    for task in TASKS.select(patterns):
        if save:
            _require_folder(task)
        studies.append({"task": task.name, **_study(task, count, save, _say(as_json))})
    if as_json:
        print(json.dumps(studies, indent=1, ensure_ascii=False))
    return Exit.OK


def _study(task: Task, count: int, save: bool, say: Say) -> Mapping[str, Any]:
    from tinybench.measurement import ensemble

    members = ensemble.train_seeds(task, range(count), progress.bar(f"{count} seeds", "epoch"))
    found = ensemble.study(task, members, progress.bar("convert and run int8", "seed"))
    say(table(found))
    if found["failed_above"] is not None:
        say(f"failed (float32 MSE above {found['failed_above']:g}): {found['failed']} of {count}")
    if save and task.checkpoints:
        path = task.checkpoints / SEEDS_FILE
        write_atomically(path, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())
        say(f"written: {path}")
    return found


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
