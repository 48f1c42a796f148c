"""The pytest plugin: options, the `tinybench` fixture, and the result document.

Imported by every pytest run on a machine that has it installed: nothing heavy at module level.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from tinybench.errors import TinybenchError
from tinybench.pytest_plugin import options
from tinybench.results.document import CASE, PROPERTY, Result

if TYPE_CHECKING:
    from tinybench.artifacts import Artifacts
    from tinybench.measurement.measure import Measurements
    from tinybench.pytest_plugin.fixture import Benchmark
    from tinybench.results.document import Document

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
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(config), "tinybench-results")
    if settings.data or settings.labels:
        from tinybench.tasks.elsewhere import redirect

        try:
            redirect(settings.data, settings.labels)
        except TinybenchError as error:
            raise pytest.UsageError(str(error)) from None
    if settings.tasks or settings.variants or settings.runtimes or settings.boards:
        from tinybench.pytest_plugin.cases import validate

        try:
            validate(settings)
        except TinybenchError as error:
            raise pytest.UsageError(str(error)) from None
    if settings.compares:
        from tinybench.pytest_plugin.gating import Gating

        gating = Gating(config, settings, lambda: _bench(config).artifacts)
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
    from tinybench.pytest_plugin.cases import LEVELS, cases

    level = marker.args[0] if len(marker.args) == 1 else None
    if level not in LEVELS:
        pytest.fail(
            f"{metafunc.definition.nodeid}: mark it tinybench(level) with one of {LEVELS}",
            pytrace=False,
        )
    only = marker.kwargs.get("only")
    found = [
        case
        for case in cases(metafunc.config.stash[SETTINGS], level)
        if only is None or case.task.name in only
    ]
    metafunc.parametrize("tinybench", found, ids=[case.id for case in found], indirect=True)


@pytest.fixture
def tinybench(request: pytest.FixtureRequest) -> Benchmark:
    """The task, variant, runtime or board under test, its measurements, and `record`.

    For tests marked `tinybench(level)`; see `tinybench.pytest_plugin.fixture.Benchmark`.
    """
    if not hasattr(request, "param"):
        pytest.fail("a test with the tinybench fixture needs the mark tinybench(level)", False)
    from tinybench.pytest_plugin.fixture import Benchmark

    return Benchmark(request.param, _bench(request.config), request.node)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say what the test is about, so that it is known even if it fails before it measures."""
    callspec = getattr(item, "callspec", None)
    if callspec is None or "tinybench" not in callspec.params:
        return
    from tinybench.pytest_plugin.cases import Case

    # A test of tasks that are not selected has one parameter that says so, and is skipped.
    if isinstance(case := callspec.params["tinybench"], Case):
        item.user_properties.append((CASE, json.dumps(case.identity())))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Show our own errors as one line."""
    try:
        return (yield)
    except TinybenchError as error:
        pytest.fail(str(error), pytrace=False)


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


class Results:
    """The controller's part: results come in with reports, the document goes out at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._results: list[Result] = []
        self._document: Document | None = None
        self._error: str | None = None
        self._remarks: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties:
            if (key == PROPERTY and report.when == "call") or (key == CASE and report.failed):
                self._results.append(Result.from_json(str(value), report.outcome))

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Let a file of pytest-benchmark be a baseline, and mark it if this run failed."""
        if any(PROPERTY in each["extra_info"] for each in output_json["benchmarks"]):
            from tinybench.pytest_plugin import collector as runs

            output_json[PROPERTY] = runs.stored(
                self._results, self._config.stash[SETTINGS], _artifacts(self._config)
            )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._results:
            return
        from tinybench.pytest_plugin import collector as runs
        from tinybench.pytest_plugin import illustrations
        from tinybench.results import document

        settings = self._config.stash[SETTINGS]
        try:
            bench = _bench(self._config)
            self._document = runs.assemble(self._results, settings, bench.artifacts)
            if settings.document:
                document.write(self._document, settings.document)
                self._remarks = illustrations.write(self._results, self._document, settings, bench)
        except OSError as error:
            self._error = f"cannot write {settings.document}: {error.strerror}"
        except TinybenchError as error:
            self._error = str(error)
        # Not raised: pytest would leave out its own summary of the tests.
        if self._error and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._document is None and self._error is None:
            return
        from tinybench.report import terminal

        terminalreporter.section("tinybench")
        for line in terminal.lines(self._document) if self._document else ():
            terminalreporter.write_line(line)
        for line in self._remarks:
            terminalreporter.write_line(line, yellow=True)
        if self._error:
            terminalreporter.write_line(f"ERROR: {self._error}", red=True)
        elif path := self._config.stash[SETTINGS].document:
            terminalreporter.write_line(f"written: {path}")
