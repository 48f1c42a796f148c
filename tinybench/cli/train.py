"""`tinybench train`: make a task's checkpoints again, or train many seeds of it."""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tabulate import tabulate

from tinybench.artifacts import Artifacts, apart
from tinybench.artifacts.seeds import SEEDS_FILE
from tinybench.cli import options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.cli.streams import Say, teller
from tinybench.console import progress
from tinybench.console.arguments import percentage
from tinybench.datasets import evaluation
from tinybench.errors import NotAvailableError
from tinybench.storage.store import Store, write_atomically
from tinybench.tasks import TASKS, Dataset, Task
from tinybench.training import checkpoint as checkpoints
from tinybench.training.checkpoint import STAGES, Checkpoint, CheckpointError, NoCheckpointError
from tinybench.training.unfinished import Unfinished

TOLERANCE = 0.05


class Compared(NamedTuple):
    """How a trained checkpoint compares with the committed one: `difference` is of val_loss."""

    text: str
    difference: float = math.inf


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Train the float32 model of a task, then its float control and its quantization-aware "
        "edition, and say whether they equal the committed checkpoints. An interrupted training "
        "goes on where it was when it is started again. A task of your own has committed "
        "checkpoints once it has Task(checkpoints=FOLDER) and --save has written them."
    )
    parser.epilog = examples(
        "train sine-16x16",
        "train 'sine-*' keyword",
        "train sine-16x16 --seeds 100",
        "train keyword --data keyword=recordings --labels keyword=fire,anna",
        status="1 --check found a difference; 2 error",
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
    parser.add_argument(
        "--check",
        action="store_true",
        help="Fail if a stage differs from its committed checkpoint by more than --tolerance",
    )
    parser.add_argument(
        "--tolerance",
        type=percentage,
        default=TOLERANCE,
        metavar="PERCENT",
        help=f"What part of val_loss may differ with --check (default: {TOLERANCE:.0%}); on the "
        "processor that trained them, nothing does".replace("%", "%%"),
    )
    options.add_json(parser)
    options.add_data(parser)
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    if given.check and (given.save or given.seeds):
        raise CheckpointError(
            "--check compares with the committed checkpoints: give it without --save and --seeds"
        )
    if given.seeds:
        return many(given.task, given.seeds, given.save, given.json)
    limit = given.tolerance if given.check else None
    return run(given.task, given.seed, given.save, given.cache, given.json, limit)


def run(
    patterns: Sequence[str],
    seed: int | None,
    save: bool,
    cache: Path,
    as_json: bool = False,
    limit: float | None = None,
) -> int:
    """Train every stage of these tasks; print how each compares with the committed one.

    With a `limit`, 1 if the val_loss of any stage differs by a larger part.
    """
    say = teller(as_json)
    tasks = _trainable(patterns, say)
    if save or limit is not None:
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
    return Exit.FAILED if limit is not None and _differ(trained, limit, say) else Exit.OK


def _differ(trained: Sequence[Mapping[str, Any]], limit: float, say: Say) -> bool:
    """Whether any stage differs too much; says which."""
    wrong = [
        f"{one['task']} {stage['stage']}"
        for one in trained
        for stage in one["stages"]
        # Also true where the loss is NaN, or could not be compared.
        if stage["difference"] is None or not stage["difference"] <= limit
    ]
    if wrong:
        say(
            f"not the committed checkpoints within {limit:.2%} of val_loss: {', '.join(wrong)}; "
            "if that is meant to be, write them with --save"
        )
    return bool(wrong)


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
    for stage in (one for one in STAGES if not task.missing(one)):
        try:
            if task.checkpoints is None and seed is None:
                # Kept where the benchmarks look for it.
                found = artifacts.retrained(task, stage)
            else:
                found = unfinished.finished(stage) or _trained(
                    task, stage, seed, data, trained.get("float32"), unfinished, say
                )
                unfinished.finish(stage, found)
        except NotAvailableError as reason:
            say(f"{task.name} {stage}: not available: {reason}")
            continue
        trained[stage] = found
        curves = ", ".join(f"{key} {value:.4g}" for key, value in found.final.items())
        compared = _compared(task, stage, found)
        say(f"{task.name} {stage}: {_length(found)}, {curves}")
        say(f"  {compared.text}")
        said.append(
            {
                "stage": stage,
                "epochs": found.provenance["epochs"],
                "kept_epoch": found.provenance.get("kept_epoch"),
                "final": dict(found.final),
                "sha256": found.sha256,
                "compared": compared.text,
                "difference": compared.difference if math.isfinite(compared.difference) else None,
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


def _compared(task: Task, stage: str, found: Checkpoint) -> Compared:
    if task.checkpoints is None:
        return Compared("no committed checkpoint to compare with")
    if not (task.checkpoints / f"{stage}.npz").exists():
        return Compared("no committed checkpoint to compare with; --save writes one")
    committed = checkpoints.load(task.checkpoints, stage, task.name)
    if committed.sha256 == found.sha256:
        text = f"equal to the committed checkpoint, bit for bit ({found.sha256[:16]})"
        return Compared(text, 0.0)
    pairs = list(zip(committed.weights.values(), found.weights.values(), strict=False))
    if [a.shape for a, _ in pairs] != [b.shape for _, b in pairs]:
        return Compared("differs from the committed checkpoint: other shapes")
    largest = max(float(np.max(np.abs(a - b))) for a, b in pairs)
    before, after = (float(each.final["val_loss"]) for each in (committed, found))
    part = (after - before) / abs(before) if before else math.inf
    return Compared(
        f"differs from the committed checkpoint: weights by up to {largest:.3g}, "
        f"val_loss {before:.6g} → {after:.6g} ({part:+.2%})",
        abs(part),
    )


def many(patterns: Sequence[str], count: int, save: bool, as_json: bool = False) -> int:
    """Train seeds 0 to count - 1 of each task at once and print the spread of their quality."""
    studies = []
    for task in _trainable(patterns, teller(as_json), seeds=True):
        if save:
            _require_folder(task)
        studies.append({"task": task.name, **_study(task, count, save, teller(as_json))})
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


def _trainable(patterns: Sequence[str], say: Say, *, seeds: bool = False) -> list[Task]:
    """The selected tasks that anything is trained of: with `seeds` from the first weights on."""
    found = []
    for task in TASKS.select(patterns):
        if task.is_trained or not (seeds or task.missing("qat")):
            found.append(task)
        else:
            what = "it is a .tflite" if task.is_file else "its model came with its weights"
            say(f"{task.name}: nothing is trained: {what}")
    return found


def _require_folder(task: Task) -> None:
    if task.checkpoints is None:
        raise NoCheckpointError(
            f"task {task.name!r} has no folder of committed checkpoints; set "
            f"Task(checkpoints=Path(__file__).parent / 'checkpoints' / {task.name!r}), and "
            f"write them: tinybench train {task.name} --save"
        )
