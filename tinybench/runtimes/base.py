"""What a runtime is: something that loads a variant, runs it, and can be timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from tinybench.errors import TinybenchError
from tinybench.storage import hashing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes: TypeAlias = NDArray[Any]


class RefusalError(TinybenchError, RuntimeError):
    """A runtime does not run this model; the message is the runtime's own reason."""

    page = "runtime-refuses"


class NoRuntimeError(RefusalError):
    """A runtime that is not there."""

    page = "no-runtime"


class KerasReference(Protocol):
    """The Keras model that a file was made from."""

    def run_ports(self, inputs: Sequence[Codes]) -> list[Codes]:
        """Every output for every input, from the process that keeps the model."""

    def function(self) -> Any:
        """The model in this process, as a concrete function of one sample: to be timed."""


@dataclass(frozen=True)
class Artifact:
    """One file to run: the `.tflite` bytes and, for the Keras reference, its source model."""

    name: str
    data: bytes
    keras: KerasReference | None = None
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashing.of_bytes(self.data))


@dataclass(frozen=True, slots=True)
class Arena:
    """Bytes that a runtime allocated for a model, on this computer.

    `head` holds the activations; `tail`, what lives as long as the interpreter. None where a
    runtime does not tell them apart.
    """

    total: int
    head: int | None = None
    tail: int | None = None


class Session(Protocol):
    """A loaded model with one input and one output. What else it can do, the next three say."""

    def run(self, inputs: Codes) -> Codes:
        """Outputs (N, *output shape) for inputs (N, *input shape), in the model's own types."""


@runtime_checkable
class TimedSession(Protocol):
    """What a session may offer besides: to be timed."""

    def prepare(self, *sample: Codes) -> Callable[[], object]:
        """A call that makes one inference on `sample`; its buffers are set here.

        It has an array (*input shape) for each input.
        """


@runtime_checkable
class ArenaSession(Protocol):
    """What a session may offer besides: the memory that it allocated."""

    def arena(self) -> Arena:
        """What it took; asked for after a run."""


@runtime_checkable
class PortsSession(Protocol):
    """What a session may offer besides: a model with any number of inputs and outputs."""

    def run_ports(self, inputs: Sequence[Codes]) -> list[Codes]:
        """Every output for every input; each array is as `batch_shape` says."""


@dataclass(frozen=True, slots=True)
class Ran:
    """The outputs of a run, each as `batch_shape` says, and what it allocated, if that is known."""

    outputs: list[Codes]
    arena: Arena | None


def answered(session: Session, inputs: Sequence[Codes], outputs: int) -> Ran:
    """Run all samples of a model with this number of outputs; RefusalError if it has too many."""
    if len(inputs) == outputs == 1:
        found = [session.run(inputs[0])]
    elif isinstance(session, PortsSession):
        found = session.run_ports(inputs)
    else:
        raise RefusalError("runs models with one input and one output only")
    return Ran(found, session.arena() if isinstance(session, ArenaSession) else None)


def batch_shape(shape: Sequence[int], count: int) -> tuple[int, ...]:
    """The shape of `count` values of an input or output: in place of a leading 1, else before."""
    rest = shape[1:] if len(shape) and shape[0] == 1 else shape
    return (count, *(int(size) for size in rest))


class Runtime(Protocol):
    """One way to execute a model on this computer.

    It may have besides:

    - `version: str`, of what its answers depend on beside its code, such as a package;
    - `identity: Identity | None`, who it is instead of what name, version and code say; None for
      one whose answers change and may not be kept;
    - `device = True`, if it computes as a device does, so that it may refuse what is for hosts;
    - `runs_files = False`, if it runs the Keras model that a file was made from, not the file.
    """

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


def is_device(runtime: Runtime) -> bool:
    """Whether it computes as a device does."""
    return bool(getattr(runtime, "device", False))


def runs_files(runtime: Runtime) -> bool:
    """Whether it is the `.tflite` file that it runs."""
    return bool(getattr(runtime, "runs_files", True))
