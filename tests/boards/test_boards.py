"""Every board builds, runs and counts the same programs."""

import numpy as np
import pytest

from tinybench.boards import BOARDS, DEFAULT_BOARD, Board, BoardError, counted
from tinybench.codegen.program import Program
from tinybench.storage.store import Store

from ..components import require
from .programs import ADD_HALVE, BUSY, FLOAT, IF_THEN, NOTHING, SAMPLE, program, samples

pytestmark = pytest.mark.slow

PROCESSORS = BOARDS.select(())
EMULATED = [board for board in PROCESSORS if not board.name.startswith("qemu-")]


def ready(board: Board) -> Board:
    require(board.name)
    return board


def test_default_board_is_registered() -> None:
    assert DEFAULT_BOARD in BOARDS


@pytest.mark.parametrize("board", PROCESSORS, ids=lambda board: board.name)
def test_runs_and_counts(board: Board, store: Store) -> None:
    """Samples in order, values as C computes them, and counts that are the same every time."""
    image = ready(board).build(ADD_HALVE, store)

    with board.start(image, store) as session:
        (outputs,) = session.run(samples((3, 4), (100, 100), (0, 1)))
        first = counted(session, SAMPLE)
        session.run(samples((9, 9)))
        again = counted(session, SAMPLE)

    assert outputs.tolist() == [[3], [100], [0]]
    assert outputs.dtype == np.uint8
    assert again == first
    assert [operator.name for operator in first.profile] == ["add", "halve"]
    assert all(operator.instructions > 2 for operator in first.profile)
    assert first.instructions > sum(operator.instructions for operator in first.profile)


