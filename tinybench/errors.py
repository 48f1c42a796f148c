"""The base of every error whose message alone tells a user what to do."""

from __future__ import annotations

import copyreg
from typing import Any, TypeVar

_T = TypeVar("_T", bound="TinybenchError")


class TinybenchError(Exception):
    """Shown as one line, without a traceback, by the plugin and the command line."""

    page = ""
    """The name of the page in docs/help that has cause, example and remedy."""

    def __init__(self, *args: object, page: str = "") -> None:
        """`page` is that of another error, which this one passes on."""
        super().__init__(*args)
        if page:
            self.page = page

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again without `__init__`, which may take other arguments, in another process."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]

    def about(self: _T, what: object) -> _T:
        """The same error, with what it is about in front."""
        return type(self)(f"{what}: {self}", page=self.page)


class NotAvailableError(TinybenchError, RuntimeError):
    """Something that cannot be had for this model, and is no fault: a label, not a failure."""

    page = "not-available"


class NeedsTrainingDataError(NotAvailableError):
    """A variant that takes training, of a model that there is nothing to train with."""

    page = "needs-training-data"


def shown(error: Exception) -> str:
    """The message of an error with the name of its page: `tinybench explain NAME` prints that."""
    return named(str(error), getattr(error, "page", "file-system"))


def named(text: str, page: str) -> str:
    """A message with the name of its page, if it has one."""
    return f"{text} [{page}]" if page else text
