"""What an input may be, by what the model does with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
import pytest

from tinybench import machines
from tinybench.runtimes import RUNTIMES, Artifact
from tinybench.runtimes.base import answered
from tinybench.tflite import Operator, read
from tinybench.tflite.domains import USUAL, domain_of

from ..codegen.builder import Op, Tensor, build
from .samples import NAMES, model

Net: TypeAlias = tuple[list[Tensor], list[Op], list[Tensor]]
TABLE = np.arange(15, dtype="float32").reshape(5, 3)


def constant(values: Any, dtype: str = "int32") -> Tensor:
    return Tensor(np.shape(values), dtype, data=np.array(values, dtype))


def gather(*before: Callable[[Tensor], Op], dtype: str = "int32", **quantization: Any) -> Net:
    """A table of five rows; its indices come through other operators."""
    at = ids = Tensor((1, 4), dtype, **quantization)
    ops = []
    for op in before:
        ops.append(op(at))
        (at,) = ops[-1].outputs
    out = Tensor((*at.shape, 3), "float32")
    ops.append(Op("GATHER", [constant(TABLE, "float32"), at], [out], axis=0))
    return [ids], ops, [out]


def cast(at: Tensor) -> Op:
    return Op("CAST", [at], [Tensor(at.shape, "int32")])


def reshape(at: Tensor) -> Op:
    shape = (2, 2)
    return Op("RESHAPE", [at, constant(shape)], [Tensor(shape, at.dtype)], new_shape=list(shape))


def dequantize(at: Tensor) -> Op:
    return Op("DEQUANTIZE", [at], [Tensor(at.shape, "float32")])


def slice_of(begin: Tensor) -> Net:
    x, out = Tensor((1, 6, 4), "float32"), Tensor((1, 2, 4), "float32")
    return [x, begin], [Op("SLICE", [x, begin, constant([1, 2, 4])], [out])], [out]


def transpose_conv() -> Net:
    shape, x = Tensor((4,), "int32"), Tensor((1, 3, 3, 1), "float32")
    weights = constant(np.ones((2, 2, 2, 1)), "float32")
    out = Tensor((1, 6, 6, 2), "float32")
    operands = [shape, weights, x]
    op = Op("TRANSPOSE_CONV", operands, [out], stride_w=2, stride_h=2, padding="VALID")
    return [shape, x], [op], [out]


def gather_nd() -> Net:
    x, ids, out = Tensor((3, 7), "float32"), Tensor((2, 2), "int32"), Tensor((2,), "float32")
    return [x, ids], [Op("GATHER_ND", [x, ids], [out])], [out]


@pytest.mark.parametrize(
    ("net", "port", "low", "high"),
    [
        (gather(), 0, [0], [4]),
        (gather(dtype="int64"), 0, [0], [4]),
        (gather(reshape), 0, [0], [4]),
        (gather(cast, dtype="float32"), 0, [0], [4]),
        (gather(cast, reshape, dtype="int8"), 0, [0], [4]),
        (gather(dequantize, cast, dtype="int8", scale=0.5, zero_point=-3), 0, [-3], [5]),
        (slice_of(Tensor((3,), "int32")), 1, [0, 0, 0], [0, 4, 0]),
        (transpose_conv(), 0, [1, 6, 6, 2], [1, 6, 6, 2]),
        (gather_nd(), 1, [0, 0, 0, 0], [2, 6, 2, 6]),
    ],
)
def test_in_range(net: Net, port: int, low: list[int], high: list[int]) -> None:
    """Through what hands an index on; the runtimes run random inputs."""
    data = build(*net)
    found = read(data)
    domain = domain_of(found, found.tensors[found.inputs[port]])

    assert domain is not None
    assert [domain.low.tolist(), domain.high.tolist()] == [low, high]
    inputs = machines.random_inputs(found, 8, seed=0)
    assert (inputs[port].reshape(8, -1) >= low).all()
    assert (inputs[port].reshape(8, -1) <= high).all()
    again = machines.random_inputs(found, 8, seed=0)
    assert [values.tobytes() for values in again] == [values.tobytes() for values in inputs]
    # TFLM looks up by int32 only.
    for name in ("litert-ref", "tflm")[: 1 if inputs[port].dtype == np.int64 else 2]:
        answered(RUNTIMES.get(name).load(Artifact("net", data)), inputs, 1)


def test_into_subgraphs() -> None:
    """What a branch looks up by is an input of the operator that calls it."""
    caller, branch = read(build(*plain("int32"))), read(build(*gather()))
    call = Operator(0, "IF", 1, (0, 1), (2,), {"then_subgraph_index": 1, "else_subgraph_index": 9})
    first = replace(caller.subgraphs[0], operators=(call,))
    net = replace(caller, operators=(call,), subgraphs=(first, branch.subgraphs[0]))

    ids = domain_of(net, net.tensors[1])

    assert ids is not None
    assert (ids.low.min(), ids.high.max()) == (0, 4)


def plain(dtype: str, **quantization: Any) -> Net:
    a, b, out = (Tensor((2, 3), dtype, **quantization) for _ in range(3))
    return [a, b], [Op("ADD", [a, b], [out])], [out]


def test_other_integers_are_small() -> None:
    """Nothing is known of them, and whole ranges overflow."""
    found = read(build(*plain("int32")))
    domain = domain_of(found, found.tensors[0])

    assert domain is not None
    assert (domain.low.min(), domain.high.max()) == USUAL


@pytest.mark.parametrize(("dtype", "scale"), [("int32", 0.5), ("int8", 0.5), ("float32", None)])
def test_codes_and_floats_are_free(dtype: str, scale: float | None) -> None:
    found = read(build(*plain(dtype, scale=scale)))

    assert domain_of(found, found.tensors[0]) is None


def test_divisors_are_not_zero() -> None:
    a, b, out = (Tensor((2, 3), "int32") for _ in range(3))
    found = read(build([a, b], [Op("FLOOR_DIV", [a, b], [out])], [out]))
    domain = domain_of(found, found.tensors[1])

    assert domain is not None
    assert (domain.low.min(), domain.high.max()) == (1, USUAL[1])


@pytest.mark.parametrize(("dtype", "zero", "high"), [("int8", -7, 127), ("int16", 0, 32767)])
def test_roots_are_of_positive_numbers(dtype: str, zero: int, high: int) -> None:
    """As codes where they are quantized; elsewhere an operator fails, or answers NaN."""
    x, y = Tensor((1, 4), dtype, scale=0.1, zero_point=zero), Tensor((1, 4), dtype, scale=0.1)
    found = read(build([x], [Op("RSQRT", [x], [y])], [y]))
    domain = domain_of(found, found.tensors[0])

    assert domain is not None
    assert (domain.low.min(), domain.high.max()) == (zero + 1, high)

    x, y = Tensor((1, 4), "float32"), Tensor((1, 4), "float32")
    data = build([x], [Op("LOG", [x], [y])], [y])
    inputs = machines.random_inputs(read(data), 8, seed=0)
    outputs = answered(RUNTIMES.get("tflm").load(Artifact("net", data)), inputs, 1).outputs
    assert np.isfinite(outputs[0]).all()


def test_contradictions() -> None:
    """Indices of an empty table, and of two tables that nothing is common to."""
    ids, out = Tensor((2,), "int32"), Tensor((2, 0), "float32")
    empty = constant(np.zeros((0, 0)), "float32")
    found = read(build([ids], [Op("GATHER", [empty, ids], [out], axis=0)], [out]))

    domain = domain_of(found, found.tensors[0])

    assert domain is not None
    assert (domain.low.min(), domain.high.max()) == USUAL


@pytest.mark.parametrize("name", NAMES)
def test_nets_take_anything(name: str) -> None:
    """Inputs of the files that converters make of nets are what they were."""
    found = model(name)

    assert [domain_of(found, found.tensors[index]) for index in found.inputs] == [
        None for _ in found.inputs
    ]
