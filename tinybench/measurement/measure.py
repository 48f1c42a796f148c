"""What is measured of a variant, and of a variant on a runtime. No pytest here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.artifacts import Artifacts, saved_model
from tinybench.conversion.variants import FILE, VARIANTS, Variant
from tinybench.datasets.data import INPUT
from tinybench.errors import TinybenchError
from tinybench.machines import Cost, RuntimeMachine
from tinybench.measurement import advice
from tinybench.measurement.disagreement import first_operator
from tinybench.measurement.predictions import (
    Predictions,
    difference,
    read_all,
    rounding,
    value_problem,
)
from tinybench.metrics import METRICS, quality
from tinybench.results.record import HOST_ONLY, SAME_AS_FLOAT32, Note, Place, Result
from tinybench.runtimes import (
    DEVICE_REFERENCE,
    REFERENCE_RUNTIME,
    RUNTIMES,
    Artifact,
    RefusalError,
    Runtime,
    Session,
    batch_shape,
    runs_files,
)
from tinybench.tasks import Split, Task
from tinybench.tflite.ports import all_codes, output_grid, outputs_of

Answers: TypeAlias = Mapping[str, Predictions]
"""What a model answers on each of its outputs, by name."""

ACCURACY_LOSS = 0.01
"""How much accuracy a quantized classifier may lose against float32: one point."""


class Measurements:
    """Measures the variants of tasks, sharing what one measurement needs of another."""

    def __init__(self, artifacts: Artifacts) -> None:
        self.artifacts = artifacts
        self._machines: dict[int, RuntimeMachine] = {}
        self._answers: dict[tuple[str, str, RuntimeMachine], tuple[Answers, Cost]] = {}
        self._sessions: dict[tuple[str, str, RuntimeMachine], Session] = {}
        self._graphs: dict[tuple[str, str], tflite.Model] = {}

    def graph(self, task: Task, variant: Variant) -> tflite.Model:
        """The variant's file, read."""
        key = task.name, variant.name
        if key not in self._graphs:
            self._graphs[key] = tflite.read(self.artifacts.artifact(task, variant).data)
        return self._graphs[key]

    def session(self, task: Task, variant: Variant, runtime: Runtime) -> Session:
        """The variant loaded into the runtime, once."""
        key = task.name, variant.name, self._machine(runtime)
        if key not in self._sessions:
            self._sessions[key] = runtime.load(self.artifacts.artifact(task, variant))
        return self._sessions[key]

    def answers(self, task: Task, variant: Variant, runtime: Runtime) -> Answers:
        """Every output on the test split, by name; kept if the same runtime gave them here."""
        return self._run(task, variant, runtime)[0]

    def predictions(self, task: Task, variant: Variant, runtime: Runtime) -> Predictions:
        """The only output of a task's model, or the first."""
        return next(iter(self.answers(task, variant, runtime).values()))

    def _run(self, task: Task, variant: Variant, runtime: Runtime) -> tuple[Answers, Cost]:
        key = task.name, variant.name, self._machine(runtime)
        if key not in self._answers:
            test = self.artifacts.evaluation(task).test
            self._answers[key] = self._ran(task, variant, runtime, test.inputs)
        return self._answers[key]

    def outputs(
        self, task: Task, variant: Variant, runtime: Runtime, x: NDArray[np.float32]
    ) -> Predictions:
        """The only output for any values (N, *input shape) of the only input."""
        (found,) = self._ran(task, variant, runtime, {INPUT: x})[0].values()
        return found

    def _ran(
        self, task: Task, variant: Variant, runtime: Runtime, inputs: Mapping[str, NDArray[Any]]
    ) -> tuple[Answers, Cost]:
        model = self.graph(task, variant)
        codes, saturated = all_codes(inputs, model)
        ran = self._machine(runtime).run(self.artifacts.artifact(task, variant), codes)
        names = self.artifacts.outputs(task, model)
        return read_all(model, ran.outputs, names, saturated), ran.cost

    def _machine(self, runtime: Runtime) -> RuntimeMachine:
        """The same for the same object: another runtime may have taken its name."""
        made = RuntimeMachine(runtime, self.artifacts.store, keep=True)
        return self._machines.setdefault(id(runtime), made)

    def variant(self, task: Task, variant: Variant) -> Result:
        """Verify a variant; its quality, size and work: all exact, no runtime but the reference."""
        result = Result(task=task.name, variant=variant.name)
        artifact = self.artifacts.artifact(task, variant)
        result.sha256 = artifact.sha256
        model = self.graph(task, variant)
        rule = variant.rule or variant.name
        if rule == "dynamic" and self._is_float32(task, model):
            result.notes.append(Note(SAME_AS_FLOAT32))
        elif rule != FILE:
            result.problems += tflite.problems(model, rule)
        if reason := self.refusal(artifact):
            result.notes.append(Note(HOST_ONLY, reason))

        metrics = result.metrics
        metrics["tflite_bytes"] = len(artifact.data)
        metrics["weight_bytes"] = tflite.weight_bytes(model)
        metrics["macs"] = tflite.macs(model)
        if names := tflite.uncounted(model):
            result.notes.append(Note("remark", f"MACs not counted: {', '.join(names)}"))

        reference, test = RUNTIMES.get(REFERENCE_RUNTIME), self.artifacts.evaluation(task).test
        try:
            answers = self.answers(task, variant, reference)
        except RefusalError as reason:
            why = str(reason).removeprefix(f"{reference.name}: ")
            result.problems.append(f"{reference.name} does not run it: {why}")
            return result
        judge(task, answers, test, result)
        metrics["rounding"] = movement(answers, test)
        metrics["saturated_inputs"] = next(iter(answers.values())).saturated
        if not task.is_file:
            try:
                self._beside_float32(task, variant, answers, result)
            except TinybenchError as error:
                result.notes.append(Note("remark", f"not compared with float32: {error}"))
        if variant.name in ("float32", FILE):
            result.problems += _bounds(task, metrics)
        result.notes += advice.notes(self, task, variant, result)
        return result

    def _is_float32(self, task: Task, model: tflite.Model) -> bool:
        """Whether a file is float32's, as far as there is that."""
        try:
            return tflite.changed_nothing(model, self.graph(task, VARIANTS.get("float32")))
        except TinybenchError:
            return False

    def _beside_float32(
        self, task: Task, variant: Variant, answers: Answers, result: Result
    ) -> None:
        """Add how far a variant's outputs are from float32's and from Keras', and what it lost."""
        whole = saved_model.tree_bytes(self.artifacts, task)
        result.metrics["saved_model_bytes"] = whole
        result.metrics["reduced_bytes"] = whole - int(result.metrics["tflite_bytes"])
        float32, test = VARIANTS.get("float32"), self.artifacts.evaluation(task).test
        expected = self.answers(task, float32, RUNTIMES.get(REFERENCE_RUNTIME))
        keras = self.artifacts.reference(task)
        for name, predicted in answers.items():
            at, plain = suffix(name, answers), expected[name]
            mean, _, largest = quality.errors(predicted.values, plain.values)
            found = {"mse_vs_float32": mean, "max_vs_float32": largest}
            found["mse_vs_keras"] = quality.errors(predicted.values, keras[name])[0]
            if task.labels:
                found["agreement"] = quality.agreement(predicted.values, plain.values)
            result.metrics |= {f"{key}{at}": value for key, value in found.items()}
        if task.labels and variant.name != "float32" and is_coded(self.graph(task, variant)):
            before = Result(task=task.name)
            judge(task, expected, test, before)
            result.problems += _lost(result.metrics["accuracy"], before.metrics["accuracy"])

    def runtime(self, task: Task, variant: Variant, runtime: Runtime) -> Result:
        """Run a variant elsewhere and compare values; RefusalError if it is not taken there."""
        result = Result(task=task.name, variant=variant.name, place=Place("runtime", runtime.name))
        answers, cost = self._run(task, variant, runtime)
        test = self.artifacts.evaluation(task).test
        judge(task, answers, test, result)
        result.metrics["rounding"] = movement(answers, test)
        arena = {
            "arena_bytes": cost.arena_bytes,
            "arena_head_bytes": cost.arena_head_bytes,
            "arena_tail_bytes": cost.arena_tail_bytes,
        }
        result.metrics |= {name: size for name, size in arena.items() if size is not None}
        try:
            expected = self.answers(task, variant, RUNTIMES.get(REFERENCE_RUNTIME))
        except RefusalError:
            result.notes.append(Note("remark", f"not compared: {REFERENCE_RUNTIME} refuses"))
            return result
        problems = []
        for name, predicted in answers.items():
            at = suffix(name, answers)
            found = difference(predicted, expected[name])
            result.metrics |= {f"{key}{at}": value for key, value in found.items()}
            if wrong := value_problem(predicted, expected[name]):
                problems.append(f"output {name}: {wrong}" if at else wrong)
        if problems:
            first = self._first_operator(task, variant, runtime, answers, expected)
            text = "; ".join(filter(None, (*problems, first)))
            result.problems.append(f"silently wrong on {runtime.name}: {text}")
        return result

    def _first_operator(
        self, task: Task, variant: Variant, runtime: Runtime, answers: Answers, expected: Answers
    ) -> str | None:
        if not runs_files(runtime):
            return None
        test, model = self.artifacts.evaluation(task).test, self.graph(task, variant)
        # What is run of parts of a file is not kept.
        machines = RuntimeMachine(RUNTIMES.get(REFERENCE_RUNTIME)), RuntimeMachine(runtime)
        outputs = [one.raw for one in expected.values()], [one.raw for one in answers.values()]
        artifact = self.artifacts.artifact(task, variant)
        try:
            return first_operator(artifact, machines, all_codes(test.inputs, model)[0], outputs)
        except Exception:  # somebody's runtime may not take parts of a file
            return None

    def retrained_difference(self, task: Task) -> float:
        """Largest difference, in units of the target, of the retrained model on validation data."""
        from tinybench.training.stages import restore

        committed, retrained = (
            self.artifacts.checkpoint(task, "float32"),
            self.artifacts.retrained(task),
        )
        if committed.sha256 == retrained.sha256:
            return 0.0
        x = self.artifacts.dataset(task).validation.x
        before, after = (np.asarray(restore(task, one)(x)) for one in (committed, retrained))
        return quality.errors(before, after)[2]

    def refusal(self, artifact: Artifact) -> str | None:
        """Why TFLM does not run a file, in its own words; None if it does or is not installed.

        One sample of zeros is run: some operators are refused only then.
        """
        device = RUNTIMES.get(DEVICE_REFERENCE)
        if device.unavailable():
            return None
        model = tflite.read(artifact.data)
        ports = [model.tensors[index] for index in model.inputs]
        zeros = [np.zeros(batch_shape(one.shape, 1), one.dtype) for one in ports]
        try:
            self._machine(device).run(artifact, zeros)
        except RefusalError as reason:
            return str(reason)
        return None


