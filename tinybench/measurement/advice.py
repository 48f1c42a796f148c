"""Advice: a cause of trouble that is known, how it is found, and what to do about it.

Each has a name, and docs/help a page of that name. What the file alone tells is found for any
`.tflite`; the rest needs data, and says nothing where there are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.conversion.variants import VARIANTS
from tinybench.errors import TinybenchError
from tinybench.measurement.inner import most_values
from tinybench.registry import Registry
from tinybench.results.record import ADVICE, HOST_ONLY, Note
from tinybench.runtimes import REFERENCE_RUNTIME, RUNTIMES, Runtime
from tinybench.tflite import advice as files
from tinybench.tflite.ports import plain_name

if TYPE_CHECKING:
    from tinybench.artifacts import Artifacts
    from tinybench.conversion.variants import Variant
    from tinybench.measurement.predictions import Predictions
    from tinybench.results.record import Result
    from tinybench.tasks import Task
    from tinybench.tflite.model import Model, Tensor

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

CLIPPED = 0.01
"""The share of clipped values from which on it is told: another draw has a few beyond its ends."""
SHORT = 0.05
"""By how much of the targets' span an output may end before them."""
SEEN = 10
"""A class that a calibration set of this size should have so often, and has not, is left out."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a file. Whatever is empty is not known, and nothing is advised from it.

    `inputs`, `targets` and float32's `outputs` (N, *shape) are those of the test split, by the name
    of the model's input or output. `answered` and `calibrated` count float32's answers by class, on
    the test and the calibration samples. `most` has, by tensor, between which numbers all but one
    in a thousand of its values at each end lie on test samples. `refusal` is why TFLM does not
    run the file.
    """

    model: Model
    inputs: Arrays = field(default_factory=dict)
    targets: Arrays = field(default_factory=dict)
    outputs: Arrays = field(default_factory=dict)
    answered: Mapping[str, int] = field(default_factory=dict)
    calibrated: Mapping[str, int] = field(default_factory=dict)
    most: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """One kind of advice: `find` gives what was found, one line each, without the remedy."""

    name: str
    summary: str
    remedy: str
    find: Callable[[Evidence], Iterable[str]]


def advise(evidence: Evidence) -> list[Note]:
    """All advice about a file, in the order of the registry."""
    return [Note(ADVICE, text, one.name) for one in ADVICES for text in _texts(one, evidence)]


def _texts(one: Advice, evidence: Evidence) -> list[str]:
    try:
        return [f"{' '.join(found.split())}; {one.remedy}" for found in one.find(evidence)]
    except Exception as error:
        # A file's shapes are not checked before, and advice may be a user's own code: what it
        # trips over must not take the results along.
        reason = " ".join(str(error).split()) or "no reason given"
        return [f"could not be looked for: {type(error).__name__}: {reason}"]


class Bench(Protocol):
    """What measures: it has the files, and the outputs of a variant on a runtime."""

    @property
    def artifacts(self) -> Artifacts: ...
    def graph(self, task: Task, variant: Variant) -> Model: ...
    def answers(
        self, task: Task, variant: Variant, runtime: Runtime
    ) -> Mapping[str, Predictions]: ...
    def outputs(
        self, task: Task, variant: Variant, runtime: Runtime, x: NDArray[np.float32]
    ) -> Predictions: ...


def notes(bench: Bench, task: Task, variant: Variant, result: Result) -> list[Note]:
    """All advice about a task's variant, after what its result says so far."""
    model, evaluation = bench.graph(task, variant), bench.artifacts.evaluation(task)
    test, refusal = evaluation.test, result.note(HOST_ONLY)
    plain, labels = _float32(bench, task), evaluation.labels
    evidence = Evidence(
        model,
        inputs=test.inputs,
        most=most_values(bench.artifacts, task, variant),
        refusal=refusal.reason if refusal and variant.device else "",
    )
    if not labels:
        # Targets that are numbers of the output's own, and no classes.
        compared = [
            name
            for name, values in test.targets.items()
            if name in plain and values.shape == plain[name].shape
        ]
        evidence = replace(
            evidence,
            targets={name: test.targets[name] for name in compared},
            outputs={name: plain[name] for name in compared},
        )
    elif _calibrates(variant, model) and len(test.inputs) == len(plain) == 1:
        float32, reference = VARIANTS.get("float32"), RUNTIMES.get(REFERENCE_RUNTIME)
        samples = bench.outputs(task, float32, reference, _only(evaluation.calibration))
        evidence = replace(
            evidence,
            answered=_answers(_only(plain), labels),
            calibrated=_answers(samples.values, labels),
        )
    return advise(evidence)


