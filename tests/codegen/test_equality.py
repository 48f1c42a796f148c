"""Generated C gives TensorFlow Lite Micro's bytes, on three processors and on this computer.

Every family of `batch.NAMES` is sampled, built in batches and compared with the runtime. For a
long run, `TINYBENCH_MODELS` is the number of models over all families and `TINYBENCH_SEED` tells
which ones:

    TINYBENCH_MODELS=5000 TINYBENCH_SEED=1 pytest tests/codegen/test_equality.py
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from tinybench import tflite
from tinybench.artifacts import Artifacts
from tinybench.codegen import generate
from tinybench.conversion.variants import VARIANTS, Variant
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Task
from tinybench.tflite.quantize import quantize

from .batch import NAMES, Example, drawn
from .machines import MACHINES, differing
from .oracle import Oracle

pytestmark = pytest.mark.slow

MODELS = int(os.environ.get("TINYBENCH_MODELS", "300"))
SEED = int(os.environ.get("TINYBENCH_SEED", "0"))
PER_FAMILY = -(-MODELS // len(NAMES))

GROUPS = [NAMES[start : start + 10] for start in range(0, len(NAMES), 10)]

REFUSED: dict[str, str] = {}
"""Families of which the generator takes no model, with the reason."""


@pytest.mark.parametrize("families", GROUPS, ids=[f"{group[0]} to {group[-1]}" for group in GROUPS])
@pytest.mark.parametrize("machine", MACHINES)
def test_small_models_give_the_runtimes_bytes(
    machine: str, families: tuple[str, ...], tmp_path: Path, store: Store
) -> None:
    """Exponentials and their like in float32 come within `batch.UNITS`, the rest exactly."""
    examples, _ = drawn(families, PER_FAMILY, SEED)

    found = differing(machine, examples, tmp_path, store)

    assert not found, f"{len(found)} of {len(examples)} differ:\n" + "\n".join(found)


@pytest.mark.parametrize("families", GROUPS, ids=[f"{group[0]} to {group[-1]}" for group in GROUPS])
def test_generator_takes_what_the_runtime_takes(families: tuple[str, ...]) -> None:
    """No family passes because its models are refused, by the generator or by the runtime."""
    examples, refusals = drawn(families, PER_FAMILY, SEED)
    compared = {example.name.partition(" ")[0] for example in examples}
    counts = Counter(refusal.family for refusal in refusals if not refusal.by_runtime)

    lines = [f"{r.name}: {r.reason}" for r in refusals if r.family not in REFUSED]
    assert not lines, "\n".join(lines)
    assert compared == set(families).difference(REFUSED)
    assert counts == {family: PER_FAMILY for family in REFUSED if family in families}


@pytest.fixture(scope="session")
def tasks(store: Store) -> list[Example]:
    """The regressions' files for devices, each with its whole test split.

    The classifiers' nets are in `test_networks`; their files run in the benchmarks.
    """
    artifacts = Artifacts(store)
    small = [task for task in TASKS if not task.labels]
    made = [one for one in VARIANTS if one.device and one.default]
    pairs = [(task, variant) for task in small for variant in made]
    # One process converts, so that only one needs TensorFlow.
    with FileLock(store.root / "locks" / "tasks.lock"):
        for pair in pairs:
            artifacts.artifact(*pair)
    return [_example(*pair, artifacts, f"m{number}") for number, pair in enumerate(pairs)]


def _example(task: Task, variant: Variant, artifacts: Artifacts, prefix: str) -> Example:
    data = artifacts.artifact(task, variant).data
    model = tflite.read(data)
    source = model.tensors[model.inputs[0]]
    x = np.asarray(artifacts.evaluation(task).test.x, np.float32)
    if source.quantization is not None:
        scale, zero_point = source.quantization.scales[0], source.quantization.zero_points[0]
        x, _ = quantize(x, scale, zero_point, source.dtype)
    inputs = tuple((row[None],) for row in x)
    oracle = Oracle(data, len(model.outputs))
    answers = tuple(oracle(row) for row in inputs)
    name = f"{task.name} {variant.name}"
    return Example(name, generate(data, prefix).program, inputs, answers)


@pytest.mark.parametrize("machine", MACHINES)
def test_tasks_give_the_runtimes_bytes_on_their_whole_test_split(
    machine: str, tasks: list[Example], tmp_path: Path, store: Store
) -> None:
    """Every variant that is meant for devices, int8 or not."""
    found = differing(machine, tasks, tmp_path, store)

    assert {"sine-8 int8", "linear qat-int8"} <= {example.name for example in tasks}
    assert not found, "\n".join(found)
