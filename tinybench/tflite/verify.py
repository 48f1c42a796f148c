"""Is a file what its variant's name says? Published "float32" files turned out to be quantized.

Each name has a rule about the tensors that the graph uses: types, quantization parameters, and
how floats enter and leave. What the TFLite converter emits for dense, convolutional and QAT
networks fits them. The integer rules follow the LiteRT 8-bit quantization specification
(https://ai.google.dev/edge/litert/models/quantization_spec): weights are int8 in [-127, 127] with
zero point 0, the code -128 being left out; activations are int8 with one scale and any zero
point. An operator that the converter has no integer form of, and left between DEQUANTIZE and
QUANTIZE, is no fault of the file: it is partly float (see `left_in_floats`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tinybench.errors import TinybenchError
from tinybench.registry import Registry
from tinybench.tflite.left import floats_left, left_in_floats
from tinybench.tflite.model import Model, Operator, Quantization, Tensor, label
from tinybench.tflite.subgraphs import whole
from tinybench.tflite.weighted import WEIGHTED

INDEXES = ("bool", "int32", "int64", "resource")
"""Shapes, axes, positions, conditions, and what names a variable: never quantized."""

CAST = ("uint8", "int8", "int16")  # what pictures and sounds are, besides these
CONVOLUTIONS = ("CONV_2D", "DEPTHWISE_CONV_2D")
DENSE = ("FULLY_CONNECTED",)


@dataclass(frozen=True, slots=True)
class IntegerRule:
    """What a fully quantized variant consists of.

    `code` is the type of activations; `per_channel` and `per_tensor` are the operators whose
    weights must have a scale for each output channel, or one scale; `narrow` demands weights in
    [-127, 127]; with another type at the `border` the graph starts with QUANTIZE, and ends with
    DEQUANTIZE where that is float32, otherwise with QUANTIZE.
    """

    code: str = "int8"
    biases: tuple[str, ...] = ("int32",)
    symmetric: bool = False
    per_channel: tuple[str, ...] = CONVOLUTIONS + DENSE
    per_tensor: tuple[str, ...] = ()
    narrow: bool = True
    border: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the file of a variant must be.

    `check` gives why a file is not that, one line each; nothing for one that is. A variant whose
    files none of the built-in rules is about gets its own, in a `conftest.py`::

        def only_int8(model):
            for tensor in model.tensors:
                if tensor.dtype == "float32":
                    yield f"tensor {tensor.name}: float32"

        RULES.add(Rule("int8-mine", only_int8))
    """

    name: str
    check: Callable[[Model], Iterable[str]]


class UnknownRuleError(TinybenchError, LookupError):
    """A variant that nothing says how to verify; the message says what to do."""

    page = "no-rule"


def problems(model: Model, variant: str) -> list[str]:
    """Return why a file is not the variant of this name, one line each; empty when it is.

    Raise `UnknownRuleError` for a name without a rule.
    """
    if variant not in RULES:
        known = ", ".join(rule.name for rule in RULES)
        raise UnknownRuleError(
            f"no rule says what a file of variant {variant!r} must be: give it the rule of "
            f'one of {known} (Variant(..., rule="int8")), or add one: '
            f"RULES.add(Rule({variant!r}, check)), see tinybench.Rule"
        )
    # With the bodies of conditions and loops, but not what other signatures run.
    model = whole(model)
    found = list(RULES.get(variant).check(model))
    sparse = (tensor for tensor in _Graph(model).used if tensor.sparse)
    return found + [f"{label(tensor)}: sparse, expected dense" for tensor in sparse]


def classify(model: Model) -> str:
    """Return the variant that a file is by its content, or `mixed: …`, the nearest and why not.

    Operators that were left in floats are named: `int8, partly float: ELU`.
    QAT leaves no certain trace: such a file is `int8`, or `int8-per-tensor` with tfmot's dense
    layers.
    """
    name, found = nearest(model)
    if not found:
        left = ", ".join(dict.fromkeys(one.name for one in left_in_floats(model)))
        return f"{name}, partly float: {left}" if left else name
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"mixed: nearest to {name}, but {found[0]}{more}"


