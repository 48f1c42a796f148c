"""What was kept comes back as it was."""

from pathlib import Path

import numpy as np

from tinybench.machines.execution import Cost, Execution, OperatorCost
from tinybench.machines.kept import kept
from tinybench.machines.machines import find
from tinybench.storage.store import Store


def test_costs_come_back(tmp_path: Path) -> None:
    """Times are ranges, which JSON has no type for; not every machine tells them."""
    operators = (
        OperatorCost(0, "CONV_2D", "conv", 10, 2, 1, 15, (0.5, 0.75)),
        OperatorCost(1, "SOFTMAX", "soft", 20, None, None),
    )
    told = Execution(
        [np.arange(4, dtype=np.int8)],
        Cost(instructions=30, profile=operators, cycles=45, milliseconds=(1.5, 2.25)),
    )
    store = Store(tmp_path)
    machine = find("cortex-m4")

    first, again = (kept(machine, store, "model", "question", lambda: told) for _ in range(2))

    assert first.cost == again.cost == told.cost
