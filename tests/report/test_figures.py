"""Figures: what they are made of, and that equal inputs give equal PNG bytes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.report import class_plots, figures, plots, tradeoffs
from tinybench.report.class_plots import Sample
from tinybench.report.plots import Curve
from tinybench.report.tradeoffs import Panel, Point
from tinybench.results.document import Document
from tinybench.results.illustration import Box, Illustration
from tinybench.storage.store import Store
from tinybench.tflite import Model, Operator, Tensor
from tinybench.tflite.layers import Layer, layers_of

from .. import illustrations
from ..components import needs

pytestmark = needs("matplotlib")

X = np.linspace(0, 6, 12, dtype=np.float32)
Y = np.sin(X)
SPLITS = {"train": (X, Y), "validation": (X[:4], Y[:4]), "test": (X[4:], Y[4:])}
ALL = np.concatenate([y for _, y in SPLITS.values()])
LAYERS = [Box("in", "float32", (1, 1), 0), Box("out", "ADD", (1, 1), 2, (0,))]
POINTS = (Point("float32", 9, 1e-6), Point("int8", 5, 1e-3), Point("qat-int8", 5, 2e-3, True))
ACCURACIES = (Point("float32", 9, 0.9, interval=(0.8, 0.95)), Point("int8", 5, 0.9))
FRONTS = [
    Panel("by LiteRT", "size", "mse ↓", POINTS, marks_front=True),
    *[Panel("on a board", "size", "accuracy ↑", ACCURACIES, True, True)] * 2,
]
CURVES = [Curve("loss", Y[:4] + 2, Y[4:8] + 2), Curve("mae", Y[:4])]
RANDOM = np.random.default_rng(1)
MATRIX = np.array([[9, 1], [0, 7]])


def inputs(*shape: int) -> list[Sample]:
    """Inputs of this shape: two that float32 and int8 find, and two mistakes."""
    named = [("yes", "yes"), ("yes", "yes"), ("yes", "no"), ("a-long-label", "a-long-label")]
    return [
        Sample(RANDOM.random(shape, np.float32), "yes", (("float32", plain), ("int8", quantized)))
        for plain, quantized in named
    ]


PLOTS = {
    "data with noise": partial(plots.data, SPLITS, ALL + 1),
    "data without truth": partial(plots.data, SPLITS, None),
    "training": partial(plots.training, CURVES, "mean squared error"),
    "one prediction": partial(plots.predictions, X, Y, {"Keras": Y}),
    "predictions": partial(plots.predictions, X, Y, {"Keras": Y, "TFLite": Y, "TFLite int8": Y}),
    "predictions of images": partial(plots.predictions, None, Y, {"Keras": Y + 1}),
    "graph": partial(plots.graph, [*LAYERS, Box("skip", "ADD", (), 0, (0, 1))]),
    "quality": partial(tradeoffs.quality_against_cost, [Panel("a", "size", "mse ↓", POINTS)]),
    "fronts": partial(tradeoffs.quality_against_cost, FRONTS),
    "layers": partial(plots.layer_errors, ["0 a", "1 b"], {"int8": [0.1, 0.2], "odd": [0, 0.1]}),
    "spectrograms": partial(class_plots.spectrograms, inputs(49, 40, 1)),
    "traces": partial(class_plots.traces, inputs(128, 3)),
    "traces of one channel": partial(class_plots.traces, inputs(128, 3, 1)),
    "pictures": partial(class_plots.pictures, inputs(8, 8, 3)),
    "grey pictures": partial(class_plots.pictures, inputs(8, 8, 1)),
    "confusion": partial(class_plots.confusion, ["a", "b"], [("x", MATRIX), ("y", MATRIX)]),
    "many classes": partial(
        class_plots.confusion, list("abcdefghijklm"), [("x", np.eye(13, dtype=np.int64))]
    ),
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
    assert tradeoffs.spread(levels, 0.1) == pytest.approx(expected)


def test_quality_against_size_is_of_the_documents_variants(document: Document) -> None:
    panels = {panel.title: panel for panel in figures.quality_against_size(document)}

    assert [point.variant for point in panels["linear"].points] == ["float32", "int8"]
    qat = Point("qat-int8", 3008, 0.01042816417318182, is_open=True)
    assert panels["sine-16x16"].points[-1] == qat
    assert panels["sine-16x16"].quality == "mse ↓"


def test_a_classifier_is_judged_by_accuracy_of_which_more_is_better(classes: Document) -> None:
    (panel,) = figures.quality_against_size(classes)

    metrics = classes.results["sides-int8"].metrics
    interval = (metrics["accuracy_low"], metrics["accuracy_high"])
    assert (panel.quality, panel.higher) == ("accuracy ↑", True)
    assert panel.points[2] == Point(
        "int8", metrics["tflite_bytes"], metrics["accuracy"], interval=interval
    )


def test_a_tasks_costs_are_of_the_file_and_on_the_board(both: Document) -> None:
    """By the board's own answers there; a task on no board has one panel."""
    panels = figures.pareto(both, "sides")

    assert [panel.cost for panel in panels] == [
        *("tflite_bytes (B) ↓", "flash_bytes (B) ↓", "instructions (instr) ↓")
    ]
    assert [panel.title for panel in panels] == ["By LiteRT", "On cortex-m4", "On cortex-m4"]
    assert [point.cost for point in panels[2].points] == [400, 300, 310]
    assert all(panel.marks_front for panel in panels)
    assert len(figures.pareto(both, "linear")) == 1


