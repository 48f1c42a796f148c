"""What lowerings of custom operators share: their options, and their operands' ranks and types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tinybench.codegen.graph import Graph, refuse
from tinybench.codegen.operators.shaping import operand, require_type, result
from tinybench.tflite.flat import ModelError
from tinybench.tflite.flexible import Flexible, read_map
from tinybench.tflite.model import label, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tinybench.tflite.model import Operator, Tensor


def options(operator: Operator) -> Mapping[str, Flexible]:
    """The options of a custom operator by name; refuse what cannot be read."""
    try:
        return read_map(operator.custom_options)
    except ModelError as error:
        raise refuse(operator, str(error)) from None


def places(operator: Operator, *names: str) -> list[int]:
    """The first options, which TensorFlow Lite Micro takes by their place: as 32 bits, signed."""
    given = options(operator)
    if tuple(given)[: len(names)] != names:
        found = ", ".join(map(shorten, [*given][:9])) or "none"
        raise refuse(operator, f"its options are {found}, not {', '.join(names)}")
    made = []
    for name in names:
        if not isinstance(given[name].number, int):
            raise refuse(operator, f"its option {name} is no integer")
        made.append((given[name].bits + 2**31) % 2**32 - 2**31)
    return made


def arguments(
    graph: Graph, operator: Operator, inputs: Sequence[str], outputs: Sequence[str]
) -> tuple[list[Tensor], list[Tensor]]:
    """The inputs and outputs, as many as there are types of them, and each of its type."""
    if len(operator.inputs) != len(inputs) or len(operator.outputs) != len(outputs):
        raise refuse(
            operator,
            f"{len(operator.inputs)} inputs and {len(operator.outputs)} outputs"
            f" are not {len(inputs)} and {len(outputs)}",
        )
    taken = [operand(graph, operator, position) for position in range(len(inputs))]
    given = [result(graph, operator, position) for position in range(len(outputs))]
    for tensor, dtype in zip([*taken, *given], [*inputs, *outputs], strict=True):
        require_type(operator, tensor, dtype)
    return taken, given


def require_rank(operator: Operator, rank: int, *tensors: Tensor) -> None:
    """Refuse a tensor of another number of dimensions."""
    for tensor in tensors:
        if len(tensor.shape) != rank:
            raise refuse(
                operator, f"{label(tensor)} has {len(tensor.shape)} dimensions, not {rank}"
            )


def require_elements(operator: Operator, elements: int, *tensors: Tensor) -> None:
    """Refuse a tensor that has not as many elements."""
    for tensor in tensors:
        if tensor.elements != elements:
            raise refuse(
                operator, f"{label(tensor)} has {tensor.elements} elements, not {elements}"
            )


def require_range(operator: Operator, name: str, value: int, low: int, high: int) -> None:
    """Refuse an option that is not within bounds, both included."""
    if not low <= value <= high:
        raise refuse(operator, f"its option {name} is {value}, not {low} to {high}")
