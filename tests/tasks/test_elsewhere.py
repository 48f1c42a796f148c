"""A task on a user's own data takes the place of the built-in one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tinybench.tasks import TASKS, Task, elsewhere
from tinybench.tasks.elsewhere import OwnDataError


@pytest.fixture
def movable(small: Task) -> Iterator[Task]:
    """A registered task that can be had elsewhere; it says where it went in its summary."""

    def elsewhere(folder: Path | None, labels: tuple[str, ...]) -> Task:
        return replace(small, name="movable", summary=f"{folder and folder.name}: {labels}")

    task = TASKS.add(replace(small, name="movable", elsewhere=elsewhere))
    yield task
    TASKS.remove("movable")


@pytest.mark.parametrize(
    ("data", "labels", "summary"),
    [
        (["movable=DIR"], [], "own: ()"),
        ([], ["movable=a, b"], "None: ('a', 'b')"),
        (["mov*=DIR"], ["movable=a"], "own: ('a',)"),
    ],
)
def test_redirect(
    movable: Task, tmp_path: Path, data: list[str], labels: list[str], summary: str
) -> None:
    (tmp_path / "own").mkdir()

    elsewhere.redirect([text.replace("DIR", str(tmp_path / "own")) for text in data], labels)

    assert TASKS.get("movable").summary == summary
    assert TASKS.get("movable").folder == ((tmp_path / "own") if data else None)


@pytest.mark.parametrize(
    ("data", "labels", "message"),
    [
        (["movable"], [], r"option for data 'movable' is not TASK=\.\.\."),
        (["movable=nowhere"], [], "data of task 'movable': .*nowhere is not a folder"),
        ([], ["movable=a,,b"], "'a,,b' has an empty or a double name"),
        ([], ["movable=a,a"], "'a,a' has an empty or a double name"),
        ([], ["sine-8=a"], "task 'sine-8' has no data or classes of its own; able: .*movable"),
    ],
)
def test_errors_name_the_option(
    movable: Task, data: list[str], labels: list[str], message: str
) -> None:
    with pytest.raises(OwnDataError, match=message):
        elsewhere.redirect(data, labels)


@pytest.mark.parametrize("among", [["movable"], ["mov*", "sine-8"], None])
def test_only_what_is_worked_on_moves(movable: Task, among: list[str] | None) -> None:
    elsewhere.redirect([], ["mov*=a"], among)

    assert TASKS.get("movable").summary == "None: ('a',)"


@pytest.mark.parametrize(
    ("among", "worked_on"), [(["sine-8", "sine-16x16"], "sine-8, sine-16x16"), ([], "no task")]
)
@pytest.mark.parametrize("pattern", ["movable", "mov*"])
def test_an_option_for_no_task_that_is_worked_on(
    movable: Task, among: list[str], worked_on: str, pattern: str
) -> None:
    """It would change nothing, and the built-in data would be taken for one's own."""
    with pytest.raises(OwnDataError, match=f"is {worked_on}; .* name movable as a task") as raised:
        elsewhere.redirect([], [f"{pattern}=a"], among)

    assert str(raised.value).startswith(f"option for labels '{pattern}=a' is of no use: ")
    assert TASKS.get("movable") is movable


def test_fingerprint_changes_with_a_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    before = elsewhere.fingerprint(tmp_path)
    (tmp_path / "sub" / "é.wav").write_bytes(b"1")
    with_file = elsewhere.fingerprint(tmp_path)
    (tmp_path / "sub" / "é.wav").write_bytes(b"12")

    assert len({before, with_file, elsewhere.fingerprint(tmp_path)}) == 3
