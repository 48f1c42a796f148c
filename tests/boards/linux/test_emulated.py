"""Programs for Linux on Arm, in qemu-user: TFLM's bytes, state, and what is said of failures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tinybench import tflite
from tinybench.boards import BOARDS, Board, BoardError, CountingSession, limited
from tinybench.machines import find
from tinybench.machines.ports import random_inputs
from tinybench.runtimes import Artifact
from tinybench.storage.store import Store

from ...components import needs
from ..programs import ADD_HALVE, SAMPLE, program, samples

MODELS = Path(__file__).parents[3] / "results" / "models"
NAMES = ("linux-aarch64", "linux-armhf")
STATE = """
uint8_t {0}_state[4];
void {0}_reset(void);
void {0}_reset(void) {{ {0}_state[0] = 7; }}
"""

pytestmark = needs(*NAMES)


@pytest.fixture(params=NAMES)
def board(request: pytest.FixtureRequest) -> Board:
    return BOARDS.get(request.param)


def test_several_programs_of_one_image(board: Board, store: Store) -> None:
    floats = program(prefix="floats", scale="arena[4] = (uint8_t)((float)arena[0] * 1.5f);")
    code = "arena[4] = (uint8_t)(arena[0] + {0}_state[0]++);"
    kept, cleared = (
        replace(
            program(prefix=name, before=STATE.format(name), count=code.format(name)),
            state_bytes=4,
            cleared=name == "cleared",
        )
        for name in ("kept", "cleared")
    )
    image = board.build([ADD_HALVE, floats, kept, cleared], store)

    with board.start(image, store) as session:
        halves = session.run(samples((3, 4), (250, 10), (0, 0)))
        others = [session.run(samples((10, 0), (10, 0)), program=index) for index in (1, 2, 3, 2)]

    assert not isinstance(session, CountingSession)
    assert halves[0].ravel().tolist() == [3, 2, 0]
    assert [ports[0].ravel().tolist() for ports in others] == [
        [15, 15],
        [17, 18],
        [17, 17],
        [17, 18],
    ]


def test_sizes_are_the_models(board: Board, store: Store) -> None:
    """What serves requests is in no size; a larger arena is in RAM only."""
    small, large = (board.build(program(arena=size, add=""), store) for size in (16, 4096))

    assert large.ram_bytes - small.ram_bytes == 4096 - 16
    assert small.flash_bytes == large.flash_bytes < 200


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("*(volatile uint32_t *)16 = 1;", "the program ended with status -11"),
        ('for (;;) __asm__ volatile("");', "did not end within its limit of time"),
    ],
    ids=["fault", "loop"],
)
def test_failures(board: Board, code: str, message: str, store: Store) -> None:
    image = board.build(program(bad=code), store)

    with (
        limited(board, 1).start(image, store) as session,
        pytest.raises(BoardError, match=f"{board.name}: .*{message}"),
    ):
        session.run(SAMPLE)


@needs("tflm")
@pytest.mark.parametrize(
    "name", ["sine-16x16-int8", "sine-16x16-float32", "keyword-int8", "gesture-int16x8"]
)
def test_bytes_are_tflms(board: Board, name: str, store: Store) -> None:
    model = Artifact(name, (MODELS / f"{name}.tflite").read_bytes())
    machines = [find(one, store) for one in (board.name, "tflm")]
    inputs = random_inputs(tflite.read(model.data), 8, 0)

    ours, theirs = (machine.run(model, inputs, count=False) for machine in machines)

    np.testing.assert_array_equal(ours.outputs[0], theirs.outputs[0])
