"""A ready-made model in a file or a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tinybench.conversion.formats import Format, ModelFileError, format_of
from tinybench.storage import hashing


@dataclass(frozen=True)
class ModelFile:
    """A model that somebody else has made.

    `custom_objects` are the classes and functions of the user's own that a Keras file names.
    """

    path: Path
    custom_objects: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def format(self) -> Format:
        """Its kind; raises ModelFileError for anything else."""
        return format_of(self.path)

    @cached_property
    def sha256(self) -> str:
        """Of the file; of a folder, of all names and bytes below it."""
        if self.path.is_file():
            return hashing.of_bytes(self.path.read_bytes())
        parts = [
            f"{file.relative_to(self.path).as_posix()} {hashing.of_bytes(file.read_bytes())}"
            for file in sorted(self.path.rglob("*"))
            if file.is_file()
        ]
        return hashing.of_bytes("\n".join(parts).encode())


def find(path: Path | str, custom_objects: Mapping[str, Any] | None = None) -> ModelFile:
    """The model in a file or folder; raises ModelFileError where there is none."""
    found = ModelFile(Path(path).expanduser(), custom_objects or {})
    found.format  # noqa: B018  # raises
    return found


__all__ = ["Format", "ModelFile", "ModelFileError", "find"]
