"""The C headers beside the generated code: model data, settings and test vectors."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.codegen import Generated
from tinybench.codegen.emit import C_TYPES, number
from tinybench.tflite.quantize import dequantize, quantize

QUANTIZED = ("int8", "uint8", "int16")
MAX_CODES = 256
"""Codes of a type that the quantization tables hold: all of int8, every 256th of int16."""


def model_data_header() -> str:
    """The declarations that TFLM projects include."""
    return (
        "/* The .tflite file as an array, for TensorFlow Lite for Microcontrollers. */\n"
        "#ifndef MODEL_DATA_H\n#define MODEL_DATA_H\n\n"
        '#ifdef __cplusplus\nextern "C" {\n#endif\n\n'
        "extern const unsigned char g_model[];\nextern const unsigned int g_model_len;\n\n"
        "#ifdef __cplusplus\n}\n#endif\n\n#endif\n"
    )


def model_data_source(data: bytes) -> str:
    """The bytes in the very lines of `xxd -i`, in an array that is aligned as TFLM wants it."""
    rows = [
        "  " + ", ".join(f"0x{byte:02x}" for byte in data[start : start + 12])
        for start in range(0, len(data), 12)
    ]
    return (
        '#include "model_data.h"\n\n'
        "alignas(16) const unsigned char g_model[] = {\n" + ",\n".join(rows) + "\n};\n"
        f"const unsigned int g_model_len = {len(data)};\n"
    )


def model_settings(
    generated: Generated,
    names: Mapping[str, str],
    sha256: str,
    labels: Sequence[str],
    tflm_arena_bytes: int,
) -> str:
    """What firmware wants to know of the model: names, shapes, quantization, TFLM's needs."""
    model, program = generated.model, generated.program
    lines = [
        "/* What the model is called, how numbers become codes, and what TensorFlow Lite for",
        " * Microcontrollers needs for it. Generated; do not edit. */",
        "#ifndef MODEL_SETTINGS_H",
        "#define MODEL_SETTINGS_H",
        "",
        *(f"#define MODEL_{key} {_string(value)}" for key, value in names.items()),
        f'#define MODEL_SHA256 "{sha256}"',
        "",
    ]
    for kind, indexes in (("INPUT", model.inputs), ("OUTPUT", model.outputs)):
        for position, index in enumerate(indexes):
            lines += _port(f"MODEL_{kind}_{position}", model.tensors[index])
    if labels:
        lines += [
            "/* What the outputs stand for, in their order. */",
            f"#define MODEL_LABEL_COUNT {len(labels)}",
            f"#define MODEL_LABELS {{{', '.join(_string(label) for label in labels)}}}",
            "",
        ]
    operators = sorted({operator.name for operator in model.operators})
    lines += [
        "/* The generated code's operators, in the order in which they run. */",
        f"#define MODEL_OPERATOR_NAMES {{{', '.join(map(_string, program.operators))}}}",
        "",
        "/* For TensorFlow Lite for Microcontrollers. Its arena was measured with 64-bit pointers:",
        " * a 32-bit processor needs less. */",
        f"#define MODEL_TFLM_ARENA_BYTES {tflm_arena_bytes}",
        f"#define MODEL_TFLM_OPERATORS {len(operators)}",
        "#define MODEL_TFLM_ADD_OPERATORS(resolver) \\",
        "  do { \\",
        *(f"    (resolver).Add{resolver_name(name)}(); \\" for name in operators),
        "  } while (0)",
        "",
        "#endif",
        "",
    ]
    return "\n".join(lines)


def _port(name: str, tensor: tflite.Tensor) -> list[str]:
    lines = [
        f"#define {name}_TYPE {C_TYPES[tensor.dtype]}",
        f"#define {name}_RANK {len(tensor.shape)}",
        f"#define {name}_SHAPE {{{', '.join(map(str, tensor.shape)) or '1'}}}",
    ]
    if found := scheme(tensor):
        limits = np.iinfo(tensor.dtype)
        lines += [
            f"/* {found[0]:.9g} */",
            f"#define {name}_SCALE {number(float(np.float32(found[0])))}",
            f"#define {name}_ZERO_POINT {_parenthesized(found[1])}",
            f"#define {name}_MIN {_parenthesized(int(limits.min))}",
            f"#define {name}_MAX {_parenthesized(int(limits.max))}",
        ]
    return [*lines, ""]


