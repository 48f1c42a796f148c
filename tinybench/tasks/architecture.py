"""What a Keras model computes, as a hash that is the same with every version of Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinybench.storage import hashing
from tinybench.tensorflow import KerasModel, is_keras3, layers_of

Defaults = Mapping[str, Mapping[str, Any]]

_RANDOM = (
    "Brightness", "Contrast", "Crop", "Flip", "Height", "Rotation", "Translation", "Width", "Zoom"
)  # fmt: skip
_VARIANCE_SCALING = (
    "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform",
    "VarianceScaling",
)  # fmt: skip

KERAS2: Defaults = {
    "InputLayer": {"optional": False},
    "MultiHeadAttention": {"softmax_robust_masking": False},
    **{f"Random{name}": {"rng_type": "stateful"} for name in _RANDOM},
}
"""Settings by class that tf-keras 2.21 writes into a configuration and 2.18 does not yet: what
they are called, and the value that says what 2.18 does."""
KERAS3: Defaults = {
    "InputLayer": {"optional": False},
    "AdditiveAttention": {"seed": None},
    "Attention": {"seed": None},
    "BatchNormalization": {"renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99},
    **{f"Conv{count}DTranspose": {"output_padding": None} for count in (1, 2, 3)},
    **{name: {"quantization_config": None} for name in ("Dense", "EinsumDense", "Embedding")},
    "ELU": {"alpha": 1.0},
    **{name: {"input_axes": None, "output_axes": None} for name in _VARIANCE_SCALING},
    **{f"{of}Lookup": {"oov_method": "floormod", "salt": None} for of in ("Integer", "String")},
    "MultiHeadAttention": {"sliding_window": None, "use_gate": False},
}
"""The same of Keras 3.15 and 3.10, without layers that no model for a microcontroller has."""


def architecture(model: KerasModel) -> str:
    """Hash of the model's configuration without the names, which compute nothing.

    Settings that an older Keras does not write are added, as the newest writes them: committed
    checkpoints have this hash. A subclassed model and the function of a SavedModel have no
    configuration: then it is the hash of the weights' shapes.
    """
    known = KERAS3 if is_keras3(model) else KERAS2
    bases = {type(layer).__name__: type(layer).__mro__ for layer in layers_of(model)}

    def added(name: str) -> dict[str, Any]:
        """What a class writes by now; one that is derived from it writes the same."""
        names = [kind.__name__ for kind in bases.get(name, ())] or [name]
        return {key: value for one in names for key, value in known.get(one, {}).items()}

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            if isinstance(config := value.get("config"), dict):
                value = {**value, "config": added(str(value.get("class_name"))) | config}
            return {
                key: strip(item)
                for key, item in value.items()
                if key not in ("name", "registered_name", "module", "build_config")
            }
        if isinstance(value, (list, tuple)):
            return [strip(item) for item in value]
        return value if isinstance(value, (str, int, float, bool, type(None))) else _text(value)

    try:
        config = model.get_config()
    except (NotImplementedError, AttributeError):
        config = [type(model).__name__, *(list(weight.shape) for weight in model.weights)]
    return hashing.of_json(strip(config))


def _text(value: Any) -> str:
    """Its `repr`, of a number of NumPy the one that NumPy 2 gives."""
    if not isinstance(value, np.generic):
        return repr(value)
    if isinstance(value, np.bool_):
        return f"np.{value}_"
    # As `str` shows it; the f-string of a float32 shows the digits of a Python float.
    return f"np.{type(value).__name__}({value!s})"


def architecture_and_weights(model: KerasModel) -> str:
    """Hash of all that decides what a Keras model computes."""
    weights = {str(at): np.asarray(value) for at, value in enumerate(model.get_weights())}
    return hashing.of_json([architecture(model), hashing.of_arrays(weights)])