def _float32(bench: Bench, task: Task) -> Arrays:
    """What the float32 variant answers on the test split; nothing where there is none."""
    if task.is_file:
        return {}
    try:
        found = bench.answers(task, VARIANTS.get("float32"), RUNTIMES.get(REFERENCE_RUNTIME))
    except TinybenchError:
        return {}
    return {name: one.values for name, one in found.items()}


def _calibrates(variant: Variant, model: Model) -> bool:
    """Whether ranges came from the calibration set: those of a retrained stage were learned."""
    return variant.division == "closed" and files.is_integer(model)


def _only(values: Any) -> Any:
    return next(iter(values.values())) if isinstance(values, Mapping) else values


def _answers(values: Any, labels: tuple[str, ...]) -> dict[str, int]:
    """How often each class is answered; nothing for a head that has not one output a class."""
    if values.shape[1:] != (len(labels),):
        return {}
    counts = np.bincount(values.argmax(axis=1), minlength=len(labels))
    return dict(zip(labels, map(int, counts), strict=True))


def _ports(model: Model, indexes: tuple[int, ...], arrays: Arrays) -> Iterator[tuple[Tensor, str]]:
    """The quantized tensor of each input or output, and whose it is: by name, else in order."""
    tensors = [model.tensors[index] for index in indexes]
    if len(tensors) != len(arrays):
        return
    names = [plain_name(tensor) for tensor in tensors]
    for tensor, name in zip(tensors, names if {*names} == {*arrays} else arrays, strict=True):
        coded = files.grid_of(model, tensor.index)
        # Codes of a model's own type, such as the bytes of a picture, are never clipped.
        if coded is not None and arrays[name].size and arrays[name].dtype.kind == "f":
            yield coded, name


def _span(tensor: Tensor) -> tuple[float, float]:
    return files.range_of(tensor) or (-np.inf, np.inf)


def clipped_inputs(evidence: Evidence) -> Iterator[str]:
    """Test inputs beyond the range that the input has codes for, by more than one code."""
    model = evidence.model
    for tensor, name in _ports(model, model.inputs, evidence.inputs):
        values = evidence.inputs[name]
        (low, high), limits = _span(tensor), np.iinfo(tensor.dtype)
        step = (high - low) / (limits.max - limits.min)
        beyond = (values < low - step) | (values > high + step)
        if (share := float(beyond.mean())) >= CLIPPED:
            yield (
                f"{100 * share:.0f} % of the test inputs are clipped: the calibration set does not "
                f"cover them (codes for {low:.4g} to {high:.4g}, inputs {values.min():.4g} to "
                f"{values.max():.4g})"
            )


def output_range(evidence: Evidence) -> Iterator[str]:
    """An output whose range ends before both its targets and what float32 answers."""
    model, answers = evidence.model, evidence.outputs or evidence.targets
    for tensor, name in _ports(model, model.outputs, answers):
        given = answers[name]
        values = evidence.targets.get(name, given)
        if values.shape != given.shape:
            continue
        low, high = _span(tensor)
        # What float32 does not answer is no matter of ranges.
        first, last = max(values.min(), given.min()), min(values.max(), given.max())
        if max(low - first, last - high) > SHORT * float(np.ptp(values)):
            what = "targets are" if name in evidence.targets else "float32's outputs are"
            yield (
                f"the output ends at {low:.4g} and {high:.4g}, but the {what} "
                f"{values.min():.4g} to {values.max():.4g}"
            )


def input_outliers(evidence: Evidence) -> Iterator[str]:
    """An input whose range is many times wider than all but one in a thousand of its values."""
    model = evidence.model
    for tensor, name in _ports(model, model.inputs, evidence.inputs):
        values = evidence.inputs[name]
        low, high = _span(tensor)
        first, last = np.quantile(values, (files.OUTLIERS, 1 - files.OUTLIERS))
        if tensor.dtype != "int16" and 0 < files.FEW_CODES * (last - first) <= high - low:
            codes = 255 * (last - first) / (high - low)
            yield (
                f"the input has codes for {low:.4g} to {high:.4g}, but 99.8 % of its values are "
                f"{first:.4g} to {last:.4g}: {codes:.0f} of 255 codes"
            )


