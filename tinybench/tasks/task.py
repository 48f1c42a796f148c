"""What a task is: data, architecture, training recipe, quality metrics and acceptance bound."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tinybench import hashing
from tinybench.backend import Keras, KerasModel
from tinybench.metrics import METRICS
from tinybench.tasks.data import Dataset


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the float model is trained: Adam, full data each epoch, shuffled as `fit` does.

    `loss` and `metric` are names in `keras.losses` and `keras.metrics`. `seed` fixes the initial
    weights and the shuffles; the data have a seed of their own. `fine_tune_epochs` is the length
    of quantization-aware training and of its float32 control.
    """

    epochs: int
    batch_size: int
    learning_rate: float = 1e-3
    loss: str = "MeanSquaredError"
    metric: str = "mean_absolute_error"
    seed: int = 1
    fine_tune_epochs: int = 500


@dataclass(frozen=True, slots=True)
class Task:
    """One benchmark problem.

    `data(seed)` makes the data set; `build(keras)` the model, from the Keras module it is given,
    with an input of fixed shape. `initialize(model, seed)` may change the initial weights.
    `bounds` are the worst values of quality metrics that the float model may have. `checkpoints`
    is the folder of committed weights; without it the model is trained when it is first needed.
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
    """What the outputs of a classifier stand for, in their order."""
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

    def recipe_and_data(self, data: Dataset) -> dict[str, Any]:
        """What decides the trained weights and can be told without building the model."""
        return {"data": data.sha256, "recipe": asdict(self.recipe)}

    def definition(self, model: KerasModel) -> dict[str, Any]:
        """Everything that decides the trained weights but the library versions, JSON-able."""
        return {
            **self.recipe_and_data(self.dataset()),
            "architecture": hashing.of_json(_architecture(model)),
        }

    def code(self) -> list[str]:
        """Hashes of the source files of the task's functions, and the arguments bound to them.

        Stands for the architecture in cache keys, where building the model would import
        TensorFlow. An edit elsewhere in the file makes things again for nothing; that is safe.
        """
        return [_code(function) for function in (self.data, self.build, self.initialize)]


def _code(function: Any) -> str:
    if isinstance(function, partial):
        return f"{_code(function.func)} {function.args!r} {sorted(function.keywords.items())!r}"
    if function is None:
        return "none"
    path = inspect.getsourcefile(function)
    if path is None:
        raise TypeError(f"{function!r} has no source file; define it in a module or a conftest.py")
    return f"{function.__qualname__} {hashing.of_bytes(Path(path).read_bytes())}"


def _architecture(model: KerasModel) -> Any:
    """The model's configuration without the names, which are no part of what it computes."""

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

    return strip(model.get_config())
