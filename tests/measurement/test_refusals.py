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
from tinybench.measurement.measure import Measurements
from tinybench.results.record import HOST_ONLY
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
