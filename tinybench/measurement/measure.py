"""What is measured of a variant, and of a variant on a runtime. No pytest here."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.artifacts import Artifacts, saved_model
from tinybench.conversion.variants import VARIANTS, Variant
from tinybench.machines import Cost, RuntimeMachine
from tinybench.measurement import advice
from tinybench.measurement.predictions import (
    Predictions,
    difference,
    read_outputs,
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
)
from tinybench.tasks import Split, Task
from tinybench.tflite.ports import codes_of, input_of, output_grid

ACCURACY_LOSS = 0.01
"""How much accuracy a quantized classifier may lose against float32: one point."""


class Measurements:
    """Measures the variants of tasks, sharing what one measurement needs of another."""

    def __init__(self, artifacts: Artifacts) -> None:
        self.artifacts = artifacts
        self._machines: dict[int, RuntimeMachine] = {}
        self._predictions: dict[tuple[str, str, RuntimeMachine], tuple[Predictions, Cost]] = {}
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

    def predictions(self, task: Task, variant: Variant, runtime: Runtime) -> Predictions:
        """Outputs on the whole test split; from the store if the same runtime gave them here."""
        return self._run(task, variant, runtime)[0]

    def _run(self, task: Task, variant: Variant, runtime: Runtime) -> tuple[Predictions, Cost]:
        key = task.name, variant.name, self._machine(runtime)
        if key not in self._predictions:
            self._predictions[key] = self._ran(
                task, variant, runtime, self.artifacts.evaluation(task).test.x
            )
        return self._predictions[key]

    def outputs(
        self, task: Task, variant: Variant, runtime: Runtime, x: NDArray[np.float32]
    ) -> Predictions:
        """Outputs for any inputs (N, *input shape)."""
        return self._ran(task, variant, runtime, x)[0]

    def _ran(
        self, task: Task, variant: Variant, runtime: Runtime, x: NDArray[np.float32]
    ) -> tuple[Predictions, Cost]:
        model = self.graph(task, variant)
        codes, saturated = codes_of(x, input_of(model))
        ran = self._machine(runtime).run(self.artifacts.artifact(task, variant), [codes])
        return read_outputs(model, ran.outputs[0], saturated), ran.cost

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
        float32 = VARIANTS.get("float32")
        rule = variant.rule or variant.name
        if rule == "dynamic" and tflite.changed_nothing(model, self.graph(task, float32)):
            result.notes.append(Note(SAME_AS_FLOAT32))
        else:
            result.problems += tflite.problems(model, rule)
        if reason := self.refusal(artifact):
            result.notes.append(Note(HOST_ONLY, reason))

        reference = RUNTIMES.get(REFERENCE_RUNTIME)
        predicted = self.predictions(task, variant, reference)
        test = self.artifacts.evaluation(task).test
        metrics = result.metrics
        judge(task, predicted.values, test, result)
        metrics["rounding"] = rounding(predicted, test)
        plain = self.predictions(task, float32, reference)
        metrics["mse_vs_float32"], _, metrics["max_vs_float32"] = quality.errors(
            predicted.values, plain.values
        )
        if task.labels:
            metrics["agreement"] = quality.agreement(predicted.values, plain.values)
        metrics["mse_vs_keras"] = quality.errors(predicted.values, self.artifacts.reference(task))[
            0
        ]
        metrics["saturated_inputs"] = predicted.saturated
        metrics["saved_model_bytes"] = saved_model.tree_bytes(self.artifacts, task)
        metrics["tflite_bytes"] = len(artifact.data)
        metrics["reduced_bytes"] = metrics["saved_model_bytes"] - len(artifact.data)
        metrics["weight_bytes"] = tflite.weight_bytes(model)
        metrics["macs"] = tflite.macs(model)
        if variant.name == "float32":
            result.problems += _bounds(task, metrics)
        elif task.labels and output_grid(model) is not None:
            expected = quality.classification(plain.values, test, task.labels)
            result.problems += _lost(metrics["accuracy"], expected["accuracy"])
        result.notes += advice.notes(self, task, variant, result)
        return result

    def runtime(self, task: Task, variant: Variant, runtime: Runtime) -> Result:
        """Run a variant elsewhere and compare values; RefusalError if it is not taken there."""
        result = Result(task=task.name, variant=variant.name, place=Place("runtime", runtime.name))
        predicted, cost = self._run(task, variant, runtime)
        test = self.artifacts.evaluation(task).test
        judge(task, predicted.values, test, result)
        result.metrics["rounding"] = rounding(predicted, test)
        expected = self.predictions(task, variant, RUNTIMES.get(REFERENCE_RUNTIME))
        result.metrics |= difference(predicted, expected)
        if wrong := value_problem(predicted, expected):
            result.problems.append(f"silently wrong on {runtime.name}: {wrong}")
        arena = {
            "arena_bytes": cost.arena_bytes,
            "arena_head_bytes": cost.arena_head_bytes,
            "arena_tail_bytes": cost.arena_tail_bytes,
        }
        result.metrics |= {name: size for name, size in arena.items() if size is not None}
        return result

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
        """Why TFLM does not run a file, in its own words; None if it does or is not installed."""
        device = RUNTIMES.get(DEVICE_REFERENCE)
        if device.unavailable():
            return None
        try:
            device.load(artifact)
        except RefusalError as reason:
            return str(reason)
        return None


def judge(task: Task, values: NDArray[np.float32], test: Split, found: Result) -> None:
    """Add how good outputs on the test split are: errors, or for a classifier how often right."""
    if not task.labels:
        found.metrics |= quality.regression(values, test)
        return
    found.metrics |= quality.classification(values, test, task.labels)
    found.confusion = quality.confusion(values, test).tolist()


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
