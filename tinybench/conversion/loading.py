"""Reads the Keras model in a file, whichever Keras wrote it, or says in one line why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tinybench.console import capture
from tinybench.conversion.formats import (
    DamagedFileError,
    LoadingError,
    NotFiniteWeightsError,
    format_of,
    keras_version,
)
from tinybench.conversion.tracing import reason
from tinybench.errors import require_packages
from tinybench.tensorflow import Keras, KerasModel, load, load_keras3, quiet

MISSING = (
    r"Could not locate (?:class|function) '(\w+)'",
    r"layer=(\w+) of type <class 'str'>",
    r"Unknown (?:layer|object|class|function|\w+ function): ?'?(?:[\w ]*>)?(\w+)'?",
)
"""How Keras 3 and Keras 2 name a custom object that they do not know."""
LAMBDA = "unsafe deserialization|arbitrary code execution|enable_unsafe_deserialization"
SIGNATURE = "serving_default"
NAMED = 3
"""Weights that are named where some are not finite."""


class Served:
    """The function that a SavedModel without Keras' own description serves."""

    def __init__(self, loaded: Any, function: Any) -> None:
        """`loaded` owns the variables of `function`, its signature's."""
        self._loaded = loaded
        self._function = function
        self._inputs = function.structured_input_signature[1]

    @property
    def declared_inputs(self) -> list[tuple[str, tuple[int | None, ...]]]:
        """Name and shape of each input, without the batch."""
        return [(name, tuple(spec.shape[1:])) for name, spec in self._inputs.items()]

    @property
    def declared_types(self) -> dict[str, str]:
        """The data type of each input."""
        return {name: spec.dtype.name for name, spec in self._inputs.items()}

    @property
    def declared_outputs(self) -> list[Any]:
        """A specification of each output, batch included."""
        return list(self._function.structured_outputs.values())

    @property
    def variables(self) -> list[Any]:
        """What it computes with."""
        return list(self._loaded.variables)

    @property
    def weights(self) -> list[Any]:
        """The same, by the name that Keras models have for it."""
        return self.variables

    def __call__(self, *tensors: Any) -> dict[str, Any]:
        tf = load().tf
        given = zip(self._inputs.items(), tensors, strict=True)
        return dict(self._function(**{name: tf.cast(x, spec.dtype) for (name, spec), x in given}))


def load_model(path: Path | str, custom_objects: Mapping[str, Any] | None = None) -> KerasModel:
    """The model of a `.keras` or `.h5` file (Keras 3 or 2) or of a SavedModel folder.

    `custom_objects` are the user's own classes and functions, by name. Raise `ModelFileError` for
    what cannot be read, and for weights that are not finite.
    """
    path, objects = Path(path), dict(custom_objects or {})
    kind = format_of(path)
    if kind == "tflite":
        raise LoadingError(f"{path}: a .tflite is converted already; no Keras model is in it")
    if kind == "saved-model":
        model = _saved_model(path, objects)
    else:
        version = keras_version(path) if kind == "keras" else _version_of_h5(path)
        keras = load().keras if version.startswith(("0.", "1.", "2.")) else load_keras3()
        model = _read(path, version, keras, lambda: _load(keras, path, objects))
    _check_weights(path, model)
    return model


def _load(keras: Keras, path: Path, objects: dict[str, Any]) -> KerasModel:
    return keras.models.load_model(str(path), custom_objects=objects, compile=False)


def _saved_model(path: Path, objects: dict[str, Any]) -> KerasModel:
    if (path / "keras_metadata.pb").is_file():
        return _read(path, "2", load().keras, lambda: _load(load().keras, path, objects))
    tf = load().tf
    loaded = _read(path, "", None, lambda: tf.saved_model.load(str(path)))
    if SIGNATURE not in loaded.signatures:
        found = ", ".join(loaded.signatures) or "none"
        raise LoadingError(
            f"{path}: the SavedModel has no signature {SIGNATURE!r} (it has: {found}); save with "
            "model.export(folder), or tf.saved_model.save(model, folder, signatures=function)"
        )
    return Served(loaded, loaded.signatures[SIGNATURE])


def _version_of_h5(path: Path) -> str:
    require_packages("an HDF5 file", "h5py")
    import h5py

    try:
        with h5py.File(path) as file:
            attributes = dict(file.attrs)
    except OSError as error:
        raise DamagedFileError(
            f"{path}: an HDF5 file that cannot be read ({reason(error)}): it is not whole; copy or "
            "save it again"
        ) from error
    if "model_config" not in attributes:
        raise LoadingError(
            f"{path}: holds weights, and no model; build the model, load_weights({path.name!r}), "
            "and save it as a .keras file"
        )
    version = attributes.get("keras_version", b"2")
    return version.decode() if isinstance(version, bytes) else str(version)


def _read(path: Path, version: str, keras: Keras, read: Callable[[], Any]) -> Any:
    try:
        with quiet(), capture.stderr():
            return read()
    except Exception as error:
        raise LoadingError(f"{path}: {_why(error, version, keras)}") from error


def _why(error: Exception, version: str, keras: Keras) -> str:
    text = str(error)
    for pattern in MISSING:
        if found := re.search(pattern, text):
            name = found[1]
            return (
                f"it needs {name}, which is not Keras' own; give the file that defines it: "
                f"--custom-objects FILE.py (in Python: custom_objects={{{name!r}: …}})"
            )
    if re.search(LAMBDA, text):
        return (
            "it has a Lambda layer, that is Python code in the file, which is not run unasked; if "
            "you trust it, load_model(path, safe_mode=False) with its Keras, and give the model"
        )
    here = f", read by {keras.__version__}" if keras else ""
    by = f" (written by Keras {version}{here})" if version else ""
    remedy = "save it again, as a .keras file"
    if keras and _is_newer(version, keras.__version__):
        package = keras.__name__.partition(".")[0]
        remedy = f"install {package}=={version}, or save it with {package} {keras.__version__}"
    return f"the model cannot be read{by}: {reason(error).rstrip('.')}; {remedy}"


def _is_newer(version: str, than: str) -> bool:
    ours, theirs = (
        [int(number) for number in re.findall(r"\d+", text)[:2]] for text in (version, than)
    )
    return ours > theirs


def _check_weights(path: Path, model: KerasModel) -> None:
    broken = []
    for weight in model.weights:
        values = np.asarray(weight)
        if values.dtype.kind == "f" and (count := int(values.size - np.isfinite(values).sum())):
            name = str(getattr(weight, "path", weight.name)).removesuffix(":0")
            broken.append(f"{name} ({count} of {values.size})")
    if broken:
        more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
        raise NotFiniteWeightsError(
            f"{path}: weights are NaN or infinite: {', '.join(broken[:NAMED])}{more}; "
            "train the model again, with a smaller learning rate"
        )
