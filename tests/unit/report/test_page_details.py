"""Curves and layers: what the page computes beyond the document."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench.checkpoint import Checkpoint
from tinybench.document import Document, Result
from tinybench.measure import Bench
from tinybench.pipeline import Pipeline
from tinybench.report.page.details import POINTS, collect, curves_of, layer_errors
from tinybench.runtimes import Artifact
from tinybench.store import Store

MODELS = Path(__file__).parents[1] / "tflite" / "models"


def artifact(name: str) -> Artifact:
    return Artifact(name, (MODELS / f"{name}.tflite").read_bytes())


def inputs(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Samples that fit the model."""
    from tinybench import tflite

    model = tflite.read(artifact(name).data)
    shape = model.tensors[model.inputs[0]].shape[1:]
    return np.random.default_rng(1).uniform(-1, 1, (20, *shape)).astype(np.float32)


@pytest.mark.parametrize(("epochs", "shown"), [(0, 0), (1, 1), (7, 7), (POINTS, POINTS)])
def test_short_curves_are_shown_whole(epochs: int, shown: int) -> None:
    found = curves_of(Checkpoint({}, {"loss": np.arange(epochs, dtype=np.float32)}, {}))

    assert found["epochs"] == list(range(1, shown + 1))
    assert found["values"]["loss"] == [float(at) for at in range(shown)]


def test_long_curves_keep_first_and_last_epoch() -> None:
    loss = np.linspace(5, 1, 2001, dtype=np.float32)

    found = curves_of(Checkpoint({}, {"loss": loss, "val_loss": loss + 1}, {}))

    assert len(found["epochs"]) == len(found["values"]["val_loss"]) <= POINTS + 1
    assert (found["epochs"][0], found["epochs"][-1]) == (1, 2001)
    assert (found["values"]["loss"][0], found["values"]["loss"][-1]) == (5.0, 1.0)


@pytest.mark.parametrize("family", ["dense", "conv"])
def test_layers_differ_more_in_fewer_bits(family: str) -> None:
    float32, x = artifact(f"{family}-float32"), inputs(f"{family}-float32")

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
    x = inputs("dense-float32")

    assert list(layer_errors(artifact("dense-float32"), artifact("conv-float32"), x)) == []


def test_details_of_a_registered_task(tmp_path: Path) -> None:
    """Stages that the measured variants come from; layers of closed variants that are not exact."""
    document = Document({})
    for variant in ("float32", "int8", "qat-int8"):
        document.add(Result(f"linear-{variant}", "linear", variant))
    document.add(Result("unknown-int8", "nobody-registered-this", "int8"))

    found = collect(document, Bench(Pipeline(Store(tmp_path))))

    assert list(found.training) == ["linear"]
    assert list(found.training["linear"]) == ["float32", "qat"]
    assert found.layers["columns"] == ["task", "variant", "layer", "operator", "error"]
    assert {tuple(row[:3]) for row in found.layers["rows"]} == {
        *(("linear", "int8", layer) for layer in ("0 dense_0", "1 dense_1"))
    }
