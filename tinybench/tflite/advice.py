"""What the tensors and operators of a file tell of trouble whose cause is known; no data needed.

Each function yields what it found, one line each and without the remedy, in the order of the
graph. `tinybench.measurement.advice` gives each a name and a remedy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tinybench.tflite.layers import layer_name
from tinybench.tflite.left import CODES, CONVERSIONS, FLOATS
from tinybench.tflite.model import Model, Operator, Tensor
from tinybench.tflite.weighted import WEIGHTED

T = TypeVar("T", bound=np.generic)


KERAS_OF = {
    "ELU": "Keras elu",
    "GELU": "Keras gelu",
    "SELECT": "Keras selu, or tf.where",
    "EXP": "Keras exponential, softplus or mish",
    "LOG": "Keras softplus or mish, or a logarithm of your own",
    "NEG": "Keras LayerNormalization, or a minus sign of your own",
    "READ_VARIABLE": "the state of a stateful layer",
    "ASSIGN_VARIABLE": "the state of a stateful layer",
    "CUMSUM": "tf.cumsum",
    "POW": "tf.pow",
    "FLOOR": "tf.floor",
    "ROUND": "tf.round",
    "CEIL": "tf.math.ceil",
    "SIN": "tf.sin",
    "COS": "tf.cos",
    "ATAN2": "tf.atan2",
}
"""Where operators that the converter does not quantize, or TFLM lacks, come from."""

FIXED = ("SOFTMAX", "LOG_SOFTMAX", "LOGISTIC", "TANH", "L2_NORMALIZATION")
"""Operators whose output has the same range whatever was calibrated."""

BATCH_MOVERS = ("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND")
"""Operators that fold space into the batch: with a batch of any size TFLM computes other values."""

QAT_START = 6.0
"""tfmot's activation ranges start at plus and minus this, and move by 0.001 of the way a step."""
SETTLED = 0.5
"""The part of the start that may be left in a range: it went half of the way, in 700 steps. From
there on at most a third of a ReLU's codes is unused, and the built-in tasks' accuracy is that of
their float32 control."""

FEW_CODES = 8
"""A range this many times wider than all but the outliers leaves them 4 of 8 bits and a sign."""
OUTLIERS = 0.001
"""The part of the values that may be outliers; one at least."""
FEWEST_WEIGHTS = 16
"""Of fewer weights the largest is no outlier: it may well be the only one that matters."""

DEAD_SHARE = 0.1
"""The share of a layer's channels from which on it is worth telling; one channel happens often."""


def short(names: Iterable[str], most: int = 3) -> str:
    """The first names, and how many more there are: fit for one line."""
    found = list(dict.fromkeys(names))
    more = f" and {len(found) - most:,} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


def layer_of(model: Model, operator: Operator) -> str:
    """The Keras layer's name, as far as the file has kept it."""
    tensors = [
        model.tensors[index] for index in (*operator.outputs, *operator.inputs) if index >= 0
    ]
    # tfmot's wrapper is no layer of the author's.
    name = layer_name([one.name for one in tensors]).removeprefix("quant_")
    name = name if len(name) <= 40 else f"{name[:37]}..."
    return name if name.isprintable() else repr(name)


def keras_of(name: str) -> str:
    """The operator's name and, where it is known, what makes it in Keras."""
    return f"{name} ({KERAS_OF[name]})" if name in KERAS_OF else name


def range_of(tensor: Tensor) -> tuple[float, float] | None:
    """The smallest and largest real number that a quantized tensor holds; None for floats."""
    grid = tensor.quantization
    if grid is None or len(grid.scales) != 1 or grid.details or tensor.dtype not in CODES:
        return None
    limits = np.iinfo(tensor.dtype)
    scale, zero = grid.scales[0], grid.zero_points[0]
    return scale * (limits.min - zero), scale * (limits.max - zero)


def grid_of(model: Model, index: int) -> Tensor | None:
    """The quantized tensor that a graph's input or output is, or is converted to or from."""
    tensor = model.tensors[index]
    if range_of(tensor) is not None:
        return tensor
    for operator in model.operators:
        if operator.name == "QUANTIZE" and operator.inputs[:1] == (index,):
            return model.tensors[operator.outputs[0]]
        if operator.name == "DEQUANTIZE" and operator.outputs[:1] == (index,):
            source = model.tensors[operator.inputs[0]]
            return source if range_of(source) is not None else None
    return None


