"""What of a baseline a run should measure again: a benchmark that is gone must not pass.

A result says which test functions recorded it, and the document which metrics each of them
measures. What no test is about any more becomes a test itself, which fails: so `-k`, `-m`,
`--deselect`, `--lf` and pytest-xdist select it like any other. What a selected test stopped
measuring is found when the run is compared; what belongs to a test that was left out is not missed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinybench.boards import DEFAULT_BOARD
from tinybench.comparison import gates
from tinybench.comparison.compare import Change, metric_of
from tinybench.measurement.cases import Case, by_default
from tinybench.results.record import Result

if TYPE_CHECKING:
    from tinybench.pytest_plugin.options import Settings
    from tinybench.results.document import Document

SUITE = (Path(__file__).parents[1] / "bench").resolve()
"""The suite that `tinybench.bench` is: in the repository a link to the folder of its sources."""
SHIPPED = "tinybench.bench"
Expected = dict[str, list[str]]
"""Metrics by id."""


def case_of(item: pytest.Item) -> Case | None:
    """What a benchmark test is about; None for other tests."""
    callspec = getattr(item, "callspec", None)
    # A test whose `only` leaves nothing has pytest's mark of an empty parameter set.
    case = callspec.params.get("tinybench") if callspec else None
    return case if isinstance(case, Case) else None


def about(item: pytest.Item) -> Result | None:
    """An empty result of what a test is about, or of what it misses."""
    if isinstance(item, MissingBenchmark):
        lost = item.about
        return Result(task=lost.task, variant=lost.variant, place=lost.place)
    case = case_of(item)
    return case.result() if case else None


def function_of(item: pytest.Item) -> str:
    """The node id of a test's function, without parameters."""
    name = getattr(item, "originalname", None) or item.name
    if not item.parent:
        return name
    return f"{_of_suite(item.path, item.parent.nodeid)}::{name}"


def _of_suite(path: Path, nodeid: str) -> str:
    """The same node id, and for the suite that comes with the package that of the repository.

    Where packages are installed is no part of a name that documents are compared by.
    """
    path = path.resolve()
    if SUITE not in path.parents:
        return nodeid
    _, *names = nodeid.split("::")
    return "::".join([f"bench/{path.relative_to(SUITE).as_posix()}", *names])


ACTING = ("benchmark", "flaky", "parametrize", "skip", "skipif", "usefixtures", "xfail")
"""Marks that do something to a test; all others only say what it is."""


class MissingBenchmark(pytest.Item):
    """A benchmark of the baseline that no test is about any more.

    `about` is its result there; `end` ends the test.
    """

    def __init__(self, *, about: Result, end: Callable[[], object], **more: Any) -> None:
        super().__init__(**more)
        self.about, self._end = about, end

    def runtest(self) -> None:
        self._end()

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.name


class MissingFile(pytest.File):
    """Stands for a file of tests that is not collected any more."""

    def collect(self) -> Iterable[pytest.Item]:
        return ()


def missing(
    baseline: Document,
    session: pytest.Session,
    items: list[pytest.Item],
    settings: Settings,
    end: Callable[[str], object],
) -> list[pytest.Item]:
    """A test for every result that a test of this run should be about, and none is.

    `end` ends such a test with the text that says what is missing.
    """
    known, functions = set[str](), dict[str, list[pytest.Function]]()
    for item in items:
        if isinstance(item, pytest.Function) and item.get_closest_marker("tinybench"):
            functions.setdefault(function_of(item), []).append(item)
            if case := case_of(item):
                known.add(case.id)
    found: list[pytest.Item] = []
    for result in baseline.results.values():
        if result.metrics and result.id not in known and _selects(settings, result):
            tests = result.tests or _of_level(functions, result.level)
            for test in tests:
                if made := _missing(baseline, session, functions.get(test, []), test, result, end):
                    found.append(made)
    return found


def _missing(
    baseline: Document,
    session: pytest.Session,
    siblings: list[pytest.Function],
    test: str,
    result: Result,
    end: Callable[[str], object],
) -> pytest.Item | None:
    """The test in the place of a function's test about a result, if that is asked for."""
    nodeid = f"{test}[{result.id}]"
    if not any(_covers(session.config, text, nodeid) for text in session.config.args):
        return None
    names = baseline.tests.get(test) or list(result.metrics)
    lost = [metric for metric in result.metrics if metric in names]
    text = gates.missing(result.id, [_gone(result, metric) for metric in lost])

    file, _, name = nodeid.partition("::")
    parent: Any = siblings[0].parent if siblings else None
    if parent is None:
        parent = MissingFile.from_parent(session, path=session.config.rootpath / file)
    else:
        name = name.rpartition("::")[-1]
    item: MissingBenchmark = MissingBenchmark.from_parent(
        parent,
        name=name,
        nodeid=f"{parent.nodeid}::{name}",
        about=result,
        end=lambda: end(text),
    )
    # Those of the tests beside it; where none is left, the mark of the stage that measured it.
    marks = siblings[0].own_markers if siblings else [_stage(lost).mark]
    for mark in marks:
        if mark.name not in ACTING:
            item.add_marker(getattr(pytest.mark, mark.name).with_args(*mark.args, **mark.kwargs))
    return item