def nearest(model: Model) -> tuple[str, list[str]]:
    """Return the variant with the fewest problems, and these; the first in the table when tied."""
    found = {rule.name: problems(model, rule.name) for rule in RULES if rule.name != "qat-int8"}
    return min(found.items(), key=lambda item: len(item[1]))


def changed_nothing(model: Model, float32_model: Model) -> bool:
    """Tell whether two files are the same network: tensors, constants, operators and their order.

    Names, metadata, signatures and the numbering of tensors do not count. Dynamic-range
    quantization leaves tensors under 1024 elements alone, so that of a small network is its
    float32 file.
    """
    return _canonical(model) == _canonical(float32_model)


def _canonical(model: Model) -> tuple[Any, ...]:
    """Return a model with tensors numbered by first use."""
    model = whole(model)
    numbers: dict[int, int] = {-1: -1}

    def renumber(indexes: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(numbers.setdefault(index, len(numbers) - 1) for index in indexes)

    inputs = renumber(model.inputs)
    operators = [
        (o.name, o.version, renumber(o.inputs), renumber(o.outputs), o.options)
        for o in model.operators
    ]
    outputs = renumber(model.outputs)
    tensors = [
        (t.dtype, t.shape, t.shape_signature, t.quantization, t.data, t.is_variable, t.sparse)
        for t in (model.tensors[index] for index in numbers if index != -1)
    ]
    return inputs, operators, outputs, tensors


class _Graph:
    """Who reads and writes the tensors that are used at all."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.readers: dict[int, list[tuple[Operator, int]]] = {}
        self.writer: dict[int, Operator] = {}
        for operator in model.operators:
            for position, index in enumerate(operator.inputs):
                if index != -1:
                    self.readers.setdefault(index, []).append((operator, position))
            self.writer.update(dict.fromkeys(operator.outputs, operator))
        indexes = {*self.readers, *self.writer, *model.inputs, *model.outputs}
        self.used = [model.tensors[index] for index in sorted(indexes)]
        self.inputs = [model.tensors[index] for index in dict.fromkeys(model.inputs)]
        self.outputs = [model.tensors[index] for index in dict.fromkeys(model.outputs)]
        self.computed = [tensor for tensor in self.used if not self.is_cast(tensor)]
        """What is left without the inputs that are cast."""

    def read_by(self, tensor: Tensor) -> list[Operator]:
        """Return the operators that read a tensor."""
        return [operator for operator, _ in self.readers.get(tensor.index, [])]

    def io_problems(self, dtype: str) -> Iterator[str]:
        """Yield the inputs and outputs that have another type, or that there are none.

        Ids and conditions, and integers that the model itself casts, are of no variant.
        """
        for kind, tensors in (("input", self.inputs), ("output", self.outputs)):
            if not tensors:
                yield f"no {kind}"
            for tensor in tensors:
                if tensor.dtype not in (dtype, *INDEXES) and not self.is_cast(tensor):
                    yield f"{kind} {label(tensor)}: {tensor.dtype}, expected {dtype}"

    def is_cast(self, tensor: Tensor) -> bool:
        """Tell whether an input is an integer that is only cast, such as a picture of uint8."""
        return (
            tensor in self.inputs
            and tensor.dtype in CAST
            and tensor.quantization is None
            and {operator.name for operator in self.read_by(tensor)} == {"CAST"}
        )

    def is_looked_up(self, tensor: Tensor) -> bool:
        """Tell whether a tensor is rows of a constant, such as an embedding's."""
        writer = self.writer.get(tensor.index)
        if writer is None or writer.name != "GATHER":
            return False
        return self.model.tensors[writer.inputs[0]].data is not None

    def operator_problems(self, *names: str) -> Iterator[str]:
        """Yield the operators of these names."""
        for operator in self.model.operators:
            if operator.name in names:
                yield f"{label(operator)}: not expected"


def _float32(graph: _Graph) -> Iterator[str]:
    yield from graph.io_problems("float32")
    yield from graph.operator_problems("QUANTIZE", "DEQUANTIZE")
    for tensor in graph.computed:
        yield from _dtype(tensor, "float32", *INDEXES)
        yield from _unquantized(tensor)


def _dynamic(graph: _Graph) -> Iterator[str]:
    yield from graph.io_problems("float32")
    yield from graph.operator_problems("QUANTIZE")
    direct = False
    for tensor in graph.computed:
        if tensor.dtype == "int8" and (tensor.data is not None or graph.is_looked_up(tensor)):
            yield from _symmetric(tensor)
            direct |= any(operator.name != "DEQUANTIZE" for operator in graph.read_by(tensor))
        else:
            yield from _dtype(tensor, "float32", *INDEXES)
            yield from _unquantized(tensor)
    if not direct:
        yield "nothing was quantized: no operator computes with an int8 constant"


def _float16(graph: _Graph) -> Iterator[str]:
    yield from graph.io_problems("float32")
    yield from graph.operator_problems("QUANTIZE")
    halves = 0
    for tensor in graph.computed:
        constant = tensor.data is not None
        yield from _dtype(tensor, "float16" if constant else "float32", *INDEXES)
        yield from _unquantized(tensor)
        if constant and tensor.dtype == "float16":
            halves += 1
            for operator in graph.read_by(tensor):
                if operator.name != "DEQUANTIZE":
                    yield f"{label(tensor)}: read by {label(operator)}, expected DEQUANTIZE"
    if not halves:
        yield "no float16 constant"


def _integer(graph: _Graph, rule: IntegerRule) -> Iterator[str]:
    yield from graph.io_problems(rule.border or rule.code)
    border, left = set[int](), floats_left(graph.model)
    if rule.border:
        last = "DEQUANTIZE" if rule.border == "float32" else "QUANTIZE"
        border = {tensor.index for tensor in graph.inputs + graph.outputs}
        for tensor in filter(graph.is_cast, graph.inputs):
            border |= {index for one in graph.read_by(tensor) for index in one.outputs}
        yield from _border(graph, last, {one.index for one in left_in_floats(graph.model)})
        if border >= {tensor.index for tensor in graph.used if tensor.data is None}:
            yield f"no {rule.code} tensor between QUANTIZE and {last}"
    for tensor in graph.used:
        if tensor.index in border or tensor.index in left:
            continue
        if tensor.data is None:
            yield from _coded(tensor, rule)
            continue
        for operator, position in _roles(graph, tensor):
            place = WEIGHTED.get(operator.name)
            if place and position == place.weights:
                yield from _weights(tensor, operator, rule)
            elif place and position == place.bias:
                yield from _bias(tensor, operator, rule)
            else:
                yield from _coded(tensor, rule)


def _roles(graph: _Graph, tensor: Tensor) -> list[tuple[Operator, int]]:
    """Return one reader for each different use of a constant, so that a shared one is told once."""
    return list({(o.name, at): (o, at) for o, at in graph.readers.get(tensor.index, [])}.values())


def _border(graph: _Graph, last: str, left: set[int]) -> Iterator[str]:
    for tensor in graph.inputs:
        if tensor.dtype in INDEXES or graph.is_cast(tensor):
            continue
        for operator in graph.read_by(tensor):
            if operator.name != "QUANTIZE" and operator.index not in left:
                yield f"input {label(tensor)}: read by {label(operator)}, expected QUANTIZE"
    for tensor in graph.outputs:
        if tensor.dtype in INDEXES:
            continue
        writer = graph.writer.get(tensor.index)
        if writer is None or (writer.name != last and writer.index not in left):
            found = label(writer) if writer else "no operator"
            yield f"output {label(tensor)}: written by {found}, expected {last}"


def _coded(tensor: Tensor, rule: IntegerRule) -> Iterator[str]:
    """Yield what is wrong with an activation, or with a constant that is one operand of many."""
    if tensor.dtype in INDEXES:
        return
    # The cell state of an int8 LSTM is a symmetric int16 (`unidirectional_sequence_lstm.cc`).
    if tensor.is_variable and tensor.dtype == "int16" and rule.code == "int8":
        yield from _symmetric(tensor)
    elif tensor.dtype != rule.code:
        yield from _dtype(tensor, rule.code)
    elif (scheme := _scheme(tensor.quantization)) != "one scale":
        yield f"{label(tensor)}: {scheme}, expected one scale and zero point"
    elif rule.symmetric:
        yield from _symmetric(tensor)


def _bias(tensor: Tensor, operator: Operator, rule: IntegerRule) -> Iterator[str]:
    if tensor.dtype not in rule.biases:
        expected = " or ".join(rule.biases)
        yield f"{label(tensor)}: {tensor.dtype} bias of {label(operator)}, expected {expected}"


def _weights(tensor: Tensor, operator: Operator, rule: IntegerRule) -> Iterator[str]:
    where = f"{label(tensor)}: weights of {label(operator)}"
    axis = WEIGHTED[operator.name].axis
    if tensor.dtype != "int8":
        yield f"{where}: {tensor.dtype}, expected int8"
        return
    yield from _symmetric(tensor)
    scheme = _scheme(tensor.quantization)
    channels = tensor.shape[axis] if axis < len(tensor.shape) else 0
    per_channel = f"{channels} scales along axis {axis}" if channels > 1 else "one scale"
    if operator.name in rule.per_channel and scheme != per_channel:
        yield f"{where}: {scheme}, expected {per_channel}"
    if operator.name in rule.per_tensor and scheme != "one scale":
        yield f"{where}: {scheme}, expected one scale"
    if rule.narrow and b"\x80" in (tensor.data or b"") and not tensor.sparse:
        yield f"{where}: the code -128, expected -127 to 127"


def _dtype(tensor: Tensor, *expected: str) -> Iterator[str]:
    if tensor.dtype not in expected:
        kind = "activation" if tensor.data is None else "constant"
        yield f"{label(tensor)}: {tensor.dtype} {kind}, expected {expected[0]}"


def _unquantized(tensor: Tensor) -> Iterator[str]:
    if tensor.quantization:
        yield f"{label(tensor)}: {_scheme(tensor.quantization)}, expected no quantization"


def _symmetric(tensor: Tensor) -> Iterator[str]:
    if tensor.quantization is None:
        yield f"{label(tensor)}: no scale, expected {tensor.dtype} with zero point 0"
    elif any(tensor.quantization.zero_points):
        odd = next(filter(None, tensor.quantization.zero_points))
        yield f"{label(tensor)}: zero point {odd}, expected 0"


def _scheme(quantization: Quantization | None) -> str:
    if quantization is None:
        return "no scale"
    if quantization.details:
        return quantization.details
    count = len(quantization.scales)
    return "one scale" if count == 1 else f"{count} scales along axis {quantization.axis}"


def _builtin() -> Iterable[Rule]:
    def rule(name: str, check: Callable[[_Graph], Iterator[str]]) -> Rule:
        return Rule(name, lambda model: check(_Graph(model)))

    return [
        rule("float32", _float32),
        rule("dynamic", _dynamic),
        rule("float16", _float16),
        rule("int8", partial(_integer, rule=IntegerRule())),
        rule(
            "int8-per-tensor",
            partial(_integer, rule=IntegerRule(per_channel=CONVOLUTIONS, per_tensor=DENSE)),
        ),
        rule("int8-float-io", partial(_integer, rule=IntegerRule(border="float32"))),
        rule("uint8", partial(_integer, rule=IntegerRule(border="uint8"))),
        # The 8-bit specification does not cover 16-bit activations: any granularity of weights.
        rule(
            "int16x8",
            partial(
                _integer,
                rule=IntegerRule(
                    code="int16",
                    biases=("int64", "int32"),
                    symmetric=True,
                    per_channel=(),
                    narrow=False,
                ),
            ),
        ),
        rule("qat-int8", partial(_integer, rule=IntegerRule(per_channel=()))),
    ]


RULES: Registry[Rule] = Registry("rule", builtin=_builtin)
"""By the names of the variants that they are about."""
