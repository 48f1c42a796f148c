"""Boards that one can buy, as QEMU has them: every byte goes through the UART's registers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tinybench.boards import BOARDS
from tinybench.boards.serial.qemu import MACHINES
from tinybench.codegen import generate
from tinybench.machines.board import BoardMachine
from tinybench.runtimes import Artifact
from tinybench.storage.store import Store

from ...components import needs

MODELS = Path(__file__).parents[2] / "tflite" / "models"
SINE = Path(__file__).parents[3] / "firmware" / "model" / "model.tflite"

pytestmark = [needs("qemu-system-arm", "ziglang", "elftools", "unicorn"), pytest.mark.slow]


@pytest.mark.parametrize("machine", MACHINES)
def test_the_bytes_are_those_of_the_emulated_processor(machine: str, store: Store) -> None:
    codes = np.arange(-128, 128, 4).astype(np.int8).reshape(-1, 1)
    model = Artifact("sine", SINE.read_bytes())
    ours, theirs = (
        BoardMachine(BOARDS.get(name), store).run(model, [codes])
        for name in (f"qemu-{machine}", MACHINES[machine][0])
    )

    np.testing.assert_array_equal(ours.outputs[0], theirs.outputs[0])
    assert ours.cost.stack_bytes is not None
    assert ours.cost.stack_bytes < 512
    assert ours.cost.cycles is None


def test_many_bytes(store: Store) -> None:
    """Inputs and outputs that take several lines each; a prefix that is not the default."""
    data = (MODELS / "conv-int8.tflite").read_bytes()
    generator = np.random.default_rng(0)
    found = []
    for name in ("qemu-netduinoplus2", "cortex-m4"):
        program = generate(data, "other").program
        inputs = [
            generator.integers(0, 256, (3, port.nbytes), dtype=np.uint8) for port in program.inputs
        ]
        generator = np.random.default_rng(0)
        board = BOARDS.get(name)
        with board.start(board.build(program, store)) as session:
            found.append(session.run(inputs))

    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
