"""What quantization-aware training is not available for is one line that names it."""

from collections.abc import Callable
from typing import Any

import pytest

from tinybench.errors import NotAvailableError
from tinybench.tensorflow import Keras, load, load_keras3
from tinybench.training.stages import quantization_aware


def _nested(keras: Keras) -> list[Any]:
    return [keras.Sequential([keras.Input((8, 1)), keras.layers.Flatten()])]


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (lambda keras: [keras.layers.Conv1D(4, 3)], "^tfmot has no Conv1D$"),
        (lambda keras: [keras.layers.Rescaling(2.0)], "^tfmot has no Rescaling$"),
        (_nested, "^tfmot takes no model inside a model$"),
    ],
)
def test_what_tfmot_lacks_is_named(layers: Callable[[Keras], list[Any]], message: str) -> None:
    keras = load().keras
    model = keras.Sequential([keras.Input((8, 1)), *layers(keras), keras.layers.Dense(1)])

    with pytest.raises(NotAvailableError, match=message):
        quantization_aware(model)


def test_a_keras_3_model_is_refused() -> None:
    keras = load_keras3()

    with pytest.raises(NotAvailableError, match="the model is of Keras 3"):
        quantization_aware(keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]))
