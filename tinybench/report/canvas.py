"""What every plot is drawn on: our style, our palette, panels, and figures as small PNG files."""

from __future__ import annotations

import io
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

P = ParamSpec("P")

# Okabe and Ito's: colour-blind readers tell them apart. Markers differ as well.
BLUE, ORANGE, RED, SKY, GREY = "#0072B2", "#E69F00", "#D55E00", "#56B4E9", "#666666"
DPI = 100
COLOURS, SHADES = 64, 256
"""Enough for flat colours, and for a colour scale."""
STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#E5E5E5",
    "legend.frameon": False,
    "lines.linewidth": 1.2,
}
LOG_ABOVE = 30.0
"""A ratio of largest to smallest from which an axis is logarithmic."""


def drawing(make: Callable[P, Figure]) -> Callable[P, bytes]:
    """Run a function in our style, whatever a user's matplotlibrc says, and encode its figure."""
    return _drawing(make, COLOURS)


def shading(make: Callable[P, Figure]) -> Callable[P, bytes]:
    """The same for a figure with a colour scale."""
    return _drawing(make, SHADES)


def picturing(make: Callable[P, Figure]) -> Callable[P, bytes]:
    """The same for a figure with pictures, which keeps all its colours."""
    return _drawing(make, None)


def _drawing(make: Callable[P, Figure], colours: int | None) -> Callable[P, bytes]:
    @wraps(make)
    def draw(*args: P.args, **kwargs: P.kwargs) -> bytes:
        from matplotlib import style
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        with style.context(["default", STYLE]):
            figure = make(*args, **kwargs)
            FigureCanvasAgg(figure)
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
        return _with_palette(buffer, colours)

    return draw


def _with_palette(png: io.BytesIO, colours: int | None) -> bytes:
    """The same picture, opaque; in few colours it takes a third of the bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    with Image.open(png) as opened:
        image = opened.convert("RGB")
        if colours is not None:
            image = image.quantize(colours, dither=Image.Dither.NONE)
        image.save(buffer, format="png", optimize=True)
    return buffer.getvalue()


def panels(count: int, sharey: bool = False) -> tuple[Figure, list[Axes]]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.2 * count, 3.6), layout="constrained")
    return figure, list(figure.subplots(1, count, squeeze=False, sharey=sharey).ravel())


def legend_below(axes: Axes, columns: int) -> None:
    """A legend that hides no data."""
    axes.legend(
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=columns,
        columnspacing=1.0,
        handletextpad=0.3,
    )


def spans(values: NDArray[Any]) -> bool:
    """Whether positive values differ so much that a linear axis hides the small ones."""
    return bool(np.min(values) > 0 and np.max(values) > LOG_ABOVE * np.min(values))
