"""What figures and pages show of a task beyond the numbers of a document: arrays and texts.

A run writes one file a task beside its document, so that a report only reads.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.results.document import DocumentError
from tinybench.storage.store import write_atomically

if TYPE_CHECKING:
    from tinybench.results.document import Document

Floats: TypeAlias = NDArray[np.float32]
SUFFIX = "npz"
ARRAY = "array"
"""Key of what stands for an array in the JSON of a file."""
REMEDY = "run its benchmarks again"


class IllustrationError(DocumentError):
    """A file that is no illustration, or none of the models that a document is about."""

    page = "damaged-illustration"


@dataclass(frozen=True, slots=True)
class Curves:
    """Quantities by epoch, of the epochs that are kept, counted from 1."""

    epochs: NDArray[np.int32]
    values: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Predictions:
    """Outputs on the test split by model, the targets (N, ...), and inputs (N,) of one number."""

    x: Floats | None
    actual: Floats
    by_model: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs (N, ...) of a modality, the class of each, and the classes that models name."""

    modality: str
    x: Floats
    true: tuple[str, ...]
    named: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Probes:
    """Outputs (N, 1) for chosen inputs by model, and the inputs that were trained with."""

    x: Floats
    by_model: Mapping[str, Floats]
    trained: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A layer of a graph; `sources` are the indexes of the boxes that it reads."""

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Illustration:
    """One task.

    `files` are the SHA-256 of its variants, `data` that of its data. `history` has every epoch of
    the float model, `curves` some epochs of each stage. `weights` are the names, shapes and texts
    of arrays; `inspection` is what is to be told of the float32 file, `graph` its layers, and
    `layers` how far those of other variants are from them. `splits` (x and y, (N,) each) and their
    noise-free `truth` are there for one number of one number.
    """

    files: Mapping[str, str]
    data: str
    loss: str
    summary: str
    inspection: str
    weights: tuple[tuple[str, tuple[int, ...], str], ...]
    history: Mapping[str, Floats]
    curves: Mapping[str, Curves]
    graph: tuple[Box, ...]
    layers: Mapping[str, list[dict[str, Any]]]
    splits: Mapping[str, tuple[Floats, Floats]] = field(default_factory=dict)
    truth: Floats | None = None
    predictions: Predictions | None = None
    samples: Samples | None = None
    probes: Probes | None = None

    def to_bytes(self) -> bytes:
        """The `.npz` file; the same bytes every time, with one version of zlib."""
        arrays: dict[str, NDArray[Any]] = {}
        told = json.dumps(_without_arrays(asdict(self), arrays), ensure_ascii=False)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, told=np.array(told), **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()


def from_bytes(data: bytes, where: str) -> Illustration:
    """Read `to_bytes` back; `where` names the file in an IllustrationError."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            told = _with_arrays(json.loads(str(file["told"])), file)
        told["graph"] = tuple(Box(**_tuples(one)) for one in told["graph"])
        told["weights"] = tuple((name, tuple(shape), text) for name, shape, text in told["weights"])
        told["curves"] = {name: Curves(**one) for name, one in told["curves"].items()}
        told["splits"] = {name: tuple(pair) for name, pair in told["splits"].items()}
        parts = {"predictions": Predictions, "samples": Samples, "probes": Probes}
        for name, kind in parts.items():
            told[name] = told[name] and kind(**_tuples(told[name]))
        return Illustration(**told)
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise IllustrationError(f"{where} is no illustration: {error}; {REMEDY}") from None


def folder_of(document: Path) -> Path:
    """Where the illustrations of a document are: `latest.illustrations/` beside `latest.json`."""
    return document.with_suffix(".illustrations")


def path_of(document: Path, task: str) -> Path:
    """The file of a task."""
    return folder_of(document) / f"{task}.{SUFFIX}"


def read(path: Path, document: Document, task: str) -> Illustration:
    """The illustration of a task in the document at `path`; IllustrationError if it has none.

    One of other models or data than the document's is refused: the two are not of one run.
    """
    file = path_of(path, task)
    try:
        found = from_bytes(file.read_bytes(), str(file))
    except OSError as error:
        raise IllustrationError(f"cannot read {file}: {error.strerror}; {REMEDY}") from None
    data = document.tasks.get(task, {}).get("data", {}).get("sha256", found.data)
    if dict(found.files) != files_of(document, task) or data != found.data:
        raise IllustrationError(f"{file} is of other models or data than {path}; {REMEDY}")
    return found


def read_all(path: Path, document: Document) -> tuple[dict[str, Illustration], list[str]]:
    """All that there are, by task, and why others are not."""
    found: dict[str, Illustration] = {}
    problems = []
    for task in sorted({one.task for one in document.results.values()}):
        try:
            found[task] = read(path, document, task)
        except IllustrationError as error:
            problems.append(str(error))
    return found, problems


def files_of(document: Document, task: str) -> dict[str, str]:
    """The SHA-256 of the variants of a task that are measured themselves."""
    own = (one for one in document.results.values() if one.task == task)
    return {one.variant: one.sha256 for one in own if one.variant and not one.place and one.sha256}


def keep(folder: Path, illustrations: Mapping[str, bytes], only: bool = True) -> None:
    """Write the files of these tasks, and with `only` remove those of others."""
    for task, data in illustrations.items():
        path = folder / f"{task}.{SUFFIX}"
        if not path.is_file() or path.read_bytes() != data:
            write_atomically(path, data)
    for path in folder.glob(f"*.{SUFFIX}") if only else ():
        if path.stem not in illustrations:
            path.unlink()


def _without_arrays(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """The value as JSON, its arrays put into `arrays` by numbers that stand in their places."""
    if isinstance(value, np.ndarray):
        name = f"{ARRAY}{len(arrays)}"
        arrays[name] = value
        return {ARRAY: name}
    if isinstance(value, Mapping):
        return {key: _without_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_arrays(item, arrays) for item in value]
    return value


def _with_arrays(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, list):
        return [_with_arrays(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {ARRAY}:
        return arrays[value[ARRAY]]
    return {key: _with_arrays(item, arrays) for key, item in value.items()}


def _tuples(value: Any) -> Any:
    """With tuples for lists, at every depth."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
