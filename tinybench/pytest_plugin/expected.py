"""What of a baseline a pytest run should measure again: a benchmark that is gone must not pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from tinybench.boards import BOARDS, DEFAULT_BOARD
from tinybench.runtimes import RUNTIMES

if TYPE_CHECKING:
    import pytest

    from tinybench.pytest_plugin.cases import Case
    from tinybench.pytest_plugin.options import Settings
    from tinybench.results.document import Document, Result


def cases_of(items: Iterable[pytest.Item]) -> Iterator[Case]:
    """What benchmark tests are about."""
    from tinybench.pytest_plugin.cases import Case

    for item in items:
        callspec = getattr(item, "callspec", None)
        # A test whose `only` leaves nothing has pytest's mark of an empty parameter set.
        if callspec and isinstance(case := callspec.params.get("tinybench"), Case):
            yield case


def expected(
    document: Document,
    session: pytest.Session,
    deselected: Iterable[pytest.Item],
    settings: Settings,
) -> set[str]:
    """The ids of a baseline's results that this selection of tests should give again.

    Those are the ids of selected tests; and ids that no test has any more, where tests of their
    level were collected and the options select their names. An id that a deselected test is about,
    too, may have been measured by that one. A run of single tests, or of what failed last, expects
    no more than these tests.
    """
    selected, left_out = list(cases_of(session.items)), list(cases_of(deselected))
    ids = {case.id for case in selected} - {case.id for case in left_out}
    found = {name for name in document.results if name in ids}
    if _narrowed(session.config):
        return found
    known = [*selected, *left_out]
    known_ids = {case.id for case in known}
    levels = {_level_of_case(case) for case in known}
    for name, result in document.results.items():
        gone = name not in known_ids and _level(result) in levels and result.metrics
        if gone and _selects(settings, result):
            found.add(name)
    return found


def _narrowed(config: pytest.Config) -> bool:
    """Whether the run collects a part of its files on purpose."""
    options = ("lf", "failedfirst", "stepwise")
    return any("::" in argument for argument in config.args) or any(
        config.getoption(name, False) for name in options
    )


def _selects(settings: Settings, result: Result) -> bool:
    """Whether the options select the names of a result that need not be registered any more."""
    level = _level(result)
    places = settings.boards or (DEFAULT_BOARD,) if level == "board" else settings.runtimes
    return (
        _matches(settings.tasks, result.task)
        and _matches(settings.variants, result.variant)
        and _matches(places, result.runtime)
    )


def _matches(patterns: Iterable[str], name: str | None) -> bool:
    parts = [part.strip() for text in patterns for part in text.split(",") if part.strip()]
    return not parts or name is None or any(fnmatchcase(name, part) for part in parts)


def _level_of_case(case: Case) -> str:
    if case.board:
        return "board"
    return "runtime" if case.runtime else "variant" if case.variant else "task"


def _level(result: Result) -> str:
    if result.runtime is None:
        return "variant" if result.variant else "task"
    if result.runtime in BOARDS:
        return "board"
    return (
        "board"
        if "instructions" in result.metrics and result.runtime not in RUNTIMES
        else "runtime"
    )
