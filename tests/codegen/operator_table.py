"""Which operators run in which types: here and on TensorFlow Lite Micro, by trying small models.

An operator's models are those of the tests' families, and the same with another type in place of
the type that they compute with.

    python -m tests.codegen.operator_table

writes docs/reference/operators.md again.
"""

from __future__ import annotations

import math
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from tinybench import tflite
from tinybench.codegen import generate
from tinybench.errors import TinybenchError
from tinybench.tflite.options import TENSOR_TYPES

from .batch import NAMES, models
from .builder import Op, Tensor, build
from .draft import Case, Draft
from .edits import packed, parsed, schema
from .float_families import TABLES
from .oracle import Oracle, RefusedError, codes

resource = pytest.importorskip(  # noqa: TID251  # nothing to install
    "resource", reason="models are tried in processes that are forked"
)

TYPES = ("float32", "int8", "int16", "uint8", "int32", "int64", "bool", "int4")
"""Types of what is computed with; int4 are the weights of a layer of int8."""

CUSTOM = (
    "CIRCULAR_BUFFER",
    "SignalDelay",
    "SignalEnergy",
    "SignalFftAutoScale",
    "SignalFilterBank",
    "SignalFilterBankLog",
    "SignalFilterBankSpectralSubtraction",
    "SignalFilterBankSquareRoot",
    "SignalFramer",
    "SignalIrfft",
    "SignalOverlapAdd",
    "SignalPCAN",
    "SignalRfft",
    "SignalStacker",
    "SignalWindow",
    "TFLM_DECODE",
    "TFLite_Detection_PostProcess",
    "XC_conv2d_v2",
    "ethos-u",
)
"""Custom operators that a build of TensorFlow Lite Micro may know."""

DATA = {
    "ASSIGN_VARIABLE": 1,
    "EMBEDDING_LOOKUP": 1,
    "SELECT_V2": 1,
    "SPLIT": 1,
    "TRANSPOSE_CONV": 2,
    "FILL": 1,
}
"""Which input an operator computes with, where it is not the first."""

UNTYPED = ("CALL_ONCE", "IF", "VAR_HANDLE", "WHILE")
"""Operators of control: what they do has no type."""

WITH_WEIGHTS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")

PER_FAMILY = 2
BASES = 4
"""Models of other types that are tried with another one."""

SECONDS = 1
"""Of the processor's time, for one model on TFLM."""

RUNS, REFUSED = "runs", "–"
PLAIN = (RUNS, REFUSED)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "operators.md"
INTRODUCTION = """\
# Operators

The {count} operators that the Python package of TensorFlow Lite Micro {version} registers, by the
type that they compute with: what it refuses is refused here, and where both run, integers give the
same bytes.

- **runs**: models of the type run on TensorFlow Lite Micro, and as C code. Other options or shapes
  may be refused by either; `tinybench inspect` says of a file what would be.
- **–**: TensorFlow Lite Micro refuses the type, or crashes.
- **no**: TensorFlow Lite Micro runs it, and no C code is generated; the reason has the number.

The table is made by trying small models of every type, and a test holds it.
"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A model of an operator: what TFLM says, and what the generator does; empty if it runs."""

    case: Case
    runtime: str
    generator: str


@cache
def registered() -> tuple[str, ...]:
    """The operators that the installed TensorFlow Lite Micro knows, custom ones last.

    An operator that it does not know stands behind the one in question: it is named in the error
    unless that is unknown, too, and nothing of the first is run.
    """
    builtin = [name for name in vars(schema.BuiltinOperator) if name.isupper()]
    names = [name for name in builtin if name not in ("CUSTOM", "DELEGATE", "LSTM")]
    return tuple(
        name for name in sorted(names) + [f"CUSTOM:{name}" for name in CUSTOM] if _knows(name)
    )


def _knows(name: str) -> bool:
    x, y, z = (Tensor((1, 4), "int8", 0.5) for _ in range(3))
    ops = [Op(name, [x], [y], bare=name != "VAR_HANDLE"), Op("LSTM", [y], [z], bare=True)]
    try:
        Oracle(build([x], ops, [z]), 1)
    except RefusedError as error:
        return "'LSTM'" in str(error)
    raise AssertionError("TensorFlow Lite Micro knows LSTM")


