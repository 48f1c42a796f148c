"""What a runtime or a board predicts on a test split, and whether two of them can both be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinybench import tflite
from tinybench.metrics import FLOAT_ROUNDING, HYBRID_ROUNDING, quality
from tinybench.runtimes import Session
from tinybench.tflite.ports import codes_of, input_of, output_grid, output_of, outputs_of, values_of

VALUE_LIMITS: dict[str, float] = {"int8": 16, "uint8": 16, "int16": 64}
"""How many codes two runtimes may differ by. LiteRT rounds once where TFLM rounds twice; over many
layers that was seen to add up to 10 codes (int8) and 9 codes (int16). A wrong result is far off."""

PROBABILITY_LIMIT = 1 / 16
"""How much two runtimes' probabilities may differ for most samples: 16 codes of int8."""

HYBRID_LIMIT = 0.1
"""The same for a dynamic range model, as a part of the outputs' range: each runtime rounds the
activations to 8 bits in its own way when it runs. 0.034 was seen."""

SHARE_LIMIT = 0.02
"""The share of samples that two runtimes may put far apart, or in other classes: those on a border.
Between LiteRT and TFLM 0.015 were seen far apart, with a softmax 3 to 30 times as steep too."""

OUTPUT_SHARE = 0.01
"""The share of one sample's outputs that may be far apart: of an image, a few pixels."""

