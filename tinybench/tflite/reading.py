"""Reading a `.tflite` file: strictly, so that it is safe to index, or as far as that goes.

Shapes are not checked against what an operator demands: that is the runtimes' business.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from tinybench.tflite.findings import Findings
from tinybench.tflite.flat import (
    ModelError,
    NewerFileError,
    NotTFLiteError,
    child,
    children,
    enum_names,
    numbers,
    root,
    schema,
    text,
)
from tinybench.tflite.model import (
    BITS,
    MAX_RANK,
    Model,
    Operator,
    Quantization,
    Signature,
    Subgraph,
    Tensor,
    join,
    label,
    shorten,
)
from tinybench.tflite.options import TENSOR_TYPES, read_options

T = TypeVar("T")

IDENTIFIER = b"TFL3"
VERSION = 3
MAX_BITS = 8 * (2**31 - 1)  # 2 GB: runtimes count bytes in a signed 32-bit number

BUILTINS = enum_names(schema.BuiltinOperator)
CUSTOM = schema.BuiltinOperator.CUSTOM
DETAILS = {
    number: "" if name == "NONE" else name
    for number, name in enum_names(schema.QuantizationDetails).items()
}


UNREADABLE = "unreadable"
"""Type or name of what stands in for a tensor or an operator that cannot be read."""


def read(data: bytes) -> Model:
    """Read a `.tflite` file; raise `ModelError` for anything malformed, whatever the bytes.

    Time and memory are bounded by the size of the file. Who reads a file that was read of late gets
    the same model: one variant is looked at by many.
    """
    return _read(bytes(data))


@functools.lru_cache(maxsize=32)
def _read(data: bytes) -> Model:
    return _parsed(data, Findings(strict=True))


def examine(data: bytes) -> tuple[Model, tuple[ModelError, ...]]:
    """Read what can be read of a file, to show it; return what is wrong with it, too.

    A model with problems is not to run: nothing in it is sure to be within bounds. Raise
    `ModelError` for a file of which nothing can be read.
    """
    findings = Findings(strict=False)
    return _parsed(bytes(data), findings), tuple(findings.kept)


def _parsed(data: bytes, findings: Findings) -> Model:
    if len(data) < 8:
        raise NotTFLiteError(f"model: {len(data)} bytes are too few for a .tflite file")
    if data[4:8] != IDENTIFIER:
        raise NotTFLiteError(f"model: not a .tflite file, identifier {data[4:8]!r} is not b'TFL3'")
    model = root(data)
    if model.Version() != VERSION:
        raise NewerFileError(f"model: schema version {model.Version()} is not {VERSION}")
    reader = _Reader(model, findings)
    graphs = findings.each((model, "Subgraphs", "subgraph"), reader.subgraph, _no_subgraph)
    readable = graphs and any(tensor.dtype != UNREADABLE for tensor in graphs[0].tensors)
    if not graphs or (findings.kept and not readable):
        raise next(iter(findings.kept), ModelError("model: no subgraph"))
    first = graphs[0]
    signatures = reader.each("SignatureDefs", "signature", partial(_signature, graphs=graphs))
    return Model(
        description=findings.attempt(lambda: text(model.Description()), otherwise=""),
        version=VERSION,
        tensors=first.tensors,
        operators=first.operators,
        inputs=first.inputs,
        outputs=first.outputs,
        metadata=tuple(reader.each("Metadata", "metadata", lambda item, _: text(item.Name()))),
        signatures=tuple(signatures),
        subgraphs=tuple(graphs),
        size=len(data),
        outside=tuple(reader.outside),
    )


class _Reader:
    """One file, its operator codes and buffers, and what was found to be wrong so far."""

    def __init__(self, model: Any, findings: Findings) -> None:
        self.model = model
        self.findings = findings
        self.codes = findings.each(
            (model, "OperatorCodes", "operator code"), self._code, lambda _: (UNREADABLE, 0)
        )
        self.buffers = findings.each(
            (model, "Buffers", "buffer"), lambda table, _: (table,), lambda _: ()
        )
        self.constants: dict[int, bytes | None] = {}
        self.outside: list[int] = []

    def each(self, field: str, noun: str, work: Callable[[Any, int], T]) -> list[T]:
        """Return what is made of each table of the model; one that cannot be read is left out."""
        return self.findings.each((self.model, field, noun), work, lambda _: None)

    def _code(self, code: Any, index: int) -> tuple[str, int]:
        # schema.fbs: codes above 127 do not fit the deprecated byte; the larger of both is meant.
        number = max(code.DeprecatedBuiltinCode(), code.BuiltinCode())
        if number not in BUILTINS:
            self.findings.add(
                NewerFileError(f"{code._tab.where}: unknown builtin operator {number}")
            )
            return f"BUILTIN:{number}", code.Version()
        custom = text(code.CustomCode())
        return f"CUSTOM:{custom}" if number == CUSTOM else BUILTINS[number], code.Version()

    def subgraph(self, graph: Any, index: int) -> Subgraph:
        """Read a graph; what cannot be read of it has something that stands in for it."""
        findings = self.findings
        tensors = findings.each((graph, "Tensors", "tensor"), self.tensor, _no_tensor)
        operators = findings.each(
            (graph, "Operators", "operator"),
            lambda table, number: self.operator(table, number, len(tensors)),
            lambda number: Operator(number, UNREADABLE, 0, (), (), None),
        )
        inputs, outputs = (self.indexes(graph, end, len(tensors)) for end in ("Inputs", "Outputs"))
        found = Subgraph(
            index,
            findings.attempt(lambda: text(graph.Name()), otherwise=""),
            tuple(tensors),
            tuple(operators),
            inputs,
            outputs,
        )
        for error in _out_of_order(found):
            findings.add(error.about(f"subgraph {index}") if index else error)
        return found

    def constant(self, index: int, where: str) -> bytes | None:
        """Return the content of a buffer, copied out once however many tensors share it."""
        if index >= len(self.buffers):
            self.findings.add(ModelError(f"{where}: buffer {index} is none of {len(self.buffers)}"))
            return None
        if index not in self.constants:
            self.constants[index] = None
            for table in self.buffers[index]:
                self.constants[index] = self._content(table, index, where)
        return self.constants[index]

    def _content(self, table: Any, index: int, where: str) -> bytes | None:
        # schema.fbs: an offset above 1 points behind the FlatBuffer, for models beyond 2 GB.
        if (offset := table.Offset()) > 1:
            self.outside.append(index)
            return table._tab.outside(offset, table.Size(), f"{where}: buffer {index}") or None
        values = table.DataAsNumpy()
        return None if isinstance(values, int) else values.tobytes() or None

    def tensor(self, table: Any, index: int) -> Tensor:
        name = text(table.Name())
        where = table._tab.where = f"tensor {index} ({shorten(name)})"
        add = self.findings.add
        dtype = TENSOR_TYPES.get(table.Type(), f"type {table.Type()}")
        if table.Type() not in TENSOR_TYPES:
            add(NewerFileError(f"{where}: unknown type {table.Type()}"))
        if table.ExternalBuffer():
            add(NewerFileError(f"{where}: its data is in an external buffer"))
        shape = numbers(table, "Shape")
        if len(shape) > MAX_RANK:
            add(ModelError(f"{where}: {len(shape)} dimensions are more than {MAX_RANK}"))
        elif shape and min(shape) < 0:
            add(ModelError(f"{where}: negative dimension in shape {join(shape)}"))
        elif math.prod(shape) * BITS.get(dtype, 1) > MAX_BITS:
            add(ModelError(f"{where}: shape {join(shape)} of {dtype} is beyond 2 GB"))
        signature = numbers(table, "ShapeSignature")
        if signature and (len(signature) != len(shape) or min(signature) < -1):
            add(ModelError(f"{where}: shape signature {join(signature)} for shape {join(shape)}"))
            signature = ()
        quantization = self.findings.attempt(
            self.quantization, table, dtype, shape, where, otherwise=None
        )
        tensor = Tensor(
            index=index,
            name=name,
            dtype=dtype,
            shape=shape[:MAX_RANK],
            shape_signature=signature,
            quantization=quantization,
            data=self.findings.attempt(self.constant, table.Buffer(), where, otherwise=None),
            is_variable=table.IsVariable(),
            sparse=table.Sparsity() is not None,
            buffer=table.Buffer(),
        )
        wanted = tensor.nbytes
        if tensor.data is not None and not tensor.sparse and wanted not in (None, len(tensor.data)):
            add(
                ModelError(
                    f"{where}: buffer {tensor.buffer} has {len(tensor.data)} bytes,"
                    f" {dtype} {join(shape)} needs {wanted}"
                )
            )
        return tensor

    def quantization(
        self, table: Any, dtype: str, shape: tuple[int, ...], where: str
    ) -> Quantization | None:
        found = table.Quantization()
        if found is None:
            return None
        parameters, add = child(table, found, f"{where}: quantization"), self.findings.add
        kind = parameters.DetailsType()
        if kind not in DETAILS:
            add(NewerFileError(f"{where}: unknown quantization details {kind}"))
        details = DETAILS.get(kind, f"details {kind}")
        scales, zero_points = numbers(parameters, "Scale"), numbers(parameters, "ZeroPoint")
        if len(scales) != len(zero_points):
            add(ModelError(f"{where}: {len(scales)} scales but {len(zero_points)} zero points"))
        # A vector has one axis; biases of old converters say that of the weights.
        axis = parameters.QuantizedDimension() if len(shape) != 1 else 0
        if len(scales) > 1 and (not 0 <= axis < len(shape) or shape[axis] != len(scales)):
            along = f"along axis {axis} of shape {join(shape)}"
            add(ModelError(f"{where}: {len(scales)} scales {along}"))
        for scale in scales:
            if not 0 < scale < math.inf:
                add(ModelError(f"{where}: scale {scale} is not a positive finite number"))
        low, high = _code_range(dtype)
        for zero_point in zero_points:
            if not low <= zero_point <= high:
                add(ModelError(f"{where}: zero point {zero_point} is no {dtype}"))
        if not scales and not details:
            return None
        # With one scale the axis means nothing; it is kept where it can be indexed with.
        return Quantization(scales, zero_points, axis if 0 <= axis < len(shape) else 0, details)

    def operator(self, table: Any, index: int, tensors: int) -> Operator:
        code = table.OpcodeIndex()
        name, version = UNREADABLE, 0
        if code < len(self.codes):
            name, version = self.codes[code]
        else:
            where = table._tab.where
            self.findings.add(
                ModelError(f"{where}: operator code {code} is none of {len(self.codes)}")
            )
        table._tab.where = f"operator {index} ({shorten(name)})"
        return Operator(
            index=index,
            name=name,
            version=version,
            inputs=self.indexes(table, "Inputs", tensors, optional=True),
            outputs=self.indexes(table, "Outputs", tensors),
            options=self.findings.attempt(read_options, table, otherwise=None),
            custom_options=self.findings.attempt(_custom_options, table, otherwise=b""),
        )

    def indexes(
        self, table: Any, field: str, count: int, *, optional: bool = False
    ) -> tuple[int, ...]:
        """Return the numbers of tensors; one that is out of range is absent, or left out."""
        found: list[int] = []
        nothing: tuple[int, ...] = ()
        for index in self.findings.attempt(numbers, table, field, otherwise=nothing):
            if (-1 if optional else 0) <= index < count:
                found.append(index)
                continue
            where = f"{table._tab.where}: {field.lower()}"
            self.findings.add(ModelError(f"{where}: tensor {index} is none of {count}"))
            found += [-1] if optional else []
        return tuple(found)


def _custom_options(table: Any) -> bytes:
    # As for buffers: an offset above 1 points behind the FlatBuffer.
    if (offset := table.LargeCustomOptionsOffset()) > 1:
        where = f"{table._tab.where}: options"
        outside: bytes = table._tab.outside(offset, table.LargeCustomOptionsSize(), where)
        return outside
    return bytes(numbers(table, "CustomOptions"))


def _no_subgraph(index: int) -> Subgraph:
    return Subgraph(index, UNREADABLE, (), (), (), ())


def _no_tensor(index: int) -> Tensor:
    return Tensor(index, "", UNREADABLE, (), (), None, None, False, False, 0)


def _signature(table: Any, _: int, graphs: list[Subgraph]) -> Signature:
    """An entry; ModelError if it names a subgraph or a tensor that there is not."""
    key = text(table.SignatureKey())
    where = table._tab.where = f"signature {shorten(key)!r}"
    index = table.SubgraphIndex()
    if index >= len(graphs):
        raise ModelError(f"{where}: subgraph {index} is none of {len(graphs)}")
    count = len(graphs[index].tensors)
    return Signature(key, index, _named(table, "Inputs", count), _named(table, "Outputs", count))


def _named(table: Any, field: str, count: int) -> tuple[tuple[str, int], ...]:
    found = []
    for item in children(table, field, field[:-1].lower()):
        if item.TensorIndex() >= count:
            where = f"{table._tab.where}: {field.lower()}"
            raise ModelError(f"{where}: tensor {item.TensorIndex()} is none of {count}")
        found.append((text(item.Name()), item.TensorIndex()))
    return tuple(found)


def _code_range(dtype: str) -> tuple[int, int]:
    if dtype.startswith("uint"):
        return 0, 2 ** BITS[dtype] - 1
    bits = BITS[dtype] if dtype.startswith("int") else 32
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _out_of_order(graph: Subgraph) -> Iterator[ModelError]:
    """Yield why it is not so that each tensor is written once, and before it is read.

    A custom operator may have memory to work in as an input that nobody writes.
    """
    tensors = graph.tensors
    for index in graph.inputs:
        if tensors[index].data is not None:
            yield ModelError(f"{label(tensors[index])}: an input of the graph and a constant")
    given = {t.index for t in tensors if t.data is not None} | set(graph.inputs)
    known = given | {t.index for t in tensors if t.is_variable or t.dtype == UNREADABLE}
    known |= {t.index for t in tensors if t.elements == 0}
    for operator in graph.operators:
        for index in operator.inputs:
            if index != -1 and index not in known and not operator.name.startswith("CUSTOM:"):
                yield ModelError(f"{label(operator)}: reads {label(tensors[index])} before a write")
        for index in operator.outputs:
            if index in given:
                yield ModelError(f"{label(operator)}: writes {label(tensors[index])} again")
            given.add(index)
            known.add(index)
    for index in graph.outputs:
        if index not in known:
            yield ModelError(f"{label(tensors[index])}: an output of the graph that nobody writes")
