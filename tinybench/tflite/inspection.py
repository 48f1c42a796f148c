"""A model for people and for programs: plain-text tables, and the same as JSON-able values."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from tinybench.tflite.model import label
from tinybench.tflite.subgraphs import called, calls
from tinybench.tflite.verify import classify, nearest
from tinybench.tflite.work import counted, weight_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybench.tflite.model import Model, Operator, Quantization, Subgraph, Tensor


def describe(model: Model, problems: Sequence[str] = ()) -> str:
    """Return tables of totals, inputs and outputs, tensors and operators, and what variant it is.

    `problems` are shown with them: what is wrong with the file.
    """
    work, _ = counted(model)
    shown = ["Problems\n" + "\n".join(f"- {problem}" for problem in problems)] if problems else []
    sections = [
        _table(_totals(model, work).items(), ()),
        *shown,
        "Verdict\n" + _verdict(model),
        *_graph_sections(model),
    ]
    for graph in _others(model):
        sections += [_heading(model, graph), *_graph_sections(model.at(graph.index))]
    return "\n\n".join(sections) + "\n"


def _graph_sections(model: Model) -> list[str]:
    work, _ = counted(model)
    return [
        "Inputs and outputs\n" + _table(_io_rows(model), IO_HEADERS),
        "Tensors\n" + _table(map(_tensor_row, model.tensors), TENSOR_HEADERS),
        "Operators\n" + _table(map(_operator_row, model.operators, work), OPERATOR_HEADERS),
    ]


def _others(model: Model) -> list[Subgraph]:
    return [graph for graph in model.subgraphs if graph.index != model.subgraph]


def _heading(model: Model, graph: Subgraph) -> str:
    """Return whose body a subgraph is, or by what name a caller may choose it."""
    callers = [
        f"{'' if one.index == model.subgraph else f'subgraph {one.index}, '}{label(operator)}"
        for one in model.subgraphs
        for operator in one.operators
        if graph.index in calls(operator)
    ]
    keys = [repr(one.key) for one in model.signatures if one.subgraph == graph.index]
    used = [f"run by {caller}" for caller in callers] + [f"signature {key}" for key in keys]
    return f"Subgraph {graph.index}, {_line(graph.name)}: {'; '.join(used) or 'never called'}"


def to_dict(model: Model, problems: Sequence[str] = ()) -> dict[str, Any]:
    """Return what `describe` shows as values for JSON; constants by their size only."""
    name, found = nearest(model)
    work, _ = counted(model)
    return {
        "description": model.description,
        "schema_version": model.version,
        "problems": list(problems),
        "subgraphs": len(model.subgraphs),
        "class": classify(model),
        "nearest": {"variant": name, "problems": found},
        "file_bytes": model.size,
        "weight_bytes": weight_bytes(model),
        "macs": sum(filter(None, work)),
        "macs_not_counted": _uncounted(model, work),
        "operator_counts": dict(_counts(model)),
        "metadata": list(model.metadata),
        "signatures": [signature.key for signature in model.signatures],
        "inputs": list(model.inputs),
        "outputs": list(model.outputs),
        **_graph_dict(model),
        "other_subgraphs": [
            {
                "index": graph.index,
                "name": graph.name,
                "called": graph.index in called(model, once=True),
                "inputs": list(graph.inputs),
                "outputs": list(graph.outputs),
                **_graph_dict(model.at(graph.index)),
            }
            for graph in _others(model)
        ],
    }


def _graph_dict(model: Model) -> dict[str, Any]:
    work, _ = counted(model)
    return {
        "tensors": [_tensor_dict(tensor) for tensor in model.tensors],
        "operators": [
            {
                "index": item.index,
                "name": item.name,
                "version": item.version,
                "inputs": list(item.inputs),
                "outputs": list(item.outputs),
                "options": None if item.options is None else _jsonable(item.options),
                "macs": macs,
            }
            for item, macs in zip(model.operators, work, strict=True)
        ],
    }


TENSOR_HEADERS = ("#", "name", "type", "shape", "constant B", "scale", "zero point", "axis")
OPERATOR_HEADERS = ("#", "operator", "inputs", "outputs", "MACs")
IO_HEADERS = ("", *TENSOR_HEADERS[:4], *TENSOR_HEADERS[5:7])


def _table(rows: Any, headers: tuple[str, ...]) -> str:
    from tabulate import tabulate

    return tabulate(list(rows), headers, tablefmt="simple", disable_numparse=True)


def _totals(model: Model, work: Sequence[int | None]) -> dict[str, str]:
    counts = ", ".join(f"{count} {_line(name)}" for name, count in _counts(model)) or "none"
    missing = ", ".join(map(_line, _uncounted(model, work)))
    return {
        "File": f"{model.size} B, {_line(model.description) or 'no description'}",
        "Weights": f"{weight_bytes(model)} B",
        "Work": f"{sum(filter(None, work))} MACs per inference"
        + (missing and f"; not counted: {missing}"),
        "Operators": f"{len(model.operators)}: {counts}",
        "Subgraphs": str(len(model.subgraphs)),
    }


def _uncounted(model: Model, work: Sequence[int | None]) -> list[str]:
    """Return the names of the operators whose work is not known, each once."""
    pairs = zip(model.operators, work, strict=True)
    return list(dict.fromkeys(operator.name for operator, macs in pairs if macs is None))


def _counts(model: Model) -> list[tuple[str, int]]:
    """Return operator names and how often each occurs, the most frequent first."""
    return Counter(operator.name for operator in model.operators).most_common()


def _verdict(model: Model) -> str:
    name, found = nearest(model)
    if not found:
        return classify(model)
    return "\n".join([f"mixed, nearest to {name}:", *(f"- {problem}" for problem in found)])


def _io_rows(model: Model) -> list[tuple[str, ...]]:
    return [
        (kind, *(row := _tensor_row(model.tensors[index]))[:4], *row[5:7])
        for kind, indexes in (("input", model.inputs), ("output", model.outputs))
        for index in indexes
    ]


def _tensor_row(tensor: Tensor) -> tuple[str, ...]:
    marks = (" sparse" if tensor.sparse else "") + (" variable" if tensor.is_variable else "")
    return (
        str(tensor.index),
        _line(tensor.name),
        tensor.dtype + marks,
        _shape(tensor),
        "" if tensor.data is None else str(len(tensor.data)),
        *_quantization_cells(tensor.quantization),
    )


def _quantization_cells(quantization: Quantization | None) -> tuple[str, str, str]:
    if quantization is None:
        return "", "", ""
    several = len(quantization.scales) > 1
    scale = _span(quantization.scales, "{:.6g}")
    return (
        quantization.details or (f"{scale} ({len(quantization.scales)})" if several else scale),
        _span(quantization.zero_points, "{}"),
        str(quantization.axis) if several else "",
    )


def _span(values: tuple[Any, ...], form: str) -> str:
    ends = (min(values), max(values)) if values else ()
    return " … ".join(dict.fromkeys(form.format(value) for value in ends))


def _shape(tensor: Tensor) -> str:
    """Return `1x8x8`; a dimension of any size as `?`."""
    if -1 in tensor.shape_signature:
        return "x".join("?" if n == -1 else str(n) for n in tensor.shape_signature)
    return "x".join(map(str, tensor.shape)) or "scalar"


def _operator_row(operator: Operator, macs: int | None) -> tuple[str, ...]:
    return (
        str(operator.index),
        _line(operator.name),
        " ".join("-" if index == -1 else str(index) for index in operator.inputs),
        " ".join(map(str, operator.outputs)),
        "not counted" if macs is None else str(macs or ""),
    )


def _tensor_dict(tensor: Tensor) -> dict[str, Any]:
    quantization = tensor.quantization
    return {
        "index": tensor.index,
        "name": tensor.name,
        "dtype": tensor.dtype,
        "shape": list(tensor.shape),
        "shape_signature": list(tensor.shape_signature),
        "constant_bytes": None if tensor.data is None else len(tensor.data),
        "is_variable": tensor.is_variable,
        "sparse": tensor.sparse,
        "quantization": quantization
        and {
            # What JSON has no number for, as text.
            "scales": [s if math.isfinite(s) else str(s) for s in quantization.scales],
            "zero_points": list(quantization.zero_points),
            "axis": quantization.axis,
            "details": quantization.details,
        },
    }


def _jsonable(options: Any) -> dict[str, Any]:
    return {key: list(v) if isinstance(v, tuple) else v for key, v in options.items()}


def _line(name: str) -> str:
    """Return a name that keeps a table's row on one line."""
    shown = name if len(name) <= 60 else f"{name[:57]}..."
    return shown if shown.isprintable() else repr(shown)
