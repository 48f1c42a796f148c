"""What lowering reads and gives: a model with its constants, and operators as calls of kernels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tinybench.codegen.state import State
from tinybench.errors import TinybenchError
from tinybench.tflite.model import Model, Operator, Tensor, label

if TYPE_CHECKING:
    from tinybench.codegen.plan import Plan
    from tinybench.codegen.requantize import Requantize

Array: TypeAlias = NDArray[Any]
Field: TypeAlias = "int | float | Array | Mapping[str, Any]"


class UnsupportedError(TinybenchError, ValueError):
    """The generator refuses a model; the message names the operator, the tensor and the reason."""

    page = "no-c-code"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a kernel: `tb_<kernel>(&fields, pointers to arguments..., scratch)`.

    `arguments` are tensors in the kernel's order. An array among `fields` becomes a constant of
    its own. `scratch` is the bytes of working memory that the kernel wants as its last argument.
    """

    kernel: str
    arguments: tuple[int, ...]
    fields: Mapping[str, Field]
    scratch: int = 0
    requantize: Requantize | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One operator, lowered.

    `in_place` lists (input, output) tensors that the kernel lets share memory. `alias` lists
    those that are the same bytes: nothing is called for them. `overlap` lists (input, output,
    bytes): the two may stand on each other if the output begins at least so many bytes before the
    input. A kernel reads up to `overread` bytes beyond its input (their weights are zero).

    IF and WHILE run `bodies`: the two branches, or the condition and what is repeated. Not more
    than `rounds` times if that is known, else up to the program's limit of rounds.
    """

    operator: Operator
    calls: tuple[Call, ...] = ()
    in_place: tuple[tuple[int, int], ...] = ()
    alias: tuple[tuple[int, int], ...] = ()
    overlap: tuple[tuple[int, int, int], ...] = ()
    overread: int = 0
    bodies: tuple[Body, ...] = ()
    rounds: int | None = None

    @property
    def runs(self) -> bool:
        """Whether anything is computed, rather than the same bytes looked at in another way."""
        return bool(self.calls or self.bodies)

    @property
    def scratch(self) -> int:
        """The bytes of working memory, those of the bodies if it has any."""
        wanted = [call.scratch for call in self.calls]
        return max([*wanted, *(body.plan.arena_bytes for body in self.bodies)], default=0)


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """A subgraph that an operator runs: lowered by itself, its memory a part of the caller's."""

    graph: Graph
    steps: tuple[Step, ...]
    plan: Plan


@dataclass
class Graph:
    """A model and the values that are known; what a lowering asks for its operator's tensors.

    `state` is the memory that lasts, of all graphs of a program; `states` are the offsets of this
    graph's tensors in it. A kernel gets such a tensor like any other argument.

    `bodies` are the subgraphs that were lowered so far, of all graphs of a program; `callers` are
    the subgraphs that led to this one, none for the model's own.
    """

    model: Model
    constants: dict[int, Array] = field(default_factory=dict)
    state: State = field(default_factory=State)
    states: dict[int, int] = field(default_factory=dict)
    bodies: dict[int, Body] = field(default_factory=dict)
    callers: tuple[int, ...] = ()

    def inner(self, index: int) -> Graph:
        """Another subgraph of the file, which an operator of this one runs."""
        callers = (*self.callers, self.model.subgraph)
        return replace(self, model=self.model.at(index), constants={}, states={}, callers=callers)

    def tensor(self, index: int) -> Tensor:
        return self.model.tensors[index]

    def keep(self, first: bytes) -> int:
        """A state that no tensor has, for a kernel's argument; `first` are its bytes at reset."""
        index = min(-2, *self.states, -1) - 1  # -1 is an absent tensor
        self.states[index] = self.state.add(first)
        return index

    def constant(self, index: int) -> Array | None:
        """The value of a constant or folded tensor; None for what is computed or absent (-1).

        Codes of four bits are a byte each.
        """
        if index in self.constants:
            return self.constants[index]
        if index < 0 or self.model.tensors[index].data is None:
            return None
        tensor = self.model.tensors[index]
        if tensor.is_variable:
            return None
        if tensor.dtype == "int4" and not tensor.sparse:
            self.constants[index] = _halves(tensor)
            return self.constants[index]
        if tensor.sparse or tensor.dtype in ("float16", "bfloat16", "uint4", "int2"):
            kind = "sparse" if tensor.sparse else tensor.dtype
            raise UnsupportedError(f"{label(tensor)}: {kind} constants do not run on a device")
        self.constants[index] = tensor.array()
        return self.constants[index]


def _halves(tensor: Tensor) -> Array:
    """The int4 codes of a constant as int8: two share a byte, the first in its lower half."""
    packed = np.frombuffer(tensor.data or b"", np.int8)
    codes = np.stack([packed << 4 >> 4, packed >> 4], axis=1).reshape(-1)
    return codes[: tensor.elements].reshape(tensor.shape)


Lowering: TypeAlias = Callable[[Graph, Operator], Step]
"""What makes calls of kernels of an operator, or refuses it."""


def refuse(operator: Operator, reason: str) -> UnsupportedError:
    """The error for an operator that the generator does not take."""
    return UnsupportedError(f"{label(operator)}: {reason}")


def option(operator: Operator, name: str, default: Any) -> Any:
    """An option of an operator, `default` where the file has none."""
    return default if operator.options is None else operator.options.get(name, default)


def quantization(graph: Graph, operator: Operator, index: int) -> tuple[float, int]:
    """Scale and zero point of a tensor quantized as a whole; refuse what is not."""
    tensor = graph.tensor(index)
    found = tensor.quantization
    if found is None or len(found.scales) != 1 or found.details:
        raise refuse(operator, f"{label(tensor)} has no scale and zero point of its own")
    return float(np.float32(found.scales[0])), found.zero_points[0]
