"""LiteRT, the runtime of phones and Linux boards, with its default or its reference kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench.console import capture
from tinybench.environment import package_version
from tinybench.errors import unusable_packages
from tinybench.runtimes.base import Artifact, RefusalError, batch_shape
from tinybench.tflite.reading import read
from tinybench.tflite.state import is_cleared, is_sequence


@dataclass(frozen=True, slots=True)
class LiteRT:
    """`ai_edge_litert`'s interpreter on one thread; `kernels` names an `OpResolverType`."""

    name: str
    summary: str
    kernels: str
    variants: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        return package_version("ai-edge-litert")

    def unavailable(self) -> str | None:
        return unusable_packages("this runtime", "ai_edge_litert.interpreter")

    def load(self, artifact: Artifact) -> LiteRTSession:
        from ai_edge_litert.interpreter import Interpreter, OpResolverType

        def fresh() -> Any:
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
                raise _refusal(self.name, failure, said.lines())
            return interpreter

        model = read(artifact.data)
        return LiteRTSession(
            fresh(),
            self.name,
            resets=is_cleared(model),
            fresh=fresh if is_sequence(model) else None,
        )


def _refusal(name: str, failure: Exception, said: list[str]) -> RefusalError:
    reason = str(failure).strip() or " ".join(said) or "no reason given"
    return RefusalError(f"{name}: {reason.splitlines()[0]}")


class LiteRTSession:
    """One interpreter; samples go through it one at a time, as on a device.

    What an operator keeps between its runs, such as an LSTM's states, starts anew with each sample
    if it `resets`; what the model itself reads and assigns stays. A run is a sequence from the
    first values: with `fresh`, a later one begins with another interpreter.
    """

    def __init__(
        self,
        interpreter: Any,
        name: str,
        *,
        resets: bool = False,
        fresh: Callable[[], Any] | None = None,
    ) -> None:
        self._interpreter = interpreter
        self._name = name
        self._resets = resets
        self._fresh = fresh
        self._began = False
        self._inputs = interpreter.get_input_details()
        self._outputs = interpreter.get_output_details()

    def run(self, inputs: NDArray[Any]) -> NDArray[Any]:
        return self.run_ports([inputs])[0]

    def run_ports(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """RefusalError for an operator that is refused only when it runs."""
        if self._fresh and self._began:
            self._interpreter = self._fresh()
        self._began = True
        found: list[list[NDArray[Any]]] = [[] for _ in self._outputs]
        for sample in zip(*inputs, strict=True):
            if self._resets:
                self._interpreter.reset_all_variables()
            for port, values in zip(self._inputs, sample, strict=True):
                self._interpreter.set_tensor(port["index"], values.reshape(port["shape"]))
            try:
                self._interpreter.invoke()
            except RuntimeError as error:
                raise _refusal(self._name, error, []) from None
            for port, kept in zip(self._outputs, found, strict=True):
                kept.append(self._interpreter.get_tensor(port["index"]))
        return [np.stack(kept).reshape(batch_shape(kept[0].shape, len(kept))) for kept in found]

    def prepare(self, *sample: NDArray[Any]) -> Callable[[], object]:
        for port, values in zip(self._inputs, sample, strict=True):
            self._interpreter.set_tensor(port["index"], values.reshape(port["shape"]))
        invoke: Callable[[], object] = self._interpreter.invoke
        return invoke
