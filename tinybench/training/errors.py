"""What training refuses."""

from tinybench.errors import TinybenchError


class TrainingError(TinybenchError, RuntimeError):
    """Training that did not end with usable weights."""
