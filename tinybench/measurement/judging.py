"""How good outputs are: every output of a task by its head, and every variant beside float32."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.console import worker
from tinybench.conversion.variants import VARIANTS
from tinybench.measurement.predictions import Predictions, rounding
from tinybench.metrics import METRICS, quality
from tinybench.metrics.heads import HALF, ZERO, End, Head, HeadError, Output, find
from tinybench.registry import UnknownNameError
from tinybench.results.record import Result
from tinybench.tasks import Evaluation, Split, Task
from tinybench.tflite.ports import outputs_of

Answers: TypeAlias = Mapping[str, Predictions]
"""What a model answers on each of its outputs, by name."""

LINEAR = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D", "BATCH_MATMUL", "ADD", "MEAN")
"""Operators whose numbers, where they end a model, are logits."""
ENDS: Mapping[str, End] = {
    "LOGISTIC": "sigmoid",
    "SOFTMAX": "softmax",
    **dict.fromkeys(LINEAR, "linear"),
}
PASSED = ("DEQUANTIZE", "QUANTIZE", "RESHAPE", "SQUEEZE")
"""Operators that change the form of numbers only."""


def suffix(output: str, answers: Mapping[str, object]) -> str:
    """What tells the metrics of one of several outputs apart."""
    return f"@{output}" if len(answers) > 1 else ""


def end_of(model: tflite.Model, output: tflite.Tensor) -> End:
    """What makes an output's numbers."""
    made_by = {index: one for one in model.operators for index in one.outputs}
    index = output.index
    while (operator := made_by.get(index)) and operator.name in PASSED:
        index = operator.inputs[0]
    return ENDS.get(operator.name, "") if operator else ""


def outputs(
    task: Task,
    evaluation: Evaluation,
    answers: Answers,
    model: tflite.Model,
    thresholds: Mapping[str, float],
) -> dict[str, Output]:
    """Each output with all that it can be judged by; HeadError for targets of no output.

    `thresholds` are those that were chosen on validation data.
    """
    test, heads = evaluation.test, task.head if isinstance(task.head, Mapping) else {}
    if strange := [name for name in heads if name not in answers]:
        raise HeadError(
            f"task {task.name!r}: a head is stated for {', '.join(strange)}, but the outputs are "
            f"{', '.join(answers)}"
        )
    targets, inputs = _targets(test, answers), test.inputs
    found = {}
    for (name, one), tensor in zip(answers.items(), outputs_of(model), strict=True):
        end = end_of(model, tensor)
        stated = task.threshold if isinstance(task.threshold, int | float) else None
        usual = ZERO if end == "linear" else HALF
        found[name] = Output(
            name,
            one.values,
            targets.get(name),
            test.truth if len(answers) == 1 else None,
            next(iter(inputs.values())) if len(inputs) == 1 else None,
            evaluation.labels,
            end,
            thresholds.get(name, usual if stated is None else float(stated)),
        )
    return found


def _targets(test: Split, answers: Answers) -> dict[str, NDArray[Any]]:
    targets = test.targets
    if len(targets) == len(answers) == 1:
        return dict(zip(answers, targets.values(), strict=True))
    if strange := [name for name in targets if name not in answers]:
        raise HeadError(
            f"the model's outputs are {', '.join(answers)}, but the data have targets "
            f"{', '.join(targets)}: give each target its output's name ({strange[0]} is none)"
        )
    return targets


def head_of(task: Task, output: Output) -> Head:
    """The head that the task states, or the one that fits; UnknownNameError for another name."""
    stated = task.head
    if isinstance(stated, Mapping):
        stated = stated.get(output.name)
    return find(output, stated)


def judge(task: Task, asked: Mapping[str, Output], found: Result) -> None:
    """Add how good outputs are: what their heads say, and the task's own metrics.

    Metrics of one of several outputs are called `metric@output`.
    """
    for name, output in asked.items():
        head, at = head_of(task, output), suffix(name, asked)
        known = output.targets is not None
        # Without labels, variants can still be compared by what they decide.
        judged = head.judge(output) if known or not head.decide else {}
        if known and head.table and len(asked) == 1:
            found.confusion = head.table(output).tolist()
        if known:
            judged |= _own(task, output, found)
        found.metrics |= {f"{key}{at}": value for key, value in judged.items()}


