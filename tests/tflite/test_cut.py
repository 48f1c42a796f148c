"""A model that is cut computes what the whole one computed there."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest

from tinybench.runtimes import RUNTIMES, Artifact, PortsSession, batch_shape
from tinybench.tflite import Model, ModelError, read
from tinybench.tflite.cut import cut

from .samples import NAMES, changed, content, model, schema


def samples(net: Model, count: int = 3) -> list[Any]:
    """Random raw inputs."""
    random = np.random.default_rng(0)
    tensors = [net.tensors[index] for index in net.inputs]
    return [
        (random.standard_normal(batch_shape(t.shape, count)) * 50).astype(t.dtype) for t in tensors
    ]


def run(data: bytes, inputs: list[Any]) -> list[Any]:
    session = RUNTIMES.get("litert-ref").load(Artifact("cut", data))
    assert isinstance(session, PortsSession)
    return session.run_ports(inputs)


@pytest.mark.parametrize("name", NAMES)
def test_every_operator(name: str) -> None:
    """Everything up to the operator is as it was; the outputs are the operator's."""
    whole = model(name)

    for operator in whole.operators:
        found = read(cut(content(name), operator.index))

        assert found.operators == whole.operators[: operator.index + 1]
        assert found.outputs == operator.outputs
        assert (found.inputs, found.tensors) == (whole.inputs, whole.tensors)
        assert (found.metadata, found.signatures) == ((), ())


@pytest.mark.parametrize("name", ["conv-int8", "two-inputs-int8", "lstm-int8", "any-batch-float32"])
def test_values(name: str) -> None:
    """Cut behind each operator, all at once, or not at all: a tensor has the same values."""
    whole, inputs = model(name), samples(model(name))
    last = whole.operators[-1].index
    indexes = [index for operator in whole.operators for index in operator.outputs]
    together = dict(zip(indexes, run(cut(content(name), last, indexes), inputs), strict=True))
    for operator in whole.operators:
        alone = run(cut(content(name), operator.index), inputs)
        for index, values in zip(operator.outputs, alone, strict=True):
            np.testing.assert_array_equal(values, together[index])

    for index, values in zip(whole.outputs, run(content(name), inputs), strict=True):
        np.testing.assert_array_equal(values, together[index])


def test_an_arena_planned_for_the_whole_model_is_dropped() -> None:
    """TFLM would follow the metadata, although its tensors live for another time now."""

    def plan(tree: Any) -> None:
        entry = schema.MetadataT()
        entry.name, entry.buffer = "OfflineMemoryAllocation", 1
        tree.metadata = [entry]

    data = changed("dense-int8", plan)
    assert read(data).metadata == ("OfflineMemoryAllocation",)

    assert read(cut(data, 0)).metadata == ()


@pytest.mark.parametrize(
    ("operator", "outputs", "message"),
    [
        (3, None, "operator 3 is none of 3"),
        (-1, None, "operator -1 is none of 3"),
        (0, [99], "outputs .* are not all among"),
        (0, [-1], "outputs .* are not all among"),
        (0, [9], "an output of the graph that nobody writes"),
    ],
)
def test_refuses(operator: int, outputs: list[int] | None, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        cut(content("dense-int8"), operator, outputs)


@pytest.mark.parametrize("name", NAMES[:6])
def test_damaged_files(name: str) -> None:
    """Whatever the bytes, the answer is a readable model or a ModelError."""
    random, whole = np.random.default_rng(7), content(name)
    sound = 0
    for _ in range(60):
        data = bytearray(whole)
        at = 4 * int(random.integers(len(data) // 4))
        data[at : at + 4] = int(random.choice([0, 1, 8, 2**31, 2**32 - 4])).to_bytes(4, "little")
        with contextlib.suppress(ModelError):
            read(cut(bytes(data), 0))
            sound += 1

    assert 0 < sound < 60
