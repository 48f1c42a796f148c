"""Boards that a project declares: what each setting does, and what is said of a wrong one."""

import re
from pathlib import Path

import pytest

from tinybench.boards import BOARDS, Board
from tinybench.boards.declared import DeclarationError, declared
from tinybench.boards.declared.target import SETTINGS
from tinybench.boards.emulated import EmulatedBoard
from tinybench.cycles.profile import Cache, MemoryProfile

MINE = """
[tool.tinybench.boards.mine]
summary = "Sensor node"
processor = "cortex-m4"
flash = "512K"
ram = "96K"
clock_hz = 80_000_000
wait_cycles = [4, 6.5]
code_cache = [32, 32]
data_cache = [8, 32]
source = "data sheet"
"""


def boards(folder: Path, text: str) -> list[Board]:
    (folder / "pyproject.toml").write_text(text)
    below = folder / "source" / "deep"
    below.mkdir(parents=True, exist_ok=True)
    return list(declared(below, BOARDS.is_builtin))


def test_ten_lines(tmp_path: Path) -> None:
    """All that a named board has, a project's own may have; found from a folder below."""
    (board,) = boards(tmp_path, MINE)

    assert isinstance(board, EmulatedBoard)
    assert board.summary == "Sensor node (cortex-m4, 80 MHz); 512 KiB flash, 96 KiB RAM"
    assert (board.name, board.default) == ("mine", False)
    assert (board.target.core, board.target.clock_hz) == ("cortex-m4", 80_000_000)
    assert board.target.memory == MemoryProfile(
        Cache(32, 32), Cache(8, 32), (4.0, 6.5), "data sheet"
    )


def test_the_table_of_the_documentation(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "how-to" / "runtimes-and-boards.md").read_text()
    table = re.search(r"```toml\n(\[tool\.tinybench\.boards\.mine\].*?)```", text, re.DOTALL)
    assert table

    (board,) = boards(tmp_path, table[1])

    assert board.name == "mine"
    for setting in SETTINGS:
        assert f"`{setting}`" in text


def test_one_line(tmp_path: Path) -> None:
    """A processor is enough; its memory is that of the processor's own board."""
    (board,) = boards(tmp_path, '[tool.tinybench.boards.mine]\nprocessor = "cortex-m33"\n')

    assert board.summary == "mine as cortex-m33 (cortex-m33); 1024 KiB flash, 512 KiB RAM"


@pytest.mark.parametrize(
    ("more", "clock", "waits"),
    [("", 120_000_000, (5.0, 7.8)), ("clock_hz = 24_000_000", 24_000_000, None)],
)
def test_a_part_with_changes(
    tmp_path: Path, more: str, clock: int, waits: tuple[float, float] | None
) -> None:
    """What is known of the part, but for what is set; waits are those of one clock."""
    (board,) = boards(
        tmp_path, f'[tool.tinybench.boards.mine]\npart = "nucleo-l4r5zi"\nram = "320K"\n{more}\n'
    )

    assert isinstance(board, EmulatedBoard)
    assert board.summary == (
        f"mine as nucleo-l4r5zi (cortex-m4, {clock // 1_000_000} MHz); 2048 KiB flash, 320 KiB RAM"
    )
    profile = board.target.memory
    assert (profile and profile.wait_cycles) == waits


@pytest.mark.parametrize("text", ["", "[tool.other]\nx = 1\n", "[tool.tinybench]\n"])
def test_no_board(tmp_path: Path, text: str) -> None:
    assert boards(tmp_path, text) == []


def test_the_nearest_project_counts(tmp_path: Path) -> None:
    """One inside of another has its own boards only."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "pyproject.toml").write_text("")

    boards(tmp_path, MINE)

    assert list(declared(tmp_path / "inner", BOARDS.is_builtin)) == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('procesor = "cortex-m4"', "unknown setting 'procesor' (did you mean 'processor'?); valid"),
        ('flash = "1M"', "says no kind of board: one of port, ssh, processor, part"),
        ('processor = "cortex-m5"', "unknown processor 'cortex-m5' (did you mean 'cortex-m"),
        ('part = "nucleo-l4r5z"', "unknown part 'nucleo-l4r5z' (did you mean 'nucleo-l4r5zi'?)"),
        ("processor = 4", "processor is not a text: 4"),
        ('processor = "cortex-m4"\npart = "rp2040"', "unknown setting 'part'"),
        ('processor = "cortex-m4"\nclock = 1', "unknown setting 'clock' (did you mean 'clock_hz'?"),
        ('processor = "cortex-m4"\nclock_hz = 0', "clock_hz is 0, not a whole number from 1 up"),
        ('processor = "cortex-m4"\nclock_hz = "80 MHz"', "clock_hz is '80 MHz', not a whole"),
        ('processor = "cortex-m4"\nclock_hz = true', "clock_hz is True, not a whole"),
        ('processor = "cortex-m4"\nflash = "lots"', "flash is 'lots', not a size such as 65536,"),
        ('processor = "cortex-m4"\nram = -1', "ram is -1, not a size"),
        ('processor = "cortex-m4"\nram = 1024', "1,024 bytes of ram; from 16,384 to "),
        ('processor = "cortex-m4"\nwait_cycles = -1', "wait_cycles is -1, not a number from 0 up"),
        ('processor = "cortex-m4"\nwait_cycles = inf', "wait_cycles is inf, not a number"),
        ('processor = "cortex-m4"\nwait_cycles = [7, 5]', "the smaller number stands first"),
        ('processor = "cortex-m4"\nwait_cycles = [7]', "wait_cycles is [7], not two numbers"),
        ('processor = "cortex-m4"\ncode_cache = [32, 32]', "wait_cycles is missing"),
        *(
            (f'processor = "cortex-m4"\nwait_cycles = 5\ncode_cache = {cache}', said)
            for cache, said in [
                ("[0, 32]", "which no cache is"),
                ("[32, 24]", "which no cache is"),
                ("[32, 4]", "which no cache is"),
                ("[1000000, 64]", "which no cache is"),
                ("1024", "not lines and bytes of a line, such as [32, 32]"),
                ('["a", 32]', "not lines and bytes of a line"),
            ]
        ),
    ],
)
def test_a_wrong_setting(tmp_path: Path, settings: str, said: str) -> None:
    """The message names the file, the table and the setting."""
    with pytest.raises(DeclarationError, match=re.escape(said)) as error:
        boards(tmp_path, f"[tool.tinybench.boards.mine]\n{settings}\n")

    where = f"{tmp_path / 'pyproject.toml'}: [tool.tinybench.boards.mine]: "
    assert str(error.value).startswith(where)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.tinybench.boards", "cannot read "),
        ("[tool.tinybench]\nboards = 1\n", "boards of tool.tinybench.boards is 1, not a table"),
        ("[tool.tinybench.boards]\nmine = 1\n", "is 1, not a table of settings"),
        ('[tool.tinybench.boards."my board"]\n', "a board's name has letters, digits,"),
        ('[tool.tinybench.boards."*"]\n', "a board's name has letters, digits,"),
        (MINE.replace("mine", "cortex-m4"), "tinybench has a board of this name; choose another"),
        (MINE.replace("mine", "rp2040"), "tinybench has a board of this name; choose another"),
    ],
)
def test_a_wrong_table(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(said)):
        boards(tmp_path, text)
