"""The models of a baseline, kept beside it so that they can be timed again: `results/models/`.

A result document has a model's SHA-256 only. Time can be judged only with the old model at hand,
and what made it may be gone; a few kilobytes each, the files themselves are committed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tinybench.results import baseline
from tinybench.results.document import DocumentError
from tinybench.results.record import identifier
from tinybench.storage import hashing
from tinybench.storage.store import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybench.results.document import Document

MODELS = "models"
"""The folder's name, beside the baseline."""
FOLDER = f"results/{MODELS}"
SUFFIX = "tflite"
REMEDY = "run the benchmarks and then `tinybench accept`, which stores the models of a baseline"


class NoStoredModelError(DocumentError):
    """A model of a baseline that was not kept, or is not there."""

    page = "no-stored-model"


def store_models(document: Document, cache: Path, folder: Path) -> list[str]:
    """Make `folder` hold exactly the models of a document, and return the ids that are lost.

    Models are looked up in the cache by their content: neither their tasks nor TensorFlow are
    needed. One that is not there any more is lost, and no older file of its name is left behind.
    """
    lost = []
    for name, sha256 in _hashes(document).items():
        path = folder / f"{name}.{SUFFIX}"
        if _read(path, sha256) is None:
            if (data := _cached(cache, sha256)) is None:
                lost.append(name)
                continue
            write_atomically(path, data)
    kept = _hashes(document).keys() - lost
    for path in folder.glob(f"*.{SUFFIX}"):
        if path.stem not in kept:
            path.unlink()
    return lost


def problems(document: Document, folder: Path) -> list[str]:
    """What is wrong with the stored models of a document, one line each."""
    found = []
    hashes = _hashes(document)
    for name, sha256 in hashes.items():
        path = folder / f"{name}.{SUFFIX}"
        if _read(path, sha256) is None:
            what = "is another file than was measured" if path.exists() else "is missing"
            found.append(f"{path} {what}; {REMEDY}")
    for path in sorted(folder.glob(f"*.{SUFFIX}")):
        if path.stem not in hashes:
            found.append(f"{path} belongs to no result; {REMEDY}")
    return found


def load(task: str, variant: str, root: Path, where: str = "") -> bytes:
    """The stored model of a variant; DocumentError if there is none.

    `where` names the baseline as `tinybench.results.baseline.find` does: a document, beside which
    models lie, or a commit. By default they are those in the folder `root`.
    """
    name = f"{identifier(task, variant)}.{SUFFIX}"
    path = Path(where)
    if where and not (path.exists() or path.suffix == ".json"):
        try:
            return baseline.file_at(where, f"{FOLDER}/{name}", root)
        except DocumentError as error:
            raise NoStoredModelError(f"no stored model: {error}") from None
    path = (path.parent / "models" if where else root / FOLDER) / name
    try:
        return path.read_bytes()
    except OSError as error:
        shown = os.path.relpath(path)
        raise NoStoredModelError(f"no stored model {shown}: {error.strerror}; {REMEDY}") from None


def _hashes(document: Document) -> Mapping[str, str]:
    """The SHA-256 of every variant's file, by the variant's id."""
    return {
        identifier(one.task, one.variant): one.sha256
        for one in document.results.values()
        if one.variant and one.sha256
    }


def _cached(cache: Path, sha256: str) -> bytes | None:
    # The store names its files by the first half of their hash.
    for path in sorted(cache.glob(f"*-{sha256[:16]}.{SUFFIX}")):
        if (data := _read(path, sha256)) is not None:
            return data
    return None


def _read(path: Path, sha256: str) -> bytes | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data if hashing.of_bytes(data) == sha256 else None
