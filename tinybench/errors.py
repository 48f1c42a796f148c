"""The base of every error whose message alone tells a user what to do."""


class TinybenchError(Exception):
    """Shown as one line, without a traceback, by the plugin and the command line."""


class NotAvailableError(TinybenchError):
    """What cannot be made of a model, and is nobody's failure: it is labelled with the reason."""
