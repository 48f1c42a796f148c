"""The float model as a SavedModel: the tutorials' starting point, and the size they compare with."""

from __future__ import annotations

from pathlib import Path

from tinybench.backend import KerasModel, load, quiet

UID_WIDTH = 10**6


def save(model: KerasModel, folder: Path) -> None:
    """Write the model for inference, without optimizer state."""
    _widen_function_names()
    with quiet():
        model.save(str(folder), save_format="tf", include_optimizer=False)


def predict(folder: Path, inputs: object) -> object:
    """Load a SavedModel and return its outputs as a NumPy array."""
    model = load().keras.models.load_model(str(folder), compile=False)
    return model(inputs, training=False).numpy()


def tree_bytes(folder: Path) -> int:
    """Bytes of all files, but for `fingerprint.pb`, whose length is random (97 to 98 bytes)."""
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.name != "fingerprint.pb"
    )


def _widen_function_names() -> None:
    """Let the counter in TensorFlow's function names have seven digits.

    The names are stored; without this the size depends on what the process did before.
    """
    from tensorflow.python import pywrap_tfe

    while pywrap_tfe.TFE_Py_UID() < UID_WIDTH:
        pass
