"""Whether arrays fit a model: names, counts, shapes and data types, with both numbers if not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import FitError, LabelsError, NotFiniteError, TooFewError
from tinybench.datasets.own.drawing import Numbers
from tinybench.datasets.own.found import Files, Found, Ports, Rows, Scaling, Shape, key, shown

KEPT = ("float32", "int8", "int16", "int32", "uint8", "bool")
"""Data types that stay as they are; others become the nearest of these."""


def check_counts(found: Found) -> None:
    """As many targets and weights as inputs, and some of them."""
    for part, arrays in found.parts.items():
        for name, rows in arrays.arrays().items():
            where = key(name, "", part)
            if not rows.shape:
                raise FitError(f"{found.where}: {where} is one number, not an array of samples")
            first, count = key(next(iter(arrays.arrays())), "", part), len(arrays)
            if rows.shape[0] != count:
                raise FitError(
                    f"{found.where}: {first} has {count} samples, {where} has {rows.shape[0]}; "
                    "they must be as many"
                )
            if not count:
                raise TooFewError(f"{found.where}: {where} has no samples; add some")


def named(rows: Mapping[str, Rows], ports: Ports, kind: str, where: str) -> dict[str, Rows]:
    """Arrays by the model's names: the only one is the model's only one, whatever its name."""
    if not ports:
        return dict(rows)
    if len(ports) == len(rows) == 1:
        return {next(iter(ports)): next(iter(rows.values()))}
    if rows.keys() != ports.keys():
        have = ", ".join(key(kind, name) for name in rows)
        need = ", ".join(key(kind, name) for name in ports)
        what = "inputs" if kind == "x" else "outputs"
        raise FitError(
            f"{where}: the model has the {what} {', '.join(ports)}, the data have {have}; "
            f"name them {need}"
        )
    return {name: rows[name] for name in ports}


def numbers(array: NDArray[Any], rows: Numbers, where: str) -> NDArray[Any]:
    """Finite numbers of a type that splits have; `rows` are the samples' numbers in the file."""
    if array.dtype.kind not in "fiub":
        raise FitError(
            f"{where} is {array.dtype}, which is no number; convert it with astype before saving"
        )
    if array.dtype.kind == "f":
        with np.errstate(over="ignore"):
            found = np.asarray(array, np.float32)
        if bad := int(np.count_nonzero(~np.isfinite(found))):
            sample, *place = (int(index) for index in np.argwhere(~np.isfinite(found))[0])
            raise NotFiniteError(
                f"{where} has {bad} of {found.size} values NaN, infinite or beyond "
                f"float32, first at {shown([int(rows[sample]), *place])}; remove or replace them"
            )
        return found
    if array.dtype.name in KEPT:
        return np.asarray(array, array.dtype.newbyteorder("="))
    return whole(array, np.dtype(np.int32), where)


def whole(array: NDArray[Any], dtype: np.dtype[Any], where: str) -> NDArray[Any]:
    """Whole numbers as `dtype`; DataError for fractions and for what is out of its range."""
    if array.dtype.kind == "f" and (bad := array[array != np.rint(array)]).size:
        raise FitError(
            f"{where} has {bad.size} numbers that are not whole, such as {bad[0]:g}, but the "
            f"model takes {dtype}; round them"
        )
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    if array.size and not (low <= int(array.min()) and int(array.max()) <= high):
        raise FitError(
            f"{where} has values from {array.min()} to {array.max()}, but {dtype} holds "
            f"{low} to {high}; choose another type"
        )
    return np.asarray(array, dtype)


def typed(array: NDArray[Any], dtype: str, where: str) -> NDArray[Any]:
    """An input as the model takes it: exact, or refused."""
    if array.dtype.name == dtype:
        return array
    if dtype.startswith(("float", "bfloat")):
        return array.astype(np.float32)
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        wanted = np.dtype(object)
    if wanted.kind not in "iub":
        raise FitError(f"{where}: the model takes {dtype}, which is no number; give it numbers")
    return whole(array, wanted, where)