@pytest.mark.parametrize(
    ("higher", "expected"),
    [(False, ["a", "b"]), (True, ["b", "c"])],
)
def test_the_front_is_of_closed_points_that_none_beats(higher: bool, expected: list[str]) -> None:
    """An open point, better than all, is on no front and pushes none off it."""
    points = (Point("a", 9, 1.0), Point("b", 5, 2.0), Point("c", 6, 3.0))
    best = Point("open", 1, 9.0 if higher else 0.1, is_open=True)
    panel = Panel("", "", "", (*points, best), higher=higher)

    assert [point.variant for point in tradeoffs.on_front(panel)] == expected


@pytest.mark.parametrize(
    ("plain", "quantized", "title", "is_right"),
    [
        ("yes", "yes", "yes → yes", True),
        ("no", "no", "yes → no", False),
        ("yes", "no", "yes →\nfloat32 yes, int8 no", False),
        ("x" * 40, "x" * 40, f"yes →\n{'x' * 40}", False),
    ],
)
def test_a_title_tells_the_class_and_what_models_name(
    plain: str, quantized: str, title: str, is_right: bool
) -> None:
    sample = Sample(X, "yes", (("float32", plain), ("int8", quantized)))

    assert (sample.title, sample.is_right) == (title, is_right)


def test_confusions_are_float32s_and_int8s(classes: Document) -> None:
    found = figures.confusions(classes, "sides")

    accuracy = classes.results["sides-int8"].metrics["accuracy"]
    assert [title.partition(":")[0] for title, _ in found] == ["float32", "int8"]
    assert found[1][0] == f"int8: accuracy {accuracy:.3f}"
    assert found[1][1].tolist() == classes.results["sides-int8"].confusion


@pytest.mark.parametrize("matrix", [[], [[1, 2]], [[1, 2], [3]], [[1, 2, 3]] * 3])
def test_a_matrix_of_other_classes_is_not_drawn(classes: Document, matrix: Any) -> None:
    classes.results["sides-float32"].confusion = matrix

    assert len(figures.confusions(classes, "sides")) == 1


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
    return Model("", 3, tensors, operators, (0,), (4,), (), (), (), 0)


def test_a_graph_names_its_layers_and_counts_their_parameters() -> None:
    assert layers_of(two_layers()) == [
        Layer("input", "float32", (1, 4), 0, ()),
        Layer("dense_0", "FULLY_CONNECTED + RELU", (1, 4), 20, (0,)),
        Layer("Identity", "ADD", (1, 4), 0, (1, 0)),
    ]


def test_draw_writes_a_file_a_figure(document: Document, tmp_path: Path) -> None:
    illustrated = {"linear": illustrations.of(document, "linear")}
    for name in [*document.results, *document.tasks]:
        if name.startswith("sine"):
            document.results.pop(name, None)
            document.tasks.pop(name, None)

    paths = figures.draw(document, illustrated, Store(tmp_path / "cache"), tmp_path)

    names = ("data", "training", "predictions", "pareto", "layers", "graph")
    keys = [f"linear/{name}" for name in names]
    assert list(paths) == [*keys, figures.OVERALL]
    assert paths["linear/graph"] == tmp_path / "figures/linear/graph.png"
    assert all(path.is_file() for path in paths.values())


def test_without_an_illustration_there_are_the_figures_of_numbers(
    document: Document, tmp_path: Path
) -> None:
    paths = figures.draw(document, {}, Store(tmp_path / "cache"), tmp_path)

    assert {key.rpartition("/")[2] for key in paths} == {"pareto", figures.OVERALL}


def test_a_task_of_more_features_has_no_data_plot(tmp_path: Path) -> None:
    """Nor has one without results any of theirs."""
    document = Document({}, {"mine": {}})
    bare: dict[str, Any] = {
        "splits": {},
        "truth": None,
        "predictions": None,
        "graph": (),
        "layers": {},
    }
    illustrated = {"mine": illustrations.of(document, "mine", **bare)}

    paths = figures.draw(document, illustrated, Store(tmp_path / "cache"), tmp_path)

    assert list(paths) == ["mine/training"]


@pytest.mark.slow
def test_draws_once(document: Document, tmp_path: Path) -> None:
    """What the same code drew from the same arrays comes from the cache, byte for byte."""
    illustrated = {"linear": illustrations.of(document, "linear")}
    first, again = (
        figures.draw(document, illustrated, Store(tmp_path / "cache"), tmp_path / folder)
        for folder in ("first", "again")
    )

    assert list(first) == list(again)
    assert all(first[key].read_bytes() == again[key].read_bytes() for key in first)
    drawn = list((tmp_path / "cache").glob("figure-*.png"))
    assert len(drawn) == len(first)


def test_draw_shows_a_classifiers_inputs_and_answers(
    classes: Document, sides: Illustration, tmp_path: Path
) -> None:
    paths = figures.draw(classes, {"sides": sides}, Store(tmp_path / "cache"), tmp_path)

    names = ("samples", "confusion", "training", "pareto", "layers", "graph")
    assert list(paths) == [*(f"sides/{name}" for name in names), figures.OVERALL]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths.values())
    assert {key.rpartition("/")[2] for key in paths} <= figures.ALT_TEXTS.keys()


def test_inputs_that_cannot_be_drawn_are_left_out(
    classes: Document, sides: Illustration, tmp_path: Path
) -> None:
    """Numbers in no order that a picture could show; and float32 alone has no layers to compare."""
    assert sides.samples is not None
    numbers = replace(sides, samples=replace(sides.samples, modality="number"), layers={})

    paths = figures.draw(classes, {"sides": numbers}, Store(tmp_path / "cache"), tmp_path)

    names = ("confusion", "training", "pareto", "graph")
    assert list(paths) == [*(f"sides/{name}" for name in names), figures.OVERALL]
