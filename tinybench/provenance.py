"""What a reader needs to trace a task's numbers: hashes, seeds, splits, bounds."""

from __future__ import annotations

from typing import Any

from tinybench import hashing, seeds
from tinybench.checkpoint import STAGES
from tinybench.pipeline import Pipeline
from tinybench.tasks import Task


def describe_task(pipeline: Pipeline, task: Task) -> dict[str, Any]:
    """The task's entry in a result document."""
    evaluation = pipeline.evaluation(task)
    card, samples = evaluation.card, evaluation.calibration
    definition = pipeline.checkpoint(task, "float32").provenance["definition"]
    return {
        "summary": task.summary,
        "data": {
            "sha256": card.sha256,
            "source": card.source,
            **{key: text for key in ("licence", "groups") if (text := getattr(card, key))},
            **card.counts,
        },
        "calibration": {
            "sha256": hashing.of_arrays({"x": samples}),
            "samples": len(samples),
            "split": "train",
        },
        "definition": {key: definition[key] for key in ("recipe", "architecture")},
        "checkpoints": {stage: _checkpoint(pipeline, task, stage) for stage in STAGES},
        "bounds": dict(task.bounds),
        **({"labels": list(task.labels)} if task.labels else {}),
        "published": dict(task.published),
        "seeds": seeds.load(task),
    }


def _checkpoint(pipeline: Pipeline, task: Task, stage: str) -> dict[str, Any]:
    checkpoint = pipeline.checkpoint(task, stage)
    kept = ("seed", "epochs", "versions")
    return {
        "sha256": checkpoint.sha256,
        **{key: checkpoint.provenance[key] for key in kept},
        "final": checkpoint.final,
    }
