"""The pytest plugin: options, the `tinybench` fixture, and the result document.

Imported by every pytest run on a machine that has it installed: nothing heavy at module level.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

from tinybench.errors import TinybenchError, missing_packages, shown
from tinybench.pytest_plugin import collector as collecting
from tinybench.pytest_plugin import options
from tinybench.pytest_plugin.collector import Collector
from tinybench.pytest_plugin.properties import CASE, OURS

if TYPE_CHECKING:
    from tinybench.artifacts import Artifacts
    from tinybench.measurement.measure import Measurements
    from tinybench.pytest_plugin.fixture import Benchmark

SETTINGS = pytest.StashKey[options.Settings]()
BENCH = pytest.StashKey["Measurements"]()

MARKERS = {
    "tinybench(level, only=None)": "run for every selected 'task', 'variant', 'runtime' or "
    "'board' (the level), of all tasks or of those named in `only`",
    "exact": "same inputs, same answer: may run in parallel",
    "timing": "measures host time: runs alone",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    for marker, text in MARKERS.items():
        config.addinivalue_line("markers", f"{marker}: {text}")
    config.stash[SETTINGS] = settings = options.from_config(config)
    collector = Collector(settings, lambda: _bench(config))
    reports = not hasattr(config, "workerinput")
    if reports:
        config.pluginmanager.register(collector, collecting.NAME)
    if settings.task_modules:
        from tinybench.tasks.discovery import load_module

        try:
            for name in settings.task_modules:
                load_module(name, options.TASK_MODULE)
        except TinybenchError as error:
            raise pytest.UsageError(shown(error)) from None
    if settings.data or settings.labels:
        from tinybench.measurement.cases import tasks_of
        from tinybench.tasks.elsewhere import redirect

        try:
            measured = [task.name for task in tasks_of(settings.selection)]
            redirect(settings.data, settings.labels, measured)
        except TinybenchError as error:
            raise pytest.UsageError(shown(error)) from None
    if settings.tasks or settings.variants or settings.runtimes or settings.boards:
        from tinybench.measurement.cases import validate

        try:
            validate(settings.selection)
        except TinybenchError as error:
            raise pytest.UsageError(shown(error)) from None
    if settings.compares:
        from tinybench.pytest_plugin.gating import Gating

        gating = Gating(config, settings, collector.describe, collector if reports else None)
        config.pluginmanager.register(gating, "tinybench-gating")
    if settings.document:
        from tinybench.pytest_plugin import illustrations

        plugin = illustrations.Illustrations(lambda: _bench(config))
        config.pluginmanager.register(plugin, illustrations.NAME)
    if settings.time_against_baseline:
        from tinybench.pytest_plugin import paired

        config.pluginmanager.register(paired.BaselineTiming(config, settings), paired.NAME)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("tinybench")
    if marker is None or "tinybench" not in metafunc.fixturenames:
        return
    from tinybench.measurement.cases import LEVELS, cases

    level = marker.args[0] if len(marker.args) == 1 else None
    if level not in LEVELS:
        pytest.fail(
            f"{metafunc.definition.nodeid}: mark it tinybench(level) with one of {LEVELS} "
            "[wrong-level]",
            pytrace=False,
        )
    only = marker.kwargs.get("only")
    found = [
        case
        for case in cases(metafunc.config.stash[SETTINGS].selection, level)
        if only is None or case.task.name in only
    ]
    metafunc.parametrize("tinybench", found, ids=[case.id for case in found], indirect=True)


@pytest.fixture
def tinybench(request: pytest.FixtureRequest) -> Benchmark:
    """The task, variant, runtime or board under test, its measurements, and `record`.

    For tests marked `tinybench(level)`; see `tinybench.pytest_plugin.fixture.Benchmark`.
    """
    if not hasattr(request, "param"):
        missing = "a test with the tinybench fixture needs the mark tinybench(level) [wrong-level]"
        pytest.fail(missing, False)
    from tinybench.pytest_plugin.fixture import Benchmark

    return Benchmark(request.param, _bench(request.config), request.node)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Say what the test is about, so that it is known even if it fails before it measures.

    Skip what is timed by a fixture of pytest-benchmark's name where there is none.
    """
    # What another try of the same test left behind is not this one's.
    item.user_properties[:] = [one for one in item.user_properties if one[0] not in OURS]
    if "tinybench" not in getattr(item, "fixturenames", ()) and not hasattr(item, "about"):
        return (yield)
    from tinybench.pytest_plugin.expected import about

    if result := about(item):
        item.user_properties.append((CASE, result.to_json()))
    try:
        return (yield)
    except pytest.FixtureLookupError as error:
        if error.argname != "benchmark":
            raise
        why = missing_packages("host time", "pytest_benchmark") or "pytest-benchmark is off"
        pytest.skip(f"not timed: {why}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Show our own errors as one line; the document has that of every exception."""
    try:
        return (yield)
    except TinybenchError as error:
        said = shown(error)
        _explain(item, said)
    except Exception as error:
        from tinybench.console import worker

        _explain(item, str(worker.foreign(error)))
        raise
    # Not in the block above: what led to the error would be shown before it.
    pytest.fail(said, pytrace=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report what the last try found: pytest-retry's report has the properties of the first."""
    report = yield
    report.user_properties = list(item.user_properties)
    return report


def _explain(item: pytest.Item, problem: str) -> None:
    """Give the result of a benchmark that ends with an exception its reason."""
    for index, (key, value) in enumerate(item.user_properties):
        if key == CASE:
            from tinybench.results.record import Result

            result = Result.from_json(str(value))
            result.problems = [problem]
            item.user_properties[index] = (CASE, result.to_json())


def _bench(config: pytest.Config) -> Measurements:
    """The session's shared measurements, made on first use."""
    if BENCH not in config.stash:
        from tinybench.measurement.measure import Measurements

        config.stash[BENCH] = Measurements(_artifacts(config))
    return config.stash[BENCH]


def _artifacts(config: pytest.Config) -> Artifacts:
    from tinybench.artifacts import Artifacts
    from tinybench.console import progress
    from tinybench.storage.store import Store

    return Artifacts(Store(config.stash[SETTINGS].cache), progress.bar)
