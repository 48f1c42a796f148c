"""Figures: what they are made of, and that equal inputs give equal PNG bytes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tinybench.checkpoint import Checkpoint
from tinybench.document import Document
from tinybench.measure import Bench, Predictions
from tinybench.report import figures, plots
from tinybench.report.plots import Curve, Layer, Point
from tinybench.store import Store
from tinybench.tasks import Dataset, Split, Task
from tinybench.tflite import Model, Operator, Tensor

pytest.importorskip("matplotlib")

X = np.linspace(0, 6, 12, dtype=np.float32)
Y = np.sin(X)
SPLITS = {"train": (X, Y), "validation": (X[:4], Y[:4]), "test": (X[4:], Y[4:])}
ALL = np.concatenate([y for _, y in SPLITS.values()])
LAYERS = [Layer("in", "float32", (1, 1), 0), Layer("out", "ADD", (1, 1), 2, (0,))]
POINTS = {
    "a": [Point("float32", 9, 1e-6), Point("int8", 5, 1e-3), Point("qat-int8", 5, 2e-3, True)]
}
CURVES = [Curve("loss", Y[:4] + 2, Y[4:8] + 2), Curve("mae", Y[:4])]

PLOTS = {
    "data with noise": partial(plots.data, SPLITS, ALL + 1),
    "data without truth": partial(plots.data, SPLITS, None),
    "training": partial(plots.training, CURVES, "mean squared error"),
    "one prediction": partial(plots.predictions, X, Y, {"Keras": Y}),
    "predictions": partial(plots.predictions, X, Y, {"Keras": Y, "TFLite": Y, "TFLite int8": Y}),
    "predictions of images": partial(plots.predictions, None, Y, {"Keras": Y + 1}),
    "graph": partial(plots.graph, [*LAYERS, Layer("skip", "ADD", (), 0, (0, 1))]),
    "quality": partial(plots.quality_against_size, POINTS),
}


@pytest.mark.parametrize("plot", PLOTS.values(), ids=PLOTS.keys())
def test_equal_arrays_give_equal_small_png_files(plot: Any) -> None:
    png = plot()

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert len(png) < 60_000
    assert png == plot()


def test_a_users_style_changes_nothing() -> None:
    import matplotlib

    expected = plots.graph(LAYERS)

    with matplotlib.rc_context({"font.size": 20.0, "figure.facecolor": "black"}):
        assert plots.graph(LAYERS) == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([], []),
        ([0.1, 0.5], [0.1, 0.5]),
        ([0.5, 0.5, 0.5], [0.5, 0.6, 0.7]),
        ([0.95, 0.97, 0.99], [0.8, 0.9, 1.0]),
    ],
)
def test_labels_are_spread_until_they_do_not_touch(
    levels: list[float], expected: list[float]
) -> None:
    assert plots.spread(levels, 0.1) == pytest.approx(expected)


def test_quality_points_are_the_documents_variants(document: Document) -> None:
    points = figures.quality_points(document)

    assert [point.variant for point in points["linear"]] == ["float32", "int8"]
    assert points["sine-16x16"][-1] == Point("qat-int8", 3008, 0.01042816417318182, is_open=True)


def tensor(index: int, name: str, shape: tuple[int, ...], data: bytes | None = None) -> Tensor:
    return Tensor(index, name, "float32", shape, (), None, data, False, False, 0)


def two_layers() -> Model:
    """A dense layer with a fused ReLU, and an addition of its output and the input."""
    tensors = (
        tensor(0, "input", (1, 4)),
        tensor(1, "model/dense_0/MatMul", (4, 4), bytes(64)),
        tensor(2, "model/dense_0/BiasAdd", (4,), bytes(16)),
        tensor(3, "model/dense_0/MatMul;model/dense_0/Relu", (1, 4)),
        tensor(4, "Identity", (1, 4)),
    )
    operators = (
        Operator(0, "FULLY_CONNECTED", 1, (0, 1, 2), (3,), {"fused_activation_function": "RELU"}),
        Operator(1, "ADD", 1, (3, 0, -1), (4,), None),
    )
    return Model("", 3, tensors, operators, (0,), (4,), (), (), 1, 0)


def test_a_graph_names_its_layers_and_counts_their_parameters() -> None:
    assert figures.layers_of(two_layers()) == [
        Layer("input", "float32", (1, 4), 0, ()),
        Layer("dense_0", "FULLY_CONNECTED + RELU", (1, 4), 20, (0,)),
        Layer("Identity", "ADD", (1, 4), 0, (1, 0)),
    ]


class TinyPipeline:
    """Data and curves without files; inputs of `features` values."""

    def __init__(self, cache: Path, features: int) -> None:
        self.store = Store(cache)
        x, y = np.repeat(X[:, None], features, axis=1), Y[:, None]
        split = Split(x, y, y)
        self._data = Dataset(split, split, split, "made here")

    def dataset(self, task: Task) -> Dataset:
        return self._data

    def checkpoint(self, task: Task, stage: str) -> Checkpoint:
        curve = np.ones(4, np.float32)
        return Checkpoint({}, {"loss": curve, "val_loss": curve}, {})


def tiny_bench(cache: Path, features: int = 1) -> Bench:
    bench = SimpleNamespace(
        pipeline=TinyPipeline(cache, features),
        predictions=lambda task, variant, runtime: Predictions(Y[:, None], Y[:, None]),
        graph=lambda task, variant: two_layers(),
    )
    return cast(Bench, bench)


def test_draw_writes_a_file_a_figure(document: Document, tmp_path: Path) -> None:
    for name in [*document.results, *document.tasks]:
        if name.startswith("sine"):
            document.results.pop(name, None)
            document.tasks.pop(name, None)

    paths = figures.draw(document, tiny_bench(tmp_path / "cache"), tmp_path)

    keys = [f"linear/{name}" for name in ("data", "training", "predictions", "graph")]
    assert list(paths) == [*keys, figures.OVERALL]
    assert paths["linear/graph"] == tmp_path / "figures/linear/graph.png"
    assert all(path.is_file() for path in paths.values())


def test_draw_leaves_out_what_makes_no_sense(document: Document, tmp_path: Path) -> None:
    """Two features have no data plot; what was not benchmarked is not predicted; unknown tasks."""
    document.results.clear()
    document.tasks = {"linear": {}, "nobody-registered-this": {}}

    paths = figures.draw(document, tiny_bench(tmp_path / "cache", features=2), tmp_path)

    assert list(paths) == ["linear/training"]


def test_draws_once(document: Document, tmp_path: Path) -> None:
    """What the same code drew from the same arrays comes from the cache, byte for byte."""
    bench = tiny_bench(tmp_path / "cache")
    first = {
        key: path.read_bytes() for key, path in figures.draw(document, bench, tmp_path).items()
    }

    again = figures.draw(document, bench, tmp_path / "again")

    assert {key: path.read_bytes() for key, path in again.items()} == first
    drawn = list((tmp_path / "cache").glob("figure-*.png"))
    assert len(drawn) == len(first)
