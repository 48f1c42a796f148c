"""TensorFlow Lite for Microcontrollers, compiled for this computer: the device's own arithmetic."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tinybench.console import capture
from tinybench.environment import package_version
from tinybench.errors import unusable_packages
from tinybench.runtimes.base import Arena, Artifact, RefusalError, batch_shape
from tinybench.tflite.model import shorten
from tinybench.tflite.reading import read
from tinybench.tflite.state import is_cleared, is_sequence

if TYPE_CHECKING:
    from tinybench.tflite.model import Model

FIRST_ARENA, LARGEST_ARENA = 8 << 20, 512 << 20
"""Bytes given to TFLM to allocate from, on the host; what it really uses is measured.

More are given until it fits, and only what is written to takes memory.
"""
IDS = (np.int32, np.int64)
"""Types of inputs that an operator may look something up by."""


class TFLMError(RefusalError):
    """TFLM does not load or run the model."""

    page = "tflm-refuses"


@dataclass(frozen=True, slots=True)
class TFLM:
    """The `tflite-micro` wheel's interpreter, with reference kernels."""

    name: str = "tflm"
    summary: str = "TensorFlow Lite for Microcontrollers on this computer, reference kernels"
    variants: tuple[str, ...] = ()
    device: bool = True

    @property
    def version(self) -> str:
        return package_version("tflite-micro")

    def unavailable(self) -> str | None:
        return unusable_packages("this runtime", "tflite_micro.python.tflite_micro.runtime")

    def load(self, artifact: Artifact) -> TFLMSession:
        model = read(artifact.data)
        if model.outside:
            # It takes them for tensors that are computed, and runs on what memory holds.
            raise TFLMError(
                f"TFLM finds no constants outside of the FlatBuffer, where {len(model.outside)} are"
            )

        def fresh() -> Any:
            return _interpreter(artifact.data, model)

        return TFLMSession(
            fresh(),
            outputs=len(model.outputs),
            resets=is_cleared(model),
            fresh=fresh if is_sequence(model) else None,
        )


def _named(reason: str, model: Model) -> str:
    """TFLM's reason with the names of the model's custom operators, where it says CUSTOM."""
    names = (operator.name for graph in model.subgraphs for operator in graph.operators)
    custom = dict.fromkeys(shorten(n[7:]) for n in names if n.startswith("CUSTOM:"))
    return reason.replace("op code CUSTOM", f"op code CUSTOM ({', '.join(custom)})")


def _first_arena(model: Model) -> int:
    """More than all activations: TFLM may crash where memory is short while it prepares."""
    computed = (tensor for graph in model.subgraphs for tensor in graph.tensors if not tensor.data)
    size = 2 * sum(tensor.nbytes or 0 for tensor in computed)
    return min(max(FIRST_ARENA, size), LARGEST_ARENA)


def _interpreter(data: bytes, model: Model) -> Any:
    """TFLM with an arena that is large enough; TFLMError if it refuses the model."""
    from tflite_micro.python.tflite_micro import runtime

    arena = _first_arena(model)
    while True:
        with capture.stderr() as said:
            try:
                return runtime.Interpreter.from_bytes(data, arena_size=arena)
            except (ValueError, RuntimeError) as error:
                failure = error
        reason = _named(_reason(said.lines(), failure), model)
        if not SHORT.search(said.text):
            raise TFLMError(reason)
        if arena >= LARGEST_ARENA:
            raise TFLMError(f"{reason} (in an arena of {arena >> 20} MiB, no more is tried)")
        arena = min(8 * arena, LARGEST_ARENA)


SHORT = re.compile(r"^Failed to .* missing: \d+", re.MULTILINE)
"""What TFLM says when its arena has no room."""


def _reason(lines: list[str], failure: Exception) -> str:
    """TFLM's own, without the folder and line of its source file, else what the wheel says."""
    path = r"^tensorflow/lite/\S*?([^/\s]+\.(?:cc|h))(?::\d+)? "
    return " ".join(re.sub(path, r"\1: ", line) for line in lines) or f"TFLM: {failure}"


class TFLMSession:
    """One interpreter and the arena that it allocated; `resets` and `fresh` as for LiteRT's."""

    def __init__(
        self,
        interpreter: Any,
        outputs: int,
        *,
        resets: bool = False,
        fresh: Callable[[], Any] | None = None,
    ) -> None:
        self._interpreter = interpreter
        self._outputs = outputs
        self._resets = resets
        self._fresh = fresh
        self._began = False

    def run(self, inputs: NDArray[Any]) -> NDArray[Any]:
        return self.run_ports([inputs])[0]

    def run_ports(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """RefusalError, with TFLM's reason, for an operator that it refuses only when it runs."""
        if self._fresh and self._began:
            self._interpreter = self._fresh()
        self._began = True
        shapes = [self._interpreter.get_input_details(i)["shape"] for i in range(len(inputs))]
        found: list[list[NDArray[Any]]] = [[] for _ in range(self._outputs)]
        failure: RuntimeError | None = None
        with capture.stderr() as said:
            for sample in zip(*inputs, strict=True):
                if self._resets:
                    self._interpreter.reset()
                for index, (values, shape) in enumerate(zip(sample, shapes, strict=True)):
                    self._interpreter.set_input(values.reshape(shape), index)
                try:
                    self._interpreter.invoke()
                except RuntimeError as error:
                    failure = error
                    break
                for index, kept in enumerate(found):
                    kept.append(np.array(self._interpreter.get_output(index)))
        if failure:
            raise TFLMError(_reason(said.lines(), failure))
        return [np.stack(kept).reshape(batch_shape(kept[0].shape, len(kept))) for kept in found]

    def prepare(self, *sample: NDArray[Any]) -> Callable[[], object]:
        """TFLM uses the memory of inputs again: ids are set anew before each inference."""
        shapes = [self._interpreter.get_input_details(i)["shape"] for i in range(len(sample))]
        given = [values.reshape(shape) for values, shape in zip(sample, shapes, strict=True)]
        set_input: Callable[[NDArray[Any], int], object] = self._interpreter.set_input
        invoke: Callable[[], object] = self._interpreter.invoke
        for index, values in enumerate(given):
            set_input(values, index)
        ids = [(values, index) for index, values in enumerate(given) if values.dtype in IDS]
        if not ids:
            # Other inputs may hold anything: that takes no longer, and no operator refuses it.
            return invoke

        def call() -> None:
            for values, index in ids:
                set_input(values, index)
            invoke()

        return call

    def arena(self) -> Arena:
        """What TFLM's recording allocator counted, with 64-bit pointers; meaningful after a run."""
        with capture.stderr() as said:
            self._interpreter.print_allocations()
        sizes = dict(re.findall(r"Arena allocation (total|head|tail) (\d+) bytes", said.text))
        return Arena(*(int(sizes[part]) for part in ("total", "head", "tail")))
