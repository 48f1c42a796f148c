"""Which of the packages that tinybench asks for are installed, by extra, from its own metadata."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tinybench import environment
from tinybench.errors import DISTRIBUTION, requirements_by_extra

if TYPE_CHECKING:
    from packaging.requirements import Requirement

BASE, ALL = "base", "all"
"""What is installed without any extra; the extra that is the others."""


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
        """What is wrong; not that part of an extra is there, which may be the user's own."""
        found = [f"{name} {self.versions[name]} is not {one}" for name, one in self.outside.items()]
        if self.absent and self.name == BASE:
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
    asked = {name: one for name, one in requirements_by_extra().items() if name != ALL}
    often = Counter(one.name for found in asked.values() for one in found)
    return [_examined(name or BASE, found, often) for name, found in asked.items()]


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
