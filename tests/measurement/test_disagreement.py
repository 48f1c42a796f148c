"""Two runtimes are compared by the share of samples, and by the first operator that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.artifacts import Artifacts
from tinybench.machines import RuntimeMachine
from tinybench.measurement import predictions
from tinybench.measurement.disagreement import first_operator, worst_samples
from tinybench.measurement.predictions import Predictions, value_problem
from tinybench.runtimes import RUNTIMES, Artifact
from tinybench.runtimes.tflm import TFLM, TFLMSession
from tinybench.storage.store import Store
from tinybench.tasks import TASKS
from tinybench.tflite import ports

from ..tflite.samples import flatbuffers, schema

Codes = NDArray[Any]
PUBLISHED = Path(__file__).parents[2] / "results" / "models"
SAMPLES = 200


def edited(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The file after `change` edited its object tree."""
    tree = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(data, 0))
    change(tree)
    builder: Any = flatbuffers.Builder(len(data))
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def steeper(data: bytes, factor: float) -> bytes:
    """The same codes, with logits that stand for numbers so many times as large."""
    model = tflite.read(data)
    dense, softmax = model.operators[-2:]
    assert (dense.name, softmax.name) == ("FULLY_CONNECTED", "SOFTMAX")

    def change(tree: Any) -> None:
        for index in {*dense.inputs[1:], *dense.outputs}:
            quantization = tree.subgraphs[0].tensors[index].quantization
            quantization.scale = [factor * scale for scale in quantization.scale]

    return edited(data, change)


@pytest.fixture(scope="module")
def inputs(store: Store) -> Callable[[str], NDArray[np.float32]]:
    artifacts = Artifacts(store)
    return lambda task: artifacts.evaluation(TASKS.get(task)).test.x[:SAMPLES]


def answers(data: bytes, runtime: str, codes: Codes) -> Predictions:
    raw = RUNTIMES.get(runtime).load(Artifact("net", data)).run(codes)
    return predictions.read_outputs(tflite.read(data), raw, 0)


def quantized(data: bytes, x: NDArray[np.float32]) -> Codes:
    codes: Codes = ports.codes_of(x, ports.input_of(tflite.read(data)))[0]
    return codes


@pytest.mark.parametrize("factor", [1, 3, 10, 30])
@pytest.mark.parametrize("name", ["helmet-qat-int8", "gesture-qat-int8", "keyword-int8"])
def test_a_steep_softmax_is_no_false_alarm(
    name: str, factor: float, inputs: Callable[[str], NDArray[np.float32]]
) -> None:
    """A code more or less in front of it moves single samples far, the same classes mostly."""
    data = steeper((PUBLISHED / f"{name}.tflite").read_bytes(), factor)
    codes = quantized(data, inputs(name.split("-", maxsplit=1)[0]))

    assert value_problem(answers(data, "tflm", codes), answers(data, "litert", codes)) is None


def on_grid(codes: Codes) -> Predictions:
    """Outputs of a regression, in steps of 1."""
    tensor = ports.output_of(tflite.read((PUBLISHED / "sine-8-int8.tflite").read_bytes()))
    quantization = tflite.Quantization((1.0,), (0,), 0)
    grid = tflite.Tensor(
        **{
            name: getattr(tensor, name)
            for name in tensor.__dataclass_fields__
            if name != "quantization"
        },
        quantization=quantization,
    )
    return Predictions(codes.astype(np.float32), codes, grid=grid)


CODES = np.arange(-100, 100, dtype=np.int8)[:, None]


def changed(count: int, shift: int) -> Codes:
    found: Codes = CODES.copy()
    found[:count] += np.int8(shift)
    return found


@pytest.mark.parametrize(
    ("count", "shift", "problem"),
    [
        (0, 0, None),
        (200, 4, None),
        (1, 90, None),
        (4, 90, None),
        (20, 90, "10.0% of the samples differ by more than 16 LSB, by up to 90; at most 2% is"),
        (200, 6, "half of the samples differ by 6 LSB and more; at most 4 is rounding"),
    ],
    ids=["equal", "a few codes", "one outlier", "on the border", "a share", "an offset"],
)
def test_a_share_of_samples_decides(count: int, shift: int, problem: str | None) -> None:
    found = value_problem(on_grid(changed(count, shift)), on_grid(CODES))

    assert (problem is None) == (found is None)
    assert problem is None or problem in str(found)


