"""Whatever the bytes, the answer is a model or a `ModelError`, soon."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinybench.tflite import (
    RULES,
    ModelError,
    classify,
    describe,
    examine,
    problems,
    read,
    to_dict,
    weight_bytes,
)

from .samples import NAMES, content

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
SMALL = tuple(name for name in NAMES if len(content(name)) < 5000)


def attempt(work: Callable[[], T]) -> T | None:
    """Return a result, or `None` for a `ModelError` of one printable line; let others through."""
    try:
        return work()
    except ModelError as error:
        message = str(error)
    assert message.isprintable()
    return None


def survives(data: bytes) -> bool:
    """Read and use a file as every caller would; return whether it was readable."""
    net = attempt(lambda: read(data))
    shown = attempt(lambda: examine(data))
    if shown is not None:
        model, errors = shown
        assert bool(errors) == (net is None)
        assert all(str(error).isprintable() for error in errors)
        assert describe(model, [str(error) for error in errors])
        assert json.dumps(to_dict(model), allow_nan=False)
    if net is None:
        return False
    assert shown is not None
    for tensor in net.tensors:
        attempt(tensor.array)
    assert all(text.isprintable() for rule in RULES for text in problems(net, rule.name))
    assert classify(net).isprintable()
    assert weight_bytes(net) >= 0
    attempt(lambda: describe(net))
    attempt(lambda: json.dumps(to_dict(net), allow_nan=False))
    return True


@pytest.mark.parametrize("name", NAMES)
def test_flipped_bytes(name: str) -> None:
    """One to eight bytes anywhere; some changes must survive, in weights and names."""
    source = random.Random(name)
    readable = 0
    for _ in range(60):
        data = bytearray(content(name))
        for _ in range(source.choice((1, 1, 2, 8))):
            data[source.randrange(len(data))] = source.randrange(256)
        readable += survives(bytes(data))

    assert 0 < readable < 60


@pytest.mark.parametrize("name", NAMES)
def test_damaged_offsets_and_lengths(name: str) -> None:
    """Aligned words become small, huge or negative: where offsets and lengths are."""
    source = random.Random(name)
    values = (0, 1, 4, 0xFFFF, 2**16, 2**31 - 1, 2**31, 2**32 - 4, 2**32 - 1)
    refused = 0
    for _ in range(60):
        data = bytearray(content(name))
        at = 4 * source.randrange(len(data) // 4)
        data[at : at + 4] = source.choice(values).to_bytes(4, "little")
        refused += not survives(bytes(data))

    assert 0 < refused < 60


@pytest.mark.parametrize("name", NAMES)
def test_truncations(name: str) -> None:
    """FlatBuffers are written back to front: the end is always needed."""
    whole = content(name)
    source = random.Random(name)
    for length in [*range(0, 64, 4), *(source.randrange(len(whole) - 4) for _ in range(30))]:
        assert not survives(whole[:length])


def test_random_bytes() -> None:
    source = random.Random(0)
    for _ in range(500):
        noise = source.randbytes(source.randrange(512))
        assert not survives(noise)
        survives(noise[:4] + b"TFL3" + noise[8:])
        survives(bytes([source.randrange(8, 64), 0, 0, 0]) + b"TFL3" + noise)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SMALL), st.data())
def test_any_replacement(name: str, data: st.DataObject) -> None:
    whole = content(name)
    start = data.draw(st.integers(0, len(whole) - 1), label="start")
    count = data.draw(st.integers(0, 16), label="count")
    patch = data.draw(st.binary(max_size=16), label="patch")

    survives(whole[:start] + patch + whole[start + count :])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_behind_the_identifier(tail: bytes) -> None:
    survives(b"\x10\x00\x00\x00TFL3" + tail)
