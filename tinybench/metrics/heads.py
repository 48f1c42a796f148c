"""How an output of a task is judged: by its head, the first that fits where nobody states one.

| targets | output | head |
|---|---|---|
| none | any | `none` |
| one-hot, or class numbers | a score for each class | `classes` |
| two classes, one a sample; as floats only with labels or a sigmoid | one number | `binary` |
| the input itself; or two classes (normal, anomaly) | the input's shape | `reconstruction` |
| rows of zeros and ones; with labels or a sigmoid | as many numbers | `multi-label` |
| numbers | as many numbers | `regression` |

Every head gives numbers, and says by which of them a quantized variant is held against float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import classes_of
from tinybench.errors import TinybenchError
from tinybench.metrics import quality
from tinybench.registry import Registry

End: TypeAlias = Literal["softmax", "sigmoid", "linear", ""]
"""What makes an output's numbers; empty for what is none of them."""

MOST_NUMBERED = 20
"""Classes without labels are called by their numbers if there are no more than so many."""
HALF, ZERO = 0.5, 0.0
"""What a probability, and a logit, must exceed to mean yes."""


class HeadError(TinybenchError, ValueError):
    """Targets that an output cannot be judged by."""

    page = "no-head"


@dataclass(frozen=True, slots=True)
class Output:
    """One output on the test split: `values` (N, *shape), with all that is known to judge it by.

    `targets` are None where there are no labels; `truth` is the noise-free target; `inputs` are
    those of the only input. `threshold` is what a score must exceed to mean yes.
    """

    name: str
    values: NDArray[Any]
    targets: NDArray[Any] | None = None
    truth: NDArray[Any] | None = None
    inputs: NDArray[Any] | None = None
    labels: tuple[str, ...] = ()
    end: End = ""
    threshold: float = HALF

    @property
    def size(self) -> int:
        """Numbers a sample."""
        return self.values[:1].size

    @property
    def numbers(self) -> NDArray[Any]:
        """The targets in the shape of the values; HeadError if there are more or fewer."""
        if self.targets is None or self.targets.size != self.values.size:
            raise HeadError(_unfit(self))
        return self.targets.reshape(self.values.shape)


Judge: TypeAlias = Callable[[Output], dict[str, float]]
Decide: TypeAlias = Callable[[Output], NDArray[Any] | None]


@dataclass(frozen=True, slots=True)
class Head:
    """A way to judge an output: `judge` gives its metrics.

    `fits` tells whether it is the one for an output that nobody stated one for. `decide` gives what
    the output says of each sample (N,) or (N, labels), of which variants can agree; None for
    numbers. `held_by` are the metrics, the first that is there, that a quantized variant may lose
    `Task.loss_limit` of; `mse` counts as a part of the targets' variance. Where none is there it is
    held by its agreement with float32, or its error relative to that. `table` gives counts
    (classes, classes), of the true class and of the one found.
    """

    name: str
    summary: str
    judge: Judge
    fits: Callable[[Output], bool] = lambda output: False
    decide: Decide | None = None
    held_by: tuple[str, ...] = ("mse",)
    table: Callable[[Output], NDArray[np.int64]] | None = None


def find(output: Output, stated: str | None) -> Head:
    """The head that is stated, or the first that fits; HeadError if none does."""
    if stated is not None:
        return HEADS.get(stated)
    for head in HEADS:
        if head.fits(output):
            return head
    raise HeadError(_unfit(output))


def names_of(output: Output, count: int) -> tuple[str, ...]:
    """The classes' labels: those of the task if there are as many, or their numbers if few."""
    if len(output.labels) == count:
        return output.labels
    return tuple(map(str, range(count))) if count <= MOST_NUMBERED else ()


