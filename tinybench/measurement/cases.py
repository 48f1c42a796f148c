"""Which benchmarks a selection gives: tasks × variants × runtimes."""

from __future__ import annotations

from dataclasses import dataclass

from tinybench.boards import BOARDS, DEFAULT_BOARD, Board
from tinybench.conversion.variants import FILE, VARIANTS, Variant
from tinybench.results.record import Place, Result
from tinybench.runtimes import RUNTIMES, Runtime
from tinybench.tasks import TASKS, Task

LEVELS = ("task", "variant", "runtime", "board")


@dataclass(frozen=True, slots=True)
class Selection:
    """Names, also with shell wildcards.

    Empty ones mean everything, for boards the default one, for tasks those `by_default`.
    """

    tasks: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    runtimes: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tasks or self.variants or self.runtimes or self.boards)


@dataclass(frozen=True, slots=True)
class Case:
    """What one benchmark is about: a task, one of its variants, or that on a runtime or board."""

    task: Task
    variant: Variant | None = None
    runtime: Runtime | None = None
    board: Board | None = None

    @property
    def place(self) -> Place | None:
        """The runtime or board that it is about, if any."""
        if self.board:
            return Place("board", self.board.name)
        return Place("runtime", self.runtime.name) if self.runtime else None

    @property
    def id(self) -> str:
        """Short and readable, such as `sine-16x16-int8-tflm`."""
        return self.result().id

    def result(self) -> Result:
        """A result about it in which nothing stands yet."""
        variant = self.variant.name if self.variant else None
        return Result(task=self.task.name, variant=variant, place=self.place)


def cases(selected: Selection, level: str) -> list[Case]:
    """All cases of a level; an unknown name in the selection raises UnknownNameError."""
    tasks = tasks_of(selected)
    if level == "task":
        return [Case(task) for task in tasks]
    pairs = [(task, variant) for task in tasks for variant in variants_of(task, selected.variants)]
    if level == "variant":
        return [Case(task, variant) for task, variant in pairs]
    if level == "board":
        boards = BOARDS.select(selected.boards or (DEFAULT_BOARD,))
        return [Case(task, variant, board=board) for task, variant in pairs for board in boards]
    runtimes = RUNTIMES.select(selected.runtimes)
    return [
        Case(task, variant, runtime)
        for task, variant in pairs
        for runtime in runtimes
        if not runtime.variants or variant.name in runtime.variants
    ]


def tasks_of(selected: Selection) -> list[Task]:
    """The tasks that are benchmarked; an unknown name raises UnknownNameError."""
    tasks = TASKS.select(selected.tasks)
    return tasks if selected.tasks else [task for task in tasks if by_default(task.name)]


def by_default(task: str) -> bool:
    """Whether a task is benchmarked if none is named: a project's own; ours if it has none."""
    return not TASKS.is_builtin(task) or all(TASKS.is_builtin(one.name) for one in TASKS)


def variants_of(task: Task, patterns: tuple[str, ...] = ()) -> list[Variant]:
    """The selected variants that there are of a task: a `.tflite` is its only one."""
    chosen = VARIANTS.select(patterns)
    if task.is_file and not patterns:
        return [VARIANTS.get(FILE)]
    return [one for one in chosen if (one.stage == FILE) == task.is_file]


def validate(selected: Selection) -> None:
    """Raise UnknownNameError for a selected name that is not registered."""
    TASKS.select(selected.tasks)
    VARIANTS.select(selected.variants)
    RUNTIMES.select(selected.runtimes)
    BOARDS.select(selected.boards)
