"""LiteRT, the runtime of phones and Linux boards, with its default or its reference kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import capture
from tinybench.runtimes.base import Artifact, RefusalError


@dataclass(frozen=True, slots=True)
class LiteRT:
    """`ai_edge_litert`'s interpreter on one thread; `kernels` names an `OpResolverType`."""

    name: str
    summary: str
    kernels: str
    variants: tuple[str, ...] = ()

    def unavailable(self) -> str | None:
        try:
            import ai_edge_litert.interpreter  # noqa: F401  # only whether it can be imported
        except ImportError as error:
            return f"ai-edge-litert cannot be imported: {error}"
        return None

    def load(self, artifact: Artifact) -> LiteRTSession:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        # XNNPACK announces itself on standard error.
        with capture.stderr() as said:
            try:
                interpreter = Interpreter(
                    model_content=artifact.data,
                    num_threads=1,
                    experimental_op_resolver_type=OpResolverType[self.kernels],
                )
                interpreter.allocate_tensors()
            except (ValueError, RuntimeError) as error:
                failure: Exception | None = error
            else:
                failure = None
        if failure:
            reason = str(failure).strip() or " ".join(said.lines()) or "no reason given"
            raise RefusalError(f"{self.name}: {reason.splitlines()[0]}")
        return LiteRTSession(interpreter)


class LiteRTSession:
    """One interpreter; samples go through it one at a time, as on a device."""

    def __init__(self, interpreter: Any) -> None:
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]["index"]
        self._output = interpreter.get_output_details()[0]["index"]

    def run(self, inputs: NDArray[Any]) -> NDArray[Any]:
        outputs = []
        for sample in inputs:
            self._interpreter.set_tensor(self._input, sample[None])
            self._interpreter.invoke()
            outputs.append(self._interpreter.get_tensor(self._output)[0])
        return np.stack(outputs)

    def prepare(self, sample: NDArray[Any]) -> Callable[[], object]:
        self._interpreter.set_tensor(self._input, sample[None])
        invoke: Callable[[], object] = self._interpreter.invoke
        return invoke
