"""What is measured of a variant, and of a variant on a runtime. No pytest here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.artifacts import Artifacts, saved_model
from tinybench.conversion.variants import FILE, VARIANTS, Variant
from tinybench.datasets.data import INPUT
from tinybench.errors import TinybenchError, shown
from tinybench.machines import Cost, RuntimeMachine
from tinybench.measurement import advice, judging
from tinybench.measurement.disagreement import first_operator
from tinybench.measurement.judging import Answers, movement, suffix
from tinybench.measurement.predictions import Predictions, difference, read_all, value_problem
from tinybench.metrics import quality
from tinybench.metrics.heads import HeadError, Output, best_threshold
from tinybench.results.record import (
    HOST_ONLY,
    NOT_AVAILABLE,
    PARTLY_FLOAT,
    SAME_AS_FLOAT32,
    Note,
    Place,
    Result,
)
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
from tinybench.tasks import Task
from tinybench.tflite.ports import all_codes, outputs_of


class Measurements:
    """Measures the variants of tasks, sharing what one measurement needs of another."""

    def __init__(self, artifacts: Artifacts) -> None:
        self.artifacts = artifacts
        self._machines: dict[int, RuntimeMachine] = {}
        self._answers: dict[tuple[str, str, RuntimeMachine], tuple[Answers, Cost]] = {}
        self._sessions: dict[tuple[str, str, RuntimeMachine], Session] = {}
        self._graphs: dict[tuple[str, str], tflite.Model] = {}
        self._thresholds: dict[str, dict[str, float]] = {}

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

    def first_sample(self, task: Task, variant: Variant) -> list[NDArray[Any]]:
        """The first test sample as the variant takes it: an array (1, *shape) for each input."""
        sample = self.artifacts.evaluation(task).test.taken(slice(1)).inputs
        return all_codes(sample, self.graph(task, variant))[0]

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
        if left := dict.fromkeys(one.name for one in tflite.left_in_floats(model)):
            result.notes.append(Note(PARTLY_FLOAT, ", ".join(left)))
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
            why = f"{reference.name} does not run it: {why}"
            if self._runs_as_float32(task, variant):
                result.notes.append(Note(NOT_AVAILABLE, why))
            else:
                result.problems.append(why)
            return result
        self.judge(task, variant, answers, result)
        metrics["rounding"] = movement(answers, test)
        metrics["saturated_inputs"] = next(iter(answers.values())).saturated
        if not task.is_file:
            try:
                self._beside_float32(task, variant, answers, result)
            except TinybenchError as error:
                result.notes.append(Note("remark", f"not compared with float32: {error}"))
        result.problems += judging.bounds(task, variant.name, metrics)
        result.notes += advice.notes(self, task, variant, result)
        return result

    def _runs_as_float32(self, task: Task, variant: Variant) -> bool:
        """Whether the reference lacks an operator only for the types of this quantized variant."""
        float32 = VARIANTS.get("float32")
        if task.is_file or (variant.rule or variant.name) == float32.name:
            return False
        with suppress(TinybenchError):
            self.answers(task, float32, RUNTIMES.get(REFERENCE_RUNTIME))
            return True
        return False

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
        # A model that cannot be saved so has no such size.
        with suppress(TinybenchError):
            whole = saved_model.tree_bytes(self.artifacts, task)
            result.metrics["saved_model_bytes"] = whole
            result.metrics["reduced_bytes"] = whole - int(result.metrics["tflite_bytes"])
        float32 = VARIANTS.get("float32")
        expected = self.answers(task, float32, RUNTIMES.get(REFERENCE_RUNTIME))
        keras = self.artifacts.reference(task)
        for name, predicted in answers.items():
            gap = quality.errors(predicted.values, keras[name])[0]
            result.metrics[f"mse_vs_keras{suffix(name, answers)}"] = gap
        try:
            asked = self.outputs_of(task, variant, answers)
            plain = self.outputs_of(task, float32, expected)
            judging.beside_float32(task, asked, plain, result)
        except HeadError:
            # Said by `judge`.
            return
        if (variant.rule or variant.name) != "float32":
            before = Result(task=task.name)
            self.judge(task, float32, expected, before)
            result.problems += judging.lost(task, asked, result.metrics, before.metrics)

    def judge(self, task: Task, variant: Variant, answers: Answers, found: Result) -> None:
        """Add how good these answers of a variant to the whole test split are."""
        try:
            judging.judge(task, self.outputs_of(task, variant, answers), found)
        except HeadError as error:
            # What does not depend on the targets is measured nevertheless.
            found.problems.append(shown(error))

    def outputs_of(self, task: Task, variant: Variant, answers: Answers) -> dict[str, Output]:
        """Each output of a variant with all that it is judged by."""
        found, model = self.artifacts.evaluation(task), self.graph(task, variant)
        return judging.outputs(task, found, answers, model, self.thresholds(task))

    def heads(self, task: Task, variant: Variant) -> dict[str, str]:
        """The head of each output, by a file of the task; empty where it cannot be told."""
        try:
            model = self.graph(task, variant)
            samples = len(self.artifacts.evaluation(task).test)
            shapes = [(samples, *tensor.shape[1:]) for tensor in outputs_of(model)]
            values = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
            names = self.artifacts.outputs(task, model)
            answers = {name: Predictions(one, one) for name, one in zip(names, values, strict=True)}
            asked = self.outputs_of(task, variant, answers)
            return {name: judging.head_of(task, one).name for name, one in asked.items()}
        except TinybenchError:
            # Said where it was measured.
            return {}

    def thresholds(self, task: Task) -> dict[str, float]:
        """What each output with two classes must exceed, chosen on the validation split.

        By float32, for all variants; empty where the task states it.
        """
        if task.threshold != "validation":
            return {}
        if task.name not in self._thresholds:
            variant = VARIANTS.get("file" if task.is_file else "float32")
            held_out = self.artifacts.dataset(task).validation
            runtime, model = RUNTIMES.get(REFERENCE_RUNTIME), self.graph(task, variant)
            answers = self._ran(task, variant, runtime, held_out.inputs)[0]
            evaluation = replace(self.artifacts.evaluation(task), test=held_out)
            asked = judging.outputs(task, evaluation, answers, model, {})
            self._thresholds[task.name] = {
                name: best_threshold(one.values.reshape(-1), one.numbers.reshape(-1) > 0)
                for name, one in asked.items()
                if judging.head_of(task, one).name == "binary"
            }
        return self._thresholds[task.name]

    def runtime(self, task: Task, variant: Variant, runtime: Runtime) -> Result:
        """Run a variant elsewhere and compare values; RefusalError if it is not taken there."""
        result = Result(task=task.name, variant=variant.name, place=Place("runtime", runtime.name))
        answers, cost = self._run(task, variant, runtime)
        self.judge(task, variant, answers, result)
        result.metrics["rounding"] = movement(answers, self.artifacts.evaluation(task).test)
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
        before, after = (_arrays(restore(task, one)(x)) for one in (committed, retrained))
        return max(quality.errors(*pair)[2] for pair in zip(before, after, strict=True))

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


def _arrays(answer: Any) -> list[NDArray[Any]]:
    """What a Keras model answers, a single output, a list or a mapping, as arrays."""
    if isinstance(answer, Mapping):
        answer = list(answer.values())
    return [np.asarray(one) for one in (answer if isinstance(answer, list | tuple) else [answer])]
