"""`tinybench inspect`: what is in a .tflite file, and who runs it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tinybench import tflite
from tinybench.cli import advice, options, signatures
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.codegen.support import Support, support_of
from tinybench.runtimes import DEVICE_REFERENCE, REFERENCE_RUNTIME
from tinybench.runtimes.isolated import Attempt, attempt

TRIED = (REFERENCE_RUNTIME, DEVICE_REFERENCE)
MOST_SHOWN = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Print tensors, quantization, operators, MACs, arena, which variant the file is, and "
        "advice. The file is read with bounds checks and run in a process of its own; of a damaged "
        "one, what can be read is shown, with its problems."
    )
    parser.epilog = examples(
        "inspect firmware/model/model.tflite",
        "inspect model.tflite --json",
        status="1 the file has problems, which are shown; 2 nothing of it can be read",
    )
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE.tflite",
        help="Any model, such as `tinybench export` writes",
    )
    signatures.add(parser)
    options.add_json(parser)
    parser.set_defaults(run=lambda given: run(given.file, given.json, given.signature))


def run(path: Path, as_json: bool, signature: str | None = None) -> int:
    """Describe the file, 1 if it has problems; ModelError if nothing of it can be read."""
    data = path.read_bytes()
    try:
        if signature is not None:
            data = tflite.chosen(data, signature)
        model, unsound = tflite.examine(data)
    except tflite.ModelError as error:
        raise error.about(path) from None
    graphs = (model.at(graph.index) for graph in model.subgraphs)
    uncountable = (error for graph in graphs for error in tflite.counted(graph)[1])
    problems = [_one_line(error) for error in (*unsound, *uncountable)]
    if unsound:
        # The runtimes trust what they read, and so does all that follows.
        reason = f"not tried: {problems[0]}"
        attempts = [Attempt(runtime, reason, tried=False) for runtime in TRIED]
        code, advised = Support(supported=False, refusals=tuple(problems)), []
    else:
        attempts = [attempt(data, runtime) for runtime in TRIED]
        code, advised = support_of(data), advice.of_file(model, _refusal(attempts))
    if as_json:
        value = tflite.to_dict(model, problems) | {
            "runtimes": [asdict(found) for found in attempts],
            "codegen": asdict(code),
            "advice": advice.as_values(advised),
        }
        print(json.dumps(value, indent=1, allow_nan=False))
    else:
        print(tflite.describe(model, _cut(problems)))
        print("Runtimes")
        print("\n".join(_line(found) for found in attempts))
        print("\n" + _support_text(code, _refusal(attempts)))
        if advised:
            print("\n" + advice.as_text(advised))
    return Exit.FAILED if problems else Exit.OK


def _refusal(attempts: Sequence[Attempt]) -> str:
    """Why TFLM does not run the model; empty if it does, or was not tried."""
    asked = (found for found in attempts if found.runtime == DEVICE_REFERENCE and found.tried)
    return next((found.reason for found in asked), "")


def _support_text(found: Support, refusal: str) -> str:
    if not found.supported:
        return "\n".join(["C code: no", *(f"- {line}" for line in _cut(found.refusals))])
    sizes = (
        f"{found.operators:,} operators, "
        f"arena {found.arena_bytes:,} B (at least {found.lower_bound:,} B)"
        + (f", state {found.state_bytes:,} B" if found.state_bytes else "")
    )
    if refusal:
        return f"C code: unproven, {sizes}: TFLM refuses the model: {_one_line(refusal)}"
    return f"C code: yes, {sizes}"


def _cut(lines: Sequence[str]) -> list[str]:
    shown = [_one_line(line) for line in lines[:MOST_SHOWN]]
    if (more := len(lines) - MOST_SHOWN) > 0:
        shown.append(f"and {more:,} more, see --json")
    return shown


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _line(found: Attempt) -> str:
    text = _one_line(found.reason.removeprefix(f"{found.runtime}: ")) or "runs"
    if found.arena:
        text += (
            f"; arena {found.arena['total']} B on this computer "
            f"(head {found.arena['head']} B, tail {found.arena['tail']} B)"
        )
    return f"{found.runtime}: {text}"
