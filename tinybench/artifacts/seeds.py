"""The committed study of many seeds of a task: how much one trained result is worth."""

from __future__ import annotations

import json
from typing import Any

from tinybench.tasks import Task
from tinybench.training.checkpoint import CheckpointError, OtherArchitectureError

SEEDS_FILE = "seeds.json"


def load(task: Task) -> dict[str, Any] | None:
    """The study beside the task's checkpoints, or None; CheckpointError if it is out of date."""
    if task.checkpoints is None or not (path := task.checkpoints / SEEDS_FILE).exists():
        return None
    remedy = f"make it again: tinybench train {task.name} --seeds 100 --save"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path} is not JSON ({error}); {remedy}") from None
    if not isinstance(found, dict) or found.get("recipe") != task.recipe.deciding():
        raise OtherArchitectureError(f"{path} was made with another recipe; {remedy}")
    return found
