"""What is measured of a variant, and of a variant on a runtime. No pytest here."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import environment, hashing, quality, saved_model, tflite
from tinybench.metrics import FLOAT_ROUNDING, HYBRID_ROUNDING, METRICS
from tinybench.pipeline import Pipeline
from tinybench.registry import UnknownNameError
from tinybench.runtimes import RUNTIMES, Artifact, RefusalError, Runtime, Session
from tinybench.runtimes.base import Packaged
from tinybench.runtimes.tflm import TFLMSession
from tinybench.tasks import Split, Task
from tinybench.tflite.quantize import dequantize, quantize
from tinybench.variants import VARIANTS, Variant

REFERENCE_RUNTIME = "litert"
"""Runs every variant; its outputs are the published quality and what others are checked against."""

SAME_AS_FLOAT32 = "= float32"
HOST_ONLY = "host-only"

VALUE_LIMITS: dict[str, float] = {"int8": 16, "uint8": 16, "int16": 64}
"""How many codes two runtimes may differ by. LiteRT rounds once where TFLM rounds twice; over many
layers that was seen to add up to 10 codes (int8) and 9 codes (int16). A wrong result is far off."""
PROBABILITY_LIMIT = 0.25
"""How much two runtimes' probabilities may differ: the rounding of a net's layers adds up in the
input of its softmax, where one code is a tenth of a logit and more. The classes must agree."""
HYBRID_LIMIT = 0.1
"""The same for a dynamic range model, as a part of the outputs' range: each runtime rounds the
activations to 8 bits in its own way when it runs. 0.034 was seen."""
CLASS_LIMIT = 0.02
"""The share of samples that two runtimes may put in other classes: those on the border."""
ACCURACY_LOSS = 0.01
"""How much accuracy a quantized classifier may lose against float32: one point."""
FLOAT_LIMIT = 1e-4
"""The same for float outputs, as a part of the outputs' range: sums in another order."""


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


@dataclass(frozen=True, slots=True)
class Predictions:
    """Outputs (N, *output shape) as real numbers and raw, and the number of clipped inputs.

    `grid` is the quantized tensor that the outputs come from, None where they are float sums.
    `probabilities` says that a softmax made them, `hybrid` that int8 weights met float inputs,
    `floats` that an operator computes with floats at all.
    """

    values: NDArray[np.float32]
    raw: NDArray[Any]
    saturated: int = 0
    grid: tflite.Tensor | None = None
    probabilities: bool = False
    hybrid: bool = False
    floats: bool = True

    def first(self, count: int) -> Predictions:
        """Those of the first samples."""
        return replace(self, values=self.values[:count], raw=self.raw[:count])


def input_of(model: tflite.Model) -> tflite.Tensor:
    """The one input tensor."""
    return model.tensors[_only(model.inputs, "inputs")]


def output_of(model: tflite.Model) -> tflite.Tensor:
    """The one output tensor."""
    return model.tensors[_only(model.outputs, "outputs")]


def _only(indexes: tuple[int, ...], what: str) -> int:
    if len(indexes) != 1:
        raise tflite.ModelError(f"the model has {len(indexes)} {what}; a task's model has one")
    return indexes[0]


def codes_of(x: NDArray[np.float32], tensor: tflite.Tensor) -> tuple[NDArray[Any], int]:
    """Inputs in the type that a tensor wants, and how many values were clipped."""
    if tensor.dtype == "float32" or tensor.quantization is None:
        return x.astype(tensor.dtype, copy=False), 0
    scale, zero_point = tensor.quantization.scales[0], tensor.quantization.zero_points[0]
    return quantize(x, scale, zero_point, tensor.dtype)


def values_of(codes: NDArray[Any], tensor: tflite.Tensor) -> NDArray[np.float32]:
    """Outputs as real numbers."""
    if tensor.dtype == "float32" or tensor.quantization is None:
        return codes.astype(np.float32, copy=False)
    return dequantize(codes, tensor.quantization.scales[0], tensor.quantization.zero_points[0])


def predict(session: Session, model: tflite.Model, x: NDArray[np.float32]) -> Predictions:
    """Quantize inputs (N, *input shape), run them one by one, dequantize the outputs."""
    codes, saturated = codes_of(x, input_of(model))
    return read_outputs(model, session.run(codes), saturated)


def read_outputs(model: tflite.Model, raw: NDArray[Any], saturated: int) -> Predictions:
    """What a model's raw outputs (N, *output shape) say."""
    values, grid = values_of(raw, output_of(model)), output_grid(model)
    made_by = [one.name for one in model.operators if grid and grid.index in one.outputs]
    softmax = made_by == ["SOFTMAX"]
    return Predictions(
        values, raw, saturated, grid, softmax, _is_hybrid(model), _has_float_sums(model)
    )


def _has_float_sums(model: tflite.Model) -> bool:
    """Whether an operator that does more than convert gives floats."""
    return any(
        model.tensors[index].dtype == "float32"
        for operator in model.operators
        if operator.name not in ("QUANTIZE", "DEQUANTIZE")
        for index in operator.outputs
    )


def rounding(predicted: Predictions, test: Split) -> float:
    """How far float sums may move these outputs on another processor, in their own unit."""
    if not predicted.floats:
        return 0.0
    on_the_way = predicted.hybrid or predicted.grid is not None
    part = HYBRID_ROUNDING if on_the_way else FLOAT_ROUNDING
    return part * float(np.max(np.abs(test.y)))


