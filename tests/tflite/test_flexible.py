"""Options of custom operators: maps of numbers, however damaged."""

from __future__ import annotations

import importlib
import math
from random import Random
from typing import Any

import pytest

from tinybench.tflite.flat import ModelError
from tinybench.tflite.flexible import read_map

flexbuffers: Any = importlib.import_module("flatbuffers.flexbuffers")

MAPS: list[dict[str, Any]] = [
    {},
    {"shift": 12},
    {"T": 7, "fft_length": 512},
    {"clamping": True, "num_channels": 40, "smoothing": -409},
    {"h_scale": 5.0, "max_detections": 10, "nms_score_threshold": 1e-8, "use_regular_nms": False},
    {"wide": 2**40, "narrow": -1},
    {f"option_{number:03}": number for number in range(300)},
]


def dumped(values: dict[str, Any]) -> bytes:
    return bytes(flexbuffers.Dumps(values))


@pytest.mark.parametrize("values", MAPS)
def test_numbers_by_name(values: dict[str, Any]) -> None:
    found = read_map(dumped(values))

    assert {name: each.number for name, each in found.items()} == values
    assert list(found) == sorted(values)
    assert all(
        found[name].bits == value for name, value in values.items() if isinstance(value, int)
    )


def test_what_is_no_number() -> None:
    found = read_map(dumped({"text": "seven", "none": None, "list": [1, 2], "real": math.nan}))

    assert {name: each.number for name, each in found.items()} == dict.fromkeys(found)


def test_bits_of_a_place_are_signed() -> None:
    """A runtime that takes a value by its place takes an unsigned byte for a signed one."""
    data = dumped({"shift": 12})
    at = data.index(b"\x0c\x04")
    changed = data[:at] + bytes([200, 2 << 2]) + data[at + 2 :]

    [found] = read_map(changed).values()

    assert (found.number, found.bits) == (200, -56)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 bytes are no map"),
        (b"\0\0", "2 bytes are no map"),
        (bytes(flexbuffers.Dumps([1, 2])), "not a map"),
        (bytes(flexbuffers.Dumps(7)), "not a map"),
        (b"\x01" + dumped({"a": 1})[1:-1] + b"\x03", "numbers of 3 bytes"),
        (b"\xff\xff" + b"\x24\x01", "outside"),
    ],
)
def test_what_is_no_map(data: bytes, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        read_map(data)


def test_names_that_are_not_in_order() -> None:
    data = dumped({"aa": 1, "bb": 2})

    with pytest.raises(ModelError, match="names are not in order"):
        read_map(data.replace(b"aa", b"cc"))


def test_damaged_maps() -> None:
    """Whatever the bytes: a map, or one line that says what is wrong."""
    source = Random(5)
    lines = []
    for number in range(3000):
        data = bytearray(dumped(MAPS[number % (len(MAPS) - 1)]))
        for _ in range(source.choice((1, 1, 2, 5))):
            data[source.randrange(len(data))] = source.randrange(256)
        if source.randrange(4) == 0:
            del data[source.randrange(len(data)) :]
        try:
            read_map(bytes(data))
        except ModelError as error:
            lines.append(str(error))
    assert 500 < len(lines) < 3000
    assert all(line.isprintable() and len(line) < 200 for line in lines)
