"""Makes what figures and pages show of a task, while the run that measures it has the models.

Its parts go through the store: `prepare` makes those of a variant where the variant is measured,
in parallel, and `packed` puts them together without running anything again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench import environment, tflite
from tinybench.conversion.variants import VARIANTS
from tinybench.datasets.data import classes_of
from tinybench.measurement import layers
from tinybench.measurement.judging import head_of
from tinybench.results.illustration import Box, Curves, Illustration, Predictions, Probes, Samples
from tinybench.runtimes import REFERENCE_RUNTIME, RUNTIMES
from tinybench.storage.code import code_of
from tinybench.tasks.losses import called
from tinybench.tflite.layers import layers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.conversion.variants import Variant
    from tinybench.measurement.measure import Measurements
    from tinybench.tasks import Split, Task
    from tinybench.training.checkpoint import Checkpoint

PREDICTED = {
    "Keras": ("float32", "keras"),
    "TFLite": ("float32", REFERENCE_RUNTIME),
    "TFLite int8": ("int8", REFERENCE_RUNTIME),
}
JUDGED = ("float32", "int8")
POINTS = 150
"""Epochs that are kept of a curve, and the last."""
MISTAKES, MOST_SAMPLES, COLUMNS = 4, 24, 6
"""Samples that are shown in rows of so many, mistakes at the end."""
MOST_PAIRS = 6
"""Classes up to which two samples of each are shown."""
MAKING = ("tinybench.measurement", "tinybench.results.illustration", "tinybench.tflite")
"""The code that decides an illustration, beside the task's own."""


def prepare(bench: Measurements, task: Task, variant: Variant) -> None:
    """Make everything of a variant that takes a runtime or Keras, for the store to keep."""
    bench.artifacts.summary(task)
    if variant in layers.comparable([variant.name]):
        layers.errors(bench, task, variant)
    if task.probes:
        bench.artifacts.keras_outputs(task, _probes(task))
        bench.outputs(task, variant, RUNTIMES.get(REFERENCE_RUNTIME), _probes(task))


def packed(bench: Measurements, task: Task, files: Mapping[str, str]) -> bytes:
    """The illustration of these variants by their SHA-256, as a file; from the store if it can."""
    variants = [one for one in VARIANTS if one.name in files]
    stages = dict.fromkeys(["float32", *(one.stage for one in variants)])
    inputs = {
        "task": task.code(),
        "files": dict(files),
        "data": bench.artifacts.evaluation(task).card.sha256,
        "checkpoints": [bench.artifacts.checkpoint(task, stage).sha256 for stage in stages],
        "code": code_of(*MAKING),
        "versions": [environment.package_version(name) for name in ("ai-edge-litert", "numpy")],
        "machine": environment.machine(),
    }
    name = f"{task.name}-illustration"
    return bench.artifacts.store.get(
        name, inputs, "npz", lambda: illustrate(bench, task, variants).to_bytes()
    )


def illustrate(bench: Measurements, task: Task, variants: Sequence[Variant]) -> Illustration:
    """The illustration of a task with these variants of it."""
    names = [one.name for one in variants]
    plain, float32 = bench.artifacts.checkpoint(task, "float32"), VARIANTS.get("float32")
    model = bench.graph(task, float32)
    stages = dict.fromkeys(one.stage for one in variants)
    found: dict[str, Any] = {}
    head = _head(bench, task, variants)
    if head in ("classes", "binary"):
        found["samples"] = _samples(bench, task, names)
    elif head == "regression":
        found["splits"], found["truth"] = _splits(bench, task)
        found["predictions"] = _predictions(bench, task, names)
    if task.probes:
        found["probes"] = _probed(bench, task, variants)
    shown = [one for one in layers.comparable(names) if "float32" in names]
    return Illustration(
        files={one.name: bench.artifacts.artifact(task, one).sha256 for one in variants},
        data=bench.artifacts.evaluation(task).card.sha256,
        loss=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", called(task.recipe.loss)).lower(),
        summary=bench.artifacts.summary(task),
        inspection=tflite.describe(model),
        weights=tuple(
            (name, values.shape, _text(values, task)) for name, values in plain.weights.items()
        ),
        history=dict(plain.history),
        curves={stage: curves_of(bench.artifacts.checkpoint(task, stage)) for stage in stages},
        graph=tuple(Box(**asdict(one)) for one in layers_of(model)) if "float32" in names else (),
        layers={one.name: layers.errors(bench, task, one) for one in shown},
        **found,
    )


def _head(bench: Measurements, task: Task, variants: Sequence[Variant]) -> str:
    """The head of the only output of a model with one input; empty for others."""
    if not variants:
        return "classes" if task.labels else "regression"
    heads = list(bench.heads(task, variants[0]).values())
    single = len(bench.artifacts.evaluation(task).test.inputs) == 1
    return heads[0] if len(heads) == 1 and single else ""


