"""Reading a `.tflite` file strictly: what is returned is safe to index.

Shapes are not checked against what an operator demands: that is the runtimes' business.
"""

from __future__ import annotations

import functools
import math
from typing import Any

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

IDENTIFIER = b"TFL3"
VERSION = 3
MAX_BITS = 8 * (2**31 - 1)  # 2 GB: runtimes count bytes in a signed 32-bit number

BUILTINS = enum_names(schema.BuiltinOperator)
CUSTOM = schema.BuiltinOperator.CUSTOM
DETAILS = {
    number: "" if name == "NONE" else name
    for number, name in enum_names(schema.QuantizationDetails).items()
}


def read(data: bytes) -> Model:
    """Read a `.tflite` file; raise `ModelError` for anything malformed, whatever the bytes.

    Time and memory are bounded by the size of the file. Who reads a file that was read of late gets
    the same model: one variant is looked at by many.
    """
    return _parsed(bytes(data))


@functools.lru_cache(maxsize=32)
def _parsed(data: bytes) -> Model:
    if len(data) < 8:
        raise NotTFLiteError(f"model: {len(data)} bytes are too few for a .tflite file")
    if data[4:8] != IDENTIFIER:
        raise NotTFLiteError(f"model: not a .tflite file, identifier {data[4:8]!r} is not b'TFL3'")
    model = root(data)
    if model.Version() != VERSION:
        raise NewerFileError(f"model: schema version {model.Version()} is not {VERSION}")
    codes = [_operator_code(code) for code in children(model, "OperatorCodes", "operator code")]
    buffers = _Buffers(list(children(model, "Buffers", "buffer")))
    graphs = tuple(
        _subgraph(graph, index, codes, buffers)
        for index, graph in enumerate(children(model, "Subgraphs", "subgraph"))
    )
    if not graphs:
        raise ModelError("model: no subgraph")
    first = graphs[0]
    return Model(
        description=text(model.Description()),
        version=model.Version(),
        tensors=first.tensors,
        operators=first.operators,
        inputs=first.inputs,
        outputs=first.outputs,
        metadata=tuple(text(item.Name()) for item in children(model, "Metadata", "metadata")),
        signatures=tuple(
            _signature(item, graphs) for item in children(model, "SignatureDefs", "signature")
        ),
        subgraphs=graphs,
        size=len(data),
    )


def _subgraph(graph: Any, index: int, codes: list[tuple[str, int]], buffers: _Buffers) -> Subgraph:
    tensors = tuple(
        _tensor(tensor, number, buffers)
        for number, tensor in enumerate(children(graph, "Tensors", "tensor"))
    )
    operators = tuple(
        _operator(operator, number, codes, len(tensors))
        for number, operator in enumerate(children(graph, "Operators", "operator"))
    )
    inputs = _indexes(graph, "Inputs", len(tensors))
    outputs = _indexes(graph, "Outputs", len(tensors))
    try:
        _check_order(tensors, operators, inputs, outputs)
    except ModelError as error:
        raise (error.about(f"subgraph {index}") if index else error) from None
    return Subgraph(index, text(graph.Name()), tensors, operators, inputs, outputs)


def _signature(table: Any, graphs: tuple[Subgraph, ...]) -> Signature:
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


class _Buffers:
    """The constants of a file, each copied out once however many tensors share it."""

    def __init__(self, tables: list[Any]) -> None:
        self.tables = tables
        self.read: dict[int, bytes | None] = {}

    def data(self, index: int, where: str) -> bytes | None:
        if index >= len(self.tables):
            raise ModelError(f"{where}: buffer {index} is none of {len(self.tables)}")
        if index not in self.read:
            table = self.tables[index]
            # schema.fbs: an offset above 1 points behind the FlatBuffer, for models beyond 2 GB.
            if table.Offset() > 1:
                raise ModelError(f"{where}: buffer {index} is outside of the FlatBuffer")
            values = table.DataAsNumpy()
            self.read[index] = None if isinstance(values, int) else values.tobytes() or None
        return self.read[index]


def _operator_code(code: Any) -> tuple[str, int]:
    # schema.fbs: codes above 127 do not fit the deprecated byte; the larger of both is meant.
    number = max(code.DeprecatedBuiltinCode(), code.BuiltinCode())
    if number not in BUILTINS:
        raise NewerFileError(f"{code._tab.where}: unknown builtin operator {number}")
    custom = text(code.CustomCode())
    return f"CUSTOM:{custom}" if number == CUSTOM else BUILTINS[number], code.Version()


