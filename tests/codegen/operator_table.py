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
from functools import cache
from importlib.metadata import version
from pathlib import Path
from random import Random
from typing import Any, NoReturn

import numpy as np
import pytest
from numpy.typing import NDArray

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
from .test_decode import CASES

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
BASES = 3
"""Models of other types that are tried with another one."""

SECONDS = 2
"""Of the processor's time, for one model on TFLM."""

RUNS, REFUSED = "runs", "–"
PLAIN = (RUNS, REFUSED, "")

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
    custom = name.startswith("CUSTOM:")
    types = sorted(_families()[name]) if custom or name in UNTYPED else TYPES
    cases = [(dtype, case) for dtype in types for case in candidates(name, dtype)]
    said = runtime_says([case for _, case in cases])
    tried = list(zip(cases, said, strict=True))
    return [
        "" if dtype == "int4" and name not in WITH_WEIGHTS else _cell(name, taken, dtype * custom)
        for dtype in types
        for taken in [[case for (kind, case), reason in tried if kind == dtype and not reason]]
    ]


def _cell(name: str, taken: Sequence[Case], dtype: str) -> str:
    """What happens in a type, by the models that TFLM runs: that they run, or why not."""
    if dtype:
        return f"{dtype} {_cell(name, taken, '')}"
    reasons = []
    for case in taken:
        reasons.append(generator_says(case))
        if not reasons[-1]:
            return RUNS
    return f"{name.removeprefix('CUSTOM:')}: {reasons[0]}" if reasons else REFUSED


def candidates(name: str, dtype: str) -> Iterator[Case]:
    """Models of families in a type, then those of others with their type changed."""
    known = _families()[name]
    yield from known.get(dtype, ())
    if dtype == "int4":
        if name in WITH_WEIGHTS:
            for case in _alone(name, known.get("int8", ())):
                model = tflite.read(case.data)
                if model.tensors[model.operators[0].inputs[1]].data is not None:
                    yield Case(with_int4_weights(case.data), case.summary, case.outputs)
        return
    for other, cases in known.items():
        if other == dtype:
            continue
        for case in _alone(name, cases)[:BASES]:
            for constants in (True, False):
                data = retyped(case.data, other, dtype, constants=constants)
                model = tflite.read(data)
                if dtype not in [_type(model, op) for op in model.operators if op.name == name]:
                    continue  # a constant is what it computes with
                yield Case(data, f"{other} as {dtype}: {case.summary}", case.outputs)


def _alone(name: str, cases: Sequence[Case]) -> list[Case]:
    """Those of one operator, this one; without any, those of one graph that has it."""
    read = [(case, tflite.read(case.data)) for case in cases]
    names = [
        (case, [operator.name for graph in model.subgraphs for operator in graph.operators])
        for case, model in read
        if len(model.subgraphs) == 1
    ]
    alone = [case for case, found in names if found == [name]]
    return alone or [case for case, found in names if name in found]


@cache
def _families() -> dict[str, dict[str, list[Case]]]:
    """Models of all families by the name of an operator in it and its type."""
    found: dict[str, dict[str, list[Case]]] = {}
    tables = [_drawn(family) for family in TABLES.values()]
    families = [models(family, PER_FAMILY, 0) for family in NAMES]
    decoded = [Case(data, name, 1) for name, data in CASES.items()]
    for cases in (*families, tables, decoded):
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
    if operator.name in ("READ_VARIABLE", "CUSTOM:TFLM_DECODE"):
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
        tensor.quantization = _quantization(
            tensor.quantization, new, scaled=new == "int32" and not constants
        )
    return packed(model)


def _values(values: Any, new: str) -> Any:
    if new in ("float32", "bool"):
        made = values.astype(new)
    else:
        info = np.iinfo(new)
        made = np.clip(np.round(values.astype(np.float64)), info.min, info.max).astype(new)
    return np.frombuffer(made.tobytes(), np.uint8)


