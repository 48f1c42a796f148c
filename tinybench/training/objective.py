"""What training lessens: the loss of each output, and the metrics that its curves show."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tinybench.tasks import Recipe
from tinybench.tasks.losses import called
from tinybench.tensorflow import Keras, load
from tinybench.training.errors import TrainingError

Loss: TypeAlias = Callable[[Any, Any, Any], Any]
"""The mean loss of targets, predictions and weights of samples, which may be None."""

ELEMENTWISE, BY_CLASS = "mean_absolute_error", "sparse_categorical_accuracy"
"""The metric where none is stated, and that of targets that are class numbers."""


@dataclass(frozen=True, slots=True)
class Objective:
    """The losses of all outputs, in their order, and their metrics by name."""

    losses: tuple[Loss, ...]
    weights: tuple[float | None, ...]
    metrics: Mapping[str, Callable[[Any, Any], Any]]

    def loss(self, targets: Sequence[Any], predicted: Sequence[Any], samples: Any = None) -> Any:
        """The sum of the outputs' losses, each as often as its weight says."""
        total = None
        for one, weight, y, answer in zip(
            self.losses, self.weights, targets, predicted, strict=True
        ):
            found = one(y, answer, samples)
            found = found if weight is None else weight * found
            total = found if total is None else total + found
        return total

    def measured(self, targets: Sequence[Any], predicted: Sequence[Any]) -> list[Any]:
        """The metric of each output."""
        return [
            load().tf.reduce_mean(one(y, answer))
            for one, y, answer in zip(self.metrics.values(), targets, predicted, strict=True)
        ]


def objective(recipe: Recipe, outputs: Sequence[str], by_class: Sequence[bool]) -> Objective:
    """What a recipe says for these outputs; `by_class` tells which have class numbers as targets.

    TrainingError for a name that Keras does not have, and for an output without a loss.
    """
    keras = load().keras
    losses = _each(recipe.loss, outputs, "loss")
    weights = _each(recipe.loss_weights, outputs, "loss_weights") if recipe.loss_weights else {}
    metrics = {}
    for name, numbered in zip(outputs, by_class, strict=True):
        stated = _each(recipe.metric, outputs, "metric")[name]
        stated = BY_CLASS if numbered and stated == ELEMENTWISE else stated
        title = stated if isinstance(stated, str) else called(stated)
        title = title if len(outputs) == 1 else f"{title}@{name}"
        metrics[title] = _metric(keras, stated)
    return Objective(
        tuple(_loss(keras, losses[name]) for name in outputs),
        tuple(weights.get(name) for name in outputs),
        metrics,
    )


def _each(stated: Any, outputs: Sequence[str], field: str) -> dict[str, Any]:
    """What is stated for each output: one for all, or each its own."""
    if not isinstance(stated, Mapping):
        return dict.fromkeys(outputs, stated)
    if {*stated} == {*outputs}:
        return dict(stated)
    if len(stated) == len(outputs) == 1:
        return dict(zip(outputs, stated.values(), strict=True))
    raise TrainingError(
        f"the recipe's {field} is for {', '.join(stated)}, but the outputs are "
        f"{', '.join(outputs)}: name each of them"
    )


def _loss(keras: Keras, stated: Any) -> Loss:
    made = _made(keras.losses, stated, "loss")
    if hasattr(made, "get_config"):
        return lambda y, answer, samples: (
            made(y, answer) if samples is None else made(y, answer, sample_weight=samples)
        )
    tf = load().tf

    def mean(y: Any, answer: Any, samples: Any) -> Any:
        found = tf.convert_to_tensor(made(y, answer))
        if samples is None:
            return tf.reduce_mean(found)
        each = tf.reduce_mean(tf.reshape(found, [tf.shape(samples)[0], -1]), axis=1)
        return tf.reduce_mean(each * samples)

    return mean


def _metric(keras: Keras, stated: Any) -> Callable[[Any, Any], Any]:
    made = _made(keras.metrics, stated, "metric")
    if not hasattr(made, "update_state"):
        function: Callable[[Any, Any], Any] = made
        return function

    def fresh(y: Any, answer: Any) -> Any:
        """The metric of one batch: such an object adds up what it saw before."""
        made.reset_state()
        made.update_state(y, answer)
        return made.result()

    return fresh


def _made(module: Any, stated: Any, what: str) -> Any:
    """A function or object: what a name stands for is made with its arguments."""
    name, arguments = stated if isinstance(stated, tuple) else (stated, {})
    if isinstance(name, str):
        found = getattr(module, name, None)
        if found is None or name.startswith("_"):
            valid = [one for one in vars(module) if not one.startswith("_")]
            close = difflib.get_close_matches(name, valid, n=1)
            hint = f" (did you mean {close[0]!r}?)" if close else ""
            raise TrainingError(f"Keras has no {what} {name!r}{hint}")
    else:
        found = name
    if not inspect.isclass(found):
        return found
    try:
        return found(**arguments)
    except TypeError as error:
        raise TrainingError(f"{what} {called(stated)} cannot be made: {error}") from None
