"""Write a small `.tflite` file from Python values, without a converter.

A converter writes only what Keras layers lead to; tests of code generation need operators with
chosen scales, weights and shapes.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

# Neither module has annotations: imported by name as `Any`.
flatbuffers: Any = importlib.import_module("flatbuffers")
flexbuffers: Any = importlib.import_module("flatbuffers.flexbuffers")
schema: Any = importlib.import_module("ai_edge_litert.schema_py_generated")

ALIGNMENT = 16  # schema.fbs: `force_align` of Buffer.data, which the Python code does not heed

# Options whose class is not named after the operator.
OPTIONS = {
    "AVERAGE_POOL_2D": "Pool2D",
    "L2_POOL_2D": "Pool2D",
    "MAX_POOL_2D": "Pool2D",
    "BATCH_MATMUL": "BatchMatMul",
    "LSTM": "LSTM",
    "MAXIMUM": "MaximumMinimum",
    "MINIMUM": "MaximumMinimum",
    "MEAN": "Reducer",
    "REDUCE_MAX": "Reducer",
    "REDUCE_MIN": "Reducer",
    "REDUCE_ALL": "Reducer",
    "L2_NORMALIZATION": "L2Norm",
    "SUM": "Reducer",
    "PADV2": "PadV2",
    "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
    "SVDF": "SVDF",
}
ENUMS = {
    "kernel_type": schema.LSTMKernelType,
    "padding": schema.Padding,
    "fused_activation_function": schema.ActivationFunctionType,
}


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor, told apart by identity; `scale` is a sequence where scales run along `axis`.

    `data` makes it a constant, `variable` a state; no scale, a tensor that is not quantized.
    """

    shape: tuple[int, ...]
    dtype: str
    scale: float | Sequence[float] | None = None
    zero_point: int = 0
    axis: int = 0
    data: ArrayLike | None = None
    variable: bool = False


