"""Measures a case; whatever happens there is a result, so that one part never takes the rest."""

from __future__ import annotations

import math

from tinybench.console import worker
from tinybench.errors import NotAvailableError, TinybenchError, shown
from tinybench.measurement import on_board
from tinybench.measurement.cases import Case
from tinybench.measurement.measure import Measurements
from tinybench.results.record import HOST_ONLY, NOT_AVAILABLE, Note, NoteKind, Result
from tinybench.runtimes import RefusalError, is_device


def attempt(bench: Measurements, case: Case) -> Result:
    """What was measured of a case; a failure is a problem, a refusal a label, with its reason."""
    found = case.result()
    place = case.board or case.runtime
    if place and (reason := place.unavailable()):
        found.outcome, found.notes = "skipped", [Note(NOT_AVAILABLE, reason)]
        return found
    try:
        found = _measured(bench, case)
    except NotAvailableError as missing:
        found.outcome = "skipped"
        found.label(NOT_AVAILABLE, missing)
    except RefusalError as refusal:
        found.outcome = "skipped"
        found.label(_kind(case), refusal)
    except TinybenchError as error:
        found.problems = [shown(error)]
    except Exception as error:
        found.problems = [str(worker.foreign(error))]
    if odd := [name for name, value in found.metrics.items() if not math.isfinite(value)]:
        # No document holds them, and no verdict is right of them.
        for name in odd:
            del found.metrics[name]
        found.problems.append(
            f"{', '.join(odd)}: not a finite number; the model gives NaN or infinity for some of "
            "the test data"
        )
    if found.problems:
        found.outcome = "failed"
    elif found.note(NOT_AVAILABLE):
        found.outcome = "skipped"
    return found


def _kind(case: Case) -> NoteKind:
    """What a refusal says: a device's runtime refuses for all devices, others for themselves."""
    if case.runtime:
        return HOST_ONLY if is_device(case.runtime) else NOT_AVAILABLE
    return NOT_AVAILABLE if case.variant and case.variant.device else HOST_ONLY


def _measured(bench: Measurements, case: Case) -> Result:
    assert case.variant is not None
    if case.board:
        return on_board.measure(bench, case.task, case.variant, case.board)
    if case.runtime:
        return bench.runtime(case.task, case.variant, case.runtime)
    return bench.variant(case.task, case.variant)
