"""The front end's constants: the committed headers are what their formulas give."""

from __future__ import annotations

import numpy as np
import pytest

from tinybench.boards.sources import firmware_root
from tinybench.streaming import tables


@pytest.mark.parametrize("name", ["audio_tables.h", "fft_tables.h"])
def test_committed_headers_are_generated(name: str) -> None:
    committed = (firmware_root() / "pipeline" / name).read_text("utf-8")

    assert committed == tables.headers()[name]


def test_bands_cover_the_bins_between_the_limits() -> None:
    """Bins are 31.25 Hz apart; the first band has those from 125 Hz on, after one bin for DC."""
    first, widths, weights = tables.filters()

    assert first * 31.25 == 156.25
    assert (first + widths.sum()) * 31.25 > 7500 >= (first + widths.sum() - 1) * 31.25
    assert len(weights) == widths.sum()
    assert (weights.min() >= 0) & (weights.max() <= 4096)


def test_gains_fall_with_the_noise() -> None:
    starts = np.concatenate([tables.gains()[:2], tables.gains()[2::3]])

    assert starts[0] == round(2**21 / 80**0.95)
    assert (np.diff(starts) <= 0).all()