def curves_of(checkpoint: Checkpoint) -> Curves:
    """Every k-th epoch and the last."""
    history = checkpoint.history
    length = max(map(len, history.values()), default=0)
    step = max(1, -(-length // POINTS))
    shown = sorted({*range(0, length, step), *([length - 1] if length else [])})
    at = np.array(shown, np.int32)
    return Curves(at + 1, {name: curve[at] for name, curve in history.items()})


def chosen_samples(true: NDArray[Any], predicted: Sequence[NDArray[Any]]) -> list[int]:
    """Samples worth a look: of each class the first that every model finds, then mistakes.

    Where only some models are wrong comes first. All are arrays of classes (N,).
    """
    wrong = np.stack([classes != true for classes in predicted])
    labels = np.unique(true)
    each = 2 if len(labels) <= MOST_PAIRS else 1
    right = [
        at
        for label in labels
        for at in _first((true == label) & ~np.logical_or.reduce(wrong), each)
    ]
    right = right[: MOST_SAMPLES - MISTAKES]
    room = -(-(len(right) + MISTAKES) // COLUMNS) * COLUMNS - len(right)
    by_all = np.logical_and.reduce(wrong)
    by_some = _first(np.logical_or.reduce(wrong) & ~by_all, room)
    return [*right, *by_some, *_first(by_all, room - len(by_some))]


def _first(which: NDArray[Any], count: int) -> list[int]:
    return [int(at) for at in np.flatnonzero(which)[:count]]


def _splits(
    bench: Measurements, task: Task
) -> tuple[dict[str, tuple[NDArray[Any], NDArray[Any]]], NDArray[Any] | None]:
    """Data of one number for one number, and the truth of all of them; nothing of others."""
    # Where only a part is shipped, the whole takes long to make.
    if task.shipped is not None:
        return {}, None
    named = bench.artifacts.dataset(task).splits()
    if not all(_is_flat(split) for split in named.values()):
        return {}, None
    truths = [split.truth for split in named.values() if split.truth is not None]
    truth = np.concatenate(truths).ravel() if len(truths) == len(named) else None
    return {name: (part.x.ravel(), part.y.ravel()) for name, part in named.items()}, truth


def _predictions(bench: Measurements, task: Task, names: Sequence[str]) -> Predictions | None:
    test = bench.artifacts.evaluation(task).test
    found = _outputs(bench, task, PREDICTED, names)
    return Predictions(test.x.ravel() if _is_flat(test) else None, test.y, found) if found else None


def _samples(bench: Measurements, task: Task, names: Sequence[str]) -> Samples | None:
    test = bench.artifacts.evaluation(task).test
    shown = [name for name in JUDGED if name in names]
    true, named = classes_of(test.y), {}
    for name in shown:
        variant = VARIANTS.get(name)
        given = bench.answers(task, variant, RUNTIMES.get(REFERENCE_RUNTIME))
        (output,) = bench.outputs_of(task, variant, given).values()
        decide = head_of(task, output).decide
        named[name] = np.asarray(decide(output) if decide else (), np.int64)
    if true is None or not named or any(one.shape != true.shape for one in named.values()):
        return None
    chosen = chosen_samples(true, list(named.values()))
    known = bench.artifacts.evaluation(task).labels

    def labels(of: NDArray[Any]) -> tuple[str, ...]:
        return tuple(known[of[at]] if known else str(of[at]) for at in chosen)

    answers = {model: labels(one) for model, one in named.items()}
    return Samples(task.modality, test.x[chosen], labels(true), answers)


def _outputs(
    bench: Measurements, task: Task, places: Mapping[str, tuple[str, str]], names: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """Outputs on the test split by name of (variant, runtime), of these variants."""
    return {
        name: bench.predictions(task, VARIANTS.get(variant), RUNTIMES.get(runtime)).values
        for name, (variant, runtime) in places.items()
        if variant in names
    }


def _probed(bench: Measurements, task: Task, variants: Sequence[Variant]) -> Probes:
    """Inputs of the task's choice, through Keras and every variant by LiteRT."""
    x, runtime = _probes(task), RUNTIMES.get(REFERENCE_RUNTIME)
    found = {"Keras": next(iter(bench.artifacts.keras_outputs(task, x).values()))}
    for variant in variants:
        found[variant.name] = bench.outputs(task, variant, runtime, x).values
    trained = bench.artifacts.dataset(task).train.x
    return Probes(x, found, (float(np.min(trained)), float(np.max(trained))))


def _probes(task: Task) -> NDArray[np.float32]:
    return np.array(task.probes, np.float32)[:, None]


def _text(values: NDArray[Any], task: Task) -> str:
    """Every weight of the tutorials' small nets; of classifiers only the ends of large arrays."""
    threshold = 100 if task.labels else 1000
    return np.array2string(values, precision=6, threshold=threshold, max_line_width=100)


def _is_flat(split: Split) -> bool:
    arrays = (split.x, split.y)
    return all(isinstance(one, np.ndarray) and one.shape[1:] == (1,) for one in arrays)
