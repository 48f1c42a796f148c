"""What training refuses."""

from tinybench.errors import NotAvailableError, TinybenchError


class TrainingError(TinybenchError, RuntimeError):
    """Training that did not end with usable weights."""

    page = "training-refuses"


class TfmotError(NotAvailableError):
    """A model that tfmot does not train further."""

    page = "tfmot-refuses"


class DivergedError(TrainingError):
    """A loss that became NaN or infinite."""

    page = "not-finite"
