"""The base of every error whose message alone tells a user what to do."""


class TinybenchError(Exception):
    """Shown as one line, without a traceback, by the plugin and the command line."""


class NotAvailableError(TinybenchError, RuntimeError):
    """Something that cannot be had for this model, and is no fault: a label, not a failure."""
