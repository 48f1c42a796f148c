"""What is measured of a variant on a board: its costs there, and what it answers there."""

from __future__ import annotations

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from tinybench.boards import Board
from tinybench.boards.base import TimedBoard
from tinybench.codegen import UnsupportedError, lacking
from tinybench.conversion.variants import Variant
from tinybench.machines import BoardMachine, Cost
from tinybench.measurement.judging import Answers, suffix
from tinybench.measurement.measure import Measurements
from tinybench.measurement.predictions import Predictions, read_all, value_problem
from tinybench.results.record import Note, OperatorCost, Place, Result
from tinybench.runtimes import DEVICE_REFERENCE, RUNTIMES, RefusalError
from tinybench.tasks import Task
from tinybench.tflite.ports import all_codes

MOST_INSTRUCTIONS = 250_000_000
"""What is run of a test split at most: a few seconds of emulation."""


def measure(
    bench: Measurements, task: Task, variant: Variant, board: Board, most: int = MOST_INSTRUCTIONS
) -> Result:
    """Build the variant's C code, run the test split on the board, count one inference.

    Costs are those of the first test sample: they depend on the data a little. Of a large net's
    test split as many samples are run as `most` instructions allow; its quality is then not
    measured there. RefusalError if there is no C code for the variant; BoardError if it does not
    fit.
    """
    machine = BoardMachine(board, bench.artifacts.store, keep=True)
    model, test = bench.graph(task, variant), bench.artifacts.evaluation(task).test
    codes, saturated = all_codes(test.inputs, model)
    artifact = bench.artifacts.artifact(task, variant)
    try:
        ran = machine.run(artifact, codes, most_instructions=most)
    except UnsupportedError as reason:
        # The same of all variants, so that it is read once.
        names = ", ".join(lacking(model))
        text = f"no C code for {names}" if names else str(reason)
        raise RefusalError(text, page=reason.page) from None
    answers = read_all(model, ran.outputs, bench.artifacts.outputs(task, model), saturated)
    samples = len(ran.outputs[0])
    found = Result(
        task=task.name,
        variant=variant.name,
        place=Place("board", board.name),
        metrics=_costs(ran.cost),
        sha256=artifact.sha256,
    )
    found.metrics["board_samples"] = samples
    found.profile = [
        OperatorCost(
            cost.operator,
            cost.instructions,
            cost.reads,
            cost.writes,
            UNSET if cost.cycles is None else cost.cycles,
            cost.milliseconds or UNSET,
        )
        for cost in ran.cost.profile or ()
    ]
    if ran.cost.cycles is not None and isinstance(board, TimedBoard):
        found.time_basis = board.time_basis or UNSET
    if samples == len(test):
        bench.judge(task, variant, answers, found)
    _compare(bench, task, variant, board, answers, found)
    return found


def _costs(cost: Cost) -> dict[str, float]:
    least, most = cost.milliseconds or (None, None)
    costs: dict[str, float | None] = {
        "instructions": cost.instructions,
        "cycles": cost.cycles,
        "device_ms_low": least,
        "device_ms_high": most,
        "memory_reads": cost.reads,
        "memory_writes": cost.writes,
        "flash_bytes": cost.flash_bytes,
        "flash_code_bytes": cost.code_bytes,
        "flash_weight_bytes": cost.weight_bytes,
        "ram_bytes": cost.ram_bytes,
        "stack_bytes": cost.stack_bytes,
    }
    return {name: value for name, value in costs.items() if value is not None}


def _compare(
    bench: Measurements,
    task: Task,
    variant: Variant,
    board: Board,
    answers: Answers,
    found: Result,
) -> None:
    """Count what differs from TFLM: nothing may in integers, and only rounding in float sums."""
    device = RUNTIMES.get(DEVICE_REFERENCE)
    if device.unavailable():
        return
    try:
        expected = bench.answers(task, variant, device)
    except RefusalError:
        # Our C code may have a kernel that TFLM lacks.
        found.notes.append(Note("remark", f"not compared: {device.name} refuses"))
        return
    others = {name: expected[name].first(len(one.raw)) for name, one in answers.items()}
    different = {name: _differing(one, others[name]) for name, one in answers.items()}
    found.metrics["tflm_mismatches"] = int(sum(np.logical_or.reduce([*different.values()])))
    for name, predicted in answers.items():
        at = f", output {name}" if suffix(name, answers) else ""
        wrong = int(np.count_nonzero(different[name]))
        if wrong and predicted.grid is not None:
            count = len(different[name])
            found.problems.append(
                f"{board.name}{at} gives other bytes than TFLM for {wrong} of {count} samples"
            )
        elif problem := value_problem(predicted, others[name]):
            found.problems.append(f"silently wrong on {board.name}{at}: {problem}")


def _differing(one: Predictions, other: Predictions) -> NDArray[np.bool_]:
    """For which samples (N,) two outputs have other bytes."""
    same = (one.raw.view(np.uint8) == other.raw.view(np.uint8)).reshape(len(one.raw), -1)
    found: NDArray[np.bool_] = np.logical_not(same.all(axis=1))
    return found
