"""Layers of a model: how far a variant's are from float32's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench.measurement.layers import comparable, layer_errors
from tinybench.runtimes import Artifact

MODELS = Path(__file__).parents[1] / "tflite" / "models"


def artifact(name: str) -> Artifact:
    return Artifact(name, (MODELS / f"{name}.tflite").read_bytes())


def inputs(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Samples that fit the model."""
    from tinybench import tflite

    model = tflite.read(artifact(name).data)
    shape = model.tensors[model.inputs[0]].shape[1:]
    return np.random.default_rng(1).uniform(-1, 1, (20, *shape)).astype(np.float32)


@pytest.mark.parametrize("family", ["dense", "conv"])
def test_layers_differ_more_in_fewer_bits(family: str) -> None:
    float32, x = artifact(f"{family}-float32"), {"input": inputs(f"{family}-float32")}

    found = {
        name: list(layer_errors(float32, artifact(f"{family}-{name}"), x))
        for name in ("float32", "float16", "int16x8", "int8", "int8-float-io")
    }

    assert all(one["error"] == 0 for one in found["float32"])
    assert len({len(layers) for layers in found.values()}) == 1
    for precise, coarse in (("float16", "int8"), ("int16x8", "int8")):
        assert 0 < found[precise][0]["error"] < found[coarse][0]["error"] < 0.5
    assert found["int8-float-io"][0]["error"] == pytest.approx(found["int8"][0]["error"], rel=0.5)


def test_models_of_other_layers_have_nothing_in_common() -> None:
    x = {"input": inputs("dense-float32")}

    assert list(layer_errors(artifact("dense-float32"), artifact("conv-float32"), x)) == []


def test_only_what_shares_float32s_weights_is_compared() -> None:
    """Names that are registered nowhere are left out."""
    names = ["float32", "int8", "qat-int8", "mine", "float16"]

    assert [one.name for one in comparable(names)] == ["int8", "float16"]
