"""What one inference of a model costs on any device: multiply-accumulates and constant bytes."""

from __future__ import annotations

import math

from tinybench.tflite.model import Model, ModelError, Operator, Tensor, label
from tinybench.tflite.subgraphs import whole

NONE_BY_DEFINITION = frozenset(
    """
    ABS ADD ADD_N ARG_MAX ARG_MIN ASSIGN_VARIABLE ATAN2 AVERAGE_POOL_2D BATCH_TO_SPACE_ND BITCAST
    BITWISE_XOR BROADCAST_ARGS BROADCAST_TO BUCKETIZE CALL_ONCE CAST CEIL COMPLEX_ABS CONCATENATION
    COS CUMSUM DENSIFY DEPTH_TO_SPACE DEQUANTIZE DILATE DIV DYNAMIC_UPDATE_SLICE ELU
    EMBEDDING_LOOKUP EQUAL EXP EXPAND_DIMS FAKE_QUANT FILL FLOOR FLOOR_DIV FLOOR_MOD GATHER
    GATHER_ND GELU GREATER GREATER_EQUAL HARD_SWISH HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT
    HASHTABLE_LOOKUP HASHTABLE_SIZE IMAG L2_NORMALIZATION L2_POOL_2D LEAKY_RELU LESS LESS_EQUAL
    LOCAL_RESPONSE_NORMALIZATION LOG LOGICAL_AND LOGICAL_NOT LOGICAL_OR LOGISTIC LOG_SOFTMAX
    MATRIX_DIAG MATRIX_SET_DIAG MAXIMUM MAX_POOL_2D MEAN MINIMUM MIRROR_PAD MUL MULTINOMIAL NEG
    NOT_EQUAL ONE_HOT PACK PAD PADV2 POW PRELU QUANTIZE RANDOM_STANDARD_NORMAL RANDOM_UNIFORM RANGE
    RANK READ_VARIABLE REAL REDUCE_ALL REDUCE_ANY REDUCE_MAX REDUCE_MIN REDUCE_PROD REDUCE_WINDOW
    RELU RELU6 RELU_0_TO_1 RELU_N1_TO_1 RESHAPE RESIZE_BILINEAR RESIZE_NEAREST_NEIGHBOR
    REVERSE_SEQUENCE REVERSE_V2 RIGHT_SHIFT ROUND RSQRT SCATTER_ND SEGMENT_SUM SELECT SELECT_V2
    SHAPE SIGN SIN SLICE SOFTMAX SPACE_TO_BATCH_ND SPACE_TO_DEPTH SPARSE_TO_DENSE SPLIT SPLIT_V
    SQRT SQUARE SQUARED_DIFFERENCE SQUEEZE STRIDED_SLICE SUB SUM TANH TILE TOPK_V2 TRANSPOSE UNIQUE
    UNPACK UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_MIN UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_SUM
    VAR_HANDLE WHERE ZEROS_LIKE
    """.split()  # noqa: SIM905  # as a list it takes a line for each name
)
"""Operators that multiply no matrix: elementwise, pooling, reducing, shaping, looking up. Usage in
the field counts them as 0. What runs another subgraph or somebody's own code is not among them."""

# Positions of the weight matrices [units, what each is multiplied with], which every step of every
# sample goes through once: those that must be there, and those that may be absent.
MATRICES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    # Without 1 and 5 the input gate is coupled with the forget gate; 16 is the projection.
    "UNIDIRECTIONAL_SEQUENCE_LSTM": ((2, 3, 4, 6, 7, 8), (1, 5, 16)),
    "LSTM": ((2, 3, 4, 6, 7, 8), (1, 5, 16)),
    # From 40 on: those of the auxiliary input.
    "BIDIRECTIONAL_SEQUENCE_LSTM": (
        (2, 3, 4, 6, 7, 8, 19, 20, 21, 23, 24, 25),
        (1, 5, 16, 18, 22, 33, *range(40, 48)),
    ),
    "UNIDIRECTIONAL_SEQUENCE_RNN": ((1, 2), ()),
    "RNN": ((1, 2), ()),
    "BIDIRECTIONAL_SEQUENCE_RNN": ((1, 2, 5, 6), (10, 11)),
    # Its second matrix is the filter along time, [units, memory].
    "SVDF": ((1, 2), ()),
}


def macs(model: Model) -> int:
    """Return the multiply-accumulates of one inference: of the operators that can be counted.

    `uncounted` names the others.
    """
    return sum(operator_macs(model, operator) or 0 for operator in model.operators)


def uncounted(model: Model) -> tuple[str, ...]:
    """Return the names of the operators whose multiply-accumulates are not known, each once."""
    names = (one.name for one in model.operators if operator_macs(model, one) is None)
    return tuple(dict.fromkeys(names))


def counted(model: Model) -> tuple[list[int | None], list[ModelError]]:
    """Return `operator_macs` of each operator, None where it raises, and the errors."""
    found: list[int | None] = []
    errors = []
    for operator in model.operators:
        try:
            found.append(operator_macs(model, operator))
        except ModelError as error:
            found.append(None)
            errors.append(error)
    return found, errors