def row(name: str) -> list[str]:
    """The cells of an operator: of each of `TYPES`, or one if it is of control."""
    return [cell(name, dtype) for dtype in (TYPES if name not in UNTYPED else ("",))]


def cell(name: str, dtype: str) -> str:
    """What happens to an operator in a type: that it runs, or who refuses it and why."""
    tried = list(attempts(name, dtype))
    taken = [each for each in tried if not each.runtime]
    if any(not each.generator for each in taken):
        return RUNS
    return taken[0].generator if taken else REFUSED


def attempts(name: str, dtype: str) -> Iterator[Tried]:
    """All models of an operator in a type, tried."""
    for case in candidates(name, dtype):
        yield Tried(case, runtime_says(case), generator_says(case))


def candidates(name: str, dtype: str) -> Iterator[Case]:
    """Models of families in a type, then those of others with their type changed."""
    known = _families()[name]
    yield from known.get(dtype, ())
    if dtype == "int4":
        if name in WITH_WEIGHTS:
            for case in _alone(name, known.get("int8", ())):
                operator = tflite.read(case.data).operators[0]
                if tflite.read(case.data).tensors[operator.inputs[1]].data is None:
                    continue
                yield Case(with_int4_weights(case.data), case.summary, case.outputs)
        return
    for other, cases in known.items():
        if other == dtype:
            continue
        for case in _alone(name, cases)[:BASES]:
            for constants in (True, False):
                data = retyped(case.data, other, dtype, constants=constants)
                yield Case(data, f"{other} as {dtype}: {case.summary}", case.outputs)


def _alone(name: str, cases: Sequence[Case]) -> list[Case]:
    """Those of one operator, this one."""
    read = [(case, tflite.read(case.data)) for case in cases]
    return [
        case
        for case, model in read
        if [operator.name for graph in model.subgraphs for operator in graph.operators] == [name]
    ]


@cache
def _families() -> dict[str, dict[str, list[Case]]]:
    """Models of all families by the name of an operator in it and its type."""
    found: dict[str, dict[str, list[Case]]] = {}
    tables = [_drawn(family) for family in TABLES.values()]
    families = [models(family, PER_FAMILY, 0) for family in NAMES]
    for cases in (*families, tables):
        for case in cases:
            model = tflite.read(case.data)
            for graph in model.subgraphs:
                for operator in graph.operators:
                    dtype = _type(graph, operator)
                    cases = found.setdefault(operator.name, {}).setdefault(dtype, [])
                    if case not in cases:
                        cases.append(case)
    for by_type in found.values():
        for cases in by_type.values():
            cases.sort(key=lambda case: len(tflite.read(case.data).operators))
            del cases[4 * PER_FAMILY :]
    return found


def _drawn(family: Callable[[Draft], Tensor]) -> Case:
    draft = Draft(Random(0))
    return draft.case(family(draft))


def _type(graph: Any, operator: Any) -> str:
    if operator.name in UNTYPED:
        return ""
    if operator.name == "READ_VARIABLE":
        return str(graph.tensors[operator.outputs[0]].dtype)
    return str(graph.tensors[operator.inputs[DATA.get(operator.name, 0)]].dtype)


def retyped(data: bytes, old: str, new: str, *, constants: bool) -> bytes:
    """The file with every tensor of a type in another one, constants only if they are asked for."""
    numbers = {name: number for number, name in TENSOR_TYPES.items()}
    model = parsed(data)
    for tensor in model.subgraphs[0].tensors:
        content = model.buffers[tensor.buffer].data
        filled = content is not None and len(content) > 0
        if tensor.type != numbers[old] or (filled and not constants):
            continue
        tensor.type = numbers[new]
        if filled:
            values = np.frombuffer(bytes(content), np.dtype(old))
            model.buffers[tensor.buffer].data = _values(values, new)
        tensor.quantization = _quantization(tensor.quantization, old, new)
    return packed(model)


def _values(values: Any, new: str) -> Any:
    if new in ("float32", "bool"):
        made = values.astype(new)
    else:
        info = np.iinfo(new)
        made = np.clip(np.round(values.astype(np.float64)), info.min, info.max).astype(new)
    return np.frombuffer(made.tobytes(), np.uint8)


