"""The run's results: they come in with the tests' reports, and the document goes out at the end.

Registered in the process that reports. Whoever wants to know what a run found asks it: the gates,
and the file that pytest-benchmark stores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import pytest

from tinybench.errors import TinybenchError, shown
from tinybench.pytest_plugin.properties import ANNOTATED, CASE, OURS, RECORDED
from tinybench.results.document import DocumentTargetError

if TYPE_CHECKING:
    from tinybench.measurement.measure import Measurements
    from tinybench.pytest_plugin.options import Settings
    from tinybench.results.document import Document
    from tinybench.results.record import Result

NAME = "tinybench-collector"
LIKEWISE = "for the same reason"
"""What failures are counted as whose reason another test has shown."""


class Collector:
    """All results of a run, and its document."""

    def __init__(self, settings: Settings, bench: Callable[[], Measurements]) -> None:
        self._settings, self._bench = settings, bench
        self.results: list[Result] = []
        """To be written, with the outcomes that their tests had."""
        self.annotated: list[Result] = []
        self.failed: set[str] = set()
        """Ids that a failed test was about."""
        self.skipped: dict[str, str] = {}
        """Why the tests about an id were skipped."""
        self._described: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
        self._document: Document | None = None
        self._error: str | None = None
        self._remarks: list[str] = []
        self._shown: dict[str, str] = {}
        """The test that shows a reason, by the reason."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Show a reason once that fails many tests, such as a training; each of them has failed."""
        if report.when != "call" or not report.failed or not (reason := _reason(report)):
            return None
        if self._shown.setdefault(reason, report.nodeid) == report.nodeid:
            return None
        return LIKEWISE, "F", ("FAILED", {"red": True})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # "rerun" is what pytest-rerunfailures calls a test that gets another try.
        if report.outcome not in ("passed", "failed", "skipped"):
            return
        for key, value in report.user_properties:
            if key in OURS:
                self._take(key, str(value), report)

    def _take(self, key: str, value: str, report: pytest.TestReport) -> None:
        from tinybench.results.record import Result

        result = Result.from_json(value, report.outcome)
        if key == CASE and report.failed:
            self.failed.add(result.id)
            self.results.append(result)
        elif key == CASE and report.skipped and isinstance(report.longrepr, tuple):
            self.skipped[result.id] = report.longrepr[2]
        elif key == RECORDED and report.when == "call":
            self.results.append(result)
        elif key == ANNOTATED and report.when == "call":
            self.annotated.append(result)

    def document(self, results: Iterable[Result]) -> Document:
        """A document of these results of this run."""
        from tinybench.artifacts.provenance import describe_run
        from tinybench.results.document import Document

        made = Document(describe_run(self._bench().artifacts, self._settings.root))
        results = list(results)
        for result in results:
            made.add(result)
        made.tasks = self.describe(results)
        return made

    def describe(self, results: Iterable[Result]) -> dict[str, Any]:
        """The entries of the tasks that anything was measured of."""
        from tinybench.measurement.described import describe

        results = list(results)
        about = tuple(sorted({(one.task, one.variant or "") for one in results if one.metrics}))
        if about not in self._described:
            self._described[about] = describe(self._bench(), results)
        return self._described[about]

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_update_json(self, output_json: dict[str, Any]) -> None:
        """Let a file of pytest-benchmark be a baseline, and mark it if this run failed."""
        from tinybench.results.document import PROPERTY, SCHEMA, as_json

        if any(PROPERTY in each["extra_info"] for each in output_json["benchmarks"]):
            made = self.document(self.results)
            output_json[PROPERTY] = {
                "schema": SCHEMA,
                "environment": made.environment,
                "tasks": made.tasks,
                "failed": [
                    as_json(one) | {"metrics": {}}
                    for one in self.results
                    if one.outcome == "failed"
                ],
            }

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.results:
            return
        from tinybench.pytest_plugin import illustrations
        from tinybench.results import document

        settings = self._settings
        try:
            self._document = self._assembled()
            if settings.document:
                document.write(self._document, settings.document)
                self._remarks = illustrations.write(
                    self.results, self._document, settings, self._bench()
                )
        except OSError as error:
            self._error = f"cannot write {settings.document}: {error.strerror}"
        except TinybenchError as error:
            self._error = shown(error)
        # Not raised: pytest would leave out its own summary of the tests.
        if self._error and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _assembled(self) -> Document:
        """The document, or with `--tinybench-append` the earlier one with this run added."""
        from tinybench.results.document import read

        made, path = self.document(self.results), self._settings.document
        if not (self._settings.append and path and path.exists()):
            return made
        earlier = read(path)
        if changed := differing(earlier.environment, made.environment):
            raise DocumentTargetError(
                f"cannot add to {path}: it was measured with another {' and '.join(changed)}; "
                "measure again without --tinybench-append"
            )
        for result in self.results:
            earlier.add(result)
        for name, entry in made.tasks.items():
            known = earlier.tasks.get(name, {}).get("checkpoints", {})
            if known and "checkpoints" in entry:
                entry = entry | {"checkpoints": known | entry["checkpoints"]}
            earlier.tasks[name] = entry
        return earlier

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._document is None and self._error is None:
            return
        from tinybench import environment
        from tinybench.report import terminal

        terminalreporter.section("tinybench")
        for line in environment.untried():
            terminalreporter.write_line(f"WARNING: {line}", yellow=True)
        for line in terminal.lines(self._document) if self._document else ():
            terminalreporter.write_line(line)
        for line in self._remarks:
            terminalreporter.write_line(line, yellow=True)
        if self._error:
            terminalreporter.write_line(f"ERROR: {self._error}", red=True)
        elif path := self._settings.document:
            terminalreporter.write_line(f"written: {path}")


def differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Which parts of two environments differ: machine, versions, git."""
    return [part for part in new if old.get(part) != new[part]]


def _reason(report: pytest.TestReport) -> str:
    """The problems of what a failed test is about, if it says nothing else."""
    from tinybench.results.record import Result

    said = report.longreprtext
    if hasattr(report, "node"):
        # Above it stands which worker of pytest-xdist it comes from.
        said = said.partition("\n")[2]
    for key, value in report.user_properties:
        if key in (CASE, RECORDED):
            found = Result.from_json(str(value))
            named = [f"{found.id}: {text}" for text in found.problems]
            if said in ("\n".join(found.problems), "\n".join(named)):
                return "\n".join(found.problems)
    return ""
