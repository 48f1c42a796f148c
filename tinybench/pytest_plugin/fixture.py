"""What a benchmark test gets as its `tinybench` fixture: its case, and a place to record."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NoReturn

import msgspec
import pytest

from tinybench.boards import DoesNotFitError
from tinybench.conversion.variants import Variant
from tinybench.errors import NotAvailableError, TinybenchError
from tinybench.measurement.cases import Case
from tinybench.measurement.measure import Measurements
from tinybench.metrics import METRICS
from tinybench.pytest_plugin.expected import function_of
from tinybench.pytest_plugin.properties import ANNOTATED, RECORDED
from tinybench.results.document import PROPERTY, SCHEMA, as_json
from tinybench.results.record import HOST_ONLY, NOT_AVAILABLE, Result
from tinybench.runtimes import (
    REFERENCE_RUNTIME,
    RefusalError,
    Runtime,
    TimedSession,
    is_device,
)
from tinybench.runtimes.base import answered
from tinybench.tasks import Task

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

    from tinybench.boards import Board
    from tinybench.results.record import NoteKind
    from tinybench.timing.outcome import PairedTiming


class LevelError(TinybenchError, LookupError):
    """A test asks for what there is not at the level that it is marked with."""

    page = "wrong-level"


class Benchmark:
    """One benchmark: measure with `bench`, then `record` what was found."""

    def __init__(self, case: Case, bench: Measurements, item: pytest.Item) -> None:
        self.case = case
        self.bench = bench
        self._item = item
        self._metrics: dict[str, float] = {}

    @property
    def task(self) -> Task:
        """The task under test."""
        return self.case.task

    @property
    def variant(self) -> Variant:
        """The variant under test, but at the level `task`."""
        if self.case.variant is None:
            raise self._lacks("variant", "'variant', 'runtime' or 'board'")
        return self.case.variant

    @property
    def runtime(self) -> Runtime:
        """The runtime under test, at the level `runtime`."""
        if self.case.runtime is None:
            raise self._lacks("runtime", "'runtime'")
        return self.case.runtime

    @property
    def board(self) -> Board:
        """The board under test, at the level `board`."""
        if self.case.board is None:
            raise self._lacks("board", "'board'")
        return self.case.board

    def _lacks(self, what: str, levels: str) -> LevelError:
        level = self.case.result().level
        return LevelError(
            f"this test is marked tinybench({level!r}), where there is no {what}: mark it {levels}"
        )

    def measure(self) -> Result:
        """The exact metrics of the variant or, at `runtime` and `board`, of the variant there.

        LevelError at the level `task`: of all variants together there is nothing to measure.
        """
        if self.case.variant is None:
            raise LevelError(
                "this test is marked tinybench('task'), and what is measured is a variant: mark it "
                "'variant', 'runtime' or 'board', or record a number of your own, such as "
                "tinybench.record(my_metric=1)"
            )
        if self.case.board is not None:
            return self._on_board(self.case.board)
        if self.case.runtime is None:
            try:
                return self.bench.variant(self.task, self.variant)
            except NotAvailableError as reason:
                self._label(NOT_AVAILABLE, reason)
        with self.where_it_runs():
            return self.bench.runtime(self.task, self.variant, self.runtime)

    def call(self) -> Callable[[], object]:
        """One inference on the first test sample, its buffers set: what is timed.

        Skip where the runtime does not offer that.
        """
        with self.where_it_runs():
            session = self.bench.session(self.task, self.variant, self.runtime)
        if not isinstance(session, TimedSession):
            pytest.skip(f"{self.runtime.name} cannot be timed: its session has no `prepare`")
        codes = self.bench.first_sample(self.task, self.variant)
        with self.where_it_runs():
            # Some operators are refused only when they run.
            answered(session, codes, len(self.bench.graph(self.task, self.variant).outputs))
        return session.prepare(*(array[0] for array in codes))

    def _on_board(self, board: Board) -> Result:
        """Skip where the board is missing; label and skip what has no C code or does not fit."""
        from tinybench.measurement import on_board

        if reason := board.unavailable():
            pytest.skip(reason)
        try:
            return on_board.measure(self.bench, self.task, self.variant, board)
        except DoesNotFitError as error:
            self._label(NOT_AVAILABLE, error)
        except NotAvailableError as error:
            pytest.skip(f"not available: {error}")
        except RefusalError as refusal:
            # That our C code lacks an operator does not say that no device runs it.
            self._label(NOT_AVAILABLE if self.variant.device else HOST_ONLY, refusal)

    @contextlib.contextmanager
    def where_it_runs(self) -> Iterator[None]:
        """Skip, with the reason, where the runtime is missing or refuses the variant.

        What a device's runtime refuses is host-only, which the variant's own result says too; what
        another one refuses is labelled as not available there. Neither fails anybody's run: that
        the built-in variants run on devices is for tests of this project. What the reference
        refuses has failed as a variant.
        """
        if reason := self.runtime.unavailable():
            pytest.skip(reason)
        try:
            yield
        except NotAvailableError as reason:
            pytest.skip(f"not available: {reason}")
        except RefusalError as refusal:
            if is_device(self.runtime):
                pytest.skip(f"{HOST_ONLY}: {refusal}")
            if self.runtime.name == REFERENCE_RUNTIME:
                pytest.skip(f"refused by {refusal}")
            self._label(NOT_AVAILABLE, refusal)

    def _label(self, kind: NoteKind, refusal: TinybenchError) -> NoReturn:
        """Record a result that says why there are no numbers, and skip."""
        found = self.case.result()
        found.label(kind, refusal)
        self.record(found)
        pytest.skip(str(found.notes[0]))

    def time_against_baseline(self) -> PairedTiming | None:
        """With the option of that name, time the variant against the stored one: fail if slower.

        None without the option, and where nothing is there to time; see
        `tinybench.pytest_plugin.paired`.
        """
        timing = self._item.config.pluginmanager.get_plugin("tinybench-baseline-timing")
        return timing.judge(self) if timing else None

    def record(self, found: Result | None = None, /, **metrics: float) -> None:
        """Put a result, metrics or both into the run's document; fail if it has problems."""
        found = found or self.case.result()
        self._metrics |= {
            name: METRICS.get(name).check(value)
            for name, value in {**found.metrics, **metrics}.items()
        }
        found = msgspec.structs.replace(
            found, metrics=dict(self._metrics), tests=[self._test], sha256=self._sha256()
        )
        self._item.user_properties.append((RECORDED, found.to_json()))
        if found.problems:
            pytest.fail(
                "\n".join(f"{self.case.id}: {text}" for text in found.problems), pytrace=False
            )

    def annotate(self, benchmark: BenchmarkFixture) -> None:
        """Give pytest-benchmark's JSON every metric of this variant on this runtime."""
        of_file = self.bench.variant(self.task, self.variant)
        there = self.bench.runtime(self.task, self.variant, self.runtime)
        there.metrics |= self._metrics
        results = [
            msgspec.structs.replace(one, tests=[self._test], sha256=self._sha256())
            for one in (of_file, there)
        ]
        benchmark.extra_info[PROPERTY] = {
            "schema": SCHEMA,
            "id": self.case.id,
            "metrics": of_file.metrics | there.metrics,
            "results": [as_json(one) for one in results],
        }
        for one in results:
            self._item.user_properties.append((ANNOTATED, one.to_json()))

    @property
    def _test(self) -> str:
        return function_of(self._item)

    def _sha256(self) -> str | None:
        variant = self.case.variant
        try:
            return self.bench.artifacts.artifact(self.task, variant).sha256 if variant else None
        except NotAvailableError:
            return None
