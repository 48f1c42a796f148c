"""Answers that are kept: the same machine is not asked the same twice."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tinybench.machines.execution import Cost, Execution, OperatorCost
from tinybench.storage.code import code_of

if TYPE_CHECKING:
    from tinybench.machines.execution import Machine
    from tinybench.storage.store import Store


def kept(
    machine: Machine, store: Store | None, name: str, question: Any, ask: Callable[[], Execution]
) -> Execution:
    """The outputs and costs that `ask` gives, from the store if this machine gave them before.

    `question` is all that decides them beside the machine, JSON-able; `name` is for people. The
    toolchain of an execution is not kept.
    """
    identity = machine.identity if store else None
    if store is None or identity is None:
        return ask()
    inputs = {
        "question": question,
        "machine": asdict(identity),
        # A board's cycles are by rules that its own code does not show.
        "code": code_of("tinybench.machines", "tinybench.cycles"),
    }
    return _unpacked(store.get(f"{name}-{machine.name}", inputs, "npz", lambda: _packed(ask())))


def _packed(ran: Execution) -> bytes:
    import numpy as np

    buffer = io.BytesIO()
    outputs: dict[str, Any] = {f"output_{i}": values for i, values in enumerate(ran.outputs)}
    cost = np.array(json.dumps(asdict(ran.cost)))
    np.savez_compressed(buffer, cost=cost, **outputs)
    return buffer.getvalue()


def _unpacked(packed: bytes) -> Execution:
    import numpy as np

    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        told = json.loads(str(file["cost"]))
        profile = told.pop("profile")
        if profile is not None:
            profile = tuple(OperatorCost(**_with_range(cost)) for cost in profile)
        outputs = [file[f"output_{i}"] for i in range(len(file.files) - 1)]
    return Execution(outputs, Cost(**_with_range(told), profile=profile))


def _with_range(told: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples."""
    if (range_ := told["milliseconds"]) is not None:
        told["milliseconds"] = tuple(range_)
    return told
