"""What is measured of a variant, and of a variant on a runtime. No pytest here."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import environment, tflite
from tinybench.artifacts import Artifacts, saved_model
from tinybench.conversion.variants import VARIANTS, Variant
from tinybench.measurement.predictions import (
    Predictions,
    difference,
    read_outputs,
    value_problem,
)
from tinybench.metrics import METRICS, quality
from tinybench.registry import UnknownNameError
from tinybench.results.document import HOST_ONLY, SAME_AS_FLOAT32
from tinybench.runtimes import REFERENCE_RUNTIME, RUNTIMES, Artifact, RefusalError, Runtime, Session
from tinybench.runtimes.base import Packaged
from tinybench.runtimes.tflm import TFLMSession
from tinybench.storage import hashing
from tinybench.tasks import Split, Task
from tinybench.tflite.ports import codes_of, input_of, output_grid

ACCURACY_LOSS = 0.01
"""How much accuracy a quantized classifier may lose against float32: one point."""


@dataclass(slots=True)
class Measurement:
    """Metrics by registry name, what to call the variant beyond its name, and what is wrong.

    `profile` has the costs of each operator on a board, in the order in which they run;
    `confusion` a classifier's counts: rows are true classes, columns predicted ones.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    profile: list[dict[str, Any]] = field(default_factory=list)
    confusion: list[list[int]] = field(default_factory=list)


class Measurements:
    """Measures the variants of tasks, sharing what one measurement needs of another."""

    def __init__(self, artifacts: Artifacts) -> None:
        self.artifacts = artifacts
        self._predictions: dict[tuple[str, str, str], Predictions] = {}
        self._sessions: dict[tuple[str, str, str], Session] = {}
        self._graphs: dict[tuple[str, str], tflite.Model] = {}

    def graph(self, task: Task, variant: Variant) -> tflite.Model:
        """The variant's file, read."""
        key = task.name, variant.name
        if key not in self._graphs:
            self._graphs[key] = tflite.read(self.artifacts.artifact(task, variant).data)
        return self._graphs[key]

    def session(self, task: Task, variant: Variant, runtime: Runtime) -> Session:
        """The variant loaded into the runtime, once."""
        key = task.name, variant.name, runtime.name
        if key not in self._sessions:
            self._sessions[key] = runtime.load(self.artifacts.artifact(task, variant))
        return self._sessions[key]

    def predictions(self, task: Task, variant: Variant, runtime: Runtime) -> Predictions:
        """Outputs on the whole test split."""
        key = task.name, variant.name, runtime.name
        if key not in self._predictions:
            test = self.artifacts.evaluation(task).test
            if runtime.name == "keras" and variant.name == "float32":
                outputs = self.artifacts.reference(task)
                self._predictions[key] = Predictions(outputs, outputs)
            else:
                self._predictions[key] = self.outputs(task, variant, runtime, test.x)
        return self._predictions[key]

    def outputs(
        self, task: Task, variant: Variant, runtime: Runtime, x: NDArray[np.float32]
    ) -> Predictions:
        """Outputs for any inputs (N, *input shape)."""
        model = self.graph(task, variant)
        codes, saturated = codes_of(x, input_of(model))
        return read_outputs(model, self._answers(task, variant, runtime, codes), saturated)

    def _answers(
        self, task: Task, variant: Variant, runtime: Runtime, codes: NDArray[Any]
    ) -> NDArray[Any]:
        """A runtime's raw outputs; from the store if the same version gave them on this machine."""

        def run() -> NDArray[Any]:
            return self.session(task, variant, runtime).run(codes)

        if not isinstance(runtime, Packaged):
            return run()

        def packed() -> bytes:
            buffer = io.BytesIO()
            np.save(buffer, run())
            return buffer.getvalue()

        inputs = {
            "model": self.artifacts.artifact(task, variant).sha256,
            "inputs": hashing.of_arrays({"codes": codes}),
            "runtime": [runtime.name, environment.package_version(runtime.package)],
            "machine": environment.machine(),
        }
        name = f"{task.name}-{variant.name}-{runtime.name}"
        answers = self.artifacts.store.get(name, inputs, "npy", packed)
        return np.asarray(np.load(io.BytesIO(answers), allow_pickle=False))

    def variant(self, task: Task, variant: Variant) -> Measurement:
        """Verify a variant; its quality, size and work: all exact, no runtime but the reference."""
        result = Measurement()
        artifact = self.artifacts.artifact(task, variant)
        model = self.graph(task, variant)
        float32 = VARIANTS.get("float32")
        rule = variant.rule or variant.name
        if rule not in tflite.VARIANTS:
            raise UnknownNameError("verification rule", rule, tflite.VARIANTS)
        if rule == "dynamic" and tflite.changed_nothing(model, self.graph(task, float32)):
            result.labels.append(SAME_AS_FLOAT32)
        else:
            result.problems += tflite.problems(model, rule)
        if reason := self.refusal(artifact):
            result.labels.append(f"{HOST_ONLY}: {reason}")

        reference = RUNTIMES.get(REFERENCE_RUNTIME)
        predicted = self.predictions(task, variant, reference)
        test = self.artifacts.evaluation(task).test
        metrics = result.metrics
        judge(task, predicted.values, test, result)
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
        return result

    def runtime(self, task: Task, variant: Variant, runtime: Runtime) -> Measurement:
        """Run a variant elsewhere and compare values; RefusalError if it is not taken there."""
        result = Measurement()
        predicted = self.predictions(task, variant, runtime)
        test = self.artifacts.evaluation(task).test
        judge(task, predicted.values, test, result)
        expected = self.predictions(task, variant, RUNTIMES.get(REFERENCE_RUNTIME))
        result.metrics |= difference(predicted, expected)
        if wrong := value_problem(predicted, expected):
            result.problems.append(f"silently wrong on {runtime.name}: {wrong}")
        session = self.session(task, variant, runtime) if runtime.name == "tflm" else None
        if isinstance(session, TFLMSession):
            # It counts when it runs.
            session.run(codes_of(test.x[:1], input_of(self.graph(task, variant)))[0])
            arena = session.arena()
            result.metrics["arena_bytes"] = arena.total
            result.metrics["arena_head_bytes"] = arena.head
            result.metrics["arena_tail_bytes"] = arena.tail
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
        tflm = RUNTIMES.get("tflm")
        if tflm.unavailable():
            return None
        try:
            tflm.load(artifact)
        except RefusalError as reason:
            return str(reason)
        return None


def judge(task: Task, values: NDArray[np.float32], test: Split, found: Measurement) -> None:
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