def judge(task: Task, answers: Answers, test: Split, found: Result) -> None:
    """Add how good outputs on the test split are: errors, or for a classifier how often right.

    Without labels nothing is known. Metrics of one of several outputs are called `metric@output`.
    """
    targets = test.targets
    for name, predicted in answers.items():
        if name not in targets:
            continue
        truth = test.truth if len(answers) == 1 else None
        split, at = Split(test.x, targets[name], truth), suffix(name, answers)
        if task.labels:
            judged = quality.classification(predicted.values, split, task.labels)
            found.confusion = quality.confusion(predicted.values, split).tolist()
        else:
            judged = quality.regression(predicted.values, split)
        found.metrics |= {f"{key}{at}": value for key, value in judged.items()}


def movement(answers: Answers, test: Split) -> float:
    """How far float sums may move any output on another processor."""
    targets = test.targets
    return max(rounding(one, targets.get(name)) for name, one in answers.items())


def suffix(output: str, answers: Answers) -> str:
    """What tells the metrics of one of several outputs apart."""
    return f"@{output}" if len(answers) > 1 else ""


def is_coded(model: tflite.Model) -> bool:
    """Whether an output is, or is dequantized from, integers."""
    return any(output_grid(model, one) is not None for one in outputs_of(model))


def _bounds(task: Task, metrics: dict[str, float]) -> list[str]:
    return [
        f"the float model's {name} is {metrics.get(name, math.nan):.4g}; its bound is {bound:g}"
        for name, bound in task.bounds.items()
        if not METRICS.get(name).meets(metrics.get(name, math.nan), bound)
    ]


def _lost(accuracy: float, expected: float) -> list[str]:
    # A little more: 0.95 - 0.01 is no float.
    if accuracy >= expected - ACCURACY_LOSS - 1e-12:
        return []
    return [
        f"accuracy {accuracy:.4f} is more than {100 * ACCURACY_LOSS:g} point below float32's "
        f"{expected:.4f}"
    ]
