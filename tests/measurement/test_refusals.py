"""What a runtime refuses has its own reason, and fails only where the reference refuses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.conversion.variants import VARIANTS
from tinybench.datasets.data import Floats
from tinybench.measurement.attempt import attempt
from tinybench.measurement.cases import Case
from tinybench.measurement.measure import Measurements
from tinybench.results.record import ADVICE, HOST_ONLY, NOT_AVAILABLE, PARTLY_FLOAT
from tinybench.runtimes import RUNTIMES, Artifact
from tinybench.tasks import Task
from tinybench.tensorflow import load

from ..codegen.builder import Op, Tensor, build

PUBLISHED = [
    path
    for path in sorted((Path(__file__).parents[2] / "results" / "models").glob("*.tflite"))
    if not path.stem.endswith(("-dynamic", "-float16"))
]
"""What is meant for devices."""


def largest(dtype: str) -> Artifact:
    """The largest of 4x4 values in each of two channels."""
    x, y = Tensor((1, 4, 4, 2), dtype, 0.01), Tensor((1, 2), dtype, 0.01)
    axes = Tensor((2,), "int32", data=[1, 2])
    data = build([x], [Op("REDUCE_MAX", [x, axes], [y], keep_dims=False)], [y])
    return Artifact(f"largest-{dtype}", data)


def test_loading_alone_proves_nothing(bench: Measurements) -> None:
    """TFLM loads REDUCE_MAX of int16 and refuses to run it; LiteRT runs it."""
    x = np.ones((1, 4, 4, 2), np.int16)
    assert RUNTIMES.get("litert").load(largest("int16")).run(x).tolist() == [[1, 1]]
    RUNTIMES.get("tflm").load(largest("int16"))

    assert bench.refusal(largest("int16")) == (
        "Only float32 and int8 types are supported. "
        "Node REDUCE_MAX (number 0) failed to invoke with status 1"
    )
    assert bench.refusal(largest("int8")) is None


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_published_models_run_on_devices(path: Path, bench: Measurements) -> None:
    """A refusal is no failure of anybody's run, so that ours run is held here."""
    assert len(PUBLISHED) > 40
    assert bench.refusal(Artifact(path.stem, path.read_bytes())) is None


def with_digamma(keras: Any) -> Any:
    """A net with an operator that TFLite lacks: the converter makes it a custom one."""
    layers, digamma = keras.layers, load().tf.math.digamma
    return keras.Sequential(
        [
            layers.Dense(4, input_shape=(1,), activation="sigmoid"),
            layers.Lambda(lambda x: digamma(1 + x)),
            layers.Dense(1),
        ]
    )


def custom(converter: Any, samples: Floats) -> None:
    converter.allow_custom_ops = True


@dataclass(frozen=True, slots=True)
class Zeros:
    """A runtime with kernels of its own, which answers 0."""

    name: str = "zeros"
    summary: str = "Answers 0"
    variants: tuple[str, ...] = ()

    def unavailable(self) -> str | None:
        return None

    def load(self, artifact: Artifact) -> Zeros:
        return self

    def run(self, inputs: NDArray[Any]) -> NDArray[Any]:
        return np.zeros((len(inputs), 1), np.float32)


def test_what_the_reference_refuses_is_a_failed_row_with_the_reason(
    bench: Measurements, small: Task
) -> None:
    """What the file says of itself is measured all the same, and what others answer to it."""
    task = replace(small, name="digamma", build=with_digamma, initialize=None)
    variant = replace(VARIANTS.get("float32"), name="custom", rule="float32", configure=custom)

    found = bench.variant(task, variant)
    elsewhere = bench.runtime(task, variant, Zeros())

    assert len(found.problems) == 1
    assert found.problems[0].startswith("litert does not run it: Encountered unresolved custom op")
    assert found.note(HOST_ONLY)
    assert "MACs not counted: CUSTOM:Digamma" in map(str, found.notes)
    assert found.metrics["macs"] == 4 + 4
    assert found.metrics["tflite_bytes"] > 0
    assert "mse" not in found.metrics
    assert elsewhere.problems == []
    assert list(map(str, elsewhere.notes)) == ["not compared: litert refuses"]
    assert elsewhere.metrics["mse"] > 0
    assert "max_difference" not in elsewhere.metrics


def with_elu(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential([keras.Input((1,)), layers.Dense(8, "elu"), layers.Dense(1)])


def test_an_operator_without_an_integer_form_is_a_label(bench: Measurements, small: Task) -> None:
    """In an int8 file it stays float, which is said; of 16-bit integers there is no file."""
    task = replace(small, name="elu", build=with_elu, initialize=None, loss_limit=1.0)

    int8, int16 = (attempt(bench, Case(task, VARIANTS.get(name))) for name in ("int8", "int16x8"))

    assert int8.problems == []
    assert str(int8.note(PARTLY_FLOAT)) == "partly float: ELU"
    assert [one.name for one in int8.notes if one.kind == ADVICE][:1] == ["float-operator"]
    assert (int16.outcome, int16.problems) == ("skipped", [])
    assert "cannot convert to int16x8: " in str(int16.note(NOT_AVAILABLE))
    assert str(int16.note(NOT_AVAILABLE)).endswith("not yet supported for op: 'ELU'.")


def with_squares(keras: Any) -> Any:
    x = keras.Input((1,))
    first, second = keras.layers.Dense(4)(x), keras.layers.Dense(4)(x)
    squares = load().tf.math.squared_difference(first, second)
    return keras.Model(x, keras.layers.Dense(1)(squares))


def test_what_the_reference_lacks_for_the_types_of_a_variant_is_a_label(
    bench: Measurements, small: Task
) -> None:
    """LiteRT has no SQUARED_DIFFERENCE of int16, and the converter makes such a file."""
    task = replace(small, name="squares", build=with_squares, initialize=None)

    of_file = attempt(bench, Case(task, VARIANTS.get("int16x8")))
    there = attempt(bench, Case(task, VARIANTS.get("int16x8"), RUNTIMES.get("litert")))

    for found in (of_file, there):
        assert (found.outcome, found.problems) == ("skipped", [])
        assert "SQUARED_DIFFERENCE" in str(found.note(NOT_AVAILABLE))
    assert of_file.metrics["tflite_bytes"] > 0
    assert "mse" not in of_file.metrics
