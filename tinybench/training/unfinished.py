"""What an interrupted training goes on from: finished stages, and the last epochs of one more.

A folder below the cache, named by all that decides the weights; it goes when all is done.
"""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.storage import hashing
from tinybench.storage.store import write_atomically
from tinybench.training.checkpoint import Checkpoint, CheckpointError

FOLDER = "unfinished"
SECONDS = 10.0
"""Epochs are kept at most this often: so much is lost at an interruption."""


class Unfinished:
    """One training of some stages; `inputs` is all that decides its weights, JSON-able."""

    def __init__(self, cache: Path, name: str, inputs: Any, seconds: float = SECONDS) -> None:
        self.folder = cache / FOLDER / f"{name}-{hashing.of_json(inputs)[:16]}"
        self.seconds = seconds

    def stage(self, name: str) -> StageMemory:
        """The memory of a stage in training."""
        return StageMemory(self.folder / f"{name}-epochs.npz", self.seconds)

    def finished(self, stage: str) -> Checkpoint | None:
        """The checkpoint of a stage that was finished."""
        path = self.folder / f"{stage}.npz"
        try:
            return Checkpoint.from_bytes(path.read_bytes(), str(path))
        except (OSError, CheckpointError):
            return None

    def finish(self, stage: str, found: Checkpoint) -> None:
        """Keep a finished stage; its epochs go."""
        write_atomically(self.folder / f"{stage}.npz", found.to_bytes())
        (self.folder / f"{stage}-epochs.npz").unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove everything: the training is done."""
        shutil.rmtree(self.folder, ignore_errors=True)


class StageMemory:
    """A file of arrays, rewritten at most every few seconds (see `fitting.Memory`)."""

    def __init__(self, path: Path, seconds: float) -> None:
        self.path = path
        self._seconds = seconds
        self._last = time.monotonic()

    def recall(self) -> dict[str, NDArray[Any]] | None:
        """The arrays; None if there are none, or the file is damaged."""
        try:
            with np.load(io.BytesIO(self.path.read_bytes()), allow_pickle=False) as file:
                return {name: file[name] for name in file.files}
        except Exception:
            # zipfile and NumPy raise a dozen types on damaged files; training starts again.
            return None

    def keep(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Write the arrays, unless that was done a moment ago."""
        if time.monotonic() - self._last < self._seconds:
            return
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        write_atomically(self.path, buffer.getvalue())
        self._last = time.monotonic()
