"""TFLM_DECODE: weights that are compressed in the file are the runtime's after decoding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tinybench.codegen import UnsupportedError, generate
from tinybench.codegen.decode import HUFFMAN, LUT, PRUNE

from . import host
from .builder import Op, Tensor, build
from .oracle import Arrays, Oracle, codes
from .test_hostile import attempt, damaged

PLAIN = ("int16", "int32", "int64", "float32", "bool")

Channels = tuple[int, int]
"""How many scales there are, and their axis."""


def packed(indexes: Sequence[int], width: int) -> NDArray[np.uint8]:
    """Numbers of a few bits each, the highest first."""
    bits = [index >> place & 1 for index in indexes for place in range(width - 1, -1, -1)]
    return np.packbits(np.array(bits, np.uint8))


def ancillary(kind: int, first: int, second: int, table: NDArray[Any]) -> NDArray[np.uint8]:
    header = np.zeros(16, np.uint8)
    header[[0, 1, 4, 5, 6]] = kind, 1, 1, first, second
    return np.concatenate([header, np.frombuffer(table.tobytes(), np.uint8)])


def moved(coded: NDArray[np.uint8], tables: NDArray[np.uint8], decoded: Tensor) -> bytes:
    """What is decoded, side by side with an input of its type: nothing is computed."""
    given = [Tensor(each.shape, "uint8", data=each) for each in (coded, tables)]
    x, y = Tensor(decoded.shape, decoded.dtype), Tensor((2, *decoded.shape), decoded.dtype)
    ops = [
        Op("CUSTOM:TFLM_DECODE", given, [decoded]),
        Op("PACK", [x, decoded], [y], values_count=2, axis=0),
    ]
    if decoded.dtype == "bool":  # which PACK does not take
        y = Tensor((2 * decoded.shape[0], *decoded.shape[1:]), "bool")
        ops[1] = Op("CONCATENATION", [x, decoded], [y], axis=0)
    return build([x], ops, [y])


def dense(coded: NDArray[np.uint8], tables: NDArray[np.uint8], decoded: Tensor) -> bytes:
    """What is decoded as the weights of a layer."""
    given = [Tensor(each.shape, "uint8", data=each) for each in (coded, tables)]
    x, y = Tensor((1, decoded.shape[1]), "int8", 0.1), Tensor((1, decoded.shape[0]), "int8", 2.5)
    ops = [
        Op("CUSTOM:TFLM_DECODE", given, [decoded]),
        Op("FULLY_CONNECTED", [x, decoded, None], [y]),
    ]
    return build([x], ops, [y])


def table_of(rng: np.random.Generator, dtype: str, size: int) -> NDArray[Any]:
    if dtype == "bool":
        return rng.integers(0, 2, size, np.uint8)
    if dtype == "float32":
        return rng.standard_normal(size).astype(np.float32)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, size, dtype, endpoint=True)


def weights(
    shape: tuple[int, ...], dtype: str, channels: Channels, zero_points: Sequence[int] = (0,)
) -> Tensor:
    if dtype in PLAIN[1:]:
        return Tensor(shape, dtype)
    count, axis = channels
    scale = 0.02 if count == 1 else [0.02 + 0.01 * n for n in range(count)]
    return Tensor(shape, dtype, scale, zero_points[0], axis)


def looked_up(width: int, dtype: str, channels: Channels) -> bytes:
    rng = np.random.default_rng(width)
    shape, stride = (4, 6), 2**width
    count = channels[0]
    coded = packed(rng.integers(0, stride, 24).tolist(), width)
    tables = ancillary(LUT, width, stride, table_of(rng, dtype, stride * count))
    target = weights(shape, dtype, channels)
    make = dense if dtype == "int8" else moved
    return make(coded, tables, target)


def pruned(dtype: str, channels: Channels, zero_point: int) -> bytes:
    rng = np.random.default_rng(3)
    given = rng.integers(0, 2, 24)
    tables = ancillary(PRUNE, 0, 0, table_of(rng, dtype, int(given.sum())))
    target = weights((4, 6), dtype, channels, [zero_point])
    make = dense if dtype == "int8" and not zero_point else moved
    return make(packed(given.tolist(), 1), tables, target)


CODES = {"0": 5, "10": -7, "110": 100, "1110": -128, "1111": 127}
"""A tree of codes of up to four bits, for a first table of two bits and others of one."""


def huffman(dtype: str, wide: bool) -> bytes:
    found, shift = (1 << 31, 27) if wide else (1 << 15, 11)
    mask = 0xFFFF if wide else 0xFF

    def symbol(value: int, bits: int) -> int:
        return found | bits << shift | (value & mask)

    def branch(offset: int) -> int:
        return 0 << shift | offset  # one bit more

    # 00 and 01 are a code of one bit; 10 one of two; 11 leads on, from entry 3 to 4 and 5.
    entries = [
        *(symbol(5, 1), symbol(5, 1), symbol(-7, 2), branch(1)),
        *(symbol(100, 1), branch(1)),
        *(symbol(-128, 1), symbol(127, 1)),
    ]
    rng = np.random.default_rng(6)
    names = rng.choice(list(CODES), 24)
    bits = "".join(names)
    coded = packed([int(bit) for bit in bits], 1)
    coded = np.concatenate([coded, np.zeros(-len(coded) % 4 + 4, np.uint8)])
    table = np.array(entries, np.uint32 if wide else np.uint16)
    tables = ancillary(HUFFMAN, wide | 1 << 4, 0, table)
    target = weights((4, 6), dtype, (1, 0))
    return (dense if dtype == "int8" else moved)(coded, tables, target)


CASES: dict[str, bytes] = {
    **{f"lut int8 {width}": looked_up(width, "int8", (1, 0)) for width in range(1, 8)},
    **{f"lut {width} channels": looked_up(width, "int8", (4, 0)) for width in (1, 2, 3, 4, 5)},
    **{f"lut {dtype}": looked_up(3, dtype, (1, 0)) for dtype in PLAIN},
    "lut last axis": looked_up(3, "int16", (6, 1)),
    "pruned": pruned("int8", (1, 0), 0),
    "pruned channels": pruned("int8", (4, 0), 0),
    "pruned zero point": pruned("int8", (1, 0), -5),
    **{f"pruned {dtype}": pruned(dtype, (1, 0), 0) for dtype in PLAIN},
    "huffman": huffman("int8", False),
    "huffman wide": huffman("int8", True),
    "huffman int16": huffman("int16", True),
}


@pytest.mark.parametrize("name", CASES)
def test_decoded_weights_are_the_runtimes(name: str, tmp_path: Path) -> None:
    host.require_compiler()
    data = CASES[name]
    made = generate(data)
    inputs: list[Arrays] = codes(made.model, 4, 0)
    oracle = Oracle(data, 1)
    wanted = [oracle(each) for each in inputs]

    [found] = host.build([made.program], tmp_path).run([host.raw([each[0] for each in inputs])])

    assert made.program.operators[0] in ("FULLY_CONNECTED", "PACK", "CONCATENATION")
    assert found.tobytes() == host.raw([each[0] for each in wanted]).tobytes()


def changed(at: int, value: int) -> bytes:
    """Weights by a table, with another byte before it."""
    tables = ancillary(LUT, 3, 8, np.arange(8, dtype=np.int8))
    tables[at] = value
    return dense(packed([7] * 24, 3), tables, weights((4, 6), "int8", (1, 0)))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed(0, 127), "its scheme of compression, 127, is unknown"),
        (changed(1, 2), "unknown version"),
        (changed(4, 0), "unknown version"),
        (changed(5, 0), "its indexes have no bits"),
        (changed(5, 7), "9 bytes have no 168 bits"),
        (
            dense(
                packed([7] * 24, 3),
                ancillary(LUT, 3, 8, np.zeros(7, np.int8)),
                weights((4, 6), "int8", (1, 0)),
            ),
            "a table of 7 values has no 7",
        ),
        (
            dense(
                packed([1] * 24, 1),
                ancillary(PRUNE, 0, 0, np.zeros(23, np.int8)),
                weights((4, 6), "int8", (1, 0)),
            ),
            "a table of 23 values has no 23",
        ),
        (
            dense(
                packed([1] * 24, 1),
                ancillary(HUFFMAN, 0, 0, np.zeros(4, np.uint16)),
                weights((4, 6), "int8", (1, 0)),
            ),
            "its codes lead out of their tables",
        ),
    ],
)
def test_what_cannot_be_decoded(data: bytes, message: str) -> None:
    with pytest.raises(UnsupportedError, match=message):
        generate(data)


@pytest.mark.parametrize("name", ["lut int8 3", "pruned channels", "huffman"])
def test_damaged_weights(name: str) -> None:
    source = Random(name)

    taken = [attempt(damaged(CASES[name], source)) for _ in range(60)]

    assert any(each is None for each in taken)
