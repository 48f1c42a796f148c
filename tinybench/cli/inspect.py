"""`tinybench inspect`: what is in a .tflite file, and who runs it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from tinybench import tflite
from tinybench.cli import advice, options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.codegen.support import Support, support_of
from tinybench.runtimes import DEVICE_REFERENCE, REFERENCE_RUNTIME
from tinybench.runtimes.isolated import Attempt, attempt

TRIED = (REFERENCE_RUNTIME, DEVICE_REFERENCE)
SHOWN_REFUSALS = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Print tensors, quantization, operators, MACs, arena, which variant the file is, and "
        "advice. The file is read with bounds checks and run in a process of its own."
    )
    parser.epilog = examples("inspect firmware/model/model.tflite", "inspect model.tflite --json")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE.tflite",
        help="Any model, such as `tinybench export` writes",
    )
    options.add_json(parser)
    parser.set_defaults(run=lambda given: run(given.file, given.json))


def run(path: Path, as_json: bool) -> int:
    """Describe the file; ModelError if it is not a sound .tflite."""
    try:
        data = path.read_bytes()
        model = tflite.read(data)
        text = tflite.describe(model)
    except tflite.ModelError as error:
        raise error.about(path) from None
    attempts = [attempt(data, runtime) for runtime in TRIED]
    code = support_of(data)
    refusals = (found.reason for found in attempts if found.runtime == DEVICE_REFERENCE)
    advised = advice.of_file(model, next(refusals, ""))
    if as_json:
        value = tflite.to_dict(model) | {
            "runtimes": [asdict(found) for found in attempts],
            "codegen": asdict(code),
            "advice": advice.as_values(advised),
        }
        print(json.dumps(value, indent=1, allow_nan=False))
    else:
        print(text)
        print("Runtimes")
        print("\n".join(_line(found) for found in attempts))
        print("\n" + _support_text(code))
        if advised:
            print("\n" + advice.as_text(advised))
    return Exit.OK


def _support_text(found: Support) -> str:
    if found.supported:
        return (
            f"C code: yes, {found.operators:,} operators, "
            f"arena {found.arena_bytes:,} B (at least {found.lower_bound:,} B)"
        )
    lines = [f"- {' '.join(reason.split())}" for reason in found.refusals[:SHOWN_REFUSALS]]
    if (more := len(found.refusals) - SHOWN_REFUSALS) > 0:
        lines.append(f"- and {more:,} more, see --json")
    return "\n".join(["C code: no", *lines])


def _line(found: Attempt) -> str:
    text = found.reason or "runs"
    if found.arena:
        text += (
            f"; arena {found.arena['total']} B on this computer "
            f"(head {found.arena['head']} B, tail {found.arena['tail']} B)"
        )
    return f"{found.runtime}: {text}"
