"""Where two machines disagree about a model: in which outputs, and from which operator on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tinybench.console import progress as progresses
from tinybench.errors import TinybenchError
from tinybench.runtimes.base import Artifact
from tinybench.tflite.cut import cut
from tinybench.tflite.model import PLAIN, label
from tinybench.tflite.reading import read
from tinybench.tflite.state import is_sequence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.console.progress import Progress
    from tinybench.machines.execution import Execution, Machine
    from tinybench.tflite.model import Operator, Tensor

    Array: TypeAlias = NDArray[Any]


class IncomparableError(TinybenchError):
    """Two answers of other types or shapes."""

    page = "not-comparable"


ULP_BOUND = 32
"""Units in the last place within which floats of two machines are taken for equal.

The exponentials of two C libraries differ by 1 to 4 ulp; behind whole nets up to 27 were measured.
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """How two arrays for one tensor differ: NaN equals NaN, and `largest` is the maximum of |a-b|.

    `samples` counts those with a difference. `at` is the index of the first element that differs,
    sample first, with its two `values`; both are None if none differs. `ulps` is the most floats
    that lie between two elements, the second included; None where the elements are no floats.
    """

    tensor: Tensor
    elements: int
    differing: int
    samples: int
    largest: float
    at: tuple[int, ...] | None
    values: tuple[Any, Any] | None
    ulps: int | None = None

    def within(self, bound: int) -> bool:
        """Whether all elements are equal or, if they are floats, within so many ulp."""
        return not self.differing or (self.ulps is not None and self.ulps <= bound)


@dataclass(frozen=True, slots=True)
class Search:
    """The first operator with an output that differs, None if there is none, and that output.

    `notes` say which operators could not be compared, and why.
    """

    operator: Operator | None
    difference: Difference | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the other machine answered, output by output; where outputs differ, the search.

    `bound` are the ulp that floats may be apart. Where all outputs are within it, `reached` is the
    first operator behind which values are as far apart as they are in the outputs at most. In a
    `sequence`, each sample is a step that depends on those before it.
    """

    machine: Machine
    outputs: tuple[Difference, ...]
    search: Search | None
    bound: int = ULP_BOUND
    reached: Search | None = None
    sequence: bool = False

    @property
    def equal(self) -> bool:
        return not any(each.differing for each in self.outputs)

    @property
    def first(self) -> Difference | None:
        """The output in which the earliest sample differs, None if none does."""
        found = [each for each in self.outputs if each.at is not None]
        return min(found, key=lambda each: each.at or (), default=None)

    @property
    def passed(self) -> bool:
        """Whether outputs are equal, floats within the bound."""
        return all(each.within(self.bound) for each in self.outputs)

    @property
    def ulps(self) -> int | None:
        """The largest distance of floats in any output, None if no output has floats."""
        return max((each.ulps for each in self.outputs if each.ulps is not None), default=None)


def compare_machines(
    data: bytes,
    inputs: Sequence[Array],
    ran: Execution,
    machines: tuple[Machine, Machine],
    progress: Progress = progresses.silent,
    bound: int = ULP_BOUND,
) -> Comparison:
    """Compare what the first machine answered with the second; if they differ, search.

    Floats that are at most `bound` ulp apart pass.
    """
    second = machines[1].run(Artifact("model", data), inputs, count=False)
    model = read(data)
    outputs = tuple(
        compare(model.tensors[index], *values)
        for index, *values in zip(model.outputs, ran.outputs, second.outputs, strict=True)
    )
    found = Comparison(machines[1], outputs, None, bound, sequence=is_sequence(model))
    if found.equal:
        return found
    found = replace(found, search=first_difference(data, machines, inputs, progress))
    most = found.ulps
    if most is None or not found.passed:
        return found

    def as_far(difference: Difference) -> bool:
        return difference.ulps is not None and difference.ulps >= most

    return replace(found, reached=first_difference(data, machines, inputs, progress, as_far))


def compare(tensor: Tensor, first: Array, second: Array) -> Difference:
    """Compare two machines' values of a tensor; TinybenchError if their shapes or types differ."""
    if first.shape != second.shape or first.dtype != second.dtype:
        raise IncomparableError(
            f"{label(tensor)}: {first.dtype} {first.shape} and {second.dtype} {second.shape} "
            "cannot be compared"
        )
    unequal = first != second
    if first.dtype.kind in "fc":
        unequal &= ~(np.isnan(first) & np.isnan(second))
    at = None
    if unequal.any():
        at = tuple(int(i) for i in np.unravel_index(int(unequal.argmax()), unequal.shape))
    return Difference(
        tensor,
        elements=first.size,
        differing=int(unequal.sum()),
        samples=int(unequal.reshape(len(unequal), -1).any(axis=1).sum()) if unequal.size else 0,
        largest=_largest(first[unequal], second[unequal]),
        at=at,
        values=None if at is None else (first[at].item(), second[at].item()),
        ulps=_ulps(first[unequal], second[unequal]),
    )


