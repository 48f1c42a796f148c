"""How a model reaches the converter: the fast way, or by a SavedModel where that is needed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from tinybench.conversion import batch_norm, integers, names, order, recurrent, scales, states
from tinybench.conversion.errors import ConversionError, UnconvertibleError
from tinybench.conversion.tracing import Traced, traced
from tinybench.tensorflow import KerasModel, layers_of, load, quiet

LOOPS = ("While", "StatelessWhile")


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one model: `saved` is by a SavedModel.

    Only that way the converter finds functions that are operators, and keeps variables that are
    assigned to; it sorts the ports by name.
    """

    saved: bool = False

    def converter(self, traced: Traced) -> Any:
        """A `tf.lite.TFLiteConverter`, not yet configured."""
        # Without the trackable object the converter freezes this function itself, five times
        # faster than by way of a SavedModel, and its names depend on the model alone.
        more = (_holder(traced.function),) if self.saved else ()
        with quiet():
            return load().tf.lite.TFLiteConverter.from_concrete_functions([traced.function], *more)

    def check_calibration(self, traced: Traced, variant: str) -> None:
        """Raise `UnconvertibleError` for a graph that the converter cannot calibrate."""
        graph = traced.function.graph.as_graph_def()
        loops = [node.name for node in graph.node if node.op in LOOPS]
        if loops:
            raise UnconvertibleError(
                f"cannot convert to {variant}: the loop {loops[0]} has a length that the converter "
                "cannot calibrate; write it without tf.while_loop, or a recurrent layer with "
                "unroll=True"
            )

    def mended(self, data: bytes, traced: Traced) -> bytes:
        """The file with its ports in the function's order, and no scale that misleads."""
        data = scales.positive(data)
        if not self.saved:
            return data
        data = order.restored(data, list(traced.inputs), len(traced.outputs))
        return states.like_outputs(data)


@contextlib.contextmanager
def prepared(model: KerasModel, *, fuse: bool = True) -> Iterator[Route]:
    """Within the block the model is traced and converted as it should be; then it is as before.

    Without `fuse` an LSTM is unrolled, and no operator of its own.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(batch_norm.exactly_folded(model))
        stack.enter_context(names.canonical(model))
        fused = stack.enter_context(recurrent.convertible(model, fuse=fuse))
        keeps = any(getattr(layer, "stateful", False) for layer in layers_of(model))
        yield Route(saved=fused or keeps)


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


def _holder(function: Any) -> Any:
    """An object that owns a function's variables, and nothing else that would be saved."""
    holder = load().tf.Module()
    holder.kept = list(function.graph.variables)
    return holder
