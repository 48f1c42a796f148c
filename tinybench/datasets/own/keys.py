"""What the keys of a file of arrays mean: inputs, targets and weights of the parts of the data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import DataError
from tinybench.datasets.own.found import WHOLE, Found, Part, Ports, Wanted, key

KINDS = {
    "x": ("x", "input", "inputs", "data", "images", "features", "arr_0"),
    "y": ("y", "label", "labels", "target", "targets", "arr_1"),
    "weights": ("weights", "weight", "sample_weight", "sample_weights"),
}
"""What stands for what, in small letters; `arr_0` is what NumPy calls an array without a name."""
CLASS_NAMES = ("class_names", "label_names")
PARTS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
_PART = re.compile(
    rf"(?i:(?P<before>{'|'.join(PARTS)})_(?P<rest>.+)|(?P<first>.+?)_(?P<after>{'|'.join(PARTS)}))"
    r"(?P<name>[./].+)?"
)


class ArraysError(DataError):
    """An array or a key that is no data."""

    page = "data-arrays"


@dataclass(slots=True)
class _Collected:
    x: dict[str, NDArray[Any]] = field(default_factory=dict)
    y: dict[str, NDArray[Any]] = field(default_factory=dict)
    weights: dict[str, NDArray[Any]] = field(default_factory=dict)


def found(where: str, arrays: Mapping[str, NDArray[Any]], source: str, wanted: Wanted) -> Found:
    """Arrays by key, put in their places; DataError if the keys do not say where."""
    parts: dict[str, _Collected] = {}
    labels: tuple[str, ...] = ()
    unknown = []
    for name, array in arrays.items():
        if name in CLASS_NAMES:
            labels = tuple(map(str, array.tolist()))
        elif (place := _place(name, wanted)) is None:
            unknown.append(name)
        else:
            part, kind, own = place
            if own in (kept := getattr(parts.setdefault(part, _Collected()), kind)):
                raise ArraysError(f"{where} has {key(kind, own, part)} twice; remove one of them")
            kept[own] = array
    if missing := [part for part, each in parts.items() if not each.x] or (not parts and ["all"]):
        raise ArraysError(
            f"{where} has no inputs{'' if missing == ['all'] else f' for {missing[0]}'}: its keys "
            f"are {', '.join(arrays) or 'none'}; call inputs x and targets y, "
            "or x_train, y_train, x_test and y_test"
        )
    if unknown and not all(each.y for each in parts.values()):
        raise ArraysError(
            f"{where} has no targets, but keys that mean nothing here ({', '.join(unknown)}); "
            "call targets y, or remove those keys"
        )
    if WHOLE in parts and len(parts) > 1:
        others = ", ".join(part for part in parts if part != WHOLE)
        raise ArraysError(
            f"{where} has data of the parts {others} and data of no part; remove one kind"
        )
    return Found(
        where,
        {part: Part(each.x, each.y, each.weights.get("")) for part, each in parts.items()},
        source,
        labels,
    )


def _place(name: str, wanted: Wanted) -> tuple[str, str, str] | None:
    """Part, kind and own name of a key; None for a key that means nothing."""
    split = _PART.fullmatch(name)
    candidates = [(WHOLE, name)]
    if split:
        stem = (split["rest"] or split["first"]) + (split["name"] or "")
        candidates.append((PARTS[(split["before"] or split["after"]).lower()], stem))
    for part, stem in candidates:
        if stem in wanted.inputs and stem in wanted.outputs:
            continue
        if stem in wanted.inputs:
            return part, "x", stem
        if stem in wanted.outputs:
            return part, "y", stem
    for part, stem in candidates:
        first, _, own = stem.replace("/", ".", 1).partition(".")
        for kind, words in KINDS.items():
            if first.lower() in words and not (own and kind == "weights"):
                return part, kind, own
    return None


def of_given(x: Any, y: Any, weights: Any, wanted: Wanted) -> Found:
    """Arrays that a caller hands over; mappings, or lists in the model's order, of several."""
    part = Part(
        _named(x, wanted.inputs),
        {} if y is None else _named(y, wanted.outputs),
        None if weights is None else _array(weights, "weights"),
    )
    return Found("the data", {WHOLE: part}, "arrays given in Python")


def _named(given: Any, ports: Ports) -> dict[str, NDArray[Any]]:
    if isinstance(given, list | tuple) and len(given) == len(ports) > 1:
        given = dict(zip(ports, given, strict=True))
    if isinstance(given, Mapping):
        return {str(name): _array(array, str(name)) for name, array in given.items()}
    return {"": _array(given, "")}


def _array(given: Any, name: str) -> NDArray[Any]:
    try:
        return np.asarray(given)
    except ValueError as error:
        what = f"array {name}" if name else "an array"
        raise ArraysError(
            f"{what} cannot be made of the data ({error}); samples must be of one shape"
        ) from None
