"""How `tinybench run` shows what it found: a table for people, one object for programs."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tabulate import tabulate

from tinybench.boards import TimedBoard
from tinybench.cli import advice
from tinybench.storage import hashing
from tinybench.tflite.state import is_sequence

if TYPE_CHECKING:
    from tinybench.machines import Comparison, Cost, Difference, Execution, Machine
    from tinybench.results.record import Note
    from tinybench.tflite import Model, Tensor


@dataclass(frozen=True, slots=True)
class Answer:
    """A run, where its samples came from (a file, or a seed), and perhaps a comparison."""

    file: Path
    data: bytes
    model: Model
    machine: Machine
    samples: int
    inputs: Path | None
    seed: int | None
    ran: Execution
    compared: Comparison | None
    advised: list[Note]


def to_dict(answer: Answer) -> dict[str, Any]:
    """Values for JSON: costs in bytes and counts, None where the machine does not tell."""
    made, kind = answer.ran.toolchain, answer.machine.kind
    value = asdict(answer.ran.cost) | {
        "model": hashing.of_bytes(answer.data),
        "file_bytes": len(answer.data),
        "board": answer.machine.name if kind == "board" else None,
        "runtime": answer.machine.name if kind == "runtime" else None,
        "compiler": f"{made.compiler} {made.version}" if made else None,
        "flags": list(made.flags) if made else None,
        "time_basis": _basis(answer),
        "samples": answer.samples,
        "seed": answer.seed,
        "advice": advice.as_values(answer.advised),
    }
    if answer.compared:
        value["against"] = _compared_dict(answer.compared)
    return value


def describe(answer: Answer) -> str:
    """A table of costs, the profile of a board, what the comparison found, and advice."""
    sections = [_summary(answer)]
    if answer.ran.cost.profile:
        sections.append(_profile_text(answer.ran.cost))
    if answer.compared:
        sections.append(_compared_text(answer.compared, answer.machine))
    if answer.advised:
        sections.append(advice.as_text(answer.advised))
    return "\n\n".join(sections)


def _summary(answer: Answer) -> str:
    cost, made, model = answer.ran.cost, answer.ran.toolchain, answer.model
    arena = _number(cost.arena_bytes, "B")
    outputs = zip(model.outputs, answer.ran.outputs, strict=True)
    rows = [
        ("Model", f"{answer.file}, SHA-256 {hashing.of_bytes(answer.data)[:16]}"),
        (answer.machine.kind.capitalize(), f"{answer.machine.name}: {answer.machine.summary}"),
        ("Compiler", made and f"{made.compiler} {made.version}"),
        ("Inputs", _inputs_text(answer)),
        *(("Output", _output_text(model.tensors[i], values)) for i, values in outputs),
        ("Instructions", _number(cost.instructions, "for the first sample")),
        ("Cycles", _number(cost.cycles, f"for the same; {_basis(answer)}")),
        ("Time", cost.milliseconds and f"{span(cost.milliseconds)} ms"),
        ("Reads", _number(cost.reads, "data accesses")),
        ("Writes", _number(cost.writes, "data accesses")),
        (
            "Flash",
            cost.flash_bytes is not None
            and f"{cost.flash_bytes:,} B: code {cost.code_bytes:,} B, "
            f"weights {cost.weight_bytes:,} B",
        ),
        (
            "RAM",
            cost.ram_bytes is not None
            and f"{cost.ram_bytes:,} B without the stack: arena {arena}"
            + (f", state {cost.state_bytes:,} B" if cost.state_bytes else ""),
        ),
        ("Arena", cost.ram_bytes is None and arena),
        ("Stack", _number(cost.stack_bytes, "B")),
    ]
    return tabulate([row for row in rows if row[1]], tablefmt="plain", disable_numparse=True)


def _inputs_text(answer: Answer) -> str:
    count = f"{answer.samples:,} sample{'' if answer.samples == 1 else 's'}"
    if is_sequence(answer.model):
        count = f"{count}, steps of one sequence from reset"
    if answer.inputs:
        return f"{count} from {answer.inputs}"
    return f"{count}, random (codes over their whole range, floats normal), seed {answer.seed}"


def _output_text(tensor: Tensor, values: Any) -> str:
    shape = "x".join(map(str, values.shape))
    span = ""
    if values.size and values.dtype.kind != "c":
        span = f", {_shown(values.min(), tensor)} to {_shown(values.max(), tensor)}"
    return f"{_line(tensor.name)}: {values.dtype} {shape}{span}"


def _shown(value: Any, tensor: Tensor) -> str:
    """A value with the digits that its type has, not those of a double."""
    return str(np.dtype(tensor.dtype).type(value))


def _basis(answer: Answer) -> str | None:
    """What cycles and milliseconds stand on; None where there are none."""
    board = getattr(answer.machine, "board", None)
    counted = answer.ran.cost.cycles is not None
    return board.time_basis if counted and isinstance(board, TimedBoard) else None


def span(milliseconds: tuple[float, float]) -> str:
    """`1.2 to 1.5`, or one number where both are the same to four digits."""
    return " to ".join(dict.fromkeys(f"{each:.4g}" for each in milliseconds))


def _number(value: int | None, unit: str = "") -> str:
    return "" if value is None else f"{value:,} {unit}".rstrip()


def _profile_text(cost: Cost) -> str:
    headers = ("#", "operator", "computes", "instructions", "share", "cycles", "ms")
    rows = [
        (
            str(each.index),
            _line(each.operator),
            _line(each.name),
            f"{each.instructions:,}",
            f"{each.instructions / cost.instructions:.1%}" if cost.instructions else "",
            _number(each.cycles),
            span(each.milliseconds) if each.milliseconds else "",
            _number(each.reads),
            _number(each.writes),
        )
        for each in cost.profile or ()
    ]
    table = zip((*headers, "reads", "writes"), zip(*rows, strict=True), strict=True)
    shown = {title: column for title, column in table if any(column) or title not in TIMES}
    aligned = ("right", "left", "left", *["right"] * (len(shown) - 3))
    return tabulate(shown, "keys", disable_numparse=True, colalign=aligned)


TIMES = ("cycles", "ms")
"""Columns that are left out where a board does not tell them."""


def _compared_text(found: Comparison, machine: Machine) -> str:
    names = f"{machine.name} and {found.machine.name}"
    lines = [f"Outputs of {names}"]
    for each in found.outputs:
        lines.append(f"  {_line(each.tensor.name)}: {_difference_text(each)}")
    if found.first and found.first.at:
        what = "step" if found.sequence else "sample"
        lines.append(f"First at {what} {found.first.at[0]}, in {_line(found.first.tensor.name)}")
    lines.append(_verdict_text(found))
    if found.search is None:
        return "\n".join(lines)
    lines += [f"  {note}" for note in found.search.notes]
    operator, difference = found.search.operator, found.search.difference
    if operator is None or difference is None or difference.at is None or not difference.values:
        lines.append("No single operator differs when the model ends behind it")
        return "\n".join(lines)
    sample, *rest = difference.at
    shown = [_shown(value, difference.tensor) for value in difference.values]
    lines += [
        f"First operator that differs: {operator.index} ({_line(operator.name)})",
        f"  computes tensor {difference.tensor.index} ({_line(difference.tensor.name)}): "
        f"{_difference_text(difference)}",
        f"  first at {'step' if found.sequence else 'sample'} {sample}, index {rest}: "
        f"{machine.name} {shown[0]}, {found.machine.name} {shown[1]}",
    ]
    return "\n".join(lines)


def _difference_text(found: Difference) -> str:
    if not found.differing:
        return f"equal, all {found.elements:,} elements"
    apart = "" if found.ulps is None else f", {found.ulps:,} ulp"
    return (
        f"{found.differing:,} of {found.elements:,} elements differ, "
        f"by up to {found.largest:g}{apart}"
    )


def _verdict_text(found: Comparison) -> str:
    """The sentence that decides the exit status."""
    if found.equal:
        return "Equal: the same values"
    if not found.passed:
        more = "" if found.ulps is None else f" by more than {found.bound} ulp (--ulp)"
        return f"Different{more}"
    reached = found.reached.operator if found.reached else None
    by = f", set by operator {reached.index} ({_line(reached.name)})" if reached else ""
    return f"Equal within {found.ulps} ulp{by}; {found.bound} are allowed (--ulp)"


def _compared_dict(found: Comparison) -> dict[str, Any]:
    first, notes = None, []
    reached = found.reached.operator if found.reached else None
    if found.search:
        notes = list(found.search.notes)
        if found.search.operator and found.search.difference:
            operator = found.search.operator
            first = {"index": operator.index, "operator": operator.name} | _difference_dict(
                found.search.difference
            )
    return {
        "on": found.machine.name,
        "equal": found.equal,
        "passed": found.passed,
        "ulps": found.ulps,
        "ulps_allowed": found.bound,
        "ulps_set_by": None
        if reached is None
        else {"index": reached.index, "operator": reached.name},
        "sequence": found.sequence,
        "first_output": None
        if found.first is None or not found.first.at
        else {
            "sample": found.first.at[0],
            "tensor": found.first.tensor.index,
            "name": found.first.tensor.name,
        },
        "outputs": [_difference_dict(each) for each in found.outputs],
        "first_difference": first,
        "notes": notes,
    }


def _difference_dict(found: Difference) -> dict[str, Any]:
    return {
        "tensor": found.tensor.index,
        "name": found.tensor.name,
        "elements": found.elements,
        "differing": found.differing,
        "max_abs_difference": _finite(found.largest),
        "ulps": found.ulps,
        "at": None if found.at is None else list(found.at),
        "values": None if found.values is None else [_finite(v) for v in found.values],
    }


def _finite(value: Any) -> Any:
    """A number as JSON can hold it: what is not finite, or complex, as text."""
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        return str(value)
    return value


def _line(name: str) -> str:
    """A name that keeps a row on one line."""
    shown = name if len(name) <= 40 else f"{name[:37]}..."
    return shown if shown.isprintable() else repr(shown)
