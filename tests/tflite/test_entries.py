"""What a signature names is a file of its own, with that graph first."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from tinybench.tflite import ModelError, SignatureError, chosen, read

from ..codegen.builder import build_all
from ..codegen.edits import edited, schema
from ..codegen.oracle import Oracle
from .test_subgraphs import adding, condition, relu

TWO = build_all([adding(1), adding(2), relu()], ["one", "two"])


def answer(data: bytes) -> list[float]:
    [found] = Oracle(data, 1)([np.zeros(4, np.float32)])
    return [float(value) for value in found]


def test_the_first_signature_is_the_file() -> None:
    assert chosen(TWO, "one") == TWO


def test_another_signature_is_the_first_graph_of_its_file() -> None:
    data = chosen(TWO, "two")
    model = read(data)

    assert [graph.name for graph in model.subgraphs] == ["graph 1"]
    assert model.tensors == read(TWO).at(1).tensors
    assert model.signatures == ()
    assert (answer(TWO), answer(data)) == ([1.0] * 4, [2.0] * 4)


def test_what_it_runs_keeps_its_number() -> None:
    data = chosen(
        build_all([adding(1), condition(2, 3), relu(), adding(3), relu()], ["a", "b"]), "b"
    )
    model = read(data)
    inputs = [np.array([False]), np.zeros(4, np.float32)]

    assert [model.subgraphs[index].name for index in (0, 2, 3)] == ["graph 1", "graph 2", "graph 3"]
    assert len(model.subgraphs) == 4
    assert Oracle(data, 1)(inputs)[0].tolist() == [3.0] * 4


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("three", r"^model: no signature 'three'; it has 'one', 'two'$"),
        ("", r"^model: no signature ''; it has 'one', 'two'$"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_known_ones(key: str, reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        chosen(TWO, key)


def test_a_file_without_signatures_has_none() -> None:
    with pytest.raises(SignatureError, match=r"^model: no signature 'one'; it has none$"):
        chosen(build_all([adding(1)]), "one")


@pytest.mark.parametrize("then", [0, 1])
def test_what_runs_the_first_or_itself_cannot_be_taken_out(then: int) -> None:
    data = build_all([adding(1), condition(then, 2), relu()], ["one", "two"])

    with pytest.raises(SignatureError, match=r"is subgraph 1, which runs itself or the first$"):
        chosen(data, "two")


def test_metadata_that_plan_the_whole_are_left_out() -> None:
    def plan(model: object) -> None:
        entry = schema.MetadataT()
        entry.name, entry.buffer = "OfflineMemoryAllocation", 0
        model.metadata = [entry]  # type: ignore[attr-defined]

    assert read(chosen(edited(TWO, plan), "two")).metadata == ()


def test_damaged_files_are_an_error_of_one_line() -> None:
    source = Random(5)
    for _ in range(200):
        data = bytearray(TWO)
        for _ in range(3):
            data[source.randrange(len(data))] = source.randrange(256)
        message = ""
        try:
            read(chosen(bytes(data), "two"))
        except ModelError as error:
            message = str(error)
        assert message.isprintable()
