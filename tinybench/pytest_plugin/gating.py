"""Gates in a pytest run: a metric that got worse fails the test that measured it.

Every process that runs tests compares what a test recorded with the baseline, inside the test. The
process that reports compares the whole run once more at the end: what no test could fail for, such
as a metric that is gone with a skipped test, becomes a failed report; what could not be compared
becomes exit status 4.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tinybench import environment
from tinybench.boards.build import built_with
from tinybench.comparison import compare, gates
from tinybench.errors import TinybenchError, named, shown
from tinybench.pytest_plugin import expected
from tinybench.pytest_plugin.collector import Collector
from tinybench.pytest_plugin.properties import ANNOTATED, CASE, RECORDED
from tinybench.results import baseline
from tinybench.results.baseline import Baseline
from tinybench.results.document import Document, DocumentTargetError
from tinybench.results.record import Result

if TYPE_CHECKING:
    from tinybench.comparison.compare import Change
    from tinybench.comparison.gates import Judgement
    from tinybench.pytest_plugin.options import Settings

OUTPUT = "tinybench_expected"
"""Key of what an xdist worker tells the controller, which collects nothing itself."""
REPORTED = "tinybench-regressed"
"""Key of the ids that a test failed for: its own, or that of the file it timed."""
COLOURS: dict[str, dict[str, bool]] = {
    "regressed": {"red": True},
    "missing": {"red": True},
    "not comparable": {"yellow": True},
    "new": {"cyan": True},
    "improved": {"green": True},
}


class Gating:
    """The plugin that is registered where a run is compared with an earlier one."""

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        describe: Callable[[Iterable[Result]], dict[str, Any]],
        collector: Collector | None,
    ) -> None:
        """UsageError for a gate that is misspelt and for a baseline that is not there.

        `describe` gives the entries of the tasks of results; `collector` has the run's results, in
        the process that reports.
        """
        self._config, self._settings = config, settings
        self._describe, self._collector = describe, collector
        self._deselected: list[pytest.Item] = []
        self._covered: Counter[str] = Counter()
        self._expected: expected.Expected | None = None
        self._failed: set[str] = set()
        self._changes: list[Change] = []
        self._versions = ""
        self._judgement: Judgement | None = None
        self._errors: list[str] = []
        self._baseline: Baseline | None = None
        try:
            self._gates = _gates(settings)
            compare.check_across(settings.across)
            if settings.baseline:
                self._baseline = baseline.find(settings.baseline, settings.root)
                self._refuse(self._baseline)
        except TinybenchError as error:
            raise pytest.UsageError(shown(error)) from None

    def _refuse(self, found: Baseline) -> None:
        baseline.refuse_failed(found.document, found.name)
        written, compared = self._settings.document, Path(self._settings.baseline)
        if written and written.exists() and compared.exists() and written.samefile(compared):
            raise DocumentTargetError(
                f"{written} is the baseline and would be overwritten; write the run elsewhere "
                "with --tinybench-json, and then: tinybench accept"
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_benchmark_compare_machine_info(self, benchmarksession: Any) -> None:
        """Take the baseline from pytest-benchmark's stored runs: a run that did not fail."""
        if self._settings.baseline:
            return
        try:
            self._baseline = baseline.stored(benchmarksession.storage, benchmarksession.compare)
        except TinybenchError as error:
            if self._gates:
                raise pytest.UsageError(shown(error)) from None
            self._errors.append(shown(error))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> None:
        """What is gone becomes tests that fail, before anything is selected."""
        if self._baseline:
            # Without gates nothing fails, and the comparison at the end tells.
            end = partial(pytest.fail, pytrace=False) if self._gates else pytest.skip
            old = self._baseline.document
            items += expected.missing(old, session, items, self._settings, end)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        self._deselected += items

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        cases = filter(None, map(expected.case_of, session.items))
        self._covered = Counter(case.id for case in cases)
        if self._baseline and session.items:
            old = self._baseline.document
            self._expected = expected.expected(old, session, self._deselected)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Fail the test whose benchmark got worse; one that failed already has its own reason."""
        yield
        if self._gates and self._baseline and (worse := self._regressions(item)):
            item.user_properties.append((REPORTED, json.dumps(list(worse))))
            pytest.fail("\n".join(line for lines in worse.values() for line in lines), False)

    def _regressions(self, item: pytest.Item) -> dict[str, list[str]]:
        """What this test found to be worse than the gates allow: lines by id."""
        assert self._baseline
        here = {"machine": environment.machine(), "versions": environment.versions()}
        new = Document({**here, "toolchain": built_with()})
        own = expected.about(item)
        for key, value in item.user_properties:
            if key in (RECORDED, ANNOTATED):
                result = Result.from_json(str(value))
                # What another test is about, that test fails for.
                others = self._covered[result.id] - bool(own and result.id == own.id)
                if key == RECORDED or not others:
                    new.add(result)
        if not new.results:
            return {}
        try:
            new.tasks = self._describe(new.results.values())
        except TinybenchError:
            # No fault of this test; the comparison of the whole run says what it is.
            return {}
        wanted = dict.fromkeys(new.results)
        old = self._baseline.document
        changes = compare.compare(old, new, self._settings.across, wanted)
        worse = [change for change in changes if change.verdict == "regressed"]
        return gates.judge(self._gates, worse).failures

    # From here on: the process that reports.

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties:
            if key == REPORTED:
                self._failed.update(json.loads(str(value)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what an xdist worker, which collects, expects of the run."""
        told = getattr(node, "workeroutput", {}).get(OUTPUT)
        if told is not None:
            self._expected = {**(self._expected or {}), **told}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Compare the whole run; a run that was stopped does not come here."""
        result = yield
        if self._collector and self._baseline and not session.config.option.collectonly:
            try:
                self._compare(session, self._collector, self._baseline)
            except TinybenchError as error:
                self._errors.append(shown(error))
        return result

    def _compare(self, session: pytest.Session, run: Collector, old: Baseline) -> None:
        new = run.document([*run.results, *run.annotated])
        wanted = dict(self._expected or {})
        for name, result in new.results.items():
            wanted[name] = [*wanted.get(name, ()), *result.metrics]
        self._changes = compare.compare(old.document, new, self._settings.across, wanted)
        self._versions = compare.changed_versions(old.document, new)
        for change in self._changes:
            if change.verdict == "missing":
                change.why = run.skipped.get(change.id, change.why)
        if self._gates:
            self._judgement = gates.judge(self._gates, self._changes)
            for name, lines in self._judgement.failures.items():
                if name not in self._failed | run.failed:
                    session.testscollected += 1
                    self._report(old.document.results[name], lines)

    def _report(self, about: Result, lines: list[str]) -> None:
        """Report a failure that no test could have as an ordinary failed test of its own."""
        empty = Result(task=about.task, variant=about.variant, place=about.place)
        try:
            pytest.fail("\n".join(lines), pytrace=False)
        except pytest.fail.Exception:
            text = pytest.ExceptionInfo.from_current().getrepr(style="value")
        for when, outcome, longrepr in (("call", "failed", text), ("teardown", "passed", None)):
            report = pytest.TestReport(
                nodeid=f"baseline::{about.id}",
                location=("baseline", None, about.id),
                keywords={},
                outcome=outcome,  # type: ignore[arg-type]
                longrepr=longrepr,
                when=when,  # type: ignore[arg-type]
                # So that the run's document has the failure, too.
                user_properties=[(CASE, empty.to_json())],
            )
            self._config.hook.pytest_runtest_logreport(report=report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if (output := getattr(self._config, "workeroutput", None)) is not None:
            output[OUTPUT] = self._expected
            return
        if self._gates and not session.config.option.collectonly:
            self._errors += [named(line, gates.BLIND) for line in self._blind()]
        quiet = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        # Not raised: pytest would leave out its own summary of the tests.
        if self._gates and self._errors and quiet:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def _blind(self) -> list[str]:
        """Why the gates say nothing about this run, empty if they do."""
        if self._judgement:
            return self._judgement.blind
        measured = self._collector and (self._collector.results or self._collector.annotated)
        if not self._settings.asked and not measured:
            return []
        if self._baseline is None:
            how = "--tinybench-baseline=FILE or =COMMIT"
            if self._settings.stored:
                how = "a run stored with --benchmark-autosave"
            return [
                f"gates {self._settings.gates!r} have no baseline to compare with: give {how}; "
                "`tinybench accept` makes this run's document the baseline"
            ]
        return [] if self._errors else ["the run was stopped: nothing was compared"]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if hasattr(self._config, "workerinput") or not (self._changes or self._errors):
            return
        from tinybench.report import changes as report

        name = f" compared with {self._baseline.name}" if self._baseline else ""
        terminalreporter.section(f"tinybench{name}")
        if self._versions:
            terminalreporter.write_line(f"{report.VERSIONS}: {self._versions}")
        for line, verdict in report.terminal(self._changes) if self._changes else ():
            terminalreporter.write_line(line, **COLOURS.get(verdict, {}))
        if self._judgement and len(self._judgement.lines) > report.FAILURES:
            terminalreporter.write_line(report.failures_by_metric(self._judgement), red=True)
        for error in self._errors:
            terminalreporter.write_line(f"ERROR: {error}", red=True)


def _gates(settings: Settings) -> tuple[gates.Gate, ...]:
    """Those that were given; a baseline is not to be compared with in vain."""
    if settings.gates is not None:
        return gates.parse(settings.gates)
    return gates.parse(gates.DEFAULT_WORD) if settings.baseline else ()