def is_integer(model: Model) -> bool:
    """Whether an operator of the file computes integer codes: it was to be quantized as a whole."""
    return any(
        range_of(model.tensors[index]) is not None
        for operator in model.operators
        # An embedding's table may be int8 where nothing else is.
        if operator.name not in (*CONVERSIONS, "GATHER")
        for index in operator.outputs
    )


def float_operators(model: Model) -> Iterator[str]:
    """An operator that was left in floats amid integers."""
    if not is_integer(model):
        return
    found: dict[str, list[str]] = {}
    for operator in model.operators:
        types = {model.tensors[index].dtype for index in operator.outputs}
        if operator.name not in CONVERSIONS and types & {*FLOATS}:
            found.setdefault(operator.name, []).append(layer_of(model, operator))
    for name, layers in found.items():
        yield f"{keras_of(name)} is computed in floats, in {short(layers)}"


def any_batch(model: Model) -> Iterator[str]:
    """A batch of any size in a graph that folds space into the batch."""
    open_ones = [
        tensor.name
        for tensor in (model.tensors[index] for index in model.inputs)
        if tensor.shape_signature[:1] == (-1,)
    ]
    movers = [one.name for one in model.operators if one.name in BATCH_MOVERS]
    if open_ones and movers:
        yield (
            f"the batch of {short(open_ones)} is of any size (?), and {short(movers)} fold a "
            "dilated convolution's space into it: TFLM computes other values than LiteRT"
        )


def unsettled_ranges(model: Model) -> Iterator[str]:
    """A range that tfmot's start is still in: a ReLU's output has negative numbers in it."""
    joined = {
        index
        for operator in model.operators
        if operator.name in ("CONCATENATION", "PACK", "MAXIMUM", "MINIMUM")
        for index in operator.inputs
    }
    left: dict[str, float] = {}
    for operator in model.operators:
        fused = (operator.options or {}).get("fused_activation_function", "NONE")
        relu = operator.name in ("RELU", "RELU6") or fused in ("RELU", "RELU6")
        for index in operator.outputs:
            span = None if index in joined else range_of(model.tensors[index])
            if span is None or operator.name in CONVERSIONS:
                continue
            # What a ReLU gives is never negative, so all of that is what was left of the start.
            part = -span[0] / QAT_START if relu else _start_left(span)
            if part > SETTLED and model.tensors[index].dtype != "int16":
                left[layer_of(model, operator)] = part
    if left:
        layer, part = max(left.items(), key=lambda item: item[1])
        count = f"{len(left)} layer{'s' if len(left) > 1 else ''}"
        yield (
            f"{100 * part:.0f} % of the ±{QAT_START:g} that quantization-aware training starts "
            f"from is still in the ranges of {count}, such as {layer}"
        )


def _start_left(span: tuple[float, float]) -> float:
    """1 for a range that is still the start itself, within what one code is; else 0."""
    return float(all(abs(abs(end) - QAT_START) < 0.05 for end in span) and span[0] < 0)


def weight_outliers(model: Model) -> Iterator[str]:
    """A channel, or a tensor of one scale, whose range is made by one weight in a thousand."""
    for operator, weights in _weighted(model):
        grid = weights.quantization
        if weights.dtype not in CODES or grid is None or grid.details:
            continue
        codes = np.abs(weights.array().astype(np.int64) - np.array(grid.zero_points[:1]))
        groups = _channels(codes, grid.axis) if len(grid.scales) > 1 else codes.reshape(1, -1)
        ruled = [index for index, group in enumerate(groups) if _ruled(group)]
        if not ruled:
            continue
        layer = layer_of(model, operator)
        rest = max(int(_rest(groups[index])) for index in ruled)
        what = f"{len(ruled):,} of {len(groups):,} channels" if len(groups) > 1 else "the tensor"
        yield (
            f"one weight in a thousand makes the range of {what} of {layer}: it has code 127, "
            f"all others are within ±{rest}"
        )


def _ruled(codes: NDArray[np.int64]) -> bool:
    return codes.size >= FEWEST_WEIGHTS and 0 < FEW_CODES * _rest(codes) <= codes.max()