def _ulps(first: Array, second: Array) -> int | None:
    """How many floats of their type two are apart, at most; a NaN is beyond all numbers."""
    if first.dtype.kind != "f":
        return None
    if np.isnan(first).any() or np.isnan(second).any():  # two of them count as equal
        return int(2 ** (8 * first.dtype.itemsize))
    return int(np.abs(_places(first) - _places(second)).max(initial=0))


def _places(values: Array) -> Array:
    """Each float's place among all of its type, 0 for zero: the bits, but for the sign's."""
    bits = values.view(f"i{values.dtype.itemsize}")
    # Distances of doubles do not fit 64 bits: those are Python's integers.
    bits = bits.astype(object if values.dtype.itemsize == 8 else np.int64)
    return np.where(bits < 0, -(bits + 2 ** (8 * values.dtype.itemsize - 1)), bits)


def _largest(first: Array, second: Array) -> float:
    if not first.size:
        return 0.0
    # Doubles would round integers of 64 bits: those stay Python's.
    exact = first.dtype.kind in "iu" and first.dtype.itemsize == 8
    wide = "O" if exact else "complex128" if first.dtype.kind == "c" else "float64"
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.max(np.abs(first.astype(wide) - second.astype(wide))))


def differs(found: Difference) -> bool:
    """Whether any element differs."""
    return found.differing > 0


def first_difference(
    data: bytes,
    machines: tuple[Machine, Machine],
    inputs: Sequence[Array],
    progress: Progress = progresses.silent,
    counts: Callable[[Difference], bool] = differs,
) -> Search:
    """Find the first operator, in order of execution, whose output differs on these inputs.

    `counts` says which differences are looked for. Where samples are the steps of a sequence, it is
    the first operator of the earliest step.

    Models are cut behind an operator, with the outputs of several operators as outputs of the
    graph: of all at once if both machines take that, else of ever fewer. So one inference usually
    answers, and where memory is short, or a tensor cannot be an output, only that one is left out.
    In a sequence, all operators run: later ones may keep something for the next step.
    """
    model = read(data)
    sequence, earliest = is_sequence(model), Search(None, None, ())
    notes = []
    candidates: list[Operator] = []
    for operator in model.operators:
        types = {model.tensors[index].dtype for index in operator.outputs}
        if types <= PLAIN:
            candidates += [operator] if types else []
        elif types != {"resource"}:
            notes.append(f"{label(operator)}: not compared, its output has no plain type")
    pending = [candidates] if candidates else []
    done = 0
    progress(done, len(candidates))
    while pending:
        group = pending.pop()
        wanted = [index for operator in group for index in operator.outputs]
        try:
            end = model.operators[-1] if sequence else group[-1]
            shortened = Artifact("cut", cut(data, end.index, wanted))
            runs = [machine.run(shortened, inputs, count=False) for machine in machines]
            found = [
                compare(model.tensors[index], *values)
                for index, *values in zip(wanted, *(run.outputs for run in runs), strict=True)
            ]
        except TinybenchError as error:
            if len(group) > 1:
                half = len(group) // 2
                # The last is next: operators are searched in their order.
                pending += [group[half:], group[:half]]
                continue
            notes.append(f"{label(group[0])}: not compared, {error}")
            found = []
        for difference in found:
            if not counts(difference):
                continue
            index = difference.tensor.index
            operator = next(each for each in group if index in each.outputs)
            if not sequence:
                progress(len(candidates), len(candidates))
                return Search(operator, difference, tuple(notes))
            if earliest.difference is None or _step(difference) < _step(earliest.difference):
                earliest = Search(operator, difference, ())
        done += len(group)
        progress(done, len(candidates))
    return replace(earliest, notes=tuple(notes))


def _step(difference: Difference) -> int:
    return difference.at[0] if difference.at else 0
