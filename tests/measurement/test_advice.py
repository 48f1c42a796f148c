"""Every advice is given where the example of its page in docs/help has the cause only."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tinybench import (
    ADVICES,
    VARIANTS,
    Advice,
    Dataset,
    Evidence,
    Measurements,
    Recipe,
    Split,
    Task,
    advise,
    tflite,
)
from tinybench.tflite.ports import plain_name

if TYPE_CHECKING:
    from tinybench.datasets.evaluation import Evaluation

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "reference" / "advice.md"
OWN = "Advice of your own"
MODELS = Path(__file__).parents[1] / "tflite" / "models"


def sections() -> dict[str, str]:
    """The example of each heading of the reference, and of each advice's own page."""
    pages = [DOCS / "help" / f"{one.name}.md" for one in ADVICES]
    text = "\n".join(path.read_text("utf-8") for path in (PAGE, *pages))
    parts = re.split(r"^#+ (.+)$", text, flags=re.M)
    found = zip(parts[1::2], parts[2::2], strict=True)
    return {
        title: "\n".join(re.findall(r"```python\n(.*?)```", text, re.S)) for title, text in found
    }


def names(evidence: Evidence) -> list[str]:
    return [note.short for note in advise(evidence)]


def model(name: str = "dense-int8") -> tflite.Model:
    return tflite.read((MODELS / f"{name}.tflite").read_bytes())


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    """What the page's first example defines."""
    scope: dict[str, Any] = {}
    exec(compile(sections()["Advice"], PAGE.name, "exec"), scope)
    return scope


def ran(title: str, shared: dict[str, Any]) -> list[str]:
    """The names of the advice that an example found."""
    scope = dict(shared)
    exec(compile(sections()[title], PAGE.name, "exec"), scope)
    return [note.short for note in scope["found"]]


def test_the_reference_lists_every_advice_and_no_other() -> None:
    listed = re.findall(r"^\| \[(.+)\]\(../help/\1.md\) \| (.+) \|$", PAGE.read_text("utf-8"), re.M)

    assert listed == [(one.name, one.summary) for one in ADVICES]


@pytest.mark.parametrize("name", [one.name for one in ADVICES])
def test_an_example_gets_its_own_advice_and_no_other(name: str, shared: dict[str, Any]) -> None:
    assert ran(name, shared) == [name]


def test_an_advice_of_ones_own_is_given(shared: dict[str, Any]) -> None:
    assert ran(OWN, shared) == ["large-file"]
    assert "large-file" not in ADVICES


def test_a_sound_model_gets_none(shared: dict[str, Any]) -> None:
    """With all evidence that there can be."""
    x, layers = shared["x"], shared["keras"].layers
    network = shared["dense"](layers.Dense(8, "tanh"), layers.Dense(2, "softmax"))
    targets = network(x).numpy()
    counts = {"no": 100, "yes": 100}
    evidence = Evidence(
        tflite.read(shared["int8"](network, x)),
        inputs={"input": x},
        targets={"output": targets},
        outputs={"output": targets},
        answered=counts,
        calibrated=counts,
    )

    assert advise(evidence) == []


def test_the_line_has_what_was_found_and_the_remedy() -> None:
    x = np.linspace(-40, 40, 200, dtype=np.float32).reshape(-1, 1)
    (note,) = (n for n in advise(Evidence(model(), inputs={"x": x})) if n.name == "clipped-inputs")

    assert note.kind == "advice"
    assert re.match(r"\d+ % of the test inputs are clipped: the calibration set ", note.reason)
    assert note.reason.endswith("; " + ADVICES.get("clipped-inputs").remedy)
    assert str(note) == f"clipped-inputs: {note.reason}"


def test_float_inputs_are_judged_by_what_they_become() -> None:
    x = np.linspace(-40, 40, 200, dtype=np.float32).reshape(-1, 1)

    assert "clipped-inputs" in names(Evidence(model("dense-int8-float-io"), inputs={"x": x}))
    assert "clipped-inputs" not in names(Evidence(model("dense-float32"), inputs={"x": x}))


def test_several_inputs_are_told_apart_by_name() -> None:
    """Whatever their order, and of other names by that; too few are not compared."""
    file = model("two-inputs-int8")
    tensors = [file.tensors[index] for index in file.inputs]
    first, other = map(plain_name, tensors)
    shapes = [(50, *one.shape[1:]) for one in tensors]
    far = np.linspace(-1e3, 1e3, int(np.prod(shapes[0])), dtype=np.float32).reshape(shapes[0])
    near = np.zeros(shapes[1], np.float32)

    assert names(Evidence(file, inputs={first: far, other: near})) == ["clipped-inputs"]
    assert names(Evidence(file, inputs={other: near, first: far})) == ["clipped-inputs"]
    assert names(Evidence(file, inputs={"a": far, "b": near})) == ["clipped-inputs"]
    assert names(Evidence(file, inputs={first: far})) == []


@pytest.mark.parametrize(
    ("answered", "calibrated", "expected"),
    [
        ({"a": 50, "b": 50}, {"a": 100, "b": 0}, ["has one class, a", "b (50 %)"]),
        ({"a": 40, "b": 40, "c": 20}, {"a": 50, "b": 50}, ["leaves out classes", "c (20 %)"]),
        # Two of 20 samples should be of a rare class: that there are none is chance.
        ({"a": 90, "b": 10}, {"a": 20}, []),
        ({"a": 100, "b": 0}, {"a": 100}, []),
        ({"a": 100}, {}, []),
    ],
)
def test_classes_that_are_left_out_by_more_than_chance(
    answered: dict[str, int], calibrated: dict[str, int], expected: list[str]
) -> None:
    found = advise(Evidence(model("conv-int8"), answered=answered, calibrated=calibrated))
    text = " ".join(note.reason for note in found if note.name == "calibration-classes")

    assert bool(text) == bool(expected)
    assert all(part in text for part in expected)


