"""What conversion says when it cannot go on."""

from __future__ import annotations

from tinybench.errors import NotAvailableError, TinybenchError


class ConversionError(TinybenchError, RuntimeError):
    """The converter refused a model, or the model and the data do not fit."""

    page = "converter-refuses"


class PortError(ConversionError):
    """What goes into the model and the data do not fit."""

    page = "data-do-not-fit"


class UnconvertibleError(ConversionError, NotAvailableError):
    """The converter has no such variant of a model, which is nobody's fault."""