def best_threshold(scores: NDArray[Any], positive: NDArray[np.bool_]) -> float:
    """Where the mean of both classes' recalls is largest: the middle of all such cuts.

    `scores` and `positive` have shape (N,). HeadError where one of the classes is missing.
    """
    if positive.all() or not positive.any():
        raise HeadError("the validation split has one class only: no threshold can be chosen by it")
    steps = np.unique(scores.astype(np.float64))
    if len(steps) == 1:
        return float(steps[0])
    cuts = (steps[1:] + steps[:-1]) / 2
    yes, no = np.sort(scores[positive]), np.sort(scores[~positive])
    found = 1 - np.searchsorted(yes, cuts) / len(yes) + np.searchsorted(no, cuts) / len(no)
    best = cuts[found == found.max()]
    return float(best[len(best) // 2])


def _unfit(output: Output) -> str:
    wide, targets = output.values.shape[1:], output.targets
    given = "no targets" if targets is None else f"targets {targets.shape[1:]} a sample"
    labels = f" and {len(output.labels)} labels" if output.labels else ""
    return (
        f"output {output.name} has {wide} numbers a sample, the data {given}{labels}: no head fits;"
        f" state one of {', '.join(head.name for head in HEADS)}: Task(..., head=...)"
    )


def _true_classes(output: Output) -> NDArray[np.int64]:
    """Class numbers (M,): of each sample, or of each of its steps where an output has several."""
    targets, count = output.targets, output.values.shape[-1]
    if targets is None:
        raise HeadError(_unfit(output))
    if targets.size == output.values.size and count > 1:
        return quality.classes(targets.reshape(-1, count))
    if targets.size * count != output.values.size:
        raise HeadError(_unfit(output))
    found: NDArray[np.int64] = targets.reshape(-1).astype(np.int64)
    if found.size and not 0 <= found.min() <= found.max() < count:
        raise HeadError(
            f"output {output.name} has {count} scores, but the targets are classes {found.min()} "
            f"to {found.max()}"
        )
    return found


def _are_classes(output: Output) -> bool:
    if output.targets is None or output.size < 2 or not _whole(output.targets):
        return False
    count = output.values.shape[-1]
    found = classes_of(output.targets)
    if found is None:
        # Classes of the steps of a sequence; as numbers that are floats they need labels.
        steps = output.targets.size * count == output.values.size and count > 1
        return steps and (output.targets.dtype.kind in "iub" or len(output.labels) == count)
    if output.targets.size == output.values.size:
        return True
    if output.size != count or len(output.labels) not in (0, count):
        return False
    # Normal or not, beside an autoencoder's output, are two classes and more than two numbers.
    return not (_is_input(output) and count > 2 and not output.labels and found.max() < 2)


def _decided(output: Output) -> NDArray[np.int64]:
    return quality.classes(output.values.reshape(-1, output.values.shape[-1]))


def _judge_classes(output: Output) -> dict[str, float]:
    count = output.values.shape[-1]
    scores, true = output.values.reshape(-1, count), _true_classes(output)
    found = quality.shares(_table_of_classes(output), names_of(output, count))
    if count == 2 and len(np.unique(true)) == 2:
        found["auc"] = quality.area_under_curve(scores[:, 1] - scores[:, 0], true == 1)
    return found


def _table_of_classes(output: Output) -> NDArray[np.int64]:
    return quality.confusion(_decided(output), _true_classes(output), output.values.shape[-1])


def _positive(output: Output) -> NDArray[np.bool_]:
    """Which samples (N,) are of the second class."""
    found = None if output.targets is None else classes_of(output.targets)
    if found is None or len(found) != len(output.values) or not np.isin(found, (0, 1)).all():
        raise HeadError(
            f"output {output.name}: a binary head needs targets of two classes, 0 and 1, one a "
            "sample"
        )
    return found > 0


def _is_binary(output: Output) -> bool:
    targets = output.targets
    if targets is None or output.size != 1:
        return False
    found = classes_of(targets)
    if found is None or not np.isin(found, (0, 1)).all():
        return False
    return targets.dtype != np.float32 or bool(output.labels) or output.end == "sigmoid"


def _said_yes(output: Output) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = output.values.reshape(len(output.values), -1) > output.threshold
    return found[:, 0] if found.shape[1] == 1 else found


def _judge_binary(output: Output) -> dict[str, float]:
    truth, scores = _positive(output), output.values.reshape(len(output.values))
    found = quality.shares(_table_of_binary(output), names_of(output, 2))
    found |= quality.detection(_said_yes(output)[:, None], truth[:, None])
    if truth.any() and not truth.all():
        found["auc"] = quality.area_under_curve(scores, truth)
    return {**found, "threshold": output.threshold}


def _table_of_binary(output: Output) -> NDArray[np.int64]:
    return quality.confusion(
        _said_yes(output).astype(np.int64), _positive(output).astype(np.int64), 2
    )


def _has_labels(output: Output) -> bool:
    targets = output.targets
    if targets is None or targets.shape != output.values.shape or targets.ndim != 2:
        return False
    told = len(output.labels) == output.size or output.end == "sigmoid"
    return told and bool(np.isin(targets, (0, 1)).all())


def _judge_labels(output: Output) -> dict[str, float]:
    """A sample is right if all of its labels are; the others are means over the labels."""
    said, truth = _said_yes(output), output.numbers > HALF
    said = said.reshape(len(said), -1)
    truth = truth.reshape(said.shape)
    right, total = int((said == truth).all(axis=1).sum()), len(said)
    low, high = quality.interval(right, total)
    found = {"accuracy": right / total, "accuracy_low": low, "accuracy_high": high}
    for label, yes, real in zip(names_of(output, output.size), said.T, truth.T, strict=False):
        if real.any():
            found[f"recall_{label}"] = float(yes[real].mean())
    return {**found, **quality.detection(said, truth), "threshold": output.threshold}


def _judge_numbers(output: Output) -> dict[str, float]:
    truth = None if output.truth is None else output.truth.reshape(output.values.shape)
    return quality.regression(output.values, output.numbers, truth)


def _is_input(output: Output) -> bool:
    return output.inputs is not None and output.inputs.shape == output.values.shape


def _is_reconstruction(output: Output) -> bool:
    targets, inputs = output.targets, output.inputs
    if targets is None or inputs is None or not _is_input(output) or output.size < 2:
        return False
    if targets.shape == inputs.shape:
        return bool(np.array_equal(targets, inputs))
    found = classes_of(targets)
    return found is not None and len(targets) == targets.size and bool(np.isin(found, (0, 1)).all())


def _judge_reconstruction(output: Output) -> dict[str, float]:
    """Errors are of the normal samples, where the targets say which those are."""
    if output.inputs is None or not _is_input(output):
        raise HeadError(
            f"output {output.name} has {output.values.shape[1:]} numbers a sample; to be a "
            "reconstruction it must have the shape of the only input"
        )
    values, inputs = output.values, output.inputs
    if output.targets is None or output.targets.shape == inputs.shape:
        return quality.regression(values, inputs)
    odd = _positive(output)
    found = quality.regression(values[~odd], inputs[~odd]) if not odd.all() else {}
    error = np.mean((values.astype(np.float64) - inputs).reshape(len(values), -1) ** 2, axis=1)
    if odd.any() and not odd.all():
        found["auc"] = quality.area_under_curve(error, odd)
    return found


def _decide_unlabelled(output: Output) -> NDArray[Any] | None:
    if output.end == "sigmoid":
        return _said_yes(output)
    if output.end == "softmax" or len(output.labels) == output.values.shape[-1] > 1:
        return _decided(output)
    return None


def _whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "iub" or bool((values == np.rint(values)).all())


def _builtin() -> Iterable[Head]:
    return [
        Head(
            "none",
            "No labels: agreement with float32, or the error relative to it",
            lambda output: {},
            lambda output: output.targets is None,
            _decide_unlabelled,
            (),
        ),
        Head(
            "classes",
            "The class of the largest score",
            _judge_classes,
            _are_classes,
            _decided,
            ("accuracy",),
            _table_of_classes,
        ),
        Head(
            "binary",
            "Yes where the only score exceeds the threshold",
            _judge_binary,
            _is_binary,
            _said_yes,
            ("accuracy",),
            _table_of_binary,
        ),
        Head(
            "reconstruction",
            "The input, given back; its error tells normal samples from others",
            _judge_reconstruction,
            _is_reconstruction,
            held_by=("auc", "mse"),
        ),
        Head(
            "multi-label",
            "Yes for each score that exceeds the threshold",
            _judge_labels,
            _has_labels,
            _said_yes,
            ("accuracy",),
        ),
        Head(
            "regression",
            "Numbers",
            _judge_numbers,
            lambda output: output.targets is not None and output.targets.size == output.values.size,
        ),
    ]


HEADS: Registry[Head] = Registry("head", builtin=_builtin)
