"""What a program keeps between inferences begins with its first values in every run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tinybench.boards import BOARDS, Board, counted
from tinybench.codegen.program import Program
from tinybench.storage.store import Store

from ..components import require
from .programs import SAMPLE, program, samples

pytestmark = pytest.mark.slow


def counter(prefix: str, *, cleared: bool = False) -> Program:
    """It adds to its input how often it ran, and 7."""
    state = (
        f"uint8_t {prefix}_state[6];\nvoid {prefix}_reset(void);\n"
        f"void {prefix}_reset(void) {{ for (int i = 0; i < 6; i++) {prefix}_state[i] = 7; }}\n"
    )
    code = f"arena[4] = (uint8_t)({prefix}_state[5]++ + arena[0]);"
    made = program(prefix=prefix, before=state, count=code)
    return replace(made, state_bytes=6, cleared=cleared)


@pytest.mark.parametrize("board", BOARDS.select(()), ids=lambda board: board.name)
def test_each_run_is_a_sequence_from_reset(board: Board, store: Store) -> None:
    require(board.name)
    several = samples((0, 0), (10, 0), (0, 0))

    image = board.build([counter("one"), counter("each", cleared=True)], store)
    with board.start(image, store) as session:
        runs = [session.run(several)[0].ravel().tolist() for _ in range(2)]
        alone = session.run(several, program=1)[0].ravel().tolist()
        counts = [counted(session, SAMPLE) for _ in range(2)]

    assert runs == [[7, 18, 9]] * 2
    assert alone == [7, 17, 7]
    assert counts[0] == counts[1]
    assert counts[0].instructions > counts[0].profile[0].instructions > 3


def test_state_is_memory_of_the_image(store: Store) -> None:
    board = BOARDS.get("cortex-m4")
    require(board.name)

    with_it = board.build(counter("model"), store)

    assert with_it.ram_bytes >= 16 + 6
