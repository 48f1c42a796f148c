"""What a task is: data, architecture, training recipe, quality metrics and acceptance bound."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from tinybench.datasets import evaluation
from tinybench.datasets.data import Dataset
from tinybench.datasets.evaluation import Evaluation, Grid
from tinybench.metrics import METRICS
from tinybench.storage import hashing
from tinybench.tensorflow import Keras, KerasModel


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the float model is trained: Adam, full data each epoch, shuffled as `fit` does.

    `loss` and `metric` are names in `keras.losses` and `keras.metrics`. `seed` fixes the initial
    weights and the shuffles; the data have a seed of their own. `fine_tune_epochs` is the length
    of quantization-aware training and of its float32 control, `fine_tune_learning_rate` their
    learning rate, if it is another. With `patience`, training stops after that many epochs without
    a lower validation loss, and the best epoch's weights are kept, at every stage.
    """

    epochs: int
    batch_size: int
    learning_rate: float = 1e-3
    loss: str = "MeanSquaredError"
    metric: str = "mean_absolute_error"
    seed: int = 1
    fine_tune_epochs: int = 500
    patience: int | None = None
    fine_tune_learning_rate: float | None = None

    def deciding(self) -> dict[str, Any]:
        """The fields that are set, JSON-able: what decides the weights."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark problem.

    `data(seed)` makes the data set; `build(keras)` the model, from the Keras module it is given,
    with an input of fixed shape. `initialize(model, seed)` may change the initial weights.
    `bounds` are the worst values of quality metrics that the float model may have. `checkpoints`
    is the folder of committed weights; without it the model is trained when it is first needed.

    A task with `labels` is a classifier: targets are one-hot, outputs probabilities, in the
    labels' order. One with a `grid` can ship its test and calibration splits in the file
    `shipped`, so that measuring needs no other data. `elsewhere(folder, labels)` is the same task
    on data of that folder (None: the built-in ones), with those classes (empty: the default ones).
    """

    name: str
    summary: str
    data: Callable[[int], Dataset]
    build: Callable[[Keras], KerasModel]
    recipe: Recipe
    bounds: Mapping[str, float]
    data_seed: int = 1
    initialize: Callable[[KerasModel, int], None] | None = None
    calibration_samples: int = 500
    failed_above: float | None = None
    """Test MSE above which a seed of this task is counted as failed."""
    checkpoints: Path | None = None
    probes: tuple[float, ...] = ()
    """Inputs of a one-number task whose predictions its page shows."""
    labels: tuple[str, ...] = ()
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
            raise ValueError(f"task name {self.name!r}: use letters, digits, '.', '_' and '-'")
        for metric in self.bounds:
            METRICS.get(metric)

    def dataset(self, seed: int | None = None) -> Dataset:
        """The task's own data set, or the one of another seed."""
        return self.data(self.data_seed if seed is None else seed)

    def evaluation(self) -> Evaluation:
        """What to measure with: the shipped splits, or those of the data made now."""
        if self.shipped is not None:
            return evaluation.load(self.shipped)
        return self.evaluation_of(self.dataset())

    def evaluation_of(self, data: Dataset) -> Evaluation:
        """What to measure with, of this data set."""
        return evaluation.of_dataset(data, self.calibration_samples, self.labels)

    def recipe_and_data(self, data: str) -> dict[str, Any]:
        """What decides the trained weights and can be told without building the model.

        `data` is the hash of the whole data set.
        """
        return {"data": data, "recipe": self.recipe.deciding()}

    def definition(self, data: str, model: KerasModel) -> dict[str, Any]:
        """Everything that decides the trained weights but the library versions, JSON-able."""
        return {**self.recipe_and_data(data), "architecture": architecture(model)}

    def code(self) -> list[str]:
        """Hashes of the source files of the task's functions, and the arguments bound to them.

        Stands for the architecture in cache keys, where building the model would import
        TensorFlow. An edit elsewhere in the file makes things again for nothing; that is safe.
        """
        return [_code(function) for function in (self.data, self.build, self.initialize)]

    def data_code(self) -> str:
        """The part of `code` that stands for the data."""
        return _code(self.data)


def _code(function: Any) -> str:
    if isinstance(function, partial):
        return f"{_code(function.func)} {function.args!r} {sorted(function.keywords.items())!r}"
    if function is None:
        return "none"
    path = inspect.getsourcefile(function)
    if path is None:
        raise TypeError(f"{function!r} has no source file; define it in a module or a conftest.py")
    return f"{function.__qualname__} {hashing.of_bytes(Path(path).read_bytes())}"


def architecture(model: KerasModel) -> str:
    """Hash of the model's configuration without the names, which compute nothing."""

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: strip(item)
                for key, item in value.items()
                if key not in ("name", "registered_name", "module", "build_config")
            }
        if isinstance(value, (list, tuple)):
            return [strip(item) for item in value]
        return value if isinstance(value, (str, int, float, bool, type(None))) else repr(value)

    return hashing.of_json(strip(model.get_config()))
