"""`tinybench play`: what a pipeline on a board makes of a recording, when, and at what cost."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from tinybench.artifacts import Artifacts
from tinybench.boards import BOARDS, DEFAULT_BOARD
from tinybench.cli import options
from tinybench.cli.run_output import TIMES, span
from tinybench.cli.status import Exit
from tinybench.console import progress
from tinybench.conversion.variants import VARIANTS
from tinybench.storage.store import Store
from tinybench.streaming import Application, ApplicationError, player, recordings
from tinybench.streaming.application import KeywordSettings, of_task
from tinybench.streaming.player import Played, Stage
from tinybench.tasks import TASKS, Task

DESCRIPTION = """\
Play a recording into the whole pipeline on an emulated board, from sound to words or from
acceleration to gestures, and compare all that comes out with the pipeline in Python.

FILE is sound (WAV of 8 to 32-bit PCM; with pytest-tinybench[audio] also FLAC, OGG, MP3 and other
WAV), resampled to 16 kHz and mixed down, or a CSV file with a reading x,y,z in milli-g on each
line, at 25 Hz.
"""
EPILOG = """\
exit status: 0 both pipelines gave the same; 1 they did not; 2 error.

examples:
  tinybench play keyword firmware/examples/keyword/recording.wav
  tinybench play gesture firmware/examples/gesture/recording.csv --on cortex-m0plus