def activation_outliers(evidence: Evidence) -> Iterator[str]:
    """A layer whose range is many times wider than all but one in a thousand of its values."""
    model, found = evidence.model, dict[str, str]()
    for operator in model.operators:
        tensor = model.tensors[operator.outputs[0]] if operator.outputs else None
        if tensor is None or tensor.index not in evidence.most or operator.name in files.FIXED:
            continue
        (low, high), (first, last) = _span(tensor), evidence.most[tensor.index]
        if tensor.dtype != "int16" and 0 < files.FEW_CODES * (last - first) <= high - low:
            found.setdefault(
                files.layer_of(model, operator),
                f"codes for {low:.4g} to {high:.4g}, but 99.8 % of its values are {first:.4g} to "
                f"{last:.4g}",
            )
    if found:
        layer, text = next(iter(found.items()))
        more = f"; {len(found) - 1} more layers likewise" if len(found) > 1 else ""
        yield f"{layer} has {text}{more}"


def calibration_classes(evidence: Evidence) -> Iterator[str]:
    """Classes that float32 answers on the test split, and never on the calibration set."""
    tests, samples = sum(evidence.answered.values()), sum(evidence.calibrated.values())
    missing = {
        label: count / tests
        for label, count in evidence.answered.items()
        if not evidence.calibrated.get(label) and count * samples >= SEEN * tests
    }
    if not missing or not samples:
        return
    seen = [label for label, count in evidence.calibrated.items() if count]
    only = f"has one class, {seen[0]}" if len(seen) == 1 else "leaves out classes"
    shown = files.short(f"{label} ({100 * share:.0f} %)" for label, share in missing.items())
    yield (
        f"the calibration set of {samples:,} samples {only}; float32 answers others on the test "
        f"split: {shown}"
    )


REFUSED = (
    re.compile(r"[Dd]idn't find op for builtin opcode '(\w+)'"),
    re.compile(r"Failed to get registration from op code (?:CUSTOM \()?([^()\s]+)"),
    re.compile(r"Node (\w+) \(number \d+\) failed to (?:prepare|invoke)"),
)
"""TFLM's own sentences about an operator that it lacks, or lacks for these types."""


def missing_operators(evidence: Evidence) -> Iterator[str]:
    """The operator that TFLM's refusal names."""
    for pattern in REFUSED:
        if match := pattern.search(evidence.refusal):
            yield f"TFLM does not run {files.keras_of(match[1])} as it is here"
            return


def _of_file(find: Callable[[Model], Iterable[str]]) -> Callable[[Evidence], Iterable[str]]:
    return lambda evidence: find(evidence.model)


def _builtin() -> Iterable[Advice]:
    return [
        Advice(
            "clipped-inputs",
            "Inputs are clipped",
            "calibrate with samples of the whole range, drawn over all training data",
            clipped_inputs,
        ),
        Advice(
            "output-range",
            "An output's range ends before the targets'",
            "calibrate with samples that reach the ends; after quantization-aware training, scale "
            "the targets to ±1 or train longer",
            output_range,
        ),
        Advice(
            "float-operator",
            "An operator of an integer file computes floats",
            "use one that has an int8 form, as ReLU for ELU, or compute it outside of the model",
            _of_file(files.float_operators),
        ),
        Advice(
            "any-batch",
            "A batch of any size changes what TFLM computes",
            "convert with batch 1",
            _of_file(files.any_batch),
        ),
        Advice(
            "calibration-classes",
            "The calibration set leaves out classes",
            "draw it from all classes",
            calibration_classes,
        ),
        Advice(
            "unsettled-ranges",
            "Ranges of quantization-aware training are still moving",
            "train for 3,000 steps or more (each leaves 0.999 of it)",
            _of_file(files.unsettled_ranges),
        ),
        Advice(
            "weight-outlier",
            "One weight makes the range of many",
            "train with weight decay or clipped weights, or use one scale a channel",
            _of_file(files.weight_outliers),
        ),
        Advice(
            "input-outlier",
            "A few values make the range of the input",
            "clip or scale the inputs before calibration",
            input_outliers,
        ),
        Advice(
            "activation-outlier",
            "A few values make the range of a layer",
            "leave rare samples out of calibration, or bound the layer with ReLU6",
            activation_outliers,
        ),
        Advice(
            "dead-channel",
            "Channels are constant, whatever goes in",
            "use fewer channels, or train again with a lower learning rate or another seed",
            _of_file(files.dead_channels),
        ),
        Advice(
            "missing-operator",
            "TFLM lacks an operator",
            "build the layer of operators that TFLM has, or compute it outside of the model",
            missing_operators,
        ),
    ]


ADVICES: Registry[Advice] = Registry("advice", builtin=_builtin)
"""All advice; it is given in this order."""
