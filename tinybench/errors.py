"""The base of every error whose message alone tells a user what to do, and missing packages."""

from __future__ import annotations

import copyreg
import functools
import sys
import warnings
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution, version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from packaging.requirements import Requirement as Line
    from packaging.specifiers import SpecifierSet

DISTRIBUTION = "pytest-tinybench"
PACKAGES = {"elftools": "pyelftools", "serial": "pyserial", "vl_convert": "vl-convert-python"}
"""What pip installs a module with, where that has another name."""

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


class MissingPackageError(TinybenchError, ImportError):
    """A package, or a version of it that is new enough, is not installed; the extra that has it."""

    page = "missing-package"


class Requirement(NamedTuple):
    """The versions of a package that will do, and the extra that asks for it.

    "" where it takes none; None where the package is not made for this computer.
    """

    versions: SpecifierSet
    extra: str | None


WARNED = ("tensorflow", "tf-keras")
"""Packages of which older ones are no error: `environment.untried` warns."""


def require_packages(what: str, *modules: str) -> None:
    """Import these modules; MissingPackageError says what cannot be had without one of them."""
    if reason := unusable_packages(what, *modules):
        raise MissingPackageError(reason)


def unusable_packages(what: str, *modules: str) -> str | None:
    """`missing_packages`, or why one that is there cannot be imported; None if all can."""
    if reason := missing_packages(what, *modules):
        return reason
    for module in modules:
        try:
            # Which are errors under `-W error`, and no business of who asks.
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import_module(module)
        except Exception as error:
            if module in sys.modules:
                # Only what its package loads after it failed, such as a check of older wheels of
                # tflite-micro that needs an older setuptools.
                continue
            # What was built for another NumPy or protobuf raises whatever comes first.
            package, said = _package_of(module), " ".join(str(error).split())
            return (
                f"{what} needs {package}, which cannot be imported ({said}): "
                f"pip install --force-reinstall {package}"
            )
    return None


def missing_packages(what: str, *modules: str) -> str | None:
    """Why something cannot be had, and how to get it; None if there is all that it needs.

    Nothing is imported.
    """
    absent = dict(found for module in modules for found in _absent(module))
    if not absent:
        return None
    asked = [requirements()[name].extra for name in absent if name in requirements()]
    if None in asked:
        return f"{what} needs {', '.join(absent.values())}, which there is not for this computer"
    extras = ",".join(sorted({extra for extra in asked if extra}))
    install = [f"'{DISTRIBUTION}[{extras}]'" if extras else DISTRIBUTION] if asked else []
    # What comes with another package, as h5py with Keras.
    install += [name for name in absent if name not in requirements()]
    return f"{what} needs {', '.join(absent.values())}: pip install {' '.join(install)}"


@functools.cache
def requirements() -> Mapping[str, Requirement]:
    """The packages that tinybench asks for by name, as its metadata have them.

    Of several extras that ask for one, the smallest; of equal ones, the first by its name.
    """
    asked, found = requirements_by_extra(), dict[str, Requirement]()
    for extra in sorted(asked, key=lambda extra: (len(asked[extra]) if extra else 0, extra)):
        for line in asked[extra]:
            found.setdefault(line.name, Requirement(line.specifier, extra))
    return {line.name: Requirement(line.specifier, None) for line in _lines()} | found


def requirements_by_extra() -> dict[str, list[Line]]:
    """What each extra asks for on this computer, and without one, "", the base."""
    try:
        extras = ("", *distribution(DISTRIBUTION).metadata.get_all("Provides-Extra", ()))
    except PackageNotFoundError:
        return {}
    found = {
        extra: [one for one in _lines() if not one.marker or one.marker.evaluate({"extra": extra})]
        for extra in extras
    }
    base = found[""]
    return {
        extra: [one for one in asked if not extra or one not in base]
        for extra, asked in found.items()
    }


def _lines() -> list[Line]:
    """What the package asks for anywhere, with its extras."""
    from packaging.requirements import Requirement as Line

    try:
        asked = distribution(DISTRIBUTION).requires or ()
    except PackageNotFoundError:
        return []
    return [line for line in map(Line, asked) if line.name != DISTRIBUTION]


def _absent(module: str) -> Iterator[tuple[str, str]]:
    """The package of a module, and how it is asked for, unless it is there and new enough."""
    package = _package_of(module)
    if find_spec(module.partition(".")[0]) is None:
        yield package, package
    elif package in requirements() and package not in WARNED and (old := _too_old(package)):
        yield package, old


def _too_old(package: str) -> str | None:
    from packaging.version import Version

    try:
        installed = version(package)
    except PackageNotFoundError:
        return None
    versions = requirements()[package].versions
    lowest = [Version(one.version) for one in versions if one.operator in (">=", "==")]
    if Version(installed) >= max(lowest, default=Version("0")):
        return None
    wanted = ",".join(sorted(map(str, versions), reverse=True))
    return f"{package}{wanted} (found {installed})"


def _package_of(module: str) -> str:
    top = module.partition(".")[0]
    return PACKAGES.get(top, top.replace("_", "-"))


def shown(error: Exception) -> str:
    """The message of an error with the name of its page: `tinybench explain NAME` prints that."""
    return named(_reason(error), getattr(error, "page", "file-system"))


def _reason(error: Exception) -> str:
    """What went wrong, and with which file, without the number that the system has for it."""
    if isinstance(error, OSError) and error.strerror:
        file = "" if error.filename is None else f"{error.filename}: "
        return f"{file}{error.strerror}"
    return str(error)


def named(text: str, page: str) -> str:
    """A message with the name of its page, if it has one."""
    return f"{text} [{page}]" if page else text
