"""Values of options that pytest and the command line share."""

from __future__ import annotations

import argparse
import math


def percentage(text: str) -> float:
    """`2%` or `2` as 0.02; ArgumentTypeError unless it lies between 0 and 100."""
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = math.nan
    if not 0 < value < 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a percentage between 0 and 100")
    return value / 100
