"""What a runtime refuses has its own reason, and fails only where the reference refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench.measurement.measure import Measurements
from tinybench.runtimes import RUNTIMES, Artifact

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
