"""Operators of an integer file that the converter left in floats: it has no integer form of them.

They stand between DEQUANTIZE and QUANTIZE, or read and assign a variable, which stays float. A
matter of the operator, not of the file; whoever reads the file is told so all the same. What is no
such operator is a fault: those that have weights, and so do the work of a net, have integer forms.
"""

from __future__ import annotations

from tinybench.tflite.model import Model, Operator
from tinybench.tflite.subgraphs import whole
from tinybench.tflite.weighted import WEIGHTED

QUANTIZABLE = {*WEIGHTED, "BATCH_MATMUL", "UNIDIRECTIONAL_SEQUENCE_LSTM", "SVDF"}
"""The operators that do the work; one of these in floats was forgotten, or never quantized."""
CONVERSIONS = ("QUANTIZE", "DEQUANTIZE")
CODES = ("int8", "uint8", "int16")
FLOATS = ("float16", "float32", "float64")


def left_in_floats(model: Model) -> tuple[Operator, ...]:
    """The operators between integers that were left in floats; none of a file without integers."""
    model = whole(model)
    if not any(
        one.name in QUANTIZABLE and model.tensors[index].dtype in ("int8", "int16")
        for one in model.operators
        for index in one.outputs
    ):
        return ()
    found = {one.index: one for one in model.operators if _computes_floats(model, one)}
    writers = {index: one for one in model.operators for index in one.outputs}
    readers: dict[int, list[Operator]] = {}
    for one in model.operators:
        for index in one.inputs:
            readers.setdefault(index, []).append(one)

    def comes_from(index: int) -> bool:
        writer = writers.get(index)
        # Whether floats may come in and go out is another rule's.
        if writer is None:
            return index in model.inputs
        return writer.name == "DEQUANTIZE" or writer.index in found

    def goes_to(index: int) -> bool:
        return all(one.name == "QUANTIZE" or one.index in found for one in readers.get(index, ()))

    # One whose floats come from elsewhere takes those along that it is connected with.
    waiting = list(found.values())
    while waiting:
        one = waiting.pop()
        sources, results = _floats(model, one.inputs), _floats(model, one.outputs)
        fits = not _is_at_fault(model, one) and all(map(comes_from, sources))
        if one.index in found and not (fits and all(map(goes_to, results))):
            del found[one.index]
            waiting += [writers[index] for index in sources if index in writers]
            waiting += [reader for index in results for reader in readers.get(index, ())]
    return tuple(found.values())


def floats_left(model: Model) -> set[int]:
    """The float tensors that such operators read and write, and nobody else computes with."""
    left = {one.index for one in left_in_floats(model)}
    used: set[int] = set()
    others: set[int] = {*model.inputs, *model.outputs}
    for one in model.operators:
        if one.index in left:
            used |= {*one.inputs, *one.outputs}
        elif one.name != "QUANTIZE":
            others |= {*one.inputs}
    return {index for index in used - others - {-1} if model.tensors[index].dtype in FLOATS}


def _is_at_fault(model: Model, operator: Operator) -> bool:
    """Whether an operator would have had integers, or mixes them with floats."""
    tensors = [model.tensors[one] for one in (*operator.inputs, *operator.outputs) if one != -1]
    return operator.name in QUANTIZABLE or any(
        one.data is None and one.dtype in CODES and one.quantization is not None for one in tensors
    )


def _computes_floats(model: Model, operator: Operator) -> bool:
    indexes = (*operator.inputs, *operator.outputs)
    return operator.name not in CONVERSIONS and bool(_floats(model, indexes))


def _floats(model: Model, indexes: tuple[int, ...]) -> list[int]:
    """The floats among tensors that are computed."""
    return [
        index
        for index in indexes
        if index != -1
        and model.tensors[index].data is None
        and model.tensors[index].dtype in FLOATS
    ]