class Op:
    """An operator; options have the schema's names (`stride_w=2`, `padding="SAME"`).

    With `bare` the file has no options at all, as converters leave `RESHAPE`. Those of a custom
    operator, `CUSTOM:SignalRfft`, become a FlexBuffers map.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[Tensor | None],
        outputs: Sequence[Tensor],
        *,
        bare: bool = False,
        **options: Any,
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.bare = bare
        self.options = options


@dataclass(frozen=True, slots=True)
class Buffer:
    """Stands in for the generated `BufferT`, to align the data."""

    data: bytes = b""

    def pack(self, builder: Any) -> Any:
        vector = None
        if self.data:
            builder.StartVector(1, len(self.data), ALIGNMENT)
            builder.head = builder.Head() - len(self.data)
            builder.Bytes[builder.Head() : builder.Head() + len(self.data)] = self.data
            vector = builder.EndVector()
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)

    Pack = pack  # what generated code calls


class Graph(NamedTuple):
    """A subgraph; its operators are listed in the order of execution."""

    inputs: Sequence[Tensor]
    ops: Sequence[Op]
    outputs: Sequence[Tensor]


def build(
    inputs: Sequence[Tensor],
    ops: Sequence[Op],
    outputs: Sequence[Tensor],
    others: Sequence[Graph] = (),
) -> bytes:
    """Return the file of a graph whose operators are listed in the order of execution.

    `others` are the subgraphs from number 1.
    """
    return build_all([Graph(inputs, ops, outputs), *others])


def build_all(graphs: Sequence[Graph], keys: Sequence[str] = ()) -> bytes:
    """Return the file of several graphs, the first being the main one; `keys` name them to callers.

    Operators have the numbers of others in their options: `then_subgraph_index=1`.
    """
    names = list(dict.fromkeys(op.name for graph in graphs for op in graph.ops))
    buffers = [Buffer()]
    model = schema.ModelT()
    model.version = 3
    model.description = "tinybench test model"
    model.operatorCodes = [_operator_code(name) for name in names]
    model.subgraphs = [_graph(graph, number, names, buffers) for number, graph in enumerate(graphs)]
    model.buffers = buffers
    if keys:
        model.signatureDefs = [
            _signature(key, number, model.subgraphs[number]) for number, key in enumerate(keys)
        ]
    builder: Any = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _graph(graph: Graph, number: int, names: list[str], buffers: list[Buffer]) -> Any:
    inputs, ops, outputs = graph
    tensors = list(inputs)
    for used in (*((*op.inputs, *op.outputs) for op in ops), outputs):
        tensors += [t for t in dict.fromkeys(used) if t is not None and t not in tensors]
    table = schema.SubGraphT()
    table.name = f"graph {number}" if number else "main"
    table.tensors = [_tensor(tensor, index, buffers) for index, tensor in enumerate(tensors)]
    table.inputs = [tensors.index(tensor) for tensor in inputs]
    table.outputs = [tensors.index(tensor) for tensor in outputs]
    table.operators = [_operator(op, names, tensors) for op in ops]
    return table


def _signature(key: str, number: int, graph: Any) -> Any:
    table = schema.SignatureDefT()
    table.signatureKey, table.subgraphIndex = key, number
    for kind in ("inputs", "outputs"):
        ports = []
        for position, index in enumerate(getattr(graph, kind)):
            port = schema.TensorMapT()
            port.name, port.tensorIndex = f"{kind[:-1]}_{position}", index
            ports.append(port)
        setattr(table, kind, ports)
    return table


def _tensor(tensor: Tensor, index: int, buffers: list[Buffer]) -> Any:
    table = schema.TensorT()
    table.name = f"t{index}"
    table.shape = list(tensor.shape)
    table.type = getattr(schema.TensorType, tensor.dtype.upper())
    table.buffer = 0
    table.isVariable = tensor.variable
    if tensor.data is not None:
        if np.shape(tensor.data) != tensor.shape:
            shape = np.shape(tensor.data)
            raise ValueError(f"tensor {index}: data of shape {shape} for {tensor.shape}")
        table.buffer = len(buffers)
        buffers.append(Buffer(_content(tensor)))
    if tensor.scale is not None:
        scales = np.atleast_1d(np.asarray(tensor.scale, np.float32))
        table.quantization = schema.QuantizationParametersT()
        table.quantization.scale = scales
        table.quantization.zeroPoint = np.full(scales.size, tensor.zero_point, np.int64)
        table.quantization.quantizedDimension = tensor.axis
    return table


def _content(tensor: Tensor) -> bytes:
    """The constant's bytes; two codes of four bits share one, the first in its lower half."""
    if tensor.dtype != "int4":
        return np.asarray(tensor.data, np.dtype(tensor.dtype).newbyteorder("<")).tobytes()
    halves = np.asarray(tensor.data, np.int8).reshape(-1).view(np.uint8) & 15
    halves = np.pad(halves, (0, halves.size % 2))
    return bytes(halves[::2] | halves[1::2] << 4)


def _operator_code(name: str) -> Any:
    code = schema.OperatorCodeT()
    builtin, _, code.customCode = name.partition(":")
    code.builtinCode = getattr(schema.BuiltinOperator, builtin)
    # schema.fbs: the byte of old files, 127 where the code does not fit.
    code.deprecatedBuiltinCode = min(code.builtinCode, 127)
    code.version = 1
    return code


def _operator(op: Op, names: list[str], tensors: list[Tensor]) -> Any:
    table = schema.OperatorT()
    table.opcodeIndex = names.index(op.name)
    table.inputs = [-1 if tensor is None else tensors.index(tensor) for tensor in op.inputs]
    table.outputs = [tensors.index(tensor) for tensor in op.outputs]
    if op.name.startswith("CUSTOM:"):
        if not op.bare:
            table.customOptions = np.frombuffer(bytes(flexbuffers.Dumps(op.options)), np.uint8)
        return table
    kind = OPTIONS.get(op.name, op.name.title().replace("_", "")) + "Options"
    if op.bare or not hasattr(schema, kind):
        if op.options:
            raise ValueError(f"{op.name}: options {sorted(op.options)} for an operator without")
        return table
    table.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
    table.builtinOptions = getattr(schema, f"{kind}T")()
    for key, value in op.options.items():
        field = re.sub(r"_(\w)", lambda match: match[1].upper(), key)
        if not hasattr(table.builtinOptions, field):
            raise ValueError(f"{op.name}: no option {key!r}")
        number = getattr(ENUMS[key], value) if key in ENUMS else value
        setattr(table.builtinOptions, field, number)
    return table
