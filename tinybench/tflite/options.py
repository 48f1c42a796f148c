"""The builtin options of an operator as a plain dictionary, for every operator of the schema.

Generated option classes are read by introspection: one accessor a field, defaults included. A
table of fields by hand would have to be kept in step with some 130 classes.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import Any

from tinybench.tflite.flat import (
    ModelError,
    NewerFileError,
    child,
    enum_names,
    numbers,
    schema,
    text,
)

KINDS = enum_names(schema.BuiltinOptions)
KINDS_2 = enum_names(schema.BuiltinOptions2)
TENSOR_TYPES = {value: name.lower() for value, name in enum_names(schema.TensorType).items()}

# Fields whose number is an enumeration that later code reads by name.
ENUMS = {
    "combiner": enum_names(schema.CombinerType),
    "fused_activation_function": enum_names(schema.ActivationFunctionType),
    "idx_out_type": TENSOR_TYPES,
    "in_data_type": TENSOR_TYPES,
    "kernel_type": enum_names(schema.LSTMKernelType),
    "mode": enum_names(schema.MirrorPadMode),
    "out_data_type": TENSOR_TYPES,
    "out_type": TENSOR_TYPES,
    "output_type": TENSOR_TYPES,
    "padding": enum_names(schema.Padding),
    "quantized_bias_type": TENSOR_TYPES,
    "reduce_function": enum_names(schema.ReduceWindowFunction),
    "weights_format": enum_names(schema.FullyConnectedOptionsWeightsFormat),
}

NO_FIELD = re.compile(r"_|Init$|GetRootAs|.*BufferHasIdentifier$")


@cache
def fields(kind: str) -> tuple[tuple[str, str, bool], ...]:
    """Return key, accessor and whether it is a vector of scalars, for each field of a class.

    Vectors of strings or tables (StableHLO only) are left out.
    """
    members = vars(getattr(schema, kind))
    found = []
    for name in members:
        stem = re.sub(r"(AsNumpy|Length|IsNone)$", "", name)
        if NO_FIELD.match(name) or (stem != name and stem in members):
            continue
        vector = f"{name}Length" in members
        if not vector or f"{name}AsNumpy" in members:
            found.append((re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(), name, vector))
    return tuple(found)


def read_options(operator: Any) -> dict[str, Any] | None:
    """Return the builtin options of a generated `Operator` accessor, `None` when it has none.

    Keys are the schema's field names (`stride_w`), enumerations their names (`"SAME"`), data
    types those of `Tensor.dtype`, vectors tuples. Raise `ModelError` for an unknown enumeration
    value, an unknown kind of options or a number that is not finite.
    """
    where = operator._tab.where
    for kinds, number, union in (
        (KINDS, operator.BuiltinOptionsType(), operator.BuiltinOptions),
        (KINDS_2, operator.BuiltinOptions2Type(), operator.BuiltinOptions2),
    ):
        if number == 0:
            continue
        if number not in kinds:
            raise NewerFileError(f"{where}: unknown kind of options {number}")
        bare = union()
        if bare is None:
            continue
        kind = kinds[number]
        options = child(operator, bare, f"{where}: {kind}", getattr(schema, kind))
        return {key: _value(options, key, name, vector) for key, name, vector in fields(kind)}
    return None


def _value(options: Any, key: str, name: str, vector: bool) -> Any:
    if vector:
        return numbers(options, name)
    value = getattr(options, name)()
    if key in ENUMS:
        if value not in ENUMS[key]:
            raise NewerFileError(f"{options._tab.where}: {key} has the unknown value {value}")
        return ENUMS[key][value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ModelError(f"{options._tab.where}: {key} is {value}")
    return text(value) if isinstance(value, bytes) or value is None else value
