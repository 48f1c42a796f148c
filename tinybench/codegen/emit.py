"""C text: constants, parameter structures, and what stands around a header."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

C_TYPES = {
    **{name: f"{name}_t" for bits in (8, 16, 32, 64) for name in (f"int{bits}", f"uint{bits}")},
    "bool": "uint8_t",
    "float32": "float",
    "float64": "double",
}
PER_LINE = {
    **dict.fromkeys(("int16", "uint16"), 12),
    **dict.fromkeys(("int32", "uint32"), 7),
    **dict.fromkeys(("int64", "float64"), 3),
    "uint64": 2,
    "float32": 5,
}
"""Numbers of a type that fit into 100 columns, whatever their values; bytes: 16."""
MINIMUM = {"int32": "INT32_MIN", "int64": "INT64_MIN"}


def identifier(name: str) -> str:
    """`name` as a part of a C identifier."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name).lower()


def number(value: float | np.generic, dtype: str = "int32") -> str:
    """A C literal of exactly this value; of a real number, the float next to it.

    Nine digits are enough for every float. Hexadecimal ones would be exact by their looks, but
    C++ has them since C++17 only.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        real = np.float32(value)
        if not np.isfinite(real):
            raise ValueError(f"{value} has no C99 literal")
        text = f"{real:.9g}"
        return f"{text}f" if set(text) & set(".e") else f"{text}.0f"
    # -2147483648 is an operator and a number that does not fit: C has names for these two.
    if dtype in MINIMUM and value == np.iinfo(dtype).min:
        return MINIMUM[dtype]
    wide = {"int64": "INT64_C", "uint64": "UINT64_C"}.get(dtype)
    return f"{wide}({value})" if wide else str(int(value))


def array(name: str, values: NDArray[Any]) -> str:
    """A constant array, 4-aligned so that kernels may load words."""
    dtype = str(values.dtype)
    flat = values.reshape(-1).tolist()
    if dtype == "float64":
        literals = [repr(value) for value in flat]  # finite ones, which repr gives back exactly
    elif dtype in MINIMUM or dtype in ("float32", "uint64"):
        literals = [number(value, dtype) for value in flat]
    else:
        literals = [str(int(value)) for value in flat]
    per_line = PER_LINE.get(dtype, 16)
    lines = (
        ", ".join(literals[start : start + per_line]) for start in range(0, len(flat), per_line)
    )
    body = ",\n    ".join(lines)
    return f"static const {C_TYPES[dtype]} {name}[{values.size}] TB_ALIGN(4) = {{\n    {body}}};\n"


def members(fields: Mapping[str, Any], names: Mapping[int, str], indent: str = "    ") -> str:
    """Initializers in the order of the struct, which C++ wants; an array is named by its identity.

    The names of the members are comments: C++ has designated initializers since C++20 only.
    """
    lines = []
    for key, value in fields.items():
        if isinstance(value, np.ndarray):
            text = names[id(value)]
        elif isinstance(value, Mapping):
            text = "{\n" + members(value, names, indent + "    ") + indent + "}"
        else:
            text = number(value)
        lines.append(f"{indent}/* {key} */ {text},\n")
    return "".join(lines)


def arrays_of(fields: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, NDArray[Any]]]:
    """All arrays among fields, with the path of their names."""
    for key, value in fields.items():
        where = f"{path}_{key}" if path else key
        if isinstance(value, np.ndarray):
            yield where, value
        elif isinstance(value, Mapping):
            yield from arrays_of(value, where)


def linkage(declarations: Iterable[str]) -> list[str]:
    """Lines of declarations that C and C++ link alike."""
    begin, end = (["#ifdef __cplusplus", brace, "#endif", ""] for brace in ('extern "C" {', "}"))
    return [*begin, *declarations, "", *end[:-1]]


def guarded(guard: str, remedy: str, sha256: str, lines: Iterable[str]) -> list[str]:
    """Lines of a header, read once; that of another model with the same guard is an error."""
    identity = f"0x{sha256[:8]}"
    return [
        f"#ifndef {guard}",
        f"#define {guard} {identity}",
        "",
        *lines,
        "",
        f"#elif {guard} != {identity}",
        f'#error "{remedy}"',
        "#endif",
        "",
    ]
