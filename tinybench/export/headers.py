"""The C headers beside the generated code: model data, settings and test vectors."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.codegen import emit
from tinybench.codegen.names import Names
from tinybench.codegen.settings import scheme
from tinybench.tflite.quantize import dequantize, quantize

MAX_CODES = 256
"""Codes of a type that the quantization tables hold: all of int8, every 256th of int16."""


def model_data_header(names: Names, sha256: str) -> str:
    """The declarations that TFLM projects include."""
    declared = [
        f"extern const unsigned char {names.array}[];",
        f"extern const unsigned int {names.array}_len;",
    ]
    guard = f"{names.upper}_DATA_H"
    return "\n".join(
        [
            "/* The .tflite file as an array, for TensorFlow Lite for Microcontrollers. */",
            *emit.guarded(guard, names.taken, sha256, emit.linkage(declared)),
        ]
    )


def model_data_source(names: Names, data: bytes) -> str:
    """The bytes in the very lines of `xxd -i`, in an array that is aligned as TFLM wants it."""
    rows = [
        "  " + ", ".join(f"0x{byte:02x}" for byte in data[start : start + 12])
        for start in range(0, len(data), 12)
    ]
    return (
        f'#include "{names.prefix}_data.h"\n\n'
        f"alignas(16) const unsigned char {names.array}[] = {{\n" + ",\n".join(rows) + "\n};\n"
        f"const unsigned int {names.array}_len = {len(data)};\n"
    )


def test_vectors(
    names: Names,
    model: tflite.Model,
    vectors: tuple[Sequence[NDArray[Any]], Sequence[NDArray[Any]]],
    reference: str,
    sha256: str,
    *,
    code: bool,
    resets: bool | None,
) -> str:
    """Raw inputs with the bytes that must come out, and tables to check `quantize.h` with.

    Where there is C `code` for the model, a port's place in its arena stands beside its bytes.
    A model with a state has vectors that are one sequence from a reset or, if `resets`, each its
    own.
    """
    count = len(vectors[0][0]) if vectors[0] else 0
    about = [
        f"/* Inputs, the bytes that {reference} gives for them, and codes",
        " * with the real numbers they stand for (as bits of a float). Generated; do not edit. */",
    ]
    includes = [f'#include "{names.prefix}.h"'] if code else []
    lines = [
        f"#define TEST_VECTORS {count}",
        *(_sequences(resets=resets) if resets is not None else []),
        "",
        "/* The bytes of one port for all vectors, and where one vector's go. */"
        if code
        else "/* The bytes of one port for all vectors. */",
        "struct test_port {",
        "  const uint8_t *bytes;",
        *(["  void *arena;"] if code else []),
        "  uint32_t size;",
        "};",
        "",
    ]
    for kind, arrays in zip(("input", "output"), vectors, strict=True):
        ports = []
        for position, values in enumerate(arrays):
            upper = f"{names.upper}_{kind.upper()}_{position}"
            rows = np.ascontiguousarray(values).view(np.uint8).reshape(count, -1)
            lines.append(
                f"static const uint8_t test_{kind}_{position}[TEST_VECTORS][{upper}_BYTES] = {{"
            )
            lines += [_row(row) for row in rows]
            lines += ["};", ""]
            place = f" {upper}," if code else ""
            ports.append(f"    {{test_{kind}_{position}[0],{place} {upper}_BYTES}},")
        lines += [
            f"static const struct test_port test_{kind}s[{names.upper}_{kind.upper()}S] = {{",
            *ports,
            "};",
            "",
        ]
    lines = [
        "#include <stdint.h>",
        "",
        *includes,
        f'#include "{names.prefix}_settings.h"',
        "",
        *emit.linkage([*lines, *_quantizations(names, model)]),
    ]
    text = [*about, *emit.guarded("TEST_VECTORS_H", names.taken, sha256, lines)]
    return names.own("\n".join(text))


def _sequences(*, resets: bool) -> list[str]:
    about = (
        "Each vector is a sequence of its own: reset the state before each."
        if resets
        else "The vectors are one sequence: reset the state before the first."
    )
    return ["", f"/* {about} */", f"#define TEST_RESET_EACH {int(resets)}"]


def _row(row: NDArray[np.uint8]) -> str:
    text = textwrap.fill(", ".join(map(str, row.tolist())), 92)
    return textwrap.indent(f"{{{text}}},", "    ")


def _quantizations(names: Names, model: tflite.Model) -> list[str]:
    entries: list[str] = []
    lines: list[str] = []
    for kind, indexes in (("INPUT", model.inputs), ("OUTPUT", model.outputs)):
        for position, index in enumerate(indexes):
            if scheme(model.tensors[index]) is None:
                continue
            name = f"test_{kind}_{position}".lower()
            macro = f"{names.upper}_{kind}_{position}"
            tables = _codes(model.tensors[index])
            for table, pairs in tables.items():
                body = textwrap.fill(", ".join(f"{{{code}, {real}u}}" for code, real in pairs), 94)
                lines += [
                    f"static const struct test_code {name}_{table}[] = {{",
                    textwrap.indent(body, "    ") + "};",
                    "",
                ]
            quantized, dequantized = (len(tables[t]) for t in ("quantized", "dequantized"))
            entries.append(
                f"    {{{macro}_SCALE, {macro}_ZERO_POINT, {macro}_MIN, {macro}_MAX,\n"
                f"     {name}_quantized, {quantized}, {name}_dequantized, {dequantized}}},"
            )
    head = f"#define TEST_QUANTIZATIONS {len(entries)}"
    if not entries:
        return [head]
    return [
        head,
        "",
        "struct test_code {",
        "  int32_t code;",
        "  uint32_t real;",
        "};",
        "",
        "/* `quantized` must become these codes; the codes of `dequantized`, these numbers. */",
        "struct test_quantization {",
        "  float scale;",
        "  int32_t zero_point, low, high;",
        "  const struct test_code *quantized;",
        "  uint32_t quantized_count;",
        "  const struct test_code *dequantized;",
        "  uint32_t dequantized_count;",
        "};",
        "",
        *lines,
        "static const struct test_quantization test_quantizations[TEST_QUANTIZATIONS] = {",
        *entries,
        "};",
    ]


def _codes(tensor: tflite.Tensor) -> dict[str, list[tuple[int, int]]]:
    """Pairs of code and float bits: every code both ways, and numbers half way between codes."""
    found = scheme(tensor)
    assert found is not None
    scale, zero_point = found
    limits = np.iinfo(tensor.dtype)
    step = (int(limits.max) - int(limits.min) + 1) // MAX_CODES
    codes = np.arange(limits.min, int(limits.max) + 1, step).astype(tensor.dtype)
    reals = dequantize(codes, scale, zero_point)
    halves = (reals + np.float32(scale) * np.float32(0.5)).astype(np.float32)
    given = np.concatenate([reals, halves])
    quantized, _ = quantize(given, scale, zero_point, tensor.dtype)

    def pairs(some: NDArray[Any], numbers: NDArray[np.float32]) -> list[tuple[int, int]]:
        return list(zip(some.tolist(), numbers.view(np.uint32).tolist(), strict=True))

    return {"quantized": pairs(quantized, given), "dequantized": pairs(codes, reals)}
