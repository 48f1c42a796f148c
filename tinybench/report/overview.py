"""All variants in one table: what one is chosen by. The page has it whole, the README by task."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from tinybench.metrics import METRICS, RECALLS, Group
from tinybench.report import rows
from tinybench.report.table import Record, Table, measured, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tinybench.results.document import Document
    from tinybench.results.record import Result

WORST = "worst_recall"
Names: TypeAlias = tuple[str, ...]
OF_THE_FILE: tuple[Group, ...] = ("errors", "classes", "fidelity", "file")


def overview(document: Document) -> Table:
    """What one chooses by, a row a variant and output on a board: quality, size, cost."""
    of_file, on_board, by_tflm = (
        METRICS.of(*groups, headline=True) for groups in (OF_THE_FILE, ("board",), ("arena",))
    )
    shown = [WORST if name == RECALLS else name for name in (*of_file, *on_board, *by_tflm)]
    records = list(_overview(document, of_file, on_board, by_tflm))
    names = ["task", "output", "variant", "division", "board", "labels"]
    titled = {WORST: (RECALLS, "worst recall")}
    return table(
        "overview",
        "All variants",
        "Quality on the test split by LiteRT; flash, RAM, stack, instructions and cycles on the "
        "board; the arena is TFLM's on this computer. Open variants were trained further: do not "
        "rank them with closed ones.",
        records,
        [*map(words, names), *(measured(name, *titled.get(name, ())) for name in shown)],
        [*names, *shown],
    )


def _overview(
    document: Document, of_file: Names, on_board: Names, by_tflm: Names
) -> Iterator[Record]:
    for task in rows.tasks(document):
        boards = rows.boards(document, task)
        for variant in rows.variants(document, task):
            own = document.find(task, variant)
            tflm = document.find(task, variant, "tflm")
            there = [name for name in boards if document.find(task, variant, name)]
            for board in there or [""]:
                result = document.find(task, variant, board) if board else None
                costs: Record = {
                    **{name: rows.value(result, name) for name in on_board},
                    **{name: rows.value(tflm, name) for name in by_tflm},
                }
                for one in rows.by_output([own]) if own else [None]:
                    worst = rows.worst_recall(one)
                    yield {
                        "task": task,
                        "output": one.task.partition("@")[2] if one else "",
                        "variant": variant,
                        "division": rows.division(variant),
                        "board": board,
                        "labels": ", ".join(_labels(own, result)),
                        **{name: rows.value(one, name) for name in of_file},
                        WORST: worst[1] if worst else None,
                        **costs,
                    }


def _labels(*results: Result | None) -> list[str]:
    """Labels of all of these, each once."""
    return list(dict.fromkeys(label for one in results for label in rows.labels(one)))


def of_task(whole: Table, task: str) -> Table:
    """The rows of a task, which then need not name it."""
    frame = whole.frame[whole.frame["task"] == task]
    return replace(whole, frame=frame, columns=whole.columns[1:])
