"""A graph while it is drawn at random, and the values that arithmetic stumbles over."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .builder import Graph, Op, Tensor, build

T = TypeVar("T")

ENDS = {"int8": (-128, 127), "int16": (-32768, 32767), "uint8": (0, 255)}
ACTIVATIONS = ("NONE", "NONE", "NONE", "RELU", "RELU", "RELU6", "RELU_N1_TO_1")


@dataclass(frozen=True, slots=True)
class Case:
    """A model to compare on; `summary` names its operators, shapes and options."""

    data: bytes
    summary: str
    outputs: int

    def __repr__(self) -> str:
        return f"<{self.summary}>"


class Draft:
    """A graph under construction, with the source of random choices.

    Structure is drawn from `random`, which Hypothesis may drive and shrink; arrays from `rng`,
    seeded by it, for speed.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rng = np.random.default_rng(random.getrandbits(32))
        self.inputs: list[Tensor] = []
        self.ops: list[Op] = []
        self.others: list[Graph] = []

    def any(self, *values: T) -> T:
        return values[self.random.randrange(len(values))]

    def between(self, low: int, high: int) -> int:
        """Return an integer, both ends included."""
        return self.random.randint(low, high)

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def magnitude(self, low: float, high: float) -> float:
        """Return a number that is as likely in every decade."""
        return math.exp(self.random.uniform(math.log(low), math.log(high)))

    def scale(self) -> float:
        """Return a scale of an activation: mostly usual, at times extreme, at times a power."""
        kind = self.between(0, 9)
        if kind < 7:
            return self.magnitude(1e-3, 0.2)
        return self.magnitude(1e-6, 1e2) if kind < 9 else 2.0 ** self.between(-10, 0)

    def zero_point(self, dtype: str) -> int:
        if dtype == "int16":
            return 0  # the runtime demands it of most operators
        low, high = ENDS[dtype]
        return self.any(low, high, 0, -1 if low else 128, self.between(low, high))

    def ratio(self) -> float:
        """Return a ratio of scales that makes results fall on, or just beside, a half."""
        return self.between(1, 15) / self.between(1, 15)

    def fused(self, y: Tensor) -> str:
        """Return a fused activation, seldom one that leaves the output hardly any codes."""
        name = self.any(*ACTIVATIONS)
        if isinstance(y.scale, float):
            high = ENDS[y.dtype][1]
            above = min(
                high - y.zero_point, {"RELU6": 6, "RELU_N1_TO_1": 1}.get(name, 1e9) / y.scale
            )
            if above < 20 and self.chance(85):
                return "NONE"
        return name

    def shape(self, rank: int, high: int = 5) -> tuple[int, ...]:
        return tuple(self.between(1, high) for _ in range(rank))

    def activation(self, shape: Sequence[int], dtype: str = "int8") -> Tensor:
        """Return a new tensor that somebody computes."""
        if dtype in ENDS:
            return Tensor(tuple(shape), dtype, self.scale(), self.zero_point(dtype))
        return Tensor(tuple(shape), dtype)

    def input(self, shape: Sequence[int], dtype: str = "int8") -> Tensor:
        """Return a new input of the graph."""
        self.inputs.append(self.activation(shape, dtype))
        return self.inputs[-1]

    def like(self, tensor: Tensor, shape: Sequence[int]) -> Tensor:
        """Return a new tensor of another shape, quantized as `tensor` is."""
        return replace(tensor, shape=tuple(shape), data=None, variable=False)

    def sibling(self, tensor: Tensor, shape: Sequence[int]) -> Tensor:
        """Return a new input or constant of another shape, quantized as `tensor` is."""
        made = self.like(tensor, shape)
        if self.chance(25):
            return replace(made, data=self.content(made.shape, made.dtype))
        self.inputs.append(made)
        return made

    def constant(self, values: ArrayLike, dtype: str = "int32") -> Tensor:
        array = np.asarray(values, dtype)
        return Tensor(array.shape, dtype, data=array)

    def content(self, shape: Sequence[int], dtype: str) -> NDArray[Any]:
        """Return values of a constant: any, but at times only the ends, or all the same."""
        if dtype == "float32":
            return self.rng.standard_normal(shape, np.float32)
        if dtype == "bool":
            return self.rng.integers(0, 2, shape, np.uint8).astype(np.bool_)
        info = np.iinfo(dtype)
        low, high = int(info.min), int(info.max)
        kind = self.between(0, 9)
        if kind < 6:
            return self.rng.integers(low, high, shape, dtype, endpoint=True)
        if kind == 6:
            return self.rng.choice(np.array((low, high), dtype), shape)
        if kind == 7:
            return self.rng.choice(np.array((0, 0, 0, 1, low), dtype), shape)
        return np.full(shape, self.any(low, high, 1, 0, self.between(low, high)), dtype)

    def add(
        self,
        name: str,
        inputs: Sequence[Tensor | None],
        *outputs: Tensor,
        bare: bool = False,
        **options: Any,
    ) -> Tensor:
        """Append an operator and return its first output."""
        self.ops.append(Op(name, inputs, outputs, bare=bare, **options))
        return outputs[0]

    def case(self, *outputs: Tensor) -> Case:
        """Return the model whose outputs are these tensors."""
        return Case(
            build(self.inputs, self.ops, outputs, self.others),
            " | ".join(_summary(op) for op in self.ops),
            len(outputs),
        )


def _summary(op: Op) -> str:
    ins = ", ".join("none" if tensor is None else _label(tensor) for tensor in op.inputs)
    outs = ", ".join(_label(tensor) for tensor in op.outputs)
    options = " ".join(f"{key}={value}" for key, value in op.options.items() if value != "NONE")
    return f"{op.name}({ins}) -> {outs} {options}".rstrip()


def _label(tensor: Tensor) -> str:
    shape = "x".join(map(str, tensor.shape)) or "scalar"
    if tensor.data is not None and tensor.dtype == "int32" and len(tensor.shape) < 2:
        return f"{np.asarray(tensor.data).tolist()}"
    text = f"{tensor.dtype} {shape}"
    if isinstance(tensor.scale, float):
        text += f" {tensor.scale:.4g}:{tensor.zero_point}"
    return f"const {text}" if tensor.data is not None else text
