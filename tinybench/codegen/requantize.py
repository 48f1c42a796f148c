"""How an accumulator becomes an output code, and what can be proved about it beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Requantize:
    """The last step of a kernel that multiplies and accumulates in 32 bits.

    `multipliers` are (q, shift), one for each output channel. `bound` is the largest magnitude that
    an accumulator can have, whatever the input.
    """

    multipliers: tuple[tuple[int, int], ...]
    zero_point: int
    low: int
    high: int
    bound: int

    @property
    def narrow(self) -> bool:
        """True if 31 bits hold every accumulator and every multiplier is below one half.

        Then TFLM's two roundings are a high multiply and two shifts, with no case to tell apart.
        """
        return self.bound < 2**30 and all(q == 0 or shift < 0 for q, shift in self.multipliers)

    @property
    def ranges(self) -> tuple[str, ...]:
        """What the activation's range is, as `kernels/tb_requantize.h` names it; best first."""
        if self.high != 127:
            return ()
        starts = {"TB_RANGE_INT8": -128, "TB_RANGE_RECTIFIED": self.zero_point}
        return tuple(name for name, start in starts.items() if self.low == start)

    def fields(self, *, narrow: bool) -> Mapping[str, Any]:
        """The members of `struct tb_requantize`; see `kernels/tb_requantize.h` for the coding."""
        pairs = [
            (q, max(-shift - 1, 0) if narrow else shift if q else 0)
            for q, shift in self.multipliers
        ]
        return {
            "scales": np.array(pairs, np.int32),
            "offset": 2 * self.zero_point + 1 if narrow else self.zero_point,
            "low": self.low,
            "high": self.high,
        }
