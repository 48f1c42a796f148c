"""What conversion says when it cannot go on."""

from __future__ import annotations

from tinybench.errors import TinybenchError


class ConversionError(TinybenchError, RuntimeError):
    """The converter refused a model, or the model and the data do not fit."""
