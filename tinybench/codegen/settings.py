"""The C header of a model's settings: names, shapes, quantization, and what TFLM needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tinybench import tflite
from tinybench.codegen.emit import C_TYPES, number
from tinybench.codegen.generate import Generated

QUANTIZED = ("int8", "uint8", "int16")


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
    scored = [at for at, index in enumerate(model.outputs) if _scores(model.tensors[index], labels)]
    several = len(model.outputs) > 1
    # Of several outputs those of another size have no such labels.
    if labels and (not several or len(scored) == 1):
        what = f"numbers of output {scored[0]}" if several else "outputs"
        lines += [
            f"/* What the {what} stand for, in their order. */",
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


def _scores(tensor: tflite.Tensor, labels: Sequence[str]) -> bool:
    """Whether an output has a number for each label."""
    return bool(tensor.shape) and tensor.shape[-1] == len(labels)


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
