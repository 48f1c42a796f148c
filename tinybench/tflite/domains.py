"""Which values an input of a model may have: an index stays in range, a shape is the shape.

An input is followed through operators that hand its values on, into the subgraphs that control
flow calls too, to where they are looked up by or say a size.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tinybench.tflite.uses import demanded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.tflite.model import Model, Operator, Tensor

    Array: TypeAlias = NDArray[Any]
    Limits: TypeAlias = tuple[Any, Any]

USUAL = (-100, 100)
"""Of an integer of 32 or 64 bits that is no code and of which no operator says more."""
MOST_VISITS = 4096
"""A file may fan out without end: what is behind so many reads is not looked at."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The least and the greatest whole number that each element of an input may be."""

    low: Array
    high: Array

    def nearest(self, value: float) -> Array:
        """The value next to this one, for each element."""
        found: Array = np.clip(value, self.low, self.high)
        return found


def domain_of(model: Model, tensor: Tensor) -> Domain | None:
    """What an input may be, None if it may be anything that its type can hold.

    Where two operators contradict each other, the first that reads it is right.
    """
    if tensor.dtype not in HELD or not tensor.elements:
        return None
    low, high = np.full(1, -math.inf), np.full(1, math.inf)
    for least, most in _limits(model, tensor):
        narrow_low, narrow_high = np.maximum(low, least), np.minimum(high, most)
        if (narrow_low <= narrow_high).all():
            low, high = narrow_low, narrow_high
    is_code = tensor.dtype in CODES or tensor.quantization is not None
    if np.isinf(low).all() and np.isinf(high).all() and (is_code or tensor.dtype == "float32"):
        return None
    # An end that is open is where it usually is, or beyond the other one.
    first, last = held = HELD[tensor.dtype]
    usual_low, usual_high = held if is_code else USUAL
    low = np.where(np.isinf(low), np.minimum(usual_low, high), low)
    high = np.where(np.isinf(high), np.maximum(usual_high, low), high)
    low, high = np.clip(np.ceil(low), first, last), np.clip(np.floor(high), first, last)
    return Domain(low.astype(np.int64), np.maximum(low, high).astype(np.int64))


CODES = ("int8", "uint8", "int16", "uint16")
HELD = {
    **{name: (int(np.iinfo(name).min), int(np.iinfo(name).max)) for name in CODES},
    # More is no index, and a double holds these exactly.
    **dict.fromkeys(("int32", "int64"), (-(2**31), 2**31 - 1)),
    **dict.fromkeys(("uint32", "uint64"), (0, 2**31 - 1)),
    "float32": (-(2**24), 2**24),
}
"""The whole numbers that an input of a type may be."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A tensor whose values are `scale` times the input's plus `offset`, perhaps moved about."""

    graph: int
    tensor: int
    scale: float = 1.0
    offset: float = 0.0
    in_order: bool = True


def _limits(model: Model, tensor: Tensor) -> Iterator[Limits]:
    """The least and the greatest value that each use leaves, in terms of the input's values."""
    readers = _Readers(model)
    waiting, seen = deque([_Place(model.subgraph, tensor.index)]), set[_Place]()
    while waiting and len(seen) < MOST_VISITS:
        place = waiting.popleft()
        if place in seen:
            continue
        seen.add(place)
        graph = readers.graph(place.graph)
        for operator, position in readers.of(place):
            if found := demanded(graph, operator, position):
                yield _unscaled(found, place, tensor.elements)
            waiting += _handed_on(graph, operator, position, place)


class _Readers:
    """Who reads a tensor, at which position; a subgraph is gone through once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._found: dict[int, tuple[Model, dict[int, list[tuple[Operator, int]]]]] = {}

    def graph(self, index: int) -> Model:
        return self._at(index)[0]

    def of(self, place: _Place) -> list[tuple[Operator, int]]:
        return self._at(place.graph)[1].get(place.tensor, [])

    def _at(self, index: int) -> tuple[Model, dict[int, list[tuple[Operator, int]]]]:
        if index not in self._found:
            graph = self._model.at(index)
            readers: dict[int, list[tuple[Operator, int]]] = {}
            for operator in graph.operators:
                for position, tensor in enumerate(operator.inputs):
                    readers.setdefault(tensor, []).append((operator, position))
            self._found[index] = graph, readers
        return self._found[index]


def _unscaled(found: Limits, place: _Place, elements: int) -> Limits:
    low, high = ((np.asarray(end, float).reshape(-1) - place.offset) / place.scale for end in found)
    if not place.in_order or {len(low), len(high)} - {1, elements}:
        return low.max(initial=-math.inf), high.min(initial=math.inf)
    return low, high


def _handed_on(model: Model, operator: Operator, position: int, place: _Place) -> Iterator[_Place]:
    """Where the values go that an operator reads at a position."""
    for key in CALLED.get(operator.name, ()):
        index = (operator.options or {}).get(key, -1)
        at = position - (operator.name == "IF")
        if 0 <= index < len(model.subgraphs) and 0 <= at < len(model.subgraphs[index].inputs):
            yield replace(place, graph=index, tensor=model.subgraphs[index].inputs[at])
    if position not in HANDS_ON.get(operator.name, ()):
        return
    source = model.tensors[operator.inputs[position]]
    for index in operator.outputs:
        target = model.tensors[index]
        in_order = operator.name in IN_ORDER and source.elements == target.elements
        there = replace(place, tensor=index, in_order=place.in_order and in_order)
        yield _coded(there, source, target) if operator.name in CODED else there


def _coded(place: _Place, source: Tensor, target: Tensor) -> _Place:
    """The values of a tensor as the codes of the other's quantization."""
    scale, offset = place.scale, place.offset
    if source.quantization and source.quantization.scales:
        scale *= source.quantization.scales[0]
        offset = (offset - source.quantization.zero_points[0]) * source.quantization.scales[0]
    if target.quantization and target.quantization.scales:
        scale /= target.quantization.scales[0]
        offset = offset / target.quantization.scales[0] + target.quantization.zero_points[0]
    return replace(place, scale=scale, offset=offset)


CODED = ("DEQUANTIZE", "QUANTIZE")
IN_ORDER = (*CODED, "CAST", "EXPAND_DIMS", "RESHAPE", "SQUEEZE")
MOVES = tuple(
    """
    BROADCAST_TO GATHER GATHER_ND MIRROR_PAD PAD REVERSE_V2 SLICE SPLIT_V STRIDED_SLICE TILE
    TRANSPOSE UNPACK
    """.split()  # noqa: SIM905  # as a tuple it takes a line for each name
)
HANDS_ON = {
    **dict.fromkeys((*IN_ORDER, *MOVES), (0,)),
    **dict.fromkeys(("CONCATENATION", "PACK"), range(1 << 16)),
    "DYNAMIC_UPDATE_SLICE": (0, 1),
    "SELECT": (1, 2),
    "SELECT_V2": (1, 2),
    "SPLIT": (1,),
}
"""Operators that compute nothing, and the inputs whose values they hand on."""
CALLED = {
    "IF": ("then_subgraph_index", "else_subgraph_index"),
    "WHILE": ("body_subgraph_index", "cond_subgraph_index"),
}
