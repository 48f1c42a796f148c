"""What kind of model a file or a folder is, told from its bytes, without TensorFlow."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Literal

from tinybench.errors import TinybenchError
from tinybench.storage.pointer import UNFETCHED, is_pointer

Format = Literal["keras", "h5", "saved-model", "tflite"]

ACCEPTED = "a .keras file, an .h5 file, a SavedModel folder or a .tflite file"
ELSEWHERE = {
    "ONNX": "convert it first: onnx2tf -i {name}; then tinybench bench model.tflite",
    "PyTorch": "convert the model first with litert-torch; then tinybench bench model.tflite",
}
"""What other frameworks' files take."""
TORCH_NAMES = (".pt", ".pth", ".pt2", ".ckpt", ".safetensors")
HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
PICKLE = b"\x80"
IDENTIFIER = slice(4, 8)
"""Where a flatbuffer says what it is."""


class ModelFileError(TinybenchError, ValueError):
    """A file that no model can be read from; the message names it and says what would do."""

    page = "not-a-model"


class DamagedFileError(ModelFileError):
    """A file that is not whole."""

    page = "damaged-model"


class OtherFrameworkError(ModelFileError):
    """A model that is not of Keras."""

    page = "other-framework"


class LoadingError(ModelFileError):
    """A model that its framework does not load."""

    page = "model-not-loaded"


class NotFiniteWeightsError(ModelFileError):
    """Weights that are NaN or infinite."""

    page = "not-finite"


def format_of(path: Path) -> Format:
    """Tell the kind of model from its bytes: the name may say anything."""
    if not path.exists():
        raise ModelFileError(f"{path}: there is no such file; give {ACCEPTED}")
    if path.is_dir():
        return _folder(path)
    with path.open("rb") as file:
        head = file.read(8)
    if is_pointer(path):
        raise ModelFileError(f"{path}: {UNFETCHED}")
    if not head:
        raise DamagedFileError(f"{path}: the file is empty; give {ACCEPTED}")
    if head[IDENTIFIER] == b"TFL3":
        return "tflite"
    if head == HDF5:
        return "h5"
    if head.startswith(ZIP):
        return _archive(path)
    if path.suffix.lower() == ".onnx":
        raise _foreign(path, "ONNX")
    if path.suffix.lower() in TORCH_NAMES or (head.startswith(PICKLE) and path.suffix != ".pkl"):
        raise _foreign(path, "PyTorch")
    if path.name == "saved_model.pb":
        raise ModelFileError(f"{path}: a part of a SavedModel; give its folder, {path.parent}")
    if path.suffix.lower() == ".tflite":
        raise DamagedFileError(
            f"{path}: not a .tflite: bytes 4 to 7 are {head[IDENTIFIER]!r}, expected b'TFL3'; "
            "it is not whole, or something else; copy or convert it again"
        )
    raise ModelFileError(f"{path}: not a model: it starts with {head!r}; give {ACCEPTED}")


def keras_version(path: Path) -> str:
    """The version of Keras that wrote a `.keras` file, such as `3.15.1`."""
    with _opened(path) as archive:
        try:
            return str(json.loads(archive.read("metadata.json"))["keras_version"])
        except (KeyError, ValueError) as error:
            raise LoadingError(f"{path}: its metadata.json has no keras_version") from error


def _folder(path: Path) -> Format:
    if (path / "saved_model.pb").is_file() or (path / "saved_model.pbtxt").is_file():
        return "saved-model"
    if (path / "config.json").is_file() and (path / "model.weights.h5").is_file():
        raise ModelFileError(
            f"{path}: an unpacked .keras file; pack what is in it: (cd {path}; zip -r ../m.keras .)"
        )
    raise ModelFileError(f"{path}: a folder without saved_model.pb; give {ACCEPTED}")


def _archive(path: Path) -> Format:
    with _opened(path) as archive:
        names = set(archive.namelist())
    if "config.json" in names and "metadata.json" in names:
        return "keras"
    if any(name.endswith("data.pkl") for name in names):
        raise _foreign(path, "PyTorch")
    if any(name.endswith("saved_model.pb") for name in names):
        raise ModelFileError(f"{path}: a packed SavedModel; unpack it and give its folder")
    raise ModelFileError(
        f"{path}: a zip file without config.json and metadata.json, so no .keras file; "
        f"give {ACCEPTED}"
    )


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise DamagedFileError(
            f"{path}: a zip file that cannot be read ({str(error).rstrip('.')}): it is not whole; "
            "copy or save it again"
        ) from error


def _foreign(path: Path, framework: str) -> ModelFileError:
    remedy = ELSEWHERE[framework].format(name=path.name)
    return OtherFrameworkError(f"{path}: a model of {framework}, not of Keras; {remedy}")


__all__ = ["Format", "ModelFileError", "format_of", "keras_version"]