def test_a_few_pixels_of_an_image_are_no_problem() -> None:
    """One of 1,000 outputs of every sample is far off; then 20 are."""
    image = np.zeros((50, 1000), np.int8)
    one, many = image.copy(), image.copy()
    one[:, :1] = many[:, :20] = 100

    assert value_problem(on_grid(one), on_grid(image)) is None
    assert "100.0% of the samples" in str(value_problem(on_grid(many), on_grid(image)))


def test_one_sample_without_a_number_is_a_problem() -> None:
    """It is no rounding, however few they are; but two may both have none."""
    values = np.linspace(0, 1, 1000, dtype=np.float32)[:, None]
    broken = values.copy()
    broken[7] = np.nan
    good, bad = Predictions(values, values), Predictions(broken, broken)

    assert value_problem(bad, good) == "1 of 1000 samples have NaN or infinity on one side only"
    assert value_problem(good, bad) == value_problem(bad, good)
    assert value_problem(bad, bad) is None


@pytest.mark.parametrize("count", [1, 2])
def test_few_samples_prove_little(count: int) -> None:
    """One of ten may be on the border; two are not."""
    far = changed(count, 90)[:10]

    assert (value_problem(on_grid(far), on_grid(CODES[:10])) is None) == (count == 1)


def test_truncated_inputs_are_caught(inputs: Callable[[str], NDArray[np.float32]]) -> None:
    """TFLM behind a program that truncates where it should round, as tutorials do."""
    data = (PUBLISHED / "gesture-int8.tflite").read_bytes()
    x = inputs("gesture")
    quantization = ports.input_of(tflite.read(data)).quantization
    assert quantization is not None
    real = x / quantization.scales[0] + quantization.zero_points[0]
    truncated = np.trunc(np.clip(real, -128, 127)).astype(np.int8)

    found = value_problem(
        answers(data, "tflm", truncated), answers(data, "litert", quantized(data, x))
    )

    assert "of the samples differ by more than 0.0625 units" in str(found)


@dataclass(frozen=True, slots=True)
class OtherBiases(TFLM):
    """TFLM, but with a constant of the file that the first operator reads set to 0."""

    name: str = "other-biases"
    operator: int = 0

    def load(self, artifact: Artifact) -> TFLMSession:
        model = tflite.read(artifact.data)
        if self.operator >= len(model.operators):
            return TFLM.load(self, artifact)
        bias = model.operators[self.operator].inputs[2]

        def change(tree: Any) -> None:
            buffer = tree.buffers[tree.subgraphs[0].tensors[bias].buffer]
            buffer.data = np.zeros(len(buffer.data), np.uint8)

        return TFLM.load(self, Artifact("changed", edited(artifact.data, change)))


def test_the_first_operator_that_differs_by_more_than_rounding_is_named(
    inputs: Callable[[str], NDArray[np.float32]],
) -> None:
    """The second layer of three has lost its biases; the first one differs by rounding at most."""
    data = (PUBLISHED / "sine-16x16-int8.tflite").read_bytes()
    codes = quantized(data, inputs("sine-16x16"))
    machines = RuntimeMachine(RUNTIMES.get("litert")), RuntimeMachine(OtherBiases(operator=1))
    raw = [[one.run(Artifact("net", data), [codes]).outputs[0]] for one in machines]

    found = first_operator(Artifact("net", data), machines, [codes], (raw[0], raw[1]))

    start = "the first operator that differs by more than rounding is 1 (FULLY_CONNECTED): "
    assert str(found).startswith(start)
    assert "of the 100 samples that differ most, by up to" in str(found)
    assert str(found).endswith(" codes")


def test_two_that_agree_have_no_first_operator() -> None:
    data = (PUBLISHED / "sine-16x16-int8.tflite").read_bytes()
    machine = RuntimeMachine(RUNTIMES.get("litert"))
    raw = [CODES]

    assert first_operator(Artifact("n", data), (machine, machine), [CODES], (raw, raw)) is None


def test_worst_samples_come_first_and_equal_ones_not_at_all() -> None:
    """In any of several outputs; a number beside NaN is worst."""
    one = [np.array([[0.0], [1.0], [2.0], [3.0]]), np.zeros((4, 2))]
    other = [np.array([[0.0], [1.5], [np.nan], [3.0]]), np.zeros((4, 2))]
    other[1][3, 1] = 9

    assert worst_samples(one, other).tolist() == [2, 3, 1]
    assert worst_samples(other, other).tolist() == []
