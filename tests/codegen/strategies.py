"""Models to compare generated code on, by family: one operator, or one kind of small network.

| | |
|---|---|
| `FAMILIES` | every family's name and generator |
| `sample(family, count, seed)` | the same models every time, for batches |
| `cases(family)` | a Hypothesis strategy over the same generators, which shrinks |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from random import Random

from hypothesis import strategies as st

from . import (
    elementwise,
    elementwise_families,
    flow_families,
    layers,
    movement_families,
    rearrangement_families,
    recurrent_families,
    shapes,
    signal_families,
    spatial_families,
)
from .builder import Tensor
from .draft import Case, Draft
from .graphs import GRAPHS, Family
from .streaming_families import FAMILIES as STREAMING


def draw(family: str, random: Random) -> Case:
    """Return one model of a family."""
    draft = Draft(random)
    made = FAMILIES[family](draft)
    return draft.case(*((made,) if isinstance(made, Tensor) else made))


def sample(family: str, count: int, seed: int = 0) -> list[Case]:
    """Return `count` models of a family, the same for the same seed."""
    return [draw(family, Random(f"{family}/{seed}/{number}")) for number in range(count)]


def cases(family: str) -> st.SearchStrategy[Case]:
    """Return a strategy over a family's models."""
    return st.randoms(use_true_random=False).map(partial(draw, family))


def _image(draft: Draft, dtype: str = "int8", channels: int = 8) -> Tensor:
    batch = draft.any(1, 1, 1, 2)
    size = (draft.between(1, 8), draft.between(1, 8))
    return draft.input((batch, *size, draft.between(1, channels)), dtype)


def _any(draft: Draft, dtype: str = "int8") -> Tensor:
    return draft.input(draft.shape(draft.between(1, 4)), dtype)


def _moved(draft: Draft) -> Tensor:
    """Return an input of any type that operators without arithmetic take."""
    return _any(draft, draft.any("int8", "int8", "int8", "int16", "float32"))


def _dense(draft: Draft, dtype: str) -> Tensor:
    shape = (draft.between(1, 4), draft.between(1, 40))
    return layers.fully_connected(
        draft, draft.input((2, *shape) if draft.chance(15) else shape, dtype)
    )


def _conv(draft: Draft, dtype: str) -> Tensor:
    return layers.conv_2d(draft, _image(draft, dtype, 17))


def _pointwise(draft: Draft) -> Tensor:
    return layers.conv_2d(draft, _image(draft, channels=17), kernel=(1, 1), same=True)


def _border(draft: Draft) -> Tensor:
    """Draw windows that never fit: every one of them reads padding."""
    x = draft.input((1, draft.between(1, 3), draft.between(1, 3), draft.between(1, 6)))
    return layers.conv_2d(draft, x, kernel=(5, 5), same=True)


def _depthwise(draft: Draft, dtype: str) -> Tensor:
    return layers.depthwise_conv_2d(draft, _image(draft, dtype, 6))


def _depthwise_one(draft: Draft) -> Tensor:
    return layers.depthwise_conv_2d(draft, _image(draft, channels=1))


def _pool(draft: Draft, name: str, dtype: str) -> Tensor:
    return layers.pool_2d(draft, _image(draft, dtype), name)


def _binary(draft: Draft, name: str, dtype: str) -> Tensor:
    return elementwise.binary(draft, name, _any(draft, dtype))


def _extreme(draft: Draft, name: str) -> Tensor:
    return elementwise.extreme(draft, name, _moved(draft))


def _reduction(draft: Draft, name: str, dtype: str) -> Tensor:
    x = draft.input(draft.shape(draft.between(1, 4), 7), dtype)
    return elementwise.reduction(draft, name, x)


def _unary(draft: Draft, name: str, dtype: str) -> Tensor:
    x = draft.input((draft.between(1, 3), 64), dtype)
    return elementwise.unary(draft, name, x)


def _softmax(draft: Draft, dtype: str, *, wide: bool = False) -> Tensor:
    x = draft.input((draft.between(1, 4), draft.between(1, 12)), dtype)
    return elementwise.softmax(draft, x, wide=wide)


def _quantize(draft: Draft, source: str, target: str) -> Tensor:
    return elementwise.quantize(draft, draft.input((2, 64), source), target)


def _dequantize(draft: Draft, dtype: str) -> Tensor:
    return elementwise.dequantize(draft, draft.input((2, 64), dtype))


def _pad(draft: Draft, name: str) -> Tensor:
    return shapes.pad(draft, _moved(draft), name)


def _concatenation(draft: Draft) -> Tensor:
    parts, axis = shapes.several(draft, _moved(draft))
    return shapes.concatenation(draft, parts, axis)


def _split(draft: Draft) -> list[Tensor]:
    x = _moved(draft)
    axis = draft.between(0, len(x.shape) - 1)
    parts = draft.between(2, 4)
    shape = list(x.shape)
    shape[axis] = parts * draft.between(1, 3)
    draft.inputs = [draft.like(x, shape)]
    return shapes.split(draft, draft.inputs[0], axis - len(shape) * draft.chance(30), parts)


def _split_v(draft: Draft) -> list[Tensor]:
    x = _moved(draft)
    axis = draft.between(0, len(x.shape) - 1)
    shape = list(x.shape)
    shape[axis] = draft.between(2, 6)
    draft.inputs = [draft.like(x, shape)]
    return shapes.split_v(draft, draft.inputs[0], axis)