def test_targets_that_float32_does_not_reach_are_no_matter_of_ranges() -> None:
    targets = np.linspace(-100, 100, 50, dtype=np.float32).reshape(-1, 1)
    near = np.zeros_like(targets)

    def found(outputs: np.ndarray[Any, Any]) -> list[str]:
        evidence = Evidence(model(), targets={"y": targets}, outputs={"y": outputs})
        return [name for name in names(evidence) if name == "output-range"]

    assert found(targets) == ["output-range"]
    assert found(near) == []


@pytest.mark.parametrize(
    ("refusal", "operator"),
    [
        ("Didn't find op for builtin opcode 'POW' Failed to get registration from op code", "POW"),
        ("Failed to get registration from op code CUSTOM (ethos-u)", "ethos-u"),
        ("exp.cc: input->type != kTfLiteFloat32 Node EXP (number 1) failed to prepare", "EXP"),
        ("reduce_common.cc: no Node REDUCE_MAX (number 2) failed to invoke", "REDUCE_MAX"),
    ],
)
def test_the_operator_is_the_one_that_tflm_names(refusal: str, operator: str) -> None:
    found = advise(Evidence(model("conv-int8"), refusal=refusal))

    assert [note.name for note in found] == ["missing-operator"]
    assert f"TFLM does not run {operator}" in found[0].reason


def test_advice_that_trips_takes_nothing_along() -> None:
    def broken(evidence: Evidence) -> list[str]:
        raise ValueError("two\nlines")

    ADVICES.add(Advice("broken", "Breaks", "mend it", broken))
    try:
        (note,) = advise(Evidence(model("conv-int8")))
    finally:
        ADVICES.remove("broken")

    assert str(note) == "broken: could not be looked for: ValueError: two lines"


def in_class_order(seed: int) -> Dataset:
    """Three classes at 0, 5 and 10, each 200 samples, one class after the other."""
    random = np.random.default_rng(seed)

    def split() -> Split:
        classes = np.repeat(np.arange(3), 200)
        x = 5 * classes[:, None] + random.normal(0, 0.5, (600, 4))
        return Split(x.astype(np.float32), np.eye(3, dtype=np.float32)[classes])

    return Dataset(split(), split(), split(), "made here")


def two_layers(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [layers.Input((4,)), layers.Dense(8, "tanh"), layers.Dense(3, "softmax")]
    )


class FirstSamples(Task):
    """A task that is calibrated by the first samples of its training split."""

    def evaluation_of(self, data: Dataset) -> Evaluation:
        return replace(super().evaluation_of(data), calibration=data.train.x[:150])


@pytest.mark.parametrize(
    ("kind", "samples", "expected"),
    [
        (FirstSamples, 150, ["clipped-inputs", "calibration-classes"]),
        (Task, 600, []),
    ],
    ids=["one class", "all of them"],
)
def test_a_calibration_set_of_one_class(
    kind: type[Task], samples: int, expected: list[str], bench: Measurements
) -> None:
    """What its result has of the int8 variant; of float32 there is nothing to say."""
    task = kind(
        name="ordered",
        summary="Three classes in their order",
        data=in_class_order,
        build=two_layers,
        recipe=Recipe(
            epochs=60,
            batch_size=32,
            learning_rate=1e-2,
            loss="CategoricalCrossentropy",
            metric="categorical_accuracy",
        ),
        bounds={},
        labels=("a", "b", "c"),
        calibration_samples=samples,
    )

    def given(variant: str) -> list[str]:
        found = bench.variant(task, VARIANTS.get(variant)).notes
        return [note.short for note in found if note.kind == "advice"]

    assert given("int8") == given("int8-float-io") == expected
    assert given("float32") == []


def test_a_rare_sample_that_makes_the_range_of_a_layer(bench: Measurements) -> None:
    """Found by looking inside of the file: the layer's name, its range and that of its values."""

    def data(seed: int) -> Dataset:
        random = np.random.default_rng(seed)
        x = random.normal(0, 0.1, (300, 4)).astype(np.float32)
        rare = x.copy()
        rare[0] = 5
        usual, with_rare = (Split(one, one.mean(axis=1, keepdims=True)) for one in (x, rare))
        return Dataset(with_rare, usual, usual, "made here")

    def build(keras: Any) -> Any:
        layers = keras.layers
        return keras.Sequential([layers.Input((4,)), layers.Dense(4, "relu"), layers.Dense(1)])

    task = Task(
        name="rare",
        summary="One sample of 300 is far from all others",
        data=data,
        build=build,
        recipe=Recipe(epochs=5, batch_size=50),
        bounds={},
        calibration_samples=300,
    )

    notes = bench.variant(task, VARIANTS.get("int8")).notes
    found = {note.short: note.reason for note in notes if note.kind == "advice"}

    assert "input-outlier" in found
    assert re.match(r"dense_0 has codes for 0 to [\d.]+, but 99.8 %", found["activation-outlier"])
    assert bench.variant(task, VARIANTS.get("int16x8")).notes == []
