"""Names of classes: targets that are texts become numbers, and numbers are held against names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.datasets.data import LabelsError
from tinybench.datasets.own.found import Files, Found, Part, Wanted, key


def numbered(found: Found, wanted: Wanted) -> tuple[Found, tuple[str, ...]]:
    """The data with class numbers for names of classes, and the names.

    Without `labels`, the names are those of the file, sorted. Several targets cannot be texts:
    there is one list of names.
    """
    labels = tuple(wanted.labels) or found.labels
    texts = {
        (part, name): _texts(rows, f"{found.where}: {key('y', name, part)}")
        for part, each in found.parts.items()
        for name, rows in each.y.items()
        if not isinstance(rows, Files) and rows.dtype.kind in "USO"
    }
    if texts:
        if len({name for _, name in texts}) > 1:
            raise LabelsError(
                f"{found.where}: {' and '.join(sorted({key('y', name) for _, name in texts}))} "
                "are texts; save class numbers where there are several targets"
            )
        if not labels:
            labels = tuple(
                sorted({str(text) for each in texts.values() for text in np.unique(each)})
            )
        parts = {
            part: replace(each, y=_coded(found, part, each, texts, labels))
            for part, each in found.parts.items()
        }
        found = replace(found, parts=parts)
    _check(found, labels, wanted)
    return found, labels


def _texts(rows: NDArray[Any], where: str) -> NDArray[Any]:
    if rows.dtype.kind == "O" and not all(isinstance(text, str) for text in rows.flat):
        raise LabelsError(f"{where} holds Python objects; save numbers, or names with .astype(str)")
    try:
        found = np.asarray(rows).astype(str)
    except UnicodeDecodeError:
        raise LabelsError(f"{where} holds bytes that are no text; save class numbers") from None
    if found.size != len(found):
        raise LabelsError(f"{where} has texts of shape {found.shape}; one name a sample is needed")
    return found.reshape(-1)


def _coded(
    found: Found,
    part: str,
    each: Part,
    texts: Mapping[tuple[str, str], NDArray[Any]],
    labels: tuple[str, ...],
) -> dict[str, Any]:
    coded: dict[str, Any] = dict(each.y)
    for name in each.y:
        if (part, name) in texts:
            own, inverse = np.unique(texts[part, name], return_inverse=True)
            if unknown := [str(text) for text in own if text not in labels]:
                raise LabelsError(
                    f"{found.where}: {key('y', name, part)} has the class {unknown[0]!r}, but the "
                    f"labels are {', '.join(labels)}; name all classes"
                )
            codes = np.array([labels.index(str(text)) for text in own], np.int32)
            coded[name] = codes[inverse.reshape(-1)]
    return coded


def _check(found: Found, labels: tuple[str, ...], wanted: Wanted) -> None:
    """As many labels as the model tells apart, and as many as the targets have."""
    if not labels:
        return
    if len(set(labels)) < len(labels):
        raise LabelsError(f"{found.where}: the labels {', '.join(labels)} have one twice")
    if len(wanted.outputs) == 1:
        ((shape, _),) = wanted.outputs.values()
        count = shape[-1] if shape else None
        if count is not None and count != len(labels) and (count, len(labels)) != (1, 2):
            named = "1 class" if len(labels) == 1 else f"{len(labels)} classes"
            raise LabelsError(
                f"{found.where}: {named} ({', '.join(labels)}), but the model has "
                f"{count} output{'s' if count > 1 else ''}; give all the labels, in the model's "
                "order"
            )
    for part, each in found.parts.items():
        for name, rows in each.y.items():
            if len(each.y) > 1 or isinstance(rows, Files) or rows.dtype.kind not in "iu":
                continue
            low, high = int(rows.min()), int(rows.max())
            if rows.size == len(rows) and (low < 0 or high >= len(labels)):
                raise LabelsError(
                    f"{found.where}: {key('y', name, part)} has classes {low}..{high}, but "
                    f"there are {len(labels)} labels; name all classes"
                )