def operator_macs(model: Model, operator: Operator) -> int | None:
    """Return the multiply-accumulates of one operator, for the batch of the static shape.

    With |x| the number of elements of a tensor:

    - `FULLY_CONNECTED`: |output| · inputs, weights being [outputs, inputs]
    - `CONV_2D`: |output| · kh · kw · ci, weights [co, kh, kw, ci], ci being those of one group
    - `CONV_3D`: |output| · kd · kh · kw · ci, weights [kd, kh, kw, ci, co]
    - `DEPTHWISE_CONV_2D`: |output| · kh · kw, weights [1, kh, kw, co]
    - `TRANSPOSE_CONV`: |input| · kh · kw · co, weights [co, kh, kw, ci]
    - `CONV_3D_TRANSPOSE`: |input| · kd · kh · kw · co, weights [kd, kh, kw, co, ci]
    - `BATCH_MATMUL`: |output| · k, k being the dimension summed over
    - recurrent ones and `SVDF`: batch · steps · Σ |weight matrix|, so for an LSTM
      steps · 4 gates · units · (inputs + units), and its projection
    - those of `NONE_BY_DEFINITION`: 0
    - any other, such as `WHILE` or a custom one: None, not known

    Taps that fall on padding are counted, as usual in the field: a kernel may skip them. So are,
    for transposed convolutions, products that padding cuts off. Bias additions are not counted,
    nor are peepholes, which are elementwise. Raise `ModelError` when an operand is absent or has
    another rank than above.
    """
    match operator.name:
        case "FULLY_CONNECTED":
            return _output(model, operator).elements * _input(model, operator, 1, 2).shape[1]
        case "CONV_2D":
            weights = _input(model, operator, 1, 4).shape
            return _output(model, operator).elements * math.prod(weights[1:])
        case "CONV_3D":
            weights = _input(model, operator, 1, 5).shape
            return _output(model, operator).elements * math.prod(weights[:4])
        case "DEPTHWISE_CONV_2D":
            weights = _input(model, operator, 1, 4).shape
            return _output(model, operator).elements * weights[1] * weights[2]
        case "TRANSPOSE_CONV":
            weights = _input(model, operator, 1, 4).shape
            return _input(model, operator, 2, 4).elements * math.prod(weights[:3])
        case "CONV_3D_TRANSPOSE":
            weights = _input(model, operator, 1, 5).shape
            return _input(model, operator, 2, 5).elements * math.prod(weights[:4])
        case "BATCH_MATMUL":
            left = _input(model, operator, 0).shape
            if len(left) < 2:
                raise ModelError(f"{label(operator)}: input 0 has {len(left)} dimensions, not 2")
            summed = left[-2] if (operator.options or {}).get("adj_x") else left[-1]
            return _output(model, operator).elements * summed
        case "LSTM" if (operator.options or {}).get("kernel_type") == "BASIC":
            # All gates are one matrix [4 · units, inputs + units].
            batch = math.prod(_input(model, operator, 0).shape[:-1])
            return batch * _input(model, operator, 2, 2).elements
        case name if name in MATRICES:
            required, optional = MATRICES[name]
            there = [at for at in optional if _is_there(operator, at)]
            matrices = (_input(model, operator, at, 2) for at in (*required, *there))
            # The input is [batch, steps, size], in either order, or [batch, size] of one step.
            steps = math.prod(_input(model, operator, 0).shape[:-1])
            return steps * sum(one.elements for one in matrices)
        case name if name in NONE_BY_DEFINITION:
            return 0
    return None


def weight_bytes(model: Model) -> int:
    """Return the bytes of the constants that operators read: weights, biases, shapes and tables.

    Those of the bodies that it runs are among them. A buffer that several tensors share counts
    once. Quantization parameters are not in it.
    """
    model = whole(model)
    sizes = {
        tensor.buffer: len(tensor.data)
        for operator in model.operators
        for tensor in (model.tensors[index] for index in operator.inputs if index != -1)
        if tensor.data is not None
    }
    return sum(sizes.values())


def _is_there(operator: Operator, position: int) -> bool:
    return position < len(operator.inputs) and operator.inputs[position] != -1


def _input(model: Model, operator: Operator, position: int, rank: int | None = None) -> Tensor:
    if not _is_there(operator, position):
        raise ModelError(f"{label(operator)}: input {position} is absent")
    tensor = model.tensors[operator.inputs[position]]
    if rank is not None and len(tensor.shape) != rank:
        found = len(tensor.shape)
        raise ModelError(f"{label(operator)}: input {position} has {found} dimensions, not {rank}")
    return tensor


def _output(model: Model, operator: Operator) -> Tensor:
    if not operator.outputs:
        raise ModelError(f"{label(operator)}: no output")
    return model.tensors[operator.outputs[0]]
