"""Measures a case; whatever happens there is a result, so that one part never takes the rest."""

from __future__ import annotations

from tinybench.boards import BoardError
from tinybench.errors import NotAvailableError, TinybenchError
from tinybench.measurement import on_board
from tinybench.measurement.cases import Case
from tinybench.measurement.measure import Measurements
from tinybench.results.record import HOST_ONLY, NOT_AVAILABLE, Note, Result
from tinybench.runtimes import RefusalError


def attempt(bench: Measurements, case: Case) -> Result:
    """What was measured of a case; a failure is a problem, a refusal a label, with its reason."""
    found = case.result()
    place = case.board or case.runtime
    if place and (reason := place.unavailable()):
        found.outcome, found.notes = "skipped", [Note(NOT_AVAILABLE, reason)]
        return found
    try:
        found = _measured(bench, case)
    except NotAvailableError as reason:
        found.outcome, found.notes = "skipped", [Note(NOT_AVAILABLE, str(reason))]
    except RefusalError as refusal:
        host_only = case.variant is not None and not case.variant.device
        kind = HOST_ONLY if host_only else NOT_AVAILABLE
        found.outcome, found.notes = "skipped", [Note(kind, str(refusal))]
    except (TinybenchError, BoardError) as error:
        found.problems = [str(error)]
    except Exception as error:
        found.problems = [f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"]
    if found.problems:
        found.outcome = "failed"
    return found


def _measured(bench: Measurements, case: Case) -> Result:
    assert case.variant is not None
    if case.board:
        return on_board.measure(bench, case.task, case.variant, case.board)
    if case.runtime:
        return bench.runtime(case.task, case.variant, case.runtime)
    return bench.variant(case.task, case.variant)