def scaled(array: NDArray[Any], scaling: Scaling | None) -> NDArray[Any]:
    """Bytes as real numbers of the range; other types, and bytes without a range, as they are."""
    if array.dtype != np.uint8 or scaling is None:
        return array
    real = array.astype(np.float32)
    if scaling == "0..255":
        return real
    if scaling == "0..1":
        return np.asarray(real / 255, np.float32)
    return np.asarray(real / 127.5 - 1, np.float32)


def fits(shape: Shape, wanted: Shape) -> bool:
    """Whether a sample's shape is the wanted one, None being any size."""
    return len(shape) == len(wanted) and all(
        want is None or have == want for have, want in zip(shape, wanted, strict=True)
    )


def shaped(
    array: NDArray[Any], wanted: Shape, where: str, flat: bool = False, does: str = "takes"
) -> NDArray[Any]:
    """Samples of the wanted shape: a last size of 1 may be missing or be too many.

    `does` says what the model does with it.
    """
    have = array.shape[1:]
    if fits(have, wanted):
        return array
    if fits((*have, 1), wanted):
        return array[..., None]
    if have[-1:] == (1,) and fits(have[:-1], wanted):
        return array[..., 0]
    known = [size for size in wanted if size is not None]
    same = len(known) == len(wanted) and math.prod(known) == math.prod(have)
    if flat and same:
        return array.reshape(len(array), *known)
    if len(have) == 3 and fits((*have[1:], have[0]), wanted):
        remedy = "move the channels last with numpy.moveaxis(x, 1, -1)"
    else:
        remedy = "reshape the data" if same else f"make the data as the model {does} them"
    raise FitError(
        f"{where}: the model {does} {shown(wanted)}, the data have {shown(have)}; {remedy}"
    )


def columns(found: Found) -> Found:
    """The data with a number a sample as (N, 1), whole ones as int32 in all parts.

    Whole numbers beyond int32 are no class numbers: they become float32.
    """
    parts = dict(found.parts)
    for name in {name for part in parts.values() for name in part.y}:
        kinds = {_kind(part.y[name]) for part in parts.values() if name in part.y}
        if None in kinds:
            continue
        kind = np.float32 if np.float32 in kinds else np.int32
        for own, part in list(parts.items()):
            if name in part.y:
                rows = np.asarray(part.y[name])
                rows = rows if rows.dtype.kind == "f" else rows.astype(kind)
                parts[own] = replace(part, y={**part.y, name: rows.reshape(len(rows), 1)})
    return replace(found, parts=parts)


def _kind(rows: Rows) -> type[np.generic] | None:
    """What numbers, one a sample, become; None for several a sample and for what is no number."""
    if isinstance(rows, Files) or len(rows.shape) > 2 or math.prod(rows.shape[1:]) != 1:
        return None
    if rows.dtype.kind not in "fiub":
        return None
    if rows.dtype.kind == "f":
        return np.float32
    large = max(-int(rows.min()) - 1, int(rows.max())) > np.iinfo(np.int32).max
    return np.float32 if large else np.int32


def target(array: NDArray[Any], wanted: Shape, where: str, flat: bool = False) -> NDArray[Any]:
    """Targets for an output of that shape: of its shape, or class numbers below its last size."""
    have, classes = array.shape[1:], wanted[-1] if wanted else None
    if array.dtype.kind in "iu" and classes != 1:
        if fits(have, wanted[:-1]) or fits(have, (*wanted[:-1], 1)):
            low, high = int(array.min()), int(array.max())
            if low < 0 or (classes is not None and high >= classes):
                raise LabelsError(
                    f"{where} has classes {low}..{high}, but the model has {classes} outputs; "
                    "number the classes from 0, as the model does"
                )
            return array
    elif array.dtype.kind == "f" and have == (1,) and fits(wanted, (classes,)) and classes != 1:
        raise LabelsError(
            f"{where} has one real number a sample, but the model gives {classes}; if they are "
            "class numbers, save them with .astype(int)"
        )
    return shaped(array, wanted, where, flat, "gives")
