"""What a task is: data, architecture, training recipe, quality metrics and acceptance bound."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tinybench.conversion.model_file import ModelFile
from tinybench.datasets import evaluation
from tinybench.datasets.data import Dataset, Split
from tinybench.datasets.evaluation import Evaluation, Grid
from tinybench.datasets.own.found import Scaling
from tinybench.errors import TinybenchError
from tinybench.metrics import METRICS
from tinybench.metrics.heads import HEADS
from tinybench.storage import hashing
from tinybench.tasks.architecture import architecture
from tinybench.tasks.losses import Objective, described
from tinybench.tasks.own import Given, data_of, name_of, source_of
from tinybench.tensorflow import Keras, KerasModel


class TaskNameError(TinybenchError, ValueError):
    """A name that files and options cannot have."""

    page = "task-name"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the float model is trained: Adam, full data each epoch, shuffled as `fit` does.

    `loss` and `metric` are names in `keras.losses` and `keras.metrics`, names with arguments such
    as `("CategoricalCrossentropy", {"from_logits": True})`, Keras objects, or functions of
    (truth, prediction); for several outputs one for all, or a mapping by output. `loss_weights`
    says how much each output's loss counts. `seed` fixes the initial
    weights and the shuffles; the data have a seed of their own. `fine_tune_epochs` is the length
    of quantization-aware training and of its float32 control, `fine_tune_learning_rate` their
    learning rate, if it is another. With `patience`, training stops after that many epochs without
    a lower validation loss, and the best epoch's weights are kept, at every stage.
    """

    epochs: int
    batch_size: int
    learning_rate: float = 1e-3
    loss: Objective = "MeanSquaredError"
    metric: Objective = "mean_absolute_error"
    seed: int = 1
    fine_tune_epochs: int = 500
    patience: int | None = None
    fine_tune_learning_rate: float | None = None
    loss_weights: Mapping[str, float] | None = None

    def deciding(self) -> dict[str, Any]:
        """The fields that are set, JSON-able: what decides the weights."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        found |= {name: described(found[name], _code) for name in ("loss", "metric")}
        return {key: value for key, value in found.items() if value is not None}

    def __hash__(self) -> int:
        return hash(json.dumps(self.deciding(), sort_keys=True))


UNTRAINED = Recipe(epochs=0, batch_size=1, fine_tune_epochs=0)
"""The recipe of a model that comes with its weights."""


def nothing_to_build(keras: Keras) -> KerasModel:
    """Stands for the architecture of a task whose model is a file."""
    raise TypeError("the model is a file; there is nothing to build")


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark problem.

    `data(seed)` makes the data set; `build(keras)` the model, from the Keras module it is given,
    with an input of fixed shape. `initialize(model, seed)` may change the initial weights.
    `bounds` are the worst values of quality metrics that the float model may have, or a variant
    that they name (`"int8:mse"`). `checkpoints`
    is the folder of committed weights; without it the model is trained when it is first needed.

    A ready-made model comes from `model`, or from a `build` whose model has its weights, with no
    `recipe` or one of 0 epochs. Variants that need training are there if it has `fine_tune_epochs`.

    A task with `labels` is a classifier: targets are one-hot or class numbers, outputs scores, in
    the labels' order. `head` says how outputs are judged, one name for all or one for each output;
    what is not stated is found out (`tinybench.metrics.heads`).

    One with a `grid` can ship its test and calibration splits in the file `shipped`, so that
    measuring needs no other data. `elsewhere(folder, labels)` is the same task on data of that
    folder (None: the built-in ones), with those classes (empty: the default ones).
    """

    name: str
    summary: str
    data: Callable[[int], Dataset]
    build: Callable[[Keras], KerasModel] = nothing_to_build
    recipe: Recipe = UNTRAINED
    bounds: Mapping[str, float] = field(default_factory=dict)
    model: ModelFile | None = None
    """The file of a ready-made model."""
    data_seed: int = 1
    initialize: Callable[[KerasModel, int], None] | None = None
    calibration_samples: int = 500
    calibration: evaluation.Calibration = "drawn"
    """Whether calibration samples are drawn by class, or the first of the training split."""
    failed_above: float | None = None
    """Test MSE above which a seed of this task is counted as failed."""
    checkpoints: Path | None = None
    probes: tuple[float, ...] = ()
    """Inputs of a one-number task whose predictions its page shows."""
    labels: tuple[str, ...] = ()
    head: str | Mapping[str, str] | None = None
    threshold: float | Literal["validation"] | None = None
    """What a score must exceed to mean yes: half, and 0 for a logit, unless stated or chosen."""
    metrics: tuple[str, ...] = ()
    """Metrics of your own, each with a function `of(truth, prediction)`."""
    loss_limit: float = 0.01
    """How much of its quality a quantized variant may lose (`tinybench.measurement.judging`)."""
    modality: Literal["number", "audio", "motion", "image"] = "number"
    """What one input is, and so how it is drawn."""
    grid: Grid | None = None
    ships: str = ""
    """Name of the shipped file, if another task's data are used."""
    shipped: Path | None = None
    folder: Path | None = None
    """Where a user's own data are read from."""
    elsewhere: Callable[[Path | None, tuple[str, ...]], Task] | None = None
    published: Mapping[str, str] = field(default_factory=dict)
    """What the task's source reports, for comparison in the tables."""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", self.name):
            raise TaskNameError(
                f"task name {self.name!r}: use letters, digits, '.', '_' and '-', the first "
                "of them a letter or a digit"
            )
        if (self.build is nothing_to_build) == (self.model is None):
            raise ValueError(f"task {self.name!r}: give it a build function or a model file")
        for metric in self.bounds:
            METRICS.get(metric.rpartition(":")[2])
        for head in self.head.values() if isinstance(self.head, Mapping) else [self.head]:
            if head is not None:
                HEADS.get(head)
        for metric in self.metrics:
            if METRICS.get(metric).of is None:
                raise ValueError(
                    f"task {self.name!r}: metric {metric!r} has no function; give it one: "
                    f"Metric({metric!r}, ..., of=function)"
                )

    @property
    def is_trained(self) -> bool:
        """Whether its weights are made here: by a recipe, from a model that is built."""
        return self.model is None and self.recipe.epochs > 0

    @property
    def is_file(self) -> bool:
        """Whether it is a `.tflite` that is measured as it came."""
        return self.model is not None and self.model.format == "tflite"

    def missing(self, stage: str) -> str:
        """Why there are no weights of a stage; empty if there are."""
        if self.is_file != (stage == "file"):
            return "a .tflite is measured as it came" if self.is_file else "it is no .tflite"
        if stage in ("float32", "file") or self.recipe.fine_tune_epochs > 0:
            return ""
        return "needs training data and a recipe: Task(..., recipe=Recipe(...))"

    @classmethod
    def of(
        cls,
        model: str | Path | KerasModel | Callable[[Keras], KerasModel],
        data: str | Path | Dataset | Split | tuple[Any, ...] | Callable[[int], Dataset],
        *,
        name: str = "",
        summary: str = "",
        custom_objects: Mapping[str, Any] | None = None,
        target: str | Sequence[str] | None = None,
        scaling: Scaling | None = None,
        most: int | None = None,
        **more: Any,
    ) -> Task:
        """A task for a model of your own: all that is not stated is found out.

        `model` is a file or a folder (Keras, SavedModel or `.tflite`), a Keras model, or a
        function `build(keras)`. `data` is a file or folder (`docs/how-to/data.md`), arrays `(x,)`,
        `(x, y)` or `(x, y, weights)`, a Split or a Dataset, or a function `data(seed)`; `target`,
        `scaling` and `most` say how a file is read. What `more` has are fields of a task, such as
        `labels`, `recipe`, `bounds`. Nothing is trained without a recipe.
        """
        build, file = source_of(model, custom_objects)
        options = {"target": target, "scaling": scaling, "most": most}
        options["judged"] = more.get("head") is None
        told = summary or (f"{file.path.name}, ready-made" if file else "A model of your own")
        read = data_of(data, file, tuple(more.get("labels", ())), options)
        return cls(name or name_of(file), told, read, build or nothing_to_build, model=file, **more)

    def dataset(self, seed: int | None = None) -> Dataset:
        """The task's own data set, or the one of another seed."""
        return self.data(self.data_seed if seed is None else seed)

    def evaluation(self) -> Evaluation:
        """What to measure with: the shipped splits, or those of the data made now."""
        if self.shipped is not None:
            return replace(evaluation.load(self.shipped), labels=self.labels)
        return self.evaluation_of(self.dataset())

    def evaluation_of(self, data: Dataset) -> Evaluation:
        """What to measure with, of this data set."""
        return evaluation.of_dataset(
            data, self.calibration_samples, self.labels, calibration=self.calibration
        )

    def recipe_and_data(self, data: str) -> dict[str, Any]:
        """What decides the trained weights and can be told without building the model.

        `data` is the hash of the whole data set.
        """
        found = {"data": data, "recipe": self.recipe.deciding()}
        return found if self.model is None else {**found, "model": self.model.sha256}

    def definition(self, data: str, model: KerasModel) -> dict[str, Any]:
        """Everything that decides the trained weights but the library versions, JSON-able."""
        return {**self.recipe_and_data(data), "architecture": architecture(model)}

    def code(self) -> list[str]:
        """Hashes of the source files of the task's functions, and the arguments bound to them.

        Stands for the architecture in cache keys, where building the model would import
        TensorFlow. An edit elsewhere in the file makes things again for nothing; that is safe.
        """
        objects = self.model.custom_objects if self.model else {}
        functions = (self.data, self.build, self.initialize)
        return [_code(function) for function in (*functions, *filter(_is_source, objects.values()))]

    def data_code(self) -> str:
        """The part of `code` that stands for the data."""
        return _code(self.data)


def _is_source(value: Any) -> bool:
    """Whether it is a class or a function of Python: a module has others' too, of any kind."""
    value = inspect.unwrap(value) if callable(value) else value
    return inspect.isfunction(value) or (inspect.isclass(value) and value.__module__ != "builtins")


def _code(function: Any) -> str:
    if isinstance(function, partial):
        return f"{_code(function.func)} {function.args!r} {sorted(function.keywords.items())!r}"
    if function is None:
        return "none"
    if isinstance(function, Given):
        return function.sha256
    function = inspect.unwrap(function)
    path = inspect.getsourcefile(function)
    if path is None:
        raise TypeError(f"{function!r} has no source file; define it in a module or a conftest.py")
    return f"{function.__qualname__} {hashing.of_bytes(Path(path).read_bytes())}"
