"""What is measured of a variant on a board: its costs there, and what it answers there."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import codegen, tflite
from tinybench.boards import Board, Counters, Image, OperatorCost
from tinybench.conversion.variants import Variant
from tinybench.measurement.measure import Measurement, Measurements, judge
from tinybench.measurement.predictions import Predictions, read_outputs, value_problem
from tinybench.runtimes import RUNTIMES, RefusalError
from tinybench.storage import hashing
from tinybench.storage.identity import identity_of
from tinybench.storage.store import Store
from tinybench.tasks import Task
from tinybench.tflite.ports import codes_of, input_of, output_of

MOST_INSTRUCTIONS = 250_000_000
"""What is run of a test split at most: a few seconds of emulation."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a board answered to samples (N, bytes), and what the first of them cost."""

    answers: NDArray[np.uint8]
    counters: Counters


def measure(
    bench: Measurements, task: Task, variant: Variant, board: Board, most: int = MOST_INSTRUCTIONS
) -> Measurement:
    """Build the variant's C code, run the test split on the board, count one inference.

    Costs are those of the first test sample: they depend on the data a little. Of a large net's
    test split as many samples are run as `most` instructions allow; its quality is then not
    measured there. RefusalError if there is no C code for the variant; BoardError if it does not
    fit.
    """
    artifact = bench.artifacts.artifact(task, variant)
    try:
        generated = codegen.generate(artifact.data)
    except codegen.UnsupportedError as reason:
        raise RefusalError(str(reason)) from None
    model, store = generated.model, bench.artifacts.store
    test = bench.artifacts.evaluation(task).test
    codes, saturated = codes_of(test.x, input_of(model))
    raw = np.ascontiguousarray(codes).reshape(len(codes), -1).view(np.uint8)
    image = board.build(generated.program, store)
    ran = _run(f"{task.name}-{variant.name}-{board.name}", board, image, raw, most, store)
    found = Measurement(metrics=_costs(image, ran.counters))
    found.metrics["board_samples"] = len(ran.answers)
    found.profile = [
        {
            "operator": cost.name,
            "instructions": cost.instructions,
            "reads": cost.reads,
            "writes": cost.writes,
        }
        for cost in ran.counters.profile
    ]
    predicted = _predictions(model, ran.answers, saturated)
    if len(ran.answers) == len(test):
        judge(task, predicted.values, test, found)
    _compare(bench, task, variant, board, predicted, found)
    return found


def _run(
    name: str, board: Board, image: Image, raw: NDArray[np.uint8], most: int, store: Store
) -> Run:
    """Run the samples, or take what the same program answered to them on the same board."""

    def run() -> Run:
        with board.start(image, store) as session:
            counters = session.count([raw[:1]])
            samples = max(1, most // max(1, counters.instructions))
            (answers,) = session.run([raw[:samples]])
            return Run(answers, counters)

    identity = identity_of(board)
    if identity is None:
        return run()
    inputs = {
        "program": hashing.of_bytes(image.elf),
        "inputs": hashing.of_arrays({"raw": raw}),
        "most": most,
        "board": asdict(identity),
    }
    return _unpacked(store.get(name, inputs, "npz", lambda: _packed(run())))


def _packed(ran: Run) -> bytes:
    buffer = io.BytesIO()
    counters = np.array(json.dumps(asdict(ran.counters)))
    np.savez_compressed(buffer, allow_pickle=False, answers=ran.answers, counters=counters)
    return buffer.getvalue()


def _unpacked(packed: bytes) -> Run:
    with np.load(io.BytesIO(packed), allow_pickle=False) as file:
        told = json.loads(str(file["counters"]))
        profile = tuple(OperatorCost(**cost) for cost in told.pop("profile"))
        return Run(file["answers"], Counters(**told, profile=profile))


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
    bench: Measurements,
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
    expected = bench.predictions(task, variant, tflm).first(len(predicted.raw))
    same = predicted.raw.view(np.uint8) == expected.raw.view(np.uint8)
    wrong = int(np.count_nonzero(~same.reshape(len(same), -1).all(axis=1)))
    found.metrics["tflm_mismatches"] = wrong
    if wrong and expected.grid is not None:
        found.problems.append(
            f"{board.name} gives other bytes than TFLM for {wrong} of {len(same)} samples"
        )
    elif problem := value_problem(predicted, expected):
        found.problems.append(f"silently wrong on {board.name}: {problem}")