def _own(task: Task, output: Output, found: Result) -> dict[str, float]:
    """The user's metrics; one that raises is a problem of its own."""
    judged = {}
    for name in task.metrics:
        function = METRICS.get(name).of
        assert function is not None
        try:
            value = float(function(output.targets, output.values))
        except Exception as error:
            found.problems.append(f"metric {name}: {worker.foreign(error)}")
            continue
        if math.isfinite(value):
            judged[name] = value
        else:
            found.problems.append(f"metric {name} is {value} for output {output.name}")
    return judged


def beside_float32(
    task: Task, asked: Mapping[str, Output], expected: Mapping[str, Output], found: Result
) -> None:
    """Add how far outputs are from float32's."""
    for name, output in asked.items():
        head, at, plain = head_of(task, output), suffix(name, asked), expected[name]
        mean, _, largest = quality.errors(output.values, plain.values)
        judged = {"mse_vs_float32": mean, "max_vs_float32": largest}
        said, meant = (head.decide(one) if head.decide else None for one in (output, plain))
        if said is not None and meant is not None:
            same = np.equal(said, meant).reshape(len(output.values), -1)
            judged["agreement"] = float(np.mean(same.all(axis=1)))
        elif output.targets is None:
            spread = math.sqrt(_variance(plain.values)) or 1.0
            judged["relative_error"] = math.sqrt(mean) / spread
        found.metrics |= {f"{key}{at}": value for key, value in judged.items()}


def lost(
    task: Task,
    asked: Mapping[str, Output],
    metrics: Mapping[str, float],
    before: Mapping[str, float],
) -> Iterator[str]:
    """What a quantized variant lost against float32, whose metrics are `before`, that it may not.

    A share may fall by `task.loss_limit`, or by one sample; a mean squared error may rise by that
    part of the targets' variance, which is the fall of R²; outputs without labels may have that
    part of float32's variance as error.
    """
    limit = task.loss_limit
    for name, output in asked.items():
        at = suffix(name, asked)
        held_by = (*head_of(task, output).held_by, "agreement", "relative_error")
        held = [f"{one}{at}" for one in held_by]
        metric = next((one for one in held if one in metrics), None)
        if metric is None:
            continue
        value = metrics[metric]
        # A little more: 0.95 - 0.01 is no float.
        slack = max(limit, 1 / len(output.values)) + 1e-12
        if METRICS.get(metric).direction == "higher":
            plain = before.get(metric, 1.0)
            if not value >= plain - slack:
                yield (
                    f"{metric} {value:.4f} is more than {100 * limit:g} point below float32's "
                    f"{plain:.4f}"
                )
        elif metric.startswith("relative_error"):
            if not value <= math.sqrt(limit):
                most = f"at most {math.sqrt(limit):.3g} is allowed"
                yield f"{metric} is {value:.4g} of float32's standard deviation; {most}"
        elif problem := _worse(output, metric, value, before.get(metric, math.nan), limit):
            yield problem


def _worse(output: Output, metric: str, value: float, plain: float, limit: float) -> str:
    """Why an error is too large beside float32's, measured by how much the targets vary."""
    expected = output.targets
    if output.inputs is not None and (expected is None or expected.size != output.values.size):
        expected = output.inputs
    spread = 0.0 if expected is None else _variance(expected)
    if not spread or (value - plain) / spread <= limit:
        return ""
    return (
        f"{metric} {value:.4g} is above float32's {plain:.4g} by {(value - plain) / spread:.3g} of "
        f"the targets' variance; at most {limit:g} is allowed"
    )


def _variance(values: NDArray[Any]) -> float:
    """Of each number of a sample around its own mean, and the mean of these."""
    return float(np.mean(np.var(values, axis=0, dtype=np.float64)))


def bounds(task: Task, variant: str, metrics: Mapping[str, float]) -> list[str]:
    """Which bounds a variant misses: those that name it, and float32 those that name none."""
    found = []
    for key, bound in task.bounds.items():
        of, _, name = key.rpartition(":")
        if of:
            try:
                VARIANTS.select([of])
            except UnknownNameError as error:
                found.append(f"bound {key!r} of task {task.name}: {error}")
                continue
        if not (fnmatchcase(variant, of) if of else variant in ("float32", "file")):
            continue
        value = metrics.get(name, math.nan)
        if not METRICS.get(name).meets(value, bound):
            who = variant if of else "the float model"
            found.append(f"{who}'s {name} is {value:.4g}; its bound is {bound:g}")
    return found


def movement(answers: Answers, test: Split) -> float:
    """How far float sums may move any output on another processor."""
    targets = test.targets
    return max(rounding(one, targets.get(name)) for name, one in answers.items())
