"""What is measured of a variant on a board: its costs there, and what it answers there."""

from __future__ import annotations

import numpy as np

from tinybench.boards import Board
from tinybench.codegen import UnsupportedError
from tinybench.conversion.variants import Variant
from tinybench.machines import BoardMachine, Cost
from tinybench.measurement.measure import Measurements, judge
from tinybench.measurement.predictions import Predictions, read_outputs, value_problem
from tinybench.results.record import Note, OperatorCost, Place, Result
from tinybench.runtimes import DEVICE_REFERENCE, RUNTIMES, RefusalError
from tinybench.tasks import Task
from tinybench.tflite.ports import codes_of, input_of

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
    codes, saturated = codes_of(test.x, input_of(model))
    artifact = bench.artifacts.artifact(task, variant)
    try:
        ran = machine.run(artifact, [codes], most_instructions=most)
    except UnsupportedError as reason:
        raise RefusalError(str(reason)) from None
    predicted = read_outputs(model, ran.outputs[0], saturated)
    found = Result(
        task=task.name,
        variant=variant.name,
        place=Place("board", board.name),
        metrics=_costs(ran.cost),
        sha256=artifact.sha256,
    )
    found.metrics["board_samples"] = len(predicted.raw)
    found.profile = [
        OperatorCost(cost.operator, cost.instructions, cost.reads, cost.writes)
        for cost in ran.cost.profile or ()
    ]
    if len(predicted.raw) == len(test):
        judge(task, predicted.values, test, found)
    _compare(bench, task, variant, board, predicted, found)
    return found


def _costs(cost: Cost) -> dict[str, float]:
    costs: dict[str, float | None] = {
        "instructions": cost.instructions,
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
    predicted: Predictions,
    found: Result,
) -> None:
    """Count what differs from TFLM: nothing may in integers, and only rounding in float sums."""
    device = RUNTIMES.get(DEVICE_REFERENCE)
    if device.unavailable():
        return
    try:
        expected = bench.predictions(task, variant, device).first(len(predicted.raw))
    except RefusalError:
        # Our C code may have a kernel that TFLM lacks.
        found.notes.append(Note("remark", f"not compared: {device.name} refuses"))
        return
    same = predicted.raw.view(np.uint8) == expected.raw.view(np.uint8)
    wrong = int(np.count_nonzero(~same.reshape(len(same), -1).all(axis=1)))
    found.metrics["tflm_mismatches"] = wrong
    if wrong and expected.grid is not None:
        found.problems.append(
            f"{board.name} gives other bytes than TFLM for {wrong} of {len(same)} samples"
        )
    elif problem := value_problem(predicted, expected):
        found.problems.append(f"silently wrong on {board.name}: {problem}")
