"""A model that somebody trained: which file it is, told without TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from tinybench.errors import TinybenchError
from tinybench.storage import hashing

Format = Literal["keras", "h5", "saved-model", "tflite"]
ACCEPTED = "a .keras or .h5 file, a SavedModel folder or a .tflite file"
ZIP, HDF5, TFLITE = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"TFL3"
NAMED = {".onnx": "onnx2tf", ".pt": "litert-torch", ".pth": "litert-torch"}
"""Files of other frameworks, and what makes a .tflite of them."""


class ModelFileError(TinybenchError, ValueError):
    """A file that is no model, or none that can be read here."""


@dataclass(frozen=True)
class ModelFile:
    """A model's file or folder; `custom_objects` are the classes and functions that it names."""

    path: Path
    custom_objects: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def format(self) -> Format:
        """Told by the content; ModelFileError for anything else."""
        path = self.path
        if path.is_dir():
            if (path / "saved_model.pb").exists():
                return "saved-model"
            raise ModelFileError(f"{path} has no saved_model.pb; a model is {ACCEPTED}")
        try:
            with path.open("rb") as file:
                start = file.read(8)
        except OSError as error:
            raise ModelFileError(f"cannot read model {path}: {error.strerror}") from None
        if start[4:] == TFLITE:
            return "tflite"
        if start.startswith(ZIP) and path.suffix not in NAMED:
            return "keras"
        if start == HDF5:
            return "h5"
        if maker := NAMED.get(path.suffix):
            raise ModelFileError(f"{path}: make a .tflite of it with {maker}, and give that")
        raise ModelFileError(f"{path} is no model; a model is {ACCEPTED}")

    @cached_property
    def sha256(self) -> str:
        """Hash of the file's bytes, or of those of every file below the folder."""
        if not self.path.is_dir():
            return hashing.of_bytes(self.path.read_bytes())
        files = sorted(one for one in self.path.rglob("*") if one.is_file())
        return hashing.of_json(
            {
                one.relative_to(self.path).as_posix(): hashing.of_bytes(one.read_bytes())
                for one in files
            }
        )