def _tensor(table: Any, index: int, buffers: _Buffers) -> Tensor:
    name = text(table.Name())
    where = table._tab.where = f"tensor {index} ({shorten(name)})"
    if table.Type() not in TENSOR_TYPES:
        raise NewerFileError(f"{where}: unknown type {table.Type()}")
    if table.ExternalBuffer():
        raise NewerFileError(f"{where}: its data is in an external buffer")
    dtype = TENSOR_TYPES[table.Type()]
    shape = _shape(table, where)
    if math.prod(shape) * BITS.get(dtype, 1) > MAX_BITS:
        raise ModelError(f"{where}: shape {join(shape)} of {dtype} is beyond 2 GB")
    signature = numbers(table, "ShapeSignature")
    if signature and (len(signature) != len(shape) or min(signature) < -1):
        raise ModelError(f"{where}: shape signature {join(signature)} for shape {join(shape)}")
    tensor = Tensor(
        index=index,
        name=name,
        dtype=dtype,
        shape=shape,
        shape_signature=signature,
        quantization=_quantization(table, dtype, shape, where),
        data=buffers.data(table.Buffer(), where),
        is_variable=table.IsVariable(),
        sparse=table.Sparsity() is not None,
        buffer=table.Buffer(),
    )
    expected = tensor.nbytes
    if tensor.data is not None and not tensor.sparse and expected not in (None, len(tensor.data)):
        raise ModelError(
            f"{where}: buffer {tensor.buffer} has {len(tensor.data)} bytes,"
            f" {dtype} {join(shape)} needs {expected}"
        )
    return tensor


def _shape(table: Any, where: str) -> tuple[int, ...]:
    shape = numbers(table, "Shape")
    if len(shape) > MAX_RANK:
        raise ModelError(f"{where}: {len(shape)} dimensions are more than {MAX_RANK}")
    if shape and min(shape) < 0:
        raise ModelError(f"{where}: negative dimension in shape {join(shape)}")
    return shape


def _quantization(
    table: Any, dtype: str, shape: tuple[int, ...], where: str
) -> Quantization | None:
    found = table.Quantization()
    if found is None:
        return None
    parameters = child(table, found, f"{where}: quantization")
    kind = parameters.DetailsType()
    if kind not in DETAILS:
        raise NewerFileError(f"{where}: unknown quantization details {kind}")
    scales, zero_points = numbers(parameters, "Scale"), numbers(parameters, "ZeroPoint")
    if len(scales) != len(zero_points):
        raise ModelError(f"{where}: {len(scales)} scales but {len(zero_points)} zero points")
    # A vector has one axis, whatever the file says: biases of old converters have that of weights.
    axis = parameters.QuantizedDimension() if len(shape) != 1 else 0
    if len(scales) > 1 and (not 0 <= axis < len(shape) or shape[axis] != len(scales)):
        raise ModelError(f"{where}: {len(scales)} scales along axis {axis} of shape {join(shape)}")
    for scale in scales:
        if not 0 < scale < math.inf:
            raise ModelError(f"{where}: scale {scale} is not a positive finite number")
    low, high = _code_range(dtype)
    for zero_point in zero_points:
        if not low <= zero_point <= high:
            raise ModelError(f"{where}: zero point {zero_point} is no {dtype}")
    if not scales and not DETAILS[kind]:
        return None
    # With one scale the axis means nothing; it is kept where it can be indexed with.
    return Quantization(scales, zero_points, axis if 0 <= axis < len(shape) else 0, DETAILS[kind])


def _code_range(dtype: str) -> tuple[int, int]:
    if dtype.startswith("uint"):
        return 0, 2 ** BITS[dtype] - 1
    bits = BITS[dtype] if dtype.startswith("int") else 32
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _operator(table: Any, index: int, codes: list[tuple[str, int]], tensors: int) -> Operator:
    where = table._tab.where
    code = table.OpcodeIndex()
    if code >= len(codes):
        raise ModelError(f"{where}: operator code {code} is none of {len(codes)}")
    name, version = codes[code]
    table._tab.where = f"operator {index} ({shorten(name)})"
    if table.LargeCustomOptionsOffset() > 1:
        raise ModelError(f"{table._tab.where}: its options are outside of the FlatBuffer")
    return Operator(
        index=index,
        name=name,
        version=version,
        inputs=_indexes(table, "Inputs", tensors, optional=True),
        outputs=_indexes(table, "Outputs", tensors),
        options=read_options(table),
        custom_options=bytes(numbers(table, "CustomOptions")),
    )


def _indexes(table: Any, field: str, count: int, *, optional: bool = False) -> tuple[int, ...]:
    indexes = numbers(table, field)
    for index in indexes:
        if not (-1 if optional else 0) <= index < count:
            where = f"{table._tab.where}: {field.lower()}"
            raise ModelError(f"{where}: tensor {index} is none of {count}")
    return indexes


def _check_order(
    tensors: tuple[Tensor, ...],
    operators: tuple[Operator, ...],
    inputs: tuple[int, ...],
    outputs: tuple[int, ...],
) -> None:
    """Raise `ModelError` unless each tensor is written once, and before it is read."""
    for index in inputs:
        if tensors[index].data is not None:
            raise ModelError(f"{label(tensors[index])}: an input of the graph and a constant")
    known = {t.index for t in tensors if t.data is not None or t.is_variable or t.elements == 0}
    given = {t.index for t in tensors if t.data is not None} | set(inputs)
    known |= given
    for operator in operators:
        for index in operator.inputs:
            if index != -1 and index not in known:
                raise ModelError(f"{label(operator)}: reads {label(tensors[index])} before a write")
        for index in operator.outputs:
            if index in given:
                raise ModelError(f"{label(operator)}: writes {label(tensors[index])} again")
            given.add(index)
            known.add(index)
    for index in outputs:
        if index not in known:
            raise ModelError(f"{label(tensors[index])}: an output of the graph that nobody writes")
