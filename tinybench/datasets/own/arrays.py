"""NumPy's files: one array (.npy), several (.npz), or a folder of .npy files.

Large arrays are mapped, so that only the samples that are taken are read; compressed ones are
unpacked into a temporary file first.
"""

from __future__ import annotations

import math
import shutil
import tempfile
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from tinybench.datasets.data import DataError
from tinybench.datasets.own import keys
from tinybench.datasets.own.found import WHOLE, Found, Part, Wanted, source_of
from tinybench.datasets.own.keys import ArraysError

SMALL = 32 << 20
"""Bytes up to which a member of an archive is read at once."""
DAMAGED = (
    OSError,
    ValueError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    SyntaxError,
    TypeError,
    OverflowError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What damaged, encrypted or foreign files raise: a header of NumPy's is a piece of Python."""


def read_npy(path: Path, wanted: Wanted) -> Found:
    """Inputs alone: there are no targets in a file of one array."""
    return Found(path.name, {WHOLE: Part({"": mapped(path)}, {})}, source_of(path))


def read_npz(path: Path, wanted: Wanted) -> Found:
    """Arrays by key, as `numpy.savez` and `numpy.savez_compressed` write them."""
    try:
        with zipfile.ZipFile(path) as archive:
            arrays = {
                info.filename.removesuffix(".npy"): _member(path, archive, info)
                for info in archive.infolist()
                if info.filename.endswith(".npy")
            }
    except DAMAGED as error:
        if isinstance(error, DataError):
            raise
        raise ArraysError(
            f"{path} is no .npz file that can be read ({error}); save it again with numpy.savez"
        ) from None
    return keys.found(path.name, arrays, source_of(path), wanted)


def read_folder(folder: Path, wanted: Wanted) -> Found:
    """Files x.npy, y.npy and the like: the keys of an .npz, for data larger than memory."""
    paths = sorted(folder.glob("*.npy"))
    sources = "; ".join(map(source_of, paths))
    return keys.found(folder.name, {path.stem: mapped(path) for path in paths}, sources, wanted)


def mapped(path: Path) -> NDArray[Any]:
    """The array of a .npy file, of which only what is taken is read."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except DAMAGED as error:
        raise ArraysError(
            f"{path} is no .npy file of numbers that can be read ({error}); "
            "save it again with numpy.save"
        ) from None
    if not isinstance(array, np.ndarray):
        raise ArraysError(f"{path} is an archive of arrays; name it .npz")
    _check(str(path), array.dtype, array.shape)
    return array


def spool() -> IO[bytes]:
    """A file that goes when it is closed, for what is unpacked or converted once."""
    return tempfile.TemporaryFile(prefix="tinybench-")


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    where = f"{path}: {info.filename.removesuffix('.npy')}"
    with archive.open(info) as file:
        reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
        version = npy.read_magic(file)
        if version not in reader:
            raise ArraysError(f"{where} has names for its fields; save plain arrays of numbers")
        shape, fortran, dtype = reader[version](file)
        _check(where, dtype, shape)
        start, size = file.tell(), math.prod(shape) * dtype.itemsize
        if start + size != info.file_size:
            raise ArraysError(
                f"{where} has {info.file_size - start} bytes, but its shape {shape} of {dtype} "
                f"needs {size}; save it again with numpy.savez"
            )
        order: Literal["F", "C"] = "F" if fortran else "C"
        if size <= SMALL:
            plain = np.frombuffer(file.read(), dtype)
            return plain.reshape(shape, order=order)
        if info.compress_type == zipfile.ZIP_STORED:
            return np.memmap(path, dtype, "r", _offset(path, info) + start, shape, order)
        free = shutil.disk_usage(tempfile.gettempdir()).free
        if size > free:
            raise ArraysError(
                f"{where} declares {size / 1e9:.1f} GB in a file of "
                f"{path.stat().st_size / 1e9:.3f} GB, more than the {free / 1e9:.1f} GB free in "
                f"{tempfile.gettempdir()}; save fewer samples, or set TMPDIR to a larger disk"
            )
        unpacked = spool()
        shutil.copyfileobj(file, unpacked, 1 << 20)
        unpacked.flush()
        return np.memmap(unpacked, dtype, "r", 0, shape, order)


def _offset(path: Path, info: zipfile.ZipInfo) -> int:
    """Where a member's bytes begin: its local header may differ from the archive's list."""
    with path.open("rb") as file:
        file.seek(info.header_offset + 26)
        sizes = np.frombuffer(file.read(4), "<u2")
    return info.header_offset + 30 + int(sizes.sum())


def _check(where: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    if dtype.names:
        raise ArraysError(
            f"{where} is a structured array with the fields {', '.join(dtype.names)}; save a "
            "plain array, or an .npz with a key for each input"
        )
    if dtype.hasobject:
        raise ArraysError(f"{where} holds Python objects; save numbers, or names with .astype(str)")
    if not shape:
        raise ArraysError(f"{where} is one number, not an array of samples")
