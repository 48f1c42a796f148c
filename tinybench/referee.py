"""Duels in a pytest run, with `--tinybench-duel`: candidates against the stored baseline.

A test that calls `tinybench.duel()` fails if its variant became slower than the stored model of
the same name. Time is gated here only: both are timed at once, in this process.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinybench import contestants, stored
from tinybench.document import DocumentError
from tinybench.duel import fight
from tinybench.outcome import Rules, Verdict, effort, keep, summary

if TYPE_CHECKING:
    from tinybench.outcome import Duel
    from tinybench.settings import Settings
    from tinybench.trial import Trial

NAME = "tinybench-referee"
SAME_FILE = "no change: the stored model is the same file"
URGENCY: tuple[Verdict, ...] = (
    "regressed", "undecided", "improved", "within noise", "no change",
)  # fmt: skip
COLOURS: dict[str, dict[str, bool]] = {
    "regressed": {"red": True},
    "undecided": {"yellow": True},
    "improved": {"green": True},
}


class Referee:
    """The plugin that is registered where duels are asked for."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        """UsageError under pytest-xdist, where other workers would be timed with the duels."""
        if config.getoption("dist", "no") != "no":
            raise pytest.UsageError("--tinybench-duel times alone on the machine: leave out -n")
        self._settings = settings
        self._lines: list[tuple[int, str, dict[str, bool]]] = []
        self._advice: dict[str, str] = {}
        self._missing: list[str] = []
        self._judged = 0
        self._folder: Path | None = None

    def judge(self, trial: Trial) -> Duel | None:
        """Time a trial's variant on its runtime against the stored model, and record it.

        Fails the test if it regressed. None where there is nothing to time: no stored model, the
        same file, or Keras, which runs no file.
        """
        if trial.runtime.name == "keras":
            return None
        task, variant, settings = trial.task, trial.variant, self._settings
        new = trial.bench.pipeline.artifact(task, variant)
        try:
            old = stored.load(task.name, variant.name, settings.root, settings.baseline)
        except DocumentError as error:
            self._missing.append(f"{trial.case.id}: new: {error}")
            return None
        self._judged += 1
        if old == new.data:
            self._add("no change", f"{trial.case.id}: {SAME_FILE}")
            return None
        with trial.where_it_runs():
            a, b = (
                contestants.of_task(name, data, task, trial.runtime, trial.bench.pipeline)
                for name, data in (("stored", old), ("candidate", new.data))
            )
            found = fight(a, b, Rules(threshold=settings.duel_threshold))
        self._folder = keep(found, settings.cache, trial.case.id).parent
        for advice in found.conditions.advice():
            # Of every kind the first: the numbers differ from duel to duel.
            self._advice.setdefault(re.sub(r"[\d.]+", "", advice), advice)
        line = f"{trial.case.id}: {summary(found)}"
        self._add(found.verdict, f"{line}; {effort(found)}, {outliers(found)}")
        trial.record(
            duel_ratio=found.ratio.value,
            duel_ratio_low=found.ratio.low,
            duel_ratio_high=found.ratio.high,
            duel_rounds=found.rounds,
            duel_outliers=sum(side.total for side in found.outliers),
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
        terminalreporter.section("tinybench duels")
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
                "ERROR: no duel took place: no test with a stored model called tinybench.duel()",
                red=True,
            )


def outliers(found: Duel) -> str:
    """Outliers of both sides together."""
    counted = found.outliers
    total, samples = (sum(getattr(side, key) for side in counted) for key in ("total", "samples"))
    return f"{total} outliers of {samples} samples"
