"""How a model reaches the converter: the fast way, or by a SavedModel where that is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from tinybench.conversion import batch_norm, integers, names, order, recurrent
from tinybench.conversion.errors import ConversionError
from tinybench.conversion.tracing import Traced, traced
from tinybench.tensorflow import KerasModel, load, quiet

LOOPS = ("While", "StatelessWhile")


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one model: with `holder`, an object that owns its variables, by a SavedModel.

    Only that way the converter finds functions that are operators; it sorts the ports by name.
    """

    holder: Any = None

    def converter(self, traced: Traced) -> Any:
        """A `tf.lite.TFLiteConverter`, not yet configured."""
        # Without the trackable object the converter freezes this function itself, five times
        # faster than by way of a SavedModel, and its names depend on the model alone.
        more = () if self.holder is None else (self.holder,)
        with quiet():
            return load().tf.lite.TFLiteConverter.from_concrete_functions([traced.function], *more)

    def check_calibration(self, traced: Traced, variant: str) -> None:
        """Raise `ConversionError` for a graph that the converter cannot calibrate."""
        graph = traced.function.graph.as_graph_def()
        loops = [node.name for node in graph.node if node.op in LOOPS]
        if loops:
            raise ConversionError(
                f"cannot convert to {variant}: the loop {loops[0]} has a length that the converter "
                "cannot calibrate; write it without tf.while_loop, or a recurrent layer with "
                "unroll=True"
            )

    def in_order(self, data: bytes, traced: Traced) -> bytes:
        """The file with its inputs and outputs in the function's order."""
        if self.holder is None:
            return data
        return order.restored(data, list(traced.inputs), len(traced.outputs))


@contextlib.contextmanager
def prepared(model: KerasModel) -> Iterator[Route]:
    """Within the block the model is traced and converted as it should be; then it is as before."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(batch_norm.exactly_folded(model))
        stack.enter_context(names.canonical(model))
        fused = stack.enter_context(recurrent.convertible(model))
        yield Route(_holder(model) if fused else None)


def trace(model: KerasModel, inputs: Mapping[str, NDArray[Any]], quantized: bool = False) -> Traced:
    """Trace the model; its integer inputs stay integers where that changes no output."""
    plain = traced(model, inputs)
    if not quantized and all(x.dtype == "float32" for x in inputs.values()):
        return plain
    try:
        with integers.uncast(model):
            found = traced(model, inputs)
    except ConversionError:
        return plain
    return found if found.ports == plain.ports and found.agrees(plain) else plain


def _holder(model: KerasModel) -> Any:
    """An object that owns the model's variables, and nothing else that would be saved."""
    holder = load().tf.Module()
    # Those of Keras 3 have TensorFlow's inside.
    holder.kept = [getattr(one, "_value", one) for one in model.variables]
    return holder
