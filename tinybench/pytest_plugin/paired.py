"""Two models timed in turns in a pytest run, with `--tinybench-time-against-baseline`.

A test that calls `tinybench.time_against_baseline()` fails if its variant became slower than the
stored model of the same name. Time is gated here only: both are timed at once, in this process.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinybench.errors import named
from tinybench.results import stored_models
from tinybench.results.document import DocumentError
from tinybench.runtimes import runs_files
from tinybench.timing import sides
from tinybench.timing.outcome import Rules, Verdict, effort, keep, summary
from tinybench.timing.paired import time_pair

if TYPE_CHECKING:
    from tinybench.pytest_plugin.fixture import Benchmark
    from tinybench.pytest_plugin.options import Settings
    from tinybench.timing.outcome import PairedTiming

NAME = "tinybench-baseline-timing"
SAME_FILE = "no change: the stored model is the same file"
URGENCY: tuple[Verdict, ...] = (
    "regressed", "undecided", "improved", "within noise", "no change",
)  # fmt: skip
COLOURS: dict[str, dict[str, bool]] = {
    "regressed": {"red": True},
    "undecided": {"yellow": True},
    "improved": {"green": True},
}


class BaselineTiming:
    """The plugin that is registered where paired timings are asked for."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        """UsageError under pytest-xdist, where the models of other workers would disturb."""
        if config.getoption("dist", "no") != "no":
            reason = "--tinybench-time-against-baseline times alone on the machine: leave out -n"
            raise pytest.UsageError(named(reason, "wrong-option"))
        self._settings = settings
        self._lines: list[tuple[int, str, dict[str, bool]]] = []
        self._advice: dict[str, str] = {}
        self._missing: list[str] = []
        self._judged = 0
        self._folder: Path | None = None

    def judge(self, benchmark: Benchmark) -> PairedTiming | None:
        """Time a benchmark's variant on its runtime against the stored model, and record it.

        Fails the test if it regressed. None where there is nothing to time: no stored model, the
        same file, or a runtime that runs no file.
        """
        if not runs_files(benchmark.runtime):
            return None
        task, variant, settings = benchmark.task, benchmark.variant, self._settings
        new = benchmark.bench.artifacts.artifact(task, variant)
        try:
            old = stored_models.load(task.name, variant.name, settings.root, settings.baseline)
        except DocumentError as error:
            self._missing.append(f"{benchmark.case.id}: new: {error}")
            return None
        self._judged += 1
        if old == new.data:
            self._add("no change", f"{benchmark.case.id}: {SAME_FILE}")
            return None
        with benchmark.where_it_runs():
            a, b = (
                sides.of_task(name, data, task, benchmark.runtime, benchmark.bench.artifacts)
                for name, data in (("stored", old), ("candidate", new.data))
            )
            found = time_pair(a, b, Rules(threshold=settings.time_threshold))
        self._folder = keep(found, settings.cache, benchmark.case.id).parent
        for advice in found.conditions.advice():
            # Of every kind the first: the numbers differ from paired timing to paired timing.
            self._advice.setdefault(re.sub(r"[\d.]+", "", advice), advice)
        line = f"{benchmark.case.id}: {summary(found)}"
        self._add(found.verdict, f"{line}; {effort(found)}, {outliers(found)}")
        benchmark.record(
            time_ratio=found.ratio.value,
            time_ratio_low=found.ratio.low,
            time_ratio_high=found.ratio.high,
            time_rounds=found.rounds,
            time_outliers=sum(side.total for side in found.outliers),
        )
        if found.verdict == "regressed":
            old_us, new_us = found.medians_us
            pytest.fail(f"{line}; {old_us:.4g} µs stored, now {new_us:.4g} µs", pytrace=False)
        return found

    def _add(self, verdict: Verdict, line: str) -> None:
        self._lines.append((URGENCY.index(verdict), line, COLOURS.get(verdict, {})))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A run that was to judge time and had nothing to judge did not pass."""
        if not self._judged and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("tinybench timings")
        for _, line, colour in sorted(self._lines, key=lambda entry: entry[0]):
            terminalreporter.write_line(line, **colour)
        for line in self._missing:
            terminalreporter.write_line(line)
        for line in self._advice.values():
            terminalreporter.write_line(f"note: {line}")
        if self._folder:
            terminalreporter.write_line(f"samples: {self._folder}")
        if not self._judged:
            terminalreporter.write_line(
                "ERROR: nothing was timed: no test with a stored model called "
                "tinybench.time_against_baseline()",
                red=True,
            )


def outliers(found: PairedTiming) -> str:
    """Outliers of both sides together."""
    counted = found.outliers
    total, samples = (sum(getattr(side, key) for side in counted) for key in ("total", "samples"))
    return f"{total} outliers of {samples} samples"
