"""What is measured of a variant on a board: its costs there, and what it answers there."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import codegen, tflite
from tinybench.boards import Board, Counters, Image
from tinybench.measure import (
    Bench,
    Measurement,
    Predictions,
    codes_of,
    input_of,
    judge,
    output_of,
    read_outputs,
    value_problem,
)
from tinybench.runtimes import RUNTIMES, RefusalError
from tinybench.tasks import Task
from tinybench.variants import Variant


def measure(bench: Bench, task: Task, variant: Variant, board: Board) -> Measurement:
    """Build the variant's C code, run the whole test split on the board, count one inference.

    Costs are those of the first test sample: they depend on the data a little. RefusalError if
    there is no C code for the variant; BoardError if it does not fit.
    """
    artifact = bench.pipeline.artifact(task, variant)
    try:
        generated = codegen.generate(artifact.data)
    except codegen.UnsupportedError as reason:
        raise RefusalError(str(reason)) from None
    model, store = generated.model, bench.pipeline.store
    test = bench.pipeline.evaluation(task).test
    codes, saturated = codes_of(test.x, input_of(model))
    raw = np.ascontiguousarray(codes).reshape(len(codes), -1).view(np.uint8)
    image = board.build(generated.program, store)
    with board.start(image, store) as session:
        (answers,) = session.run([raw])
        counters = session.count([raw[:1]])
    predicted = _predictions(model, answers, saturated)
    found = Measurement(metrics=_costs(image, counters))
    found.profile = [
        {
            "operator": cost.name,
            "instructions": cost.instructions,
            "reads": cost.reads,
            "writes": cost.writes,
        }
        for cost in counters.profile
    ]
    judge(task, predicted.values, test, found)
    _compare(bench, task, variant, board, predicted, found)
    return found


def _predictions(model: tflite.Model, answers: NDArray[np.uint8], saturated: int) -> Predictions:
    output = output_of(model)
    raw: NDArray[Any] = answers.view(output.dtype).reshape(len(answers), *output.shape[1:])
    return read_outputs(model, raw, saturated)


def _costs(image: Image, counters: Counters) -> dict[str, float]:
    costs: dict[str, float | None] = {
        "instructions": counters.instructions,
        "memory_reads": counters.reads,
        "memory_writes": counters.writes,
        "flash_bytes": image.flash_bytes,
        "flash_code_bytes": image.code_bytes,
        "flash_weight_bytes": image.weight_bytes,
        "ram_bytes": image.ram_bytes,
        "stack_bytes": counters.stack_bytes,
    }
    return {name: value for name, value in costs.items() if value is not None}


def _compare(
    bench: Bench,
    task: Task,
    variant: Variant,
    board: Board,
    predicted: Predictions,
    found: Measurement,
) -> None:
    """Count what differs from TFLM: nothing may in integers, and only rounding in float sums."""
    tflm = RUNTIMES.get("tflm")
    if tflm.unavailable():
        return
    expected = bench.predictions(task, variant, tflm)
    same = predicted.raw.view(np.uint8) == expected.raw.view(np.uint8)
    wrong = int(np.count_nonzero(~same.reshape(len(same), -1).all(axis=1)))
    found.metrics["tflm_mismatches"] = wrong
    if wrong and expected.grid is not None:
        found.problems.append(
            f"{board.name} gives other bytes than TFLM for {wrong} of {len(same)} samples"
        )
    elif problem := value_problem(predicted, expected):
        found.problems.append(f"silently wrong on {board.name}: {problem}")