def _squeeze(draft: Draft) -> Tensor:
    shape = [size if draft.chance(50) else 1 for size in draft.shape(draft.between(2, 5))]
    return shapes.squeeze(draft, draft.input(shape))


def _moving(operator: Callable[[Draft, Tensor], Tensor | Sequence[Tensor]]) -> Family:
    return lambda draft: operator(draft, _moved(draft))


FLOAT, INT8, INT16 = "float32", "int8", "int16"

FAMILIES: dict[str, Family] = {
    "fully_connected": partial(_dense, dtype=INT8),
    "fully_connected_int16": partial(_dense, dtype=INT16),
    "fully_connected_float32": partial(_dense, dtype=FLOAT),
    "conv_2d": partial(_conv, dtype=INT8),
    "conv_2d_pointwise": _pointwise,
    "conv_2d_border": _border,
    "conv_2d_int16": partial(_conv, dtype=INT16),
    "conv_2d_float32": partial(_conv, dtype=FLOAT),
    "depthwise_conv_2d": partial(_depthwise, dtype=INT8),
    "depthwise_conv_2d_one_channel": _depthwise_one,
    "depthwise_conv_2d_float32": partial(_depthwise, dtype=FLOAT),
    "average_pool_2d": partial(_pool, name="AVERAGE_POOL_2D", dtype=INT8),
    "average_pool_2d_float32": partial(_pool, name="AVERAGE_POOL_2D", dtype=FLOAT),
    "max_pool_2d": partial(_pool, name="MAX_POOL_2D", dtype=INT8),
    "max_pool_2d_float32": partial(_pool, name="MAX_POOL_2D", dtype=FLOAT),
    "add": partial(_binary, name="ADD", dtype=INT8),
    "add_int16": partial(_binary, name="ADD", dtype=INT16),
    "add_float32": partial(_binary, name="ADD", dtype=FLOAT),
    "sub": partial(_binary, name="SUB", dtype=INT8),
    "sub_float32": partial(_binary, name="SUB", dtype=FLOAT),
    "mul": partial(_binary, name="MUL", dtype=INT8),
    "mul_int16": partial(_binary, name="MUL", dtype=INT16),
    "mul_float32": partial(_binary, name="MUL", dtype=FLOAT),
    "maximum": partial(_extreme, name="MAXIMUM"),
    "minimum": partial(_extreme, name="MINIMUM"),
    "mean": partial(_reduction, name="MEAN", dtype=INT8),
    "mean_float32": partial(_reduction, name="MEAN", dtype=FLOAT),
    "sum": partial(_reduction, name="SUM", dtype=INT8),
    "sum_float32": partial(_reduction, name="SUM", dtype=FLOAT),
    "relu": partial(_unary, name="RELU", dtype=INT8),
    "relu_float32": partial(_unary, name="RELU", dtype=FLOAT),
    "relu6": partial(_unary, name="RELU6", dtype=INT8),
    "relu6_float32": partial(_unary, name="RELU6", dtype=FLOAT),
    "leaky_relu": partial(_unary, name="LEAKY_RELU", dtype=INT8),
    "leaky_relu_float32": partial(_unary, name="LEAKY_RELU", dtype=FLOAT),
    "prelu": lambda draft: elementwise.prelu(draft, _image(draft)),
    "hard_swish": lambda draft: elementwise.hard_swish(draft, draft.input((2, 64))),
    "logistic": partial(_unary, name="LOGISTIC", dtype=INT8),
    "logistic_float32": partial(_unary, name="LOGISTIC", dtype=FLOAT),
    "tanh": partial(_unary, name="TANH", dtype=INT8),
    "tanh_float32": partial(_unary, name="TANH", dtype=FLOAT),
    "softmax": partial(_softmax, dtype=INT8),
    "softmax_to_int16": partial(_softmax, dtype=INT8, wide=True),
    "softmax_float32": partial(_softmax, dtype=FLOAT),
    "quantize": partial(_quantize, source=FLOAT, target=INT8),
    "quantize_to_int16": partial(_quantize, source=FLOAT, target=INT16),
    "requantize": partial(_quantize, source=INT8, target=INT8),
    "requantize_int8_int16": partial(_quantize, source=INT8, target=INT16),
    "requantize_int16_int8": partial(_quantize, source=INT16, target=INT8),
    "requantize_int16": partial(_quantize, source=INT16, target=INT16),
    "requantize_uint8_int8": partial(_quantize, source="uint8", target=INT8),
    "requantize_int8_uint8": partial(_quantize, source=INT8, target="uint8"),
    "dequantize": partial(_dequantize, dtype=INT8),
    "dequantize_int16": partial(_dequantize, dtype=INT16),
    "pad": partial(_pad, name="PAD"),
    "padv2": partial(_pad, name="PADV2"),
    "concatenation": _concatenation,
    "reshape": _moving(shapes.reshape),
    "squeeze": _squeeze,
    "expand_dims": _moving(shapes.expand_dims),
    "transpose": _moving(shapes.transpose),
    "slice": _moving(shapes.slice_),
    "strided_slice": _moving(shapes.strided_slice),
    "split": _split,
    "split_v": _split_v,
    "pack": _moving(shapes.pack),
    "unpack": _moving(shapes.unpack),
    **spatial_families.FAMILIES,
    **elementwise_families.FAMILIES,
    **movement_families.FAMILIES,
    **GRAPHS,
    **flow_families.FAMILIES,
    **STREAMING,
    **rearrangement_families.FAMILIES,
    **recurrent_families.FAMILIES,
    **signal_families.FAMILIES,
}