def _quantization(found: Any, new: str, *, scaled: bool) -> Any:
    if new not in ("int8", "int16", "uint8") and not scaled:
        return None
    if found is None or found.scale is None:
        found = schema.QuantizationParametersT()
        found.scale, found.zeroPoint = np.array([0.05], np.float32), np.array([0], np.int64)
    found.zeroPoint = np.full(len(found.scale), 128 if new == "uint8" else 0, np.int64)
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


def runtime_says(cases: Sequence[Case]) -> list[str]:
    """Why TFLM does not run each model; empty if it does. In another process: it may crash."""
    registered()  # loads what each child would load again
    found: list[str] = []
    while len(found) < len(cases):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _serve(cases[len(found) :], writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as stream:
            *answers, _ = stream.read().decode().split("\0")
        os.waitpid(child, 0)
        found += answers
        if len(found) < len(cases):
            found.append("it crashes or hangs")
    return found


def _serve(cases: Sequence[Case], writing: int) -> NoReturn:
    """Answer for one model after the other, as far as it comes."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        for case in cases:
            signal.alarm(60)
            spent = resource.getrusage(resource.RUSAGE_SELF)
            limit = math.ceil(spent.ru_utime + spent.ru_stime) + SECONDS
            resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
            os.write(writing, _run(case).replace("\0", "").encode()[:4000] + b"\0")
    finally:
        os._exit(0)


def _run(case: Case) -> str:
    try:
        oracle = Oracle(case.data, case.outputs)
        for each in codes(tflite.read(case.data), 2, 0):
            oracle([_indexes(values) for values in each])
    except (RefusedError, TinybenchError, ValueError) as error:
        return str(error) or "it fails"
    return ""


def _indexes(values: NDArray[Any]) -> NDArray[Any]:
    """Integers of 32 bits and more may be indexes: 0 and 1."""
    wide = values.dtype.kind == "i" and values.dtype.itemsize >= 4
    return np.abs(values) % 2 if wide else values


def generator_says(case: Case) -> str:
    """Why no C code is generated for a model, without the operator's name; empty if it is."""
    try:
        generate(case.data)
    except TinybenchError as error:
        text = re.sub(r" is \w+, not ", " is not ", str(error))
        text = re.sub(r"^operator \d+ \([^)]*\): ", "", text)
        return re.sub(r"tensor \d+ \([^)]*\)", "a tensor", text)
    return ""


def page(rows: Mapping[str, Sequence[str]]) -> str:
    """The text of docs/reference/operators.md."""
    reasons = list(
        dict.fromkeys(
            c
            for name, cells in rows.items()
            for c in cells
            if c not in PLAIN and name not in CUSTOM
        )
    )
    lines = [INTRODUCTION.format(version=version("tflite-micro"), count=len(rows))]
    heading = ["operator", *TYPES[:-1], "int4 weights"]
    lines += [_line(heading), _line(["---"] * len(heading))]
    for name, cells in rows.items():
        if name not in UNTYPED and name not in CUSTOM:
            shown = [c if c in PLAIN else f"no ({reasons.index(c) + 1})" for c in cells]
            lines.append(_line([f"`{name}`", *shown]))
    lines += ["", "Custom operators, by the type of what they take:", ""]
    lines += [_line(["operator", "types"]), _line(["---"] * 2)]
    for name in CUSTOM:
        if name in rows:
            lines.append(_line([f"`{name}`", ", ".join(rows[name])]))
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
        if name in CUSTOM:
            found[f"CUSTOM:{name}"] = cells.split(", ")
            continue
        numbers = [re.fullmatch(r"no \((\d+)\)", c) for c in cells.split(" | ")]
        found[name] = [
            reasons[int(number[1]) - 1] if number else c
            for number, c in zip(numbers, cells.split(" | "), strict=True)
        ]
    for name, control in re.findall(rf"`({'|'.join(UNTYPED)})` (\w+|{REFUSED})", text):
        found[name] = [control]
    return found


if __name__ == "__main__":
    names = {name: name.removeprefix("CUSTOM:") for name in registered()}
    PAGE.write_text(page({shown: row(name) for name, shown in names.items()}), "utf-8")
