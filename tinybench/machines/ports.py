"""A model's inputs and outputs as NumPy files: samples first, in the model's own raw types."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from tinybench.errors import TinybenchError
from tinybench.runtimes.base import batch_shape
from tinybench.tflite.domains import domain_of
from tinybench.tflite.model import PLAIN, ModelError, label
from tinybench.tflite.state import is_sequence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.tflite import Model, Tensor
    from tinybench.tflite.domains import Domain

    Array: TypeAlias = NDArray[Any]
    Kind: TypeAlias = Literal["input", "output"]

MAX_INPUT_BYTES = 1 << 30
"""Of all samples together: a file that says more is damaged, or wants fewer samples."""
SUFFIXES = (".npy", ".npz")


class InputError(TinybenchError, ValueError):
    """Samples do not fit the model; the message names the file, the key, and what is expected."""

    page = "wrong-input"


def tensors(model: Model, kind: Kind) -> list[Tensor]:
    """The inputs or outputs of a model; ModelError if NumPy cannot hold one, or there is none."""
    indexes = model.inputs if kind == "input" else model.outputs
    if not indexes:
        raise ModelError(f"model: no {kind}s, so there is nothing to run")
    found = [model.tensors[index] for index in indexes]
    for tensor in found:
        if tensor.dtype not in PLAIN:
            raise ModelError(f"{label(tensor)}: an {kind} of type {tensor.dtype} cannot be given")
    return found


def keys(model: Model, kind: Kind) -> list[str]:
    """What each input or output is called in an `.npz` file: its tensor's name.

    They are `input_0`, `input_1`, … where the names are not fit for the members of an archive.
    """
    names = [model.tensors[i].name for i in (model.inputs if kind == "input" else model.outputs)]
    fit = all(name.isprintable() and _stays_below(name) for name in names)
    if fit and len(set(names)) == len(names):
        return names
    return [f"{kind}_{index}" for index in range(len(names))]


def _stays_below(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts


def load_inputs(path: Path, model: Model) -> list[Array]:
    """Read samples for every input of a model from a `.npy` or `.npz` file; else InputError.

    An array is (N, *shape of the input without a leading 1); those of a model that keeps a state
    are the steps of one sequence. An `.npz` has one for each input, under its tensor's name or
    `input_0`, `input_1`, … in the model's order. One sample alone, such as a shape that an operator
    takes, needs no N, and goes with each of the others.
    """
    wanted = tensors(model, "input")
    found = _read(path)
    if not isinstance(found, Mapping):
        if len(wanted) > 1:
            raise InputError(
                f"{path}: one array for a model with {len(wanted)} inputs; give an .npz file with "
                f"the keys {', '.join(keys(model, 'input'))}"
            )
        arrays = [_fitted(found, wanted[0], str(path))]
    else:
        arrays = []
        named = keys(model, "input")
        for index, (tensor, key) in enumerate(zip(wanted, named, strict=True)):
            key = key if key in found else f"input_{index}"
            if key not in found:
                raise InputError(
                    f"{path}: no key {named[index]!r} or {key!r} for {label(tensor)}; "
                    f"it has {', '.join(map(repr, found)) or 'none'}"
                )
            arrays.append(_fitted(found[key], tensor, f"{path}, key {key!r}"))
    most = max(map(len, arrays))
    if {len(array) for array in arrays} - {1, most}:
        counts = ", ".join(str(len(array)) for array in arrays)
        what = "steps" if is_sequence(model) else "samples"
        raise InputError(f"{path}: inputs have different numbers of {what}: {counts}")
    return [array if len(array) == most else np.repeat(array, most, axis=0) for array in arrays]


def _read(path: Path) -> Array | Mapping[str, Array]:
    try:
        with path.open("rb") as file:
            found = np.load(file, allow_pickle=False)
            if isinstance(found, np.lib.npyio.NpzFile):
                return {key: found[key] for key in found.files}
            return np.asarray(found)
    except (ValueError, EOFError, KeyError, MemoryError, zipfile.BadZipFile, zlib.error):
        raise InputError(
            f"{path}: not a sound NumPy file of numbers; write it with numpy.save or numpy.savez"
        ) from None


def _fitted(values: Array, tensor: Tensor, where: str) -> Array:
    dtype = np.dtype(tensor.dtype)
    expected = batch_shape(tensor.shape, 0)[1:]
    text = ", ".join(["N", *map(str, expected)]) + ("" if expected else ",")
    if values.dtype.newbyteorder("=") != dtype:
        raise InputError(
            f"{where}: {values.dtype} values for {label(tensor)}, which takes raw {dtype} ({text})"
        )
    if values.shape == expected:
        values = values[np.newaxis]
    if values.ndim != len(expected) + 1 or values.shape[1:] != expected:
        raise InputError(f"{where}: shape {values.shape} for {label(tensor)}, not ({text})")
    if not len(values):
        raise InputError(f"{where}: no samples")
    return np.ascontiguousarray(values, dtype)


def random_inputs(model: Model, count: int, seed: int) -> list[Array]:
    """Samples for every input: codes over the whole range of their type, floats normal(0, 1).

    What the model looks something up by is in range, what says a shape is that shape, and other
    integers of 32 and 64 bits are small (see `domain_of`).
    """
    wanted = tensors(model, "input")
    needed = sum(count * (tensor.nbytes or 0) for tensor in wanted)
    if needed > MAX_INPUT_BYTES:
        raise InputError(
            f"{count} samples are {needed:,} bytes, more than {MAX_INPUT_BYTES:,}: "
            "use fewer --samples"
        )
    random = np.random.default_rng(seed)
    return [_random(random, tensor, domain_of(model, tensor), count) for tensor in wanted]


def _random(
    random: np.random.Generator, tensor: Tensor, domain: Domain | None, count: int
) -> Array:
    shape, dtype = batch_shape(tensor.shape, count), np.dtype(tensor.dtype)
    if domain:
        one = batch_shape(tensor.shape, 1)
        low, high = (
            np.broadcast_to(end, tensor.elements).reshape(one) for end in (domain.low, domain.high)
        )
        return random.integers(low, high, shape, endpoint=True).astype(dtype)
    if dtype.kind == "b":
        return random.integers(0, 2, shape).astype(dtype)
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return random.integers(limits.min, limits.max, shape, dtype.type, endpoint=True)
    values = random.standard_normal(shape)
    return (values + 1j * random.standard_normal(shape) if dtype.kind == "c" else values).astype(
        dtype
    )


def check_output(path: Path, model: Model) -> None:
    """InputError unless the outputs of a model can be written to a file of this name."""
    if path.suffix not in SUFFIXES:
        raise InputError(f"{path}: outputs are written to .npy or .npz files, not {path.suffix!r}")
    outputs = len(model.outputs)
    if path.suffix == ".npy" and outputs != 1:
        raise InputError(f"{path}: the model has {outputs} outputs: name an .npz file")


def packed(path: Path, model: Model, outputs: Sequence[Array]) -> bytes:
    """The content of a `.npy` or `.npz` file; the same outputs give the same bytes."""
    check_output(path, model)
    stream = io.BytesIO()
    if path.suffix == ".npy":
        np.save(stream, outputs[0], allow_pickle=False)
        return stream.getvalue()
    # np.savez takes keys as keyword arguments: a tensor named `file` would be one of its own.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, values in zip(keys(model, "output"), outputs, strict=True):
            # Without the time of day that ZipFile would add.
            with archive.open(zipfile.ZipInfo(f"{key}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, values, allow_pickle=False)
    return stream.getvalue()