@pytest.mark.parametrize("board", EMULATED, ids=lambda board: board.name)
def test_floating_point_and_wide_integers(board: Board, store: Store) -> None:
    """With or without an FPU, and with the compiler's own division."""
    with board.start(ready(board).build(FLOAT, store), store) as session:
        (outputs,) = session.run(samples((7, 0), (100, 3)))

    assert outputs.tolist() == [[10], [(150 + (3 << 33) // 3) % 256]]


@pytest.mark.parametrize("board", EMULATED, ids=lambda board: board.name)
def test_accesses_and_stack(board: Board, store: Store) -> None:
    """An operator that only returns executes one instruction; 10 reads and 20 writes are seen."""
    reading = "volatile uint8_t *a = arena; for (int i = 0; i < 10; i++) { a[4]; }"
    writing = "volatile uint8_t *a = arena; for (int i = 0; i < 20; i++) a[4] = 1;"
    deep = "volatile uint8_t big[500]; for (unsigned i = 0; i < 500; i++) big[i] = 1;"
    ready(board)

    with board.start(board.build(NOTHING, store), store) as session:
        (nothing,) = counted(session, SAMPLE).profile
    reads_writes = program(reading=reading, writing=writing)
    with board.start(board.build(reads_writes, store), store) as session:
        read, written = counted(session, SAMPLE).profile
    with board.start(board.build(program(deep=deep), store), store) as session:
        stack = counted(session, SAMPLE).stack_bytes

    assert (nothing.instructions, nothing.reads, nothing.writes) == (1, 0, 0)
    # A processor without large immediates may load an address from flash.
    assert read.reads in (10, 11)
    assert read.writes == 0
    assert written.reads in (0, 1)
    assert written.writes == 20
    assert stack is not None
    assert 500 <= stack < 600


@pytest.mark.parametrize("board", EMULATED, ids=lambda board: board.name)
def test_sizes_are_what_the_model_adds(board: Board, store: Store) -> None:
    """A table of 1,000 bytes is 1,000 bytes of weights, an arena of 64 more that much RAM."""
    table = "static const uint8_t table[1000] = {1, 2, 3};\n"
    lookup = "arena[4] = table[arena[0]];"
    ready(board)

    small = board.build(program(before=table[:0], lookup="arena[4] = arena[0];"), store)
    large = board.build(program(before=table, arena=80, lookup=lookup), store)

    assert large.weight_bytes - small.weight_bytes == 1000
    assert large.ram_bytes - small.ram_bytes == 64
    assert small.ram_bytes == 16
    assert large.flash_bytes == large.code_bytes + large.weight_bytes
    assert 0 < small.code_bytes < 200


@pytest.mark.parametrize(
    "board",
    [board for board in PROCESSORS if board.name.startswith("qemu-")],
    ids=lambda board: board.name,
)
@pytest.mark.parametrize("model", [BUSY, FLOAT, IF_THEN], ids=["busy", "float", "if-then"])
def test_qemu_agrees(board: Board, model: Program, store: Store) -> None:
    """The same bytes give the same outputs and the same number of instructions."""
    emulated = BOARDS.get(board.name.removeprefix("qemu-"))
    ready(emulated)
    inputs = samples((3, 4), (255, 7), (0, 0))
    image = ready(board).build(model, store)

    with board.start(image, store) as session:
        outputs, counters = session.run(inputs), counted(session, SAMPLE)
    same = emulated.build(model, store)
    with emulated.start(same, store) as session:
        expected, exact = session.run(inputs), counted(session, SAMPLE)

    assert image.elf == same.elf
    assert [output.tolist() for output in outputs] == [output.tolist() for output in expected]
    assert counters.instructions == exact.instructions
    assert [o.instructions for o in counters.profile] == [o.instructions for o in exact.profile]


@pytest.mark.parametrize("name", ["cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33"])
def test_conditional_stores(name: str, store: Store) -> None:
    """Unicorn's hooks leave the state of an if-then block behind; ours take it away again."""
    board = ready(BOARDS.get(name))

    with board.start(board.build(IF_THEN, store), store) as session:
        (outputs,) = session.run(SAMPLE)
        counters = counted(session, SAMPLE)

    # The poison, and one for each of the 100 calls.
    assert outputs.tolist() == [[(0xA5 + 100) % 256]]
    assert counters.writes is not None
    assert counters.writes >= 100 + 49


def test_several_programs_share_an_image(store: Store) -> None:
    board = ready(BOARDS.get(DEFAULT_BOARD))
    second = program(prefix="other", copy="arena[4] = arena[1];")

    with board.start(board.build([ADD_HALVE, second], store), store) as session:
        assert session.run(SAMPLE, program=1)[0].tolist() == [[4]]
        assert session.run(SAMPLE)[0].tolist() == [[3]]


def test_arena_is_not_cleared(store: Store) -> None:
    """0xA5 before the first inference; afterwards, what the one before left."""
    board = ready(BOARDS.get(DEFAULT_BOARD))
    stale = program(show="arena[4] = arena[8]; arena[8] = arena[0];")

    with board.start(board.build(stale, store), store) as session:
        assert session.run(samples((1, 0), (2, 0)))[0].tolist() == [[0xA5], [1]]
        assert session.run(samples((3, 0)))[0].tolist() == [[2]]


def test_image_is_of_its_board(store: Store) -> None:
    image = ready(BOARDS.get("cortex-m4")).build(ADD_HALVE, store)

    with (
        pytest.raises(BoardError, match="an image for cortex-m4 does not run on cortex-m3"),
        BOARDS.get("cortex-m3").start(image, store),
    ):
        pass


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([np.zeros((1, 3), np.uint8)], r"input x must be uint8 of shape \(1, 2\)"),
        ([np.zeros((1, 2), np.int8)], "not int8"),
        ([], "1 inputs are needed, 0 were given"),
    ],
)
def test_inputs_of_another_form(inputs: list[object], message: str, store: Store) -> None:
    board = ready(BOARDS.get(DEFAULT_BOARD))

    with (
        board.start(board.build(ADD_HALVE, store), store) as session,
        pytest.raises(BoardError, match=message),
    ):
        session.run(inputs)  # type: ignore[arg-type]  # wrong on purpose
