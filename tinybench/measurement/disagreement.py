"""From which operator on two machines disagree about a model: what to look at when one is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tinybench.machines import first_difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tinybench.machines import Difference, Machine, Search
    from tinybench.runtimes import Artifact

MOST_SAMPLES = 100
"""Of how many samples, those that differ most, the operators are compared."""

ROUNDING: dict[str, float] = {"int8": 2, "uint8": 2, "int16": 8, "float32": 1e-4}
"""How many codes one operator's output may differ by, as it is rounded once or twice; of floats,
how much, for activations of the usual size."""


def first_operator(
    artifact: Artifact,
    machines: tuple[Machine, Machine],
    inputs: Sequence[NDArray[Any]],
    outputs: tuple[Sequence[NDArray[Any]], Sequence[NDArray[Any]]],
) -> str | None:
    """Say which operator's output is the first that differs; None if that cannot be found.

    `inputs` are one array for each input of the model with all samples first, `outputs` what the
    two machines answered, one array for each output. An operator that differs by more than
    rounding is looked for first. Few samples are run, those that
    differ most.
    """
    worst = worst_samples(*outputs)[:MOST_SAMPLES]
    if not len(worst):
        return None
    taken = [one[worst] for one in inputs]
    found = first_difference(artifact.data, machines, taken, counts=more_than_rounding)
    if text := _text(found, len(worst)):
        return f"the first operator that differs by more than rounding is {text}"
    found = first_difference(artifact.data, machines, taken)
    if text := _text(found, len(worst)):
        return f"the first operator that differs is {text}"
    return None


def worst_samples(
    first: Sequence[NDArray[Any]], second: Sequence[NDArray[Any]]
) -> NDArray[np.intp]:
    """The indices of the samples that differ in any output, those that differ most first."""
    size = np.zeros(len(first[0]))
    for one, other in zip(first, second, strict=True):
        with np.errstate(invalid="ignore"):
            gap = np.abs(one.astype(np.float64) - other.astype(np.float64))
        # A number beside NaN is far away, two NaN are equal.
        gap = np.where(np.isnan(one) & np.isnan(other), 0, np.nan_to_num(gap, nan=np.inf))
        size = np.maximum(size, gap.reshape(len(gap), -1).max(axis=1))
    order = np.argsort(-size, kind="stable")
    return order[size[order] > 0]


def more_than_rounding(found: Difference) -> bool:
    """Whether a tensor differs by more than the rounding of one operator; NaN does."""
    return found.differing > 0 and not found.largest <= ROUNDING.get(found.tensor.dtype, 0)


def _text(found: Search, samples: int) -> str:
    """Such as `3 (SOFTMAX): 12 of 100 samples, by up to 4 codes`."""
    operator, difference = found.operator, found.difference
    if operator is None or difference is None:
        return ""
    # More digits of a float mean nothing.
    codes = difference.tensor.quantization is not None
    largest = f"{difference.largest:g} codes" if codes else f"{difference.largest:.3g}"
    of_all = (
        "the sample that differs" if samples == 1 else f"the {samples} samples that differ most"
    )
    return (
        f"{operator.index} ({operator.name}): {difference.samples} of {of_all}, by up to {largest}"
    )