"""

KINDS = {"inputs": "features", "scores": "rows of scores", "decisions": "decisions"}


@dataclass(frozen=True, slots=True)
class Request:
    """The options of one run, as `--help` describes them."""

    task: str
    file: Path
    variant: str
    on: str
    cache: Path
    as_json: bool


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description, parser.epilog = DESCRIPTION, EPILOG
    parser.add_argument("task", metavar="TASK", help="A task of sound or motion")
    parser.add_argument("file", type=Path, metavar="FILE", help="The recording")
    parser.add_argument(
        "--variant",
        default="int8",
        metavar="NAME",
        help="See `tinybench list variants` (default: int8)",
    )
    options.add_place(parser, "Board", DEFAULT_BOARD)
    options.add_json(parser)
    options.add_data(parser)
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    return run(
        Request(
            task=given.task,
            file=given.file,
            variant=given.variant,
            on=given.on,
            cache=given.cache,
            as_json=given.json,
        )
    )


def run(request: Request) -> int:
    """Play and print; 1 if the board and Python do not give the same."""
    task, variant, board = (
        TASKS.get(request.task),
        VARIANTS.get(request.variant),
        BOARDS.get(request.on),
    )
    recording = recorded(task, request.file)
    store = Store(request.cache)
    artifact = Artifacts(store, progress.bar).artifact(task, variant)
    application = of_task(task, variant.name, artifact.data)
    assert application is not None  # or there would be no recording
    played = player.play(application, recording, board, store)
    return show(played, request.file, as_json=request.as_json)


def show(played: Played, file: Path, *, as_json: bool) -> int:
    """Print, and return the exit status."""
    print(json.dumps(to_dict(played, file), indent=1) if as_json else describe(played, file))
    return Exit.FAILED if any(played.differences.values()) else Exit.OK


def recorded(task: Task, file: Path) -> Any:
    """What a file has for a task; ApplicationError for a task that takes no recordings."""
    if task.labels and task.modality == "audio":
        return recordings.sound(file)
    if task.labels and task.modality == "motion":
        return recordings.motion(file)
    able = [each.name for each in TASKS if each.labels and each.modality in ("audio", "motion")]
    raise ApplicationError(
        f"{task.name} is no task of sound or motion; play can take {', '.join(able)}"
    )


def to_dict(played: Played, file: Path) -> dict[str, Any]:
    """All of it, JSON-able."""
    application, cost = played.application, played.cost
    return {
        "task": application.task,
        "variant": application.variant,
        "board": played.board,
        "file": str(file),
        "seconds": played.seconds,
        "found": [asdict(found) for found in played.found],
        "differences": played.differences,
        "stages": [
            {**asdict(stage), "instructions_per_second": stage.per_second * stage.instructions}
            for stage in cost.stages
        ],
        "ram_bytes": cost.ram_bytes,
        "flash_bytes": cost.flash_bytes,
        "stack_bytes": cost.stack_bytes,
        "budget": cost.budget
        and {
            **asdict(cost.budget),
            "verdict": cost.budget.verdict,
            "inputs_waiting": cost.budget.waiting,
            "time_basis": cost.time_basis,
        },
    }


def describe(played: Played, file: Path) -> str:
    """Words or gestures, costs, and whether Python agrees; for people."""
    application = played.application
    head = (
        f"{file}: {played.seconds:.2f} s into {application.task} {application.variant} "
        f"on {played.board}"
    )
    parts = [head, _found(played), _costs(played), _budget(played), _agreement(played)]
    return "\n\n".join(filter(None, parts))


def _found(played: Played) -> str:
    what = "word" if _is_audio(played.application) else "gesture"
    if not played.found:
        return f"no {what} found in {len(played.answers.scores)} inferences"
    rows = [(f"{f.time_ms / 1000:.2f} s", f.label, f"{f.score}/255") for f in played.found]
    return tabulate(rows, ("at", what, "score"), disable_numparse=True, colalign=("right",))


def _costs(played: Played) -> str:
    cost = played.cost
    rows = [_row(stage) for stage in cost.stages]
    total = sum(s.instructions * s.per_second for s in cost.stages if s.ram_bytes is not None)
    rows.append(
        ("all", "", "", "", "", f"{total:,.0f}", f"{cost.ram_bytes:,} B", f"{cost.flash_bytes:,} B")
    )
    headers = (
        "stage",
        "instructions",
        "cycles",
        "ms",
        "times a second",
        "a second",
        "RAM",
        "flash",
    )
    table = zip(headers, zip(*rows, strict=True), strict=True)
    shown = {name: column for name, column in table if any(column) or name not in TIMES}
    aligned = ("left", *["right"] * (len(shown) - 1))
    text = tabulate(shown, "keys", disable_numparse=True, colalign=aligned)
    notes = "the front end's flash has the decision's code, its RAM the input's"
    stack = f"; {cost.stack_bytes:,} B of stack" if cost.stack_bytes is not None else ""
    return f"{text}\n{notes}{stack}"


def _row(stage: Stage) -> tuple[str, ...]:
    part = stage.ram_bytes is None
    return (
        f"- {stage.name}" if part else stage.name,
        f"{stage.instructions:,}",
        "" if stage.cycles is None else f"{stage.cycles:,}",
        span(stage.milliseconds) if stage.milliseconds else "",
        f"{stage.per_second:g}",
        f"{stage.instructions * stage.per_second:,.0f}",
        "" if stage.ram_bytes is None else f"{stage.ram_bytes:,} B",
        "" if stage.flash_bytes is None else f"{stage.flash_bytes:,} B",
    )


def _budget(played: Played) -> str:
    """Whether the board keeps up, or what clock it takes; empty on one without cycles."""
    budget, cost = played.cost.budget, played.cost
    if budget is None:
        return ""
    least = f"at least {budget.least_hz / 1e6:.3g} MHz, with memory that never waits"
    lines = [f"takes {least}"]
    if budget.clock_hz:
        lines[0] += f"; the board has {budget.clock_hz / 1e6:g} MHz"
    if budget.verdict:
        lines.insert(0, f"{budget.verdict} on {played.board}")
    if budget.share and budget.gap_ms:
        memory = cost.ram_bytes + (cost.stack_bytes or 0)
        low, high = budget.share
        part = " to ".join(dict.fromkeys(f"{each:.1%}" for each in (low, high)))
        lines = [
            f"{budget.verdict} on {played.board}: {part} of the processor",
            f"longest gap between inputs {span(budget.gap_ms)} ms, one arrives every "
            f"{budget.period_ms:g} ms: room for {budget.waiting}",
            f"RAM of the whole pipeline {memory:,} B with its stack",
        ]
    return "\n".join([*lines, f"by {cost.time_basis}"])


def _agreement(played: Played) -> str:
    counts = {
        "inputs": len(played.answers.inputs),
        "scores": len(played.answers.scores),
        "decisions": len(played.answers.decisions),
    }
    names = KINDS if _is_audio(played.application) else {**KINDS, "inputs": "readings"}
    if not any(played.differences.values()):
        same = ", ".join(f"{count} {names[kind]}" for kind, count in counts.items())
        return f"the same in Python: {same}"
    wrong = [
        f"{count} of {counts[kind]} {names[kind]}"
        for kind, count in played.differences.items()
        if count
    ]
    return f"NOT the same in Python: {', '.join(wrong)}"


def _is_audio(application: Application) -> bool:
    return isinstance(application.settings, KeywordSettings)