def _is_hybrid(model: tflite.Model) -> bool:
    """Whether an operator computes with float inputs and int8 weights."""
    for operator in model.operators:
        tensors = [model.tensors[index] for index in operator.inputs[:2] if index >= 0]
        if [one.dtype for one in tensors] == ["float32", "int8"] and tensors[1].data is not None:
            return True
    return False


def output_grid(model: tflite.Model) -> tflite.Tensor | None:
    """The integer tensor that the output is, or is dequantized from; None for a float model."""
    output = output_of(model)
    if output.quantization is not None:
        return output
    for operator in model.operators:
        if operator.name == "DEQUANTIZE" and operator.outputs == (output.index,):
            source = model.tensors[operator.inputs[0]]
            return source if source.quantization is not None else None
    return None


class Bench:
    """Measures the variants of tasks, sharing what one measurement needs of another."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self._predictions: dict[tuple[str, str, str], Predictions] = {}
        self._sessions: dict[tuple[str, str, str], Session] = {}
        self._graphs: dict[tuple[str, str], tflite.Model] = {}

    def graph(self, task: Task, variant: Variant) -> tflite.Model:
        """The variant's file, read."""
        key = task.name, variant.name
        if key not in self._graphs:
            self._graphs[key] = tflite.read(self.pipeline.artifact(task, variant).data)
        return self._graphs[key]

    def session(self, task: Task, variant: Variant, runtime: Runtime) -> Session:
        """The variant loaded into the runtime, once."""
        key = task.name, variant.name, runtime.name
        if key not in self._sessions:
            self._sessions[key] = runtime.load(self.pipeline.artifact(task, variant))
        return self._sessions[key]

    def predictions(self, task: Task, variant: Variant, runtime: Runtime) -> Predictions:
        """Outputs on the whole test split."""
        key = task.name, variant.name, runtime.name
        if key not in self._predictions:
            test = self.pipeline.evaluation(task).test
            if runtime.name == "keras" and variant.name == "float32":
                outputs = self.pipeline.reference(task)
                self._predictions[key] = Predictions(outputs, outputs)
            else:
                model = self.graph(task, variant)
                codes, saturated = codes_of(test.x, input_of(model))
                raw = self._answers(task, variant, runtime, codes)
                self._predictions[key] = read_outputs(model, raw, saturated)
        return self._predictions[key]

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
            "model": self.pipeline.artifact(task, variant).sha256,
            "inputs": hashing.of_arrays({"codes": codes}),
            "runtime": [runtime.name, environment.package_version(runtime.package)],
            "machine": environment.machine(),
        }
        name = f"{task.name}-{variant.name}-{runtime.name}"
        answers = self.pipeline.store.get(name, inputs, "npy", packed)
        return np.asarray(np.load(io.BytesIO(answers), allow_pickle=False))

    def variant(self, task: Task, variant: Variant) -> Measurement:
        """Verify a variant; its quality, size and work: all exact, no runtime but the reference."""
        result = Measurement()
        artifact = self.pipeline.artifact(task, variant)
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
        test = self.pipeline.evaluation(task).test
        metrics = result.metrics
        judge(task, predicted.values, test, result)
        metrics["rounding"] = rounding(predicted, test)
        plain = self.predictions(task, float32, reference)
        metrics["mse_vs_float32"], _, metrics["max_vs_float32"] = quality.errors(
            predicted.values, plain.values
        )
        if task.labels:
            metrics["agreement"] = quality.agreement(predicted.values, plain.values)
        metrics["mse_vs_keras"] = quality.errors(predicted.values, self.pipeline.reference(task))[0]
        metrics["saturated_inputs"] = predicted.saturated
        metrics["saved_model_bytes"] = saved_model.tree_bytes(self.pipeline, task)
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
        test = self.pipeline.evaluation(task).test
        judge(task, predicted.values, test, result)
        result.metrics["rounding"] = rounding(predicted, test)
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
        from tinybench.training import restore

        committed, retrained = (
            self.pipeline.checkpoint(task, "float32"),
            self.pipeline.retrained(task),
        )
        if committed.sha256 == retrained.sha256:
            return 0.0
        x = self.pipeline.dataset(task).validation.x
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


def difference(predicted: Predictions, expected: Predictions) -> dict[str, float]:
    """How many outputs differ, and the largest difference: in units and, on a grid, in codes."""
    largest = quality.errors(predicted.values, expected.values)[2]
    found: dict[str, float] = {
        "differing_outputs": int(np.count_nonzero(predicted.raw != expected.raw)),
        "max_difference": largest,
    }
    if expected.grid is not None and expected.grid.quantization is not None:
        found["max_difference_lsb"] = round(largest / expected.grid.quantization.scales[0])
    return found


def value_problem(predicted: Predictions, expected: Predictions) -> str | None:
    """Why two runtimes' outputs cannot both be right, or None."""
    found = difference(predicted, expected)
    if expected.probabilities:
        gap, limit, unit = found["max_difference"], PROBABILITY_LIMIT, "units"
        apart = 1 - quality.agreement(predicted.values, expected.values)
        if apart > CLASS_LIMIT:
            most = f"at most {CLASS_LIMIT:.0%} is rounding"
            return f"{apart:.1%} of the samples are in other classes; {most}"
    elif expected.grid is not None:
        gap, limit, unit = found["max_difference_lsb"], VALUE_LIMITS[expected.grid.dtype], "LSB"
    else:
        spread = float(np.ptp(expected.values))
        part = HYBRID_LIMIT if expected.hybrid else FLOAT_LIMIT
        gap, limit, unit = found["max_difference"], part * spread, "units"
    if gap <= limit:
        return None
    # Reached with NaN too.
    return f"outputs differ by up to {gap:.3g} {unit}; at most {limit:.3g} is rounding"