def _rest(codes: NDArray[np.int64]) -> int:
    """The largest of the values that are no outliers."""
    last = codes.size - 1 - max(1, int(OUTLIERS * codes.size))
    return int(np.partition(codes.reshape(-1), last)[last])


def dead_channels(model: Model) -> Iterator[str]:
    """A layer with channels that are constant, whatever goes in."""
    for operator, weights in _weighted(model):
        axis = WEIGHTED[operator.name].axis
        if weights.dtype not in (*CODES, *FLOATS) or axis >= len(weights.shape):
            continue
        dead = _constant(model, operator, weights, axis)
        if len(dead) > 1 and (count := int(dead.sum())) >= DEAD_SHARE * len(dead):
            where = f"channels {short(map(str, np.flatnonzero(dead)))}"
            yield (
                f"{count:,} of {len(dead):,} channels of {layer_of(model, operator)} give the same "
                f"number whatever goes in ({where})"
            )


def _constant(model: Model, operator: Operator, weights: Tensor, axis: int) -> NDArray[np.bool_]:
    """Which channels are constant: by the ends of their input's range or, of floats, by zeros."""
    real = _real(weights, axis)
    source, output = model.tensors[operator.inputs[_source(operator)]], _output(model, operator)
    span, made = range_of(source), range_of(output)
    if span is None or made is None:
        return np.asarray(np.abs(real).max(axis=1) == 0)
    ends = np.stack([real * span[0], real * span[1]])
    bias = _bias(model, operator, len(real))
    low, high = ends.min(axis=0).sum(axis=1) + bias, ends.max(axis=0).sum(axis=1) + bias
    fused = (operator.options or {}).get("fused_activation_function", "NONE")
    floor = max(made[0], 0.0) if fused in ("RELU", "RELU6") else made[0]
    ceiling = min(made[1], 6.0) if fused == "RELU6" else made[1]
    step = (made[1] - made[0]) / (np.iinfo(output.dtype).max - np.iinfo(output.dtype).min)
    first, last = (np.rint(np.clip(end, floor, ceiling) / step) for end in (low, high))
    return np.asarray(first == last)


def _source(operator: Operator) -> int:
    return 2 if operator.name == "TRANSPOSE_CONV" else 0


def _output(model: Model, operator: Operator) -> Tensor:
    return model.tensors[operator.outputs[0]]


def _real(weights: Tensor, axis: int) -> NDArray[np.float64]:
    """Weights (channels, the rest) as real numbers."""
    values, grid = weights.array().astype(np.float64), weights.quantization
    rows = _channels(values, axis)
    if weights.dtype in FLOATS or grid is None:
        return rows
    scales, zeros = np.array(grid.scales), np.array(grid.zero_points)
    real: NDArray[np.float64] = (rows - zeros[:, None]) * scales[:, None]
    return real


def _bias(model: Model, operator: Operator, channels: int) -> NDArray[np.float64]:
    at = WEIGHTED[operator.name].bias
    index = operator.inputs[at] if at < len(operator.inputs) else -1
    tensor = model.tensors[index] if index >= 0 else None
    if tensor is None or tensor.data is None or tensor.quantization is None:
        return np.zeros(channels)
    codes = tensor.array().astype(np.float64).reshape(-1)
    return np.asarray(codes * np.array(tensor.quantization.scales))


def _channels(values: NDArray[T], axis: int) -> NDArray[T]:
    rows = np.moveaxis(values, axis, 0)
    return rows.reshape(len(rows), -1)


def _weighted(model: Model) -> Iterator[tuple[Operator, Tensor]]:
    """Operators with constant, plain weights; a tensor that several share, with the first."""
    seen: set[int] = set()
    for operator in model.operators:
        place = WEIGHTED.get(operator.name)
        index = operator.inputs[place.weights] if place and len(operator.inputs) > 1 else -1
        if index < 0 or index in seen or not operator.outputs:
            continue
        seen.add(index)
        tensor = model.tensors[index]
        packed = tensor.dtype not in (*CODES, *FLOATS)
        if tensor.data is not None and not tensor.sparse and not packed and tensor.elements:
            yield operator, tensor
