"""Which of the packages that tinybench asks for are installed, by extra, from its own metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import metadata, requires
from typing import Any, Literal

from packaging.requirements import Requirement

from tinybench import environment

DISTRIBUTION = "pytest-tinybench"
BASE, ALL = "base", "all"
"""What is installed without any extra; the extra that has no packages of its own."""


@dataclass(frozen=True, slots=True)
class Extra:
    """The packages of an extra, or of the base, that this computer is to have.

    `versions` has None for what is not installed; `outside` the range of what does not fit.
    """

    name: str
    state: Literal["whole", "half", "missing", "outside"]
    versions: Mapping[str, str | None]
    outside: Mapping[str, str]

    @property
    def remedy(self) -> str:
        """The line that installs what is not there or does not fit; empty if all is well."""
        if self.state == "whole":
            return ""
        wanted = DISTRIBUTION if self.name == BASE else f"'{DISTRIBUTION}[{self.name}]'"
        return f"pip install {wanted}"

    @property
    def absent(self) -> list[str]:
        return [name for name, version in self.versions.items() if version is None]

    @property
    def problem(self) -> str:
        """What is wrong; nothing of an extra that nobody installed."""
        found = [f"{name} {self.versions[name]} is not {one}" for name, one in self.outside.items()]
        if self.absent and self.state != "missing":
            found.insert(0, f"not installed: {', '.join(self.absent)}")
        return f"{self.name}: {'; '.join(found)}: {self.remedy}" if found else ""

    def to_dict(self) -> dict[str, Any]:
        """Values for JSON."""
        return {
            "extra": self.name,
            "state": self.state,
            "packages": dict(self.versions),
            "outside": dict(self.outside),
            "remedy": self.remedy or None,
        }


def extras() -> list[Extra]:
    """The base, then each extra."""
    wanted = [Requirement(text) for text in requires(DISTRIBUTION) or ()]
    names = metadata(DISTRIBUTION).get_all("Provides-Extra") or []
    asked = {BASE: [one for one in wanted if _holds(one, "")]}
    for name in sorted(set(names) - {ALL}):
        asked[name] = [one for one in wanted if _holds(one, name) and not _holds(one, "")]
    often = Counter(one.name for found in asked.values() for one in found)
    return [_examined(name, found, often) for name, found in asked.items()]


def _holds(one: Requirement, extra: str) -> bool:
    return one.marker is None or one.marker.evaluate({"extra": extra})


def _examined(name: str, wanted: Iterable[Requirement], often: Mapping[str, int]) -> Extra:
    versions = {one.name: environment.installed(one.name) for one in wanted}
    outside = {
        one.name: str(one.specifier)
        for one in wanted
        if (version := versions[one.name]) and not one.specifier.contains(version, prereleases=True)
    }
    there = [one for one, version in versions.items() if version]
    if len(there) == len(versions):
        return Extra(name, "outside" if outside else "whole", versions, outside)
    # What another extra has, too, came perhaps with that one.
    begun = name == BASE or any(often[one] == 1 for one in there)
    return Extra(name, "half" if begun else "missing", versions, outside if begun else {})
