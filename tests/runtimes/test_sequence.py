"""Every run of a session is a sequence from the first values."""

import numpy as np
import pytest

from tinybench.runtimes import RUNTIMES, Artifact, PortsSession

from ..codegen.builder import Graph, Op, Tensor, build
from ..codegen.streaming_families import named


def delay() -> bytes:
    """The input before; at first 9, 8, 7, 6, which are assigned once."""
    shape = (1, 4)
    x, y = (Tensor(shape, "int8", 0.5) for _ in range(2))
    handle, other = (Tensor((), "resource") for _ in range(2))
    first = Tensor(shape, "int8", 0.5, data=[[9, 8, 7, 6]])
    ops = [
        Op("CALL_ONCE", [], [], init_subgraph_index=1),
        named(handle, "v"),
        Op("READ_VARIABLE", [handle], [y]),
        Op("ASSIGN_VARIABLE", [handle, x], []),
    ]
    once = [named(other, "v"), Op("ASSIGN_VARIABLE", [other, first], [])]
    return build([x], ops, [y], [Graph([], once, [])])


@pytest.mark.parametrize("name", ["tflm", "litert", "litert-ref"])
def test_every_run_begins_with_the_first_values(name: str) -> None:
    session = RUNTIMES.get(name).load(Artifact("delay", delay()))
    assert isinstance(session, PortsSession)
    steps = np.array([[1, 1, 1, 1], [2, 2, 2, 2]], np.int8)

    runs = [session.run_ports([steps])[0].tolist() for _ in range(2)]

    assert runs == [[[9, 8, 7, 6], [1, 1, 1, 1]]] * 2