def _quantization(found: Any, old: str, new: str) -> Any:
    if new not in ("int8", "int16", "uint8"):
        return None
    if found is None or found.scale is None:
        found = schema.QuantizationParametersT()
        found.scale, found.zeroPoint = np.array([0.05], np.float32), np.array([0], np.int64)
    zero = {"int16": 0, "uint8": 128}.get(new, 0)
    if old not in ("int8", "uint8", "int16") or new in ("int16", "uint8"):
        found.zeroPoint = np.full(len(found.scale), zero, np.int64)
    return found


def with_int4_weights(data: bytes) -> bytes:
    """A layer of int8 with its weights cut to 4 bits, two to a byte."""
    model = parsed(data)
    graph = model.subgraphs[0]
    tensor = graph.tensors[graph.operators[0].inputs[1]]
    tensor.type = schema.TensorType.INT4
    values = np.frombuffer(bytes(model.buffers[tensor.buffer].data), np.int8)
    nibbles = np.clip(np.append(values, [0] * (values.size % 2)), -7, 7).astype(np.uint8) & 15
    model.buffers[tensor.buffer].data = nibbles[::2] | nibbles[1::2] << 4
    return packed(model)


def used() -> int:
    """Whole seconds of the processor's time that this process has had."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(spent.ru_utime + spent.ru_stime)


def runtime_says(case: Case) -> str:
    """Why TFLM does not run a model; empty if it does. In a process of its own: it may crash."""
    registered()  # loads what each child would load again
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(20 * SECONDS)
            resource.setrlimit(resource.RLIMIT_CPU, (used() + SECONDS,) * 2)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.write(writing, _run(case).encode()[:4000])
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read().decode()
    os.waitpid(child, 0)
    return "" if said == RUNS else said or "it crashes or hangs"


def _run(case: Case) -> str:
    try:
        oracle = Oracle(case.data, case.outputs)
        for each in codes(tflite.read(case.data), 2, 0):
            oracle(
                [
                    np.abs(v) % 2 if v.dtype.itemsize >= 4 and v.dtype.kind == "i" else v
                    for v in each
                ]
            )
    except (RefusedError, TinybenchError, ValueError) as error:
        return f"{error}"
    return RUNS


def generator_says(case: Case) -> str:
    """Why no C code is generated for a model, without the operator's name; empty if it is."""
    try:
        generate(case.data)
    except TinybenchError as error:
        return re.sub(r"^operator \d+ \([^)]*\): |tensor \d+ \([^)]*\) ?", "", str(error))
    return ""


def page(rows: Mapping[str, Sequence[str]]) -> str:
    """The text of docs/reference/operators.md."""
    reasons = list(dict.fromkeys(c for cells in rows.values() for c in cells if c not in PLAIN))
    lines = [INTRODUCTION.format(version=version("tflite-micro"), count=len(rows))]
    heading = ["operator", *TYPES[:-1], "int4 weights"]
    lines += [_line(heading), _line(["---"] * len(heading))]
    for name, cells in rows.items():
        if name not in UNTYPED:
            shown = [c if c in PLAIN else f"no ({reasons.index(c) + 1})" for c in cells]
            lines.append(_line([f"`{name.removeprefix('CUSTOM:')}`", *shown]))
    control = [f"`{name}` {cells[0]}" for name, cells in rows.items() if name in UNTYPED]
    lines += ["", f"Operators of control have no type of their own: {', '.join(control)}."]
    if reasons:
        lines += ["", "## Why not here", ""]
        lines += [f"{number}. {text}" for number, text in enumerate(reasons, 1)]
    return "\n".join([*lines, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def shown_rows(text: str) -> dict[str, list[str]]:
    """The rows of the page as `row` gives them, by the operator's name in the file."""
    reasons = re.findall(r"^\d+\. (.+)$", text, re.M)
    found = {}
    for name, cells in re.findall(r"^\| `(\w[\w-]*)` \| (.*) \|$", text, re.M):
        key = f"CUSTOM:{name}" if name in CUSTOM else name
        numbers = [re.fullmatch(r"no \((\d+)\)", c) for c in cells.split(" | ")]
        found[key] = [
            reasons[int(number[1]) - 1] if number else c
            for number, c in zip(numbers, cells.split(" | "), strict=True)
        ]
    for name, control in re.findall(rf"`({'|'.join(UNTYPED)})` (\w+|{REFUSED})", text):
        found[name] = [control]
    return found


if __name__ == "__main__":
    PAGE.write_text(page({name: row(name) for name in registered()}), "utf-8")
