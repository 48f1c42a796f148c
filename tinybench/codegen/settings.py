"""The C header of a model's settings: names, shapes, quantization, and what TFLM needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tinybench import tflite
from tinybench.codegen import emit
from tinybench.codegen.emit import C_TYPES, number
from tinybench.codegen.names import Names

QUANTIZED = ("int8", "uint8", "int16")
CUSTOM = {
    **{
        f"Signal{name}": name
        for name in (
            *("Window", "FftAutoScale", "Rfft", "Irfft", "Energy", "PCAN"),
            *("FilterBank", "FilterBankLog", "FilterBankSquareRoot"),
            *("FilterBankSpectralSubtraction", "Delay", "Framer", "OverlapAdd", "Stacker"),
        )
    },
    "CIRCULAR_BUFFER": "CircularBuffer",
    "TFLite_Detection_PostProcess": "DetectionPostprocess",
    "TFLM_DECODE": "Decode",
    "ethos-u": "EthosU",
}
"""Custom operators that TFLM has, and what its resolver calls them."""


def model_settings(
    names: Names,
    model: tflite.Model,
    titles: Mapping[str, str],
    sha256: str,
    labels: Sequence[str],
    *,
    operators: Sequence[str] | None,
    tflm_arena_bytes: int | None,
) -> str:
    """What firmware wants to know of the model: names, shapes, quantization, TFLM's needs.

    `operators` are those that the generated code runs, None if there is no such code; without
    `tflm_arena_bytes` nobody measured how many TFLM allocates.
    """
    upper = names.upper
    lines = [
        *(f"#define {upper}_{key} {_string(value)}" for key, value in titles.items()),
        f'#define {upper}_SHA256 "{sha256}"',
        "",
    ]
    for kind, indexes in (("INPUT", model.inputs), ("OUTPUT", model.outputs)):
        # The generated header says how many there are, and how large, where there is one.
        if operators is None:
            lines.append(f"#define {upper}_{kind}S {len(indexes)}")
        for position, index in enumerate(indexes):
            name, tensor = f"{upper}_{kind}_{position}", model.tensors[index]
            if operators is None:
                lines += [
                    f"#define {name}_ELEMENTS {tensor.elements}",
                    f"#define {name}_BYTES {tensor.nbytes}",
                ]
            lines += _port(name, tensor)
    scored = [at for at, index in enumerate(model.outputs) if _scores(model.tensors[index], labels)]
    several = len(model.outputs) > 1
    # Of several outputs those of another size have no such labels.
    if labels and (not several or len(scored) == 1):
        what = f"numbers of output {scored[0]}" if several else "outputs"
        lines += [
            f"/* What the {what} stand for, in their order. */",
            f"#define {upper}_LABEL_COUNT {len(labels)}",
            f"#define {upper}_LABELS {{{', '.join(_string(label) for label in labels)}}}",
            "",
        ]
    if operators is not None:
        lines += [
            "/* The generated code's operators, in the order in which they run. */",
            f"#define {upper}_OPERATOR_NAMES {{{', '.join(map(_string, operators))}}}",
            "",
        ]
    about = [
        "/* What the model is called, how numbers become codes, and what TensorFlow Lite for",
        " * Microcontrollers needs for it. Generated; do not edit. */",
    ]
    lines += _tflm(upper, model, tflm_arena_bytes)
    guard = f"{upper}_SETTINGS_H"
    return "\n".join([*about, *emit.guarded(guard, names.taken, sha256, lines)])


def _tflm(upper: str, model: tflite.Model, arena_bytes: int | None) -> list[str]:
    """What a TFLM project needs: the arena, and the operators of all subgraphs, called or not."""
    operators = {one.name for graph in model.subgraphs for one in graph.operators}
    arena = (
        [
            "/* For TensorFlow Lite for Microcontrollers, which was not there to be measured:",
            f" * define {upper}_TFLM_ARENA_BYTES yourself, from what arena_used_bytes() says. */",
        ]
        if arena_bytes is None
        else [
            "/* For TensorFlow Lite for Microcontrollers. Its arena was measured with 64-bit"
            " pointers:",
            " * a 32-bit processor needs less. */",
            f"#define {upper}_TFLM_ARENA_BYTES {arena_bytes}",
        ]
    )
    return [
        *arena,
        f"#define {upper}_TFLM_OPERATORS {len(operators)}",
        f"#define {upper}_TFLM_ADD_OPERATORS(resolver) \\",
        "  do { \\",
        *(f"    {_added(name)} \\" for name in sorted(operators)),
        "  } while (0)",
    ]


def _added(operator: str) -> str:
    """How an operator is added to a resolver; another's custom one has code that its maker has."""
    if operator.startswith("CUSTOM:") and operator[7:] not in CUSTOM:
        code = "".join(c if c.isalnum() and c.isascii() else "_" for c in operator[7:])
        return f'/* yours: AddCustom("{code}", its registration) */'
    return f"(resolver).Add{resolver_name(operator)}();"


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
    if operator.startswith("CUSTOM:"):
        return CUSTOM[operator[7:]]
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
