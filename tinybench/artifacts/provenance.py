"""What a reader needs to trace numbers: where a run ran; a task's hashes, seeds and bounds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tinybench import environment
from tinybench.artifacts import Artifacts, seeds
from tinybench.boards.build import built_with
from tinybench.datasets.data import INPUT, by_name, hash_of
from tinybench.datasets.evaluation import FIRST
from tinybench.errors import TinybenchError
from tinybench.tasks import Task
from tinybench.training.checkpoint import STAGES


def describe_run(artifacts: Artifacts, root: Path) -> dict[str, Any]:
    """Where and with what a run measures: the document's `environment`."""
    return {
        "machine": environment.machine(),
        "versions": artifacts.versions(),
        "toolchain": built_with(),
        "git": environment.commit(root),
    }


def describe_task(
    artifacts: Artifacts, task: Task, stages: Iterable[str] = STAGES
) -> dict[str, Any]:
    """The task's entry in a result document; of its checkpoints, those of these stages."""
    evaluation = artifacts.evaluation(task)
    card, samples = evaluation.card, evaluation.calibration
    return {
        "summary": task.summary,
        "data": {
            "sha256": card.sha256,
            "source": card.source,
            **{key: text for key in ("licence", "groups") if (text := getattr(card, key))},
            **card.counts,
        },
        "calibration": {
            "sha256": hash_of(samples),
            "samples": len(next(iter(by_name(samples, INPUT).values()))),
            "split": "train",
            **({} if evaluation.draw == FIRST else {"draw": evaluation.draw}),
        },
        **_model(artifacts, task, stages),
        "bounds": dict(task.bounds),
        **({"labels": list(evaluation.labels)} if evaluation.labels else {}),
        "published": dict(task.published),
        "seeds": seeds.load(task),
    }


def _model(artifacts: Artifacts, task: Task, stages: Iterable[str]) -> dict[str, Any]:
    """What decides the weights: a recipe and an architecture, or a file."""
    model = {} if task.model is None else {"model": {"sha256": task.model.sha256}}
    if task.is_file:
        return model
    definition = artifacts.checkpoint(task, "float32").provenance["definition"]
    return {
        **model,
        "definition": {key: definition[key] for key in ("recipe", "architecture")},
        "checkpoints": dict(_checkpoints(artifacts, task, stages)),
    }


def _checkpoints(
    artifacts: Artifacts, task: Task, stages: Iterable[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is told of the stages that there are; one that could not be made has its own row."""
    for stage in STAGES:
        if stage in stages and not task.missing(stage):
            with contextlib.suppress(TinybenchError):
                yield stage, _checkpoint(artifacts, task, stage)


def _checkpoint(artifacts: Artifacts, task: Task, stage: str) -> dict[str, Any]:
    checkpoint = artifacts.checkpoint(task, stage)
    kept = ("seed", "epochs", "versions")
    return {
        "sha256": checkpoint.sha256,
        **{key: checkpoint.provenance[key] for key in kept},
        "final": checkpoint.final,
    }
