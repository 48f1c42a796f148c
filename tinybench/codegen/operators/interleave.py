"""The layout of weights for kernels that sum four output channels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tinybench.codegen.graph import Array


def interleaved(rows: Array) -> Array:
    """Weights (channels, inputs) as `kernels/tb_dot_f32.h` and `tb_dot_s16.h` want them, flat.

    Blocks of 4 channels, in each the 4 weights of one input after the other; then the channels
    that are left, row by row. Nothing is filled up.
    """
    whole = len(rows) // 4 * 4
    blocks = rows[:whole].reshape(whole // 4, 4, rows.shape[1]).transpose(0, 2, 1)
    return np.concatenate([blocks.reshape(-1), rows[whole:].reshape(-1)])
