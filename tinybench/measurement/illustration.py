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
from tinybench.conversion.variants import FILE, VARIANTS
from tinybench.datasets.data import classes_of
from tinybench.datasets.features import CHANNELS, FRAMES
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
    "TFLite file": (FILE, REFERENCE_RUNTIME),
}
FLOAT32 = "float32"
JUDGED = (FLOAT32, "int8", FILE)
POINTS = 150
"""Epochs that are kept of a curve, and the last."""
MISTAKES, MOST_SAMPLES, COLUMNS = 4, 24, 6
"""Samples that are shown in rows of so many, mistakes at the end."""
BRIGHT = 2.0
"""Pixels above this are bytes as real numbers."""
MOST_PAIRS = 6
"""Classes up to which two samples of each are shown."""
MAKING = ("tinybench.measurement", "tinybench.results.illustration", "tinybench.tflite")
"""The code that decides an illustration, beside the task's own."""


def prepare(bench: Measurements, task: Task, variant: Variant) -> None:
    """Make everything of a variant that takes a runtime or Keras, for the store to keep."""
    if not task.is_file:
        bench.artifacts.summary(task)
    if variant in layers.comparable([variant.name]):
        layers.errors(bench, task, variant)
    if task.probes:
        bench.artifacts.keras_outputs(task, _probes(task))
        bench.outputs(task, variant, RUNTIMES.get(REFERENCE_RUNTIME), _probes(task))


def packed(bench: Measurements, task: Task, files: Mapping[str, str]) -> bytes:
    """The illustration of these variants by their SHA-256, as a file; from the store if it can."""
    variants = [one for one in VARIANTS if one.name in files]
    inputs = {
        "task": task.code(),
        "files": dict(files),
        "data": bench.artifacts.evaluation(task).card.sha256,
        "checkpoints": [one.sha256 for one in _checkpoints(bench, task, variants).values()],
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
    stages = _checkpoints(bench, task, variants)
    plain = stages.get(FLOAT32)
    model = bench.graph(task, VARIANTS.get(FILE if task.is_file else FLOAT32))
    found: dict[str, Any] = {}
    head = _head(bench, task, variants)
    if head in ("classes", "binary"):
        found["samples"] = _samples(bench, task, names)
    elif head == "regression":
        found["splits"], found["truth"] = _splits(bench, task)
        found["predictions"] = _predictions(bench, task, names)
    if task.probes:
        found["probes"] = _probed(bench, task, variants)
    has_plain = FLOAT32 in names
    shown = [one for one in layers.comparable(names) if has_plain]
    return Illustration(
        files={one.name: bench.artifacts.artifact(task, one).sha256 for one in variants},
        data=bench.artifacts.evaluation(task).card.sha256,
        loss=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", called(task.recipe.loss)).lower(),
        summary=bench.artifacts.summary(task) if plain else "",
        inspection=tflite.describe(model),
        weights=tuple(
            (name, values.shape, _text(values, task))
            for name, values in (plain.weights.items() if plain else ())
        ),
        history=dict(plain.history) if plain else {},
        # One that came with its model has none.
        curves={
            one.stage: curves_of(stages[one.stage])
            for one in variants
            if one.stage in stages and stages[one.stage].history
        },
        graph=tuple(Box(**asdict(one)) for one in layers_of(model))
        if has_plain or task.is_file
        else (),
        layers={one.name: layers.errors(bench, task, one) for one in shown},
        **found,
    )


def _checkpoints(
    bench: Measurements, task: Task, variants: Sequence[Variant]
) -> dict[str, Checkpoint]:
    """The weights of float32 and of these variants by their stage; a `.tflite` has none."""
    if task.is_file:
        return {}
    stages = dict.fromkeys([FLOAT32, *(one.stage for one in variants)])
    return {stage: bench.artifacts.checkpoint(task, stage) for stage in stages}


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
    return Samples(*drawn_as(task, test.x[chosen]), labels(true), answers)


def drawn_as(task: Task, x: NDArray[Any]) -> tuple[str, NDArray[Any]]:
    """What samples are, if the task does not say it, and how they are drawn: pixels from 0 to 1."""
    kind: str = task.modality
    if kind == "number" and x.ndim == 4 and x.shape[-1] in (1, 3):
        kind = "audio" if x.shape[1:3] == (FRAMES, CHANNELS) else "image"
    if kind != "image" or not x.size:
        return kind, x
    low, high = float(x.min()), float(x.max())
    if x.dtype.kind == "u" or high > BRIGHT:
        return kind, x.astype(np.float32) / np.float32(255)
    return kind, (x + np.float32(1)) / np.float32(2) if low < 0 else x


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
    """Every weight of the tutorials' small nets; of others only the ends of large arrays."""
    threshold = 1000 if task.is_trained and not task.labels else 100
    return np.array2string(values, precision=6, threshold=threshold, max_line_width=100)


def _is_flat(split: Split) -> bool:
    arrays = (split.x, split.y)
    return all(isinstance(one, np.ndarray) and one.shape[1:] == (1,) for one in arrays)
