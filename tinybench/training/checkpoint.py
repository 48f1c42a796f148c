"""Trained weights with their training curve and provenance, as one `.npz` file.

Beside a committed file stands a `.json` of the same name: its hash, seed, versions and final
losses, for reviewers. The hash there is the one that the weights must have.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.errors import TinybenchError
from tinybench.storage import hashing
from tinybench.storage.store import write_atomically

STAGES = ("float32", "control", "qat")
"""What is trained for a task: the float model; from it, for the same number of further epochs,
the float control and the quantization-aware edition."""


class CheckpointError(TinybenchError, ValueError):
    """A checkpoint file that is damaged, or is not the one that was committed."""

    page = "damaged-checkpoint"


class OtherArchitectureError(CheckpointError):
    """A checkpoint of another model than the task has now."""

    page = "other-architecture"


class NoCheckpointError(CheckpointError):
    """A checkpoint that is to be there, and is not."""

    page = "no-checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """Weights by variable name in model order, curves by name (epochs,), and what made them."""

    weights: Mapping[str, NDArray[Any]]
    history: Mapping[str, NDArray[np.float32]]
    provenance: Mapping[str, Any]

    @cached_property
    def sha256(self) -> str:
        """Hash of the weights alone."""
        return hashing.of_arrays(self.weights)

    @property
    def final(self) -> dict[str, float]:
        """Each curve's value at the epoch whose weights these are: the last, if no other is told.

        Training with patience keeps an earlier one, `kept_epoch` counted from 1.
        """
        index = int(self.provenance.get("kept_epoch", 0)) - 1
        return {name: float(curve[index]) for name, curve in self.history.items()}

    def to_bytes(self) -> bytes:
        """The `.npz` file; equal checkpoints give equal bytes."""
        arrays: dict[str, NDArray[Any]] = {
            f"weights/{index:03d}/{name}": value
            for index, (name, value) in enumerate(self.weights.items())
        }
        arrays |= {f"history/{name}": value for name, value in self.history.items()}
        arrays["provenance"] = np.array(json.dumps({**self.provenance, "sha256": self.sha256}))
        buffer = io.BytesIO()
        # Not compressed: the bytes must not depend on the version of zlib.
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, where: str) -> Checkpoint:
        """Read `to_bytes` back; `where` names the file in a CheckpointError."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            provenance = json.loads(str(arrays.pop("provenance")))
        except Exception as error:
            # zipfile and NumPy raise a dozen types on damaged files; all mean the same here.
            raise CheckpointError(f"{where} is not a tinybench checkpoint: {error}") from None
        weights = {
            name.split("/", 2)[2]: arrays[name] for name in arrays if name.startswith("weights/")
        }
        history = {
            name.split("/", 1)[1]: arrays[name] for name in arrays if name.startswith("history/")
        }
        checkpoint = cls(weights, history, provenance)
        if checkpoint.sha256 != provenance.get("sha256"):
            raise CheckpointError(
                f"{where} is damaged: its weights hash to {checkpoint.sha256[:16]}, "
                f"not to {str(provenance.get('sha256'))[:16]}"
            )
        return checkpoint


def load(folder: Path, stage: str, task: str) -> Checkpoint:
    """Read a task's committed checkpoint and check it against the hash in its `.json`."""
    path, note = folder / f"{stage}.npz", folder / f"{stage}.json"
    remedy = f"restore it, or make it again: tinybench train {task} --save"
    try:
        data, expected = path.read_bytes(), json.loads(note.read_text(encoding="utf-8"))["sha256"]
    except OSError as error:
        missing = f"cannot read checkpoint {error.filename}: {error.strerror}"
        raise NoCheckpointError(f"{missing}; {remedy}") from None
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(f"{note} has no hash of {path.name}; {remedy}") from None
    try:
        checkpoint = Checkpoint.from_bytes(data, str(path))
    except CheckpointError as error:
        raise CheckpointError(f"{error}; {remedy}") from None
    if checkpoint.sha256 != expected:
        raise CheckpointError(
            f"{path} holds weights {checkpoint.sha256[:16]}, "
            f"but {note.name} expects {str(expected)[:16]}; {remedy}"
        )
    return checkpoint


def save(folder: Path, stage: str, checkpoint: Checkpoint) -> None:
    """Write a checkpoint and the `.json` that describes it."""
    note = {
        "sha256": checkpoint.sha256,
        **checkpoint.provenance,
        "final": checkpoint.final,
    }
    write_atomically(folder / f"{stage}.npz", checkpoint.to_bytes())
    text = json.dumps(note, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_atomically(folder / f"{stage}.json", text.encode())
