"""An export as a package of an ecosystem: its layout, and an example that prints the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tinybench.export.packages import arduino, cmake, platformio
from tinybench.export.packages.contents import Contents, closed, of_export

LAYOUTS: Mapping[str, Callable[[Contents], dict[str, bytes]]] = {
    "arduino": arduino.layout,
    "cmake": cmake.layout,
    "platformio": platformio.layout,
}
"""What makes the files of a package from its contents, by the name that a user gives."""


def package(kind: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a package of this kind from those of an export, the manifest last.

    Raise ExportError if the export has no C code.
    """
    contents = of_export(files)
    return closed(kind, LAYOUTS[kind](contents), contents)


__all__ = ["LAYOUTS", "package"]