def scheme(tensor: tflite.Tensor) -> tuple[float, int] | None:
    """Scale and zero point of a tensor of codes; None for real numbers."""
    found = tensor.quantization
    if found is None or len(found.scales) != 1 or tensor.dtype not in QUANTIZED:
        return None
    return found.scales[0], found.zero_points[0]


def resolver_name(operator: str) -> str:
    """What `MicroMutableOpResolver` calls an operator: CONV_2D is added by `AddConv2D`."""
    special = {
        "BATCH_MATMUL": "BatchMatMul",
        "CUMSUM": "CumSum",
        "PADV2": "PadV2",
        "UNIDIRECTIONAL_SEQUENCE_LSTM": "UnidirectionalSequenceLSTM",
    }
    if operator in special:
        return special[operator]
    words = operator.split("_")
    return "".join(word if word[0].isdigit() else word.capitalize() for word in words)


def test_vectors(
    generated: Generated, inputs: Sequence[NDArray[Any]], outputs: Sequence[NDArray[Any]]
) -> str:
    """Raw inputs with the bytes that must come out, and tables to check `quantize.h` with."""
    count = len(inputs[0]) if inputs else 0
    lines = [
        "/* Inputs, the bytes that TensorFlow Lite for Microcontrollers gives for them, and codes",
        " * with the real numbers they stand for (as bits of a float). Generated; do not edit. */",
        "#ifndef TEST_VECTORS_H",
        "#define TEST_VECTORS_H",
        "",
        "#include <stdint.h>",
        "",
        '#include "model.h"',
        '#include "model_settings.h"',
        "",
        f"#define TEST_VECTORS {count}",
        "",
        "/* The bytes of one port for all vectors, and where one vector's go. */",
        "struct test_port {",
        "  const uint8_t *bytes;",
        "  void *arena;",
        "  uint32_t size;",
        "};",
        "",
    ]
    for kind, arrays in (("input", inputs), ("output", outputs)):
        ports = []
        for position, values in enumerate(arrays):
            upper = f"MODEL_{kind.upper()}_{position}"
            rows = np.ascontiguousarray(values).view(np.uint8).reshape(count, -1)
            lines.append(
                f"static const uint8_t test_{kind}_{position}[TEST_VECTORS][{upper}_BYTES] = {{"
            )
            lines += [_row(row) for row in rows]
            lines += ["};", ""]
            ports.append(f"    {{test_{kind}_{position}[0], {upper}, {upper}_BYTES}},")
        lines += [
            f"static const struct test_port test_{kind}s[MODEL_{kind.upper()}S] = {{",
            *ports,
            "};",
            "",
        ]
    return "\n".join([*lines, *_quantizations(generated), "#endif", ""])


def _row(row: NDArray[np.uint8]) -> str:
    text = textwrap.fill(", ".join(map(str, row.tolist())), 92)
    return textwrap.indent(f"{{{text}}},", "    ")


def _quantizations(generated: Generated) -> list[str]:
    model = generated.model
    entries: list[str] = []
    lines: list[str] = []
    for kind, indexes in (("INPUT", model.inputs), ("OUTPUT", model.outputs)):
        for position, index in enumerate(indexes):
            if scheme(model.tensors[index]) is None:
                continue
            name, macro = f"{kind}_{position}".lower(), f"MODEL_{kind}_{position}"
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
    head = [f"#define TEST_QUANTIZATIONS {len(entries)}", ""]
    if not entries:
        return head
    return [
        *head,
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
        "",
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


def _parenthesized(value: int) -> str:
    return f"({value})" if value < 0 else str(value)


def _string(text: str) -> str:
    """A C string literal, whatever the text: bytes that are not plain ASCII are octal."""
    plain = set(range(32, 127)) - set(b'"\\?')
    return (
        '"'
        + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in text.encode())
        + '"'
    )