FLOAT_LIMIT = 1e-4
"""The same for float outputs, as a part of the outputs' range: sums in another order."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """Outputs (N, *output shape) as real numbers and raw, and the number of clipped inputs.

    `grid` is the quantized tensor that the outputs come from, None where they are float sums.
    `probabilities` says that a softmax made them, `hybrid` that int8 weights met float inputs,
    `floats` that an operator computes with floats at all.
    """

    values: NDArray[np.float32]
    raw: NDArray[Any]
    saturated: int = 0
    grid: tflite.Tensor | None = None
    probabilities: bool = False
    hybrid: bool = False
    floats: bool = True

    def first(self, count: int) -> Predictions:
        """Those of the first samples."""
        return replace(self, values=self.values[:count], raw=self.raw[:count])


def predict(session: Session, model: tflite.Model, x: NDArray[np.float32]) -> Predictions:
    """Quantize inputs (N, *input shape), run them one by one, dequantize the outputs."""
    codes, saturated = codes_of(x, input_of(model))
    return read_outputs(model, session.run(codes), saturated)


def read_outputs(model: tflite.Model, raw: NDArray[Any], saturated: int) -> Predictions:
    """What the raw outputs (N, *output shape) of a model with one output say."""
    return _read(model, output_of(model), raw, saturated)


def read_all(
    model: tflite.Model, raw: Sequence[NDArray[Any]], names: Sequence[str], saturated: int
) -> dict[str, Predictions]:
    """What each of a model's outputs says, by name; all of them know how many inputs were clipped.

    The model is called once for all of them.
    """
    tensors = outputs_of(model)
    return {
        name: _read(model, tensor, values, saturated)
        for name, tensor, values in zip(names, tensors, raw, strict=True)
    }


def _read(
    model: tflite.Model, output: tflite.Tensor, raw: NDArray[Any], saturated: int
) -> Predictions:
    values, grid = values_of(raw, output), output_grid(model, output)
    made_by = [one.name for one in model.operators if grid and grid.index in one.outputs]
    softmax = made_by == ["SOFTMAX"]
    return Predictions(
        values, raw, saturated, grid, softmax, _is_hybrid(model), _has_float_sums(model)
    )


def _has_float_sums(model: tflite.Model) -> bool:
    """Whether an operator that does more than convert gives floats."""
    return any(
        model.tensors[index].dtype == "float32"
        for operator in model.operators
        if operator.name not in ("QUANTIZE", "DEQUANTIZE")
        for index in operator.outputs
    )


def rounding(predicted: Predictions, labels: NDArray[Any] | None) -> float:
    """How far float sums may move these outputs on another processor, in their own unit.

    It is a part of the largest label, or output where labels are no values of it.
    """
    if not predicted.floats:
        return 0.0
    on_the_way = predicted.hybrid or predicted.grid is not None
    part = HYBRID_ROUNDING if on_the_way else FLOAT_ROUNDING
    same = labels is not None and labels.shape == predicted.values.shape
    return part * float(np.max(np.abs(labels if same and labels is not None else predicted.values)))


def _is_hybrid(model: tflite.Model) -> bool:
    """Whether an operator computes with float inputs and int8 weights."""
    for operator in model.operators:
        tensors = [model.tensors[index] for index in operator.inputs[:2] if index >= 0]
        if [one.dtype for one in tensors] == ["float32", "int8"] and tensors[1].data is not None:
            return True
    return False


def difference(predicted: Predictions, expected: Predictions) -> dict[str, float]:
    """How many outputs differ, and the largest difference: in units and, on a grid, in codes."""
    largest = quality.errors(predicted.values, expected.values)[2]
    found: dict[str, float] = {
        "differing_outputs": int(np.count_nonzero(predicted.raw != expected.raw)),
        "max_difference": largest,
    }
    if expected.grid is not None and expected.grid.quantization is not None:
        found["max_difference_lsb"] = round(largest / expected.grid.quantization.scales[0])
    return found


def value_problem(predicted: Predictions, expected: Predictions) -> str | None:
    """Why two runtimes' outputs cannot both be right, or None.

    Samples are counted, because the largest difference says little: one code more in front of a
    steep softmax moves an answer from one end to the other (0.93 of 1 was seen, for one of 1,000
    samples), but only where it was on the border. A wrong runtime is wrong for more than those.
    Two runtimes cannot both be right if

    - one has a number where the other has NaN or infinity;
    - more than `SHARE_LIMIT` of the samples are in other classes;
    - more than `SHARE_LIMIT` of the samples have outputs that differ by more than rounding;
    - on a grid, the median sample differs by a quarter of that: rounding goes both ways, an
      offset or a truncation goes one way and moves them all.

    A share is above the limit where its 95 % interval is: one of ten samples proves nothing.
    """
    gap, limit, unit = _gaps(predicted, expected)
    if broken := int(np.count_nonzero(~np.isfinite(gap).all(axis=1))):
        return f"{broken} of {len(gap)} samples have NaN or infinity on one side only"
    most = f"at most {SHARE_LIMIT:.0%} is rounding"
    if expected.probabilities:
        apart = quality.classes(predicted.values) != quality.classes(expected.values)
        if _too_many(apart):
            return f"{np.mean(apart):.1%} of the samples are in other classes; {most}"
    far = np.count_nonzero(gap > limit, axis=1) > OUTPUT_SHARE * gap.shape[1]
    if _too_many(far):
        return (
            f"{np.mean(far):.1%} of the samples differ by more than {limit:.3g} {unit}, "
            f"by up to {np.max(gap):.3g}; {most}"
        )
    typical = float(np.median(np.mean(gap, axis=1)))
    if expected.grid is not None and typical > limit / 4:
        return (
            f"half of the samples differ by {typical:.3g} {unit} and more; "
            f"at most {limit / 4:.3g} is rounding"
        )
    return None


def _gaps(predicted: Predictions, expected: Predictions) -> tuple[NDArray[Any], float, str]:
    """Differences (N, outputs), what is rounding, and the unit of both; two NaN are equal."""
    found, wanted = (
        one.values.reshape(len(one.values), -1).astype(np.float64) for one in (predicted, expected)
    )
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    with np.errstate(invalid="ignore"):
        gap = np.where(same, 0.0, np.abs(found - wanted))
    grid = expected.grid
    if expected.probabilities:
        return gap, PROBABILITY_LIMIT, "units"
    if grid is not None and grid.quantization is not None:
        return np.round(gap / grid.quantization.scales[0]), VALUE_LIMITS[grid.dtype], "LSB"
    finite = wanted[np.isfinite(wanted)]
    part = HYBRID_LIMIT if expected.hybrid else FLOAT_LIMIT
    return gap, part * float(np.ptp(finite)) if finite.size else 0.0, "units"


def _too_many(samples: NDArray[np.bool_]) -> bool:
    """Whether more than `SHARE_LIMIT` of all such samples are like these, as far as is certain."""
    return quality.interval(int(np.count_nonzero(samples)), len(samples))[0] > SHARE_LIMIT