def _gone(result: Result, metric: str) -> Change:
    names = result.id, result.task, result.variant, result.where
    return Change(*names, metric, result.metrics[metric], None, "missing")


def _stage(metrics: Iterable[str]) -> pytest.MarkDecorator:
    exact = any(metric_of(name).exact for name in metrics)
    return pytest.mark.exact if exact else pytest.mark.timing


def _of_level(functions: dict[str, list[pytest.Function]], level: str) -> list[str]:
    """The first collected function that is about a level: documents of schema 1 name none."""
    for name, items in functions.items():
        marker = items[0].get_closest_marker("tinybench")
        if marker and marker.args == (level,) and "only" not in marker.kwargs:
            return [name]
    # Of a function for some tasks, too, if there is no other.
    return [
        name
        for name, items in functions.items()
        if (marker := items[0].get_closest_marker("tinybench")) and marker.args == (level,)
    ][:1]


def _covers(config: pytest.Config, argument: str, nodeid: str) -> bool:
    """Whether an argument of the command line asks for a test, as a folder, a file, or by name."""
    path, *names = argument.split("::")
    base = config.invocation_params.dir
    file, *_ = nodeid.partition("[")[0].split("::")
    asked, there = (base / path).resolve(), (config.rootpath / file).resolve()
    if config.option.pyargs and path.startswith(SHIPPED):
        asked = SUITE.joinpath(*path.removeprefix(SHIPPED).split(".")).resolve()
        asked = asked if asked.is_dir() else asked.with_suffix(".py")
        there = SUITE.parent / file
    if names:
        wanted, found = "::".join(names), nodeid.split("::", 1)[-1]
        return asked == there and (found == wanted or found.partition("[")[0] == wanted)
    return asked == there or asked in there.parents


def expected(
    baseline: Document,
    session: pytest.Session,
    deselected: Iterable[pytest.Item],
) -> Expected:
    """The metrics, by id, that the selected tests should give again."""
    selected, left_out = _functions(session.items), _functions(deselected)
    gone = _gone_tests(baseline, session, [*session.items, *deselected])
    found: Expected = {}
    for item in session.items:
        if isinstance(item, MissingBenchmark):
            found.setdefault(item.about.id, []).extend(item.about.metrics)
    for name, tests in selected.items():
        if (result := baseline.results.get(name)) is None:
            continue
        if result.tests:
            answering = [test for test in result.tests if test in tests | gone]
            known = {metric for test in answering for metric in baseline.tests.get(test, ())}
            found[name] = [metric for metric in result.metrics if metric in known]
        elif name not in left_out:
            # A document of schema 1 does not say who measured what: times may be another stage's.
            found[name] = [metric for metric in result.metrics if metric_of(metric).exact]
    return found


def _gone_tests(
    baseline: Document, session: pytest.Session, collected: Iterable[pytest.Item]
) -> set[str]:
    """Test functions that measured the baseline, that this run asks for, and that are not there."""
    config = session.config
    if config.getoption("lf", False):
        # pytest leaves out whole files, and does not say which.
        return set()
    there = {function_of(item) for item in collected}
    return {
        test
        for test in baseline.tests
        if test not in there and any(_covers(config, text, test) for text in config.args)
    }


def _functions(items: Iterable[pytest.Item]) -> dict[str, set[str]]:
    """Test functions by the ids that they are about."""
    found: dict[str, set[str]] = {}
    for item in items:
        if case := case_of(item):
            found.setdefault(case.id, set()).add(function_of(item))
    return found


def _selects(settings: Settings, result: Result) -> bool:
    """Whether the options select the names of a result that need not be registered any more."""
    places: tuple[str, ...] = ()
    if result.place:
        on_board = result.place.kind == "board"
        places = settings.boards or (DEFAULT_BOARD,) if on_board else settings.runtimes
    return (
        (_matches(settings.tasks, result.task) if settings.tasks else by_default(result.task))
        and _matches(settings.variants, result.variant)
        and _matches(places, result.where)
    )


def _matches(patterns: Iterable[str], name: str | None) -> bool:
    parts = [part.strip() for text in patterns for part in text.split(",") if part.strip()]
    return not parts or name is None or any(fnmatchcase(name, part) for part in parts)
