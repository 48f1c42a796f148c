"""What a runtime is: something that loads a variant, runs it, and can be timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from tinybench.errors import TinybenchError
from tinybench.storage import hashing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.tensorflow import KerasModel

    Codes: TypeAlias = NDArray[Any]


class RefusalError(TinybenchError, RuntimeError):
    """A runtime does not run this model; the message is the runtime's own reason."""


@dataclass(frozen=True)
class Artifact:
    """One file to run: the `.tflite` bytes and, for the Keras reference, its source model."""

    name: str
    data: bytes
    keras_model: Callable[[], KerasModel] | None = None
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashing.of_bytes(self.data))


class Session(Protocol):
    """A loaded model with one input and one output."""

    def run(self, inputs: Codes) -> Codes:
        """Outputs (N, *output shape) for inputs (N, *input shape), in the model's own types."""

    def prepare(self, sample: Codes) -> Callable[[], object]:
        """A call that makes one inference on `sample` (*input shape); its buffers are set here."""


@runtime_checkable
class PortsSession(Protocol):
    """What a session may offer besides: a model with any number of inputs and outputs."""

    def run_ports(self, inputs: Sequence[Codes]) -> list[Codes]:
        """Every output for every input; each array is as `batch_shape` says."""


def batch_shape(shape: Sequence[int], count: int) -> tuple[int, ...]:
    """The shape of `count` values of an input or output: in place of a leading 1, else before."""
    rest = shape[1:] if len(shape) and shape[0] == 1 else shape
    return (count, *(int(size) for size in rest))


class Runtime(Protocol):
    """One way to execute a model on this computer."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def variants(self) -> tuple[str, ...]:
        """The only variants it is meant for; empty means all."""

    def unavailable(self) -> str | None:
        """Why this runtime cannot be used on this machine, or None."""

    def load(self, artifact: Artifact) -> Session:
        """Load a model, or raise RefusalError with the runtime's reason."""
