"""One result: what a benchmark found about a task, one of its variants, or that at a place.

The record that measuring returns is the one that the document keeps. msgspec validates it when a
file is read, and publishes its JSON schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeVar

import msgspec

_T = TypeVar("_T")
PlaceKind = Literal["runtime", "board"]
NoteKind = Literal[
    "same-as-float32", "partly-float", "host-only", "not-available", "remark", "advice"
]
Outcome = Literal["passed", "failed", "skipped"]
Level = Literal["task", "variant", "runtime", "board"]

SAME_AS_FLOAT32: NoteKind = "same-as-float32"
"""Kind of the note that a variant has float32's weights and operators."""
PARTLY_FLOAT: NoteKind = "partly-float"
"""Kind of the note that a variant in integers has operators in floats; its reason names them."""
HOST_ONLY: NoteKind = "host-only"
"""Kind of the note that a variant does not run on a device; its reason says why."""
NOT_AVAILABLE: NoteKind = "not-available"
"""Kind of the note that something could not be measured; its reason says why. No failure."""
ADVICE: NoteKind = "advice"
"""Kind of the note on trouble of a known cause; docs/help has a page of its name."""


SHORT: dict[NoteKind, str] = {
    SAME_AS_FLOAT32: "= float32",
    PARTLY_FLOAT: "partly float",
    HOST_ONLY: "host-only",
    NOT_AVAILABLE: "not available",
}


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a variant ran."""

    kind: PlaceKind
    name: str


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to call a result beyond its name, and why; of a remark, `reason` is the text.

    An advice has a `name`, and its `reason` is what was found and the remedy.
    """

    kind: NoteKind
    reason: str = ""
    # Not written where there is none: documents without advice are read by earlier versions too.
    name: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def short(self) -> str:
        """For a cell of a table: `= float32`, `host-only`, the advice's name, or the remark."""
        if self.kind == "remark":
            return self.reason
        if self.kind == "advice":
            return self.name or self.kind
        return SHORT[self.kind]

    def __str__(self) -> str:
        """The same with its reason."""
        return f"{self.short}: {self.reason}" if self.reason not in ("", self.short) else self.short


class OperatorCost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an operator executed on a board.

    Accesses are None where they cannot be counted, cycles and milliseconds (least, most) not set
    where they cannot be told.
    """

    operator: str
    instructions: int
    reads: int | None = None
    writes: int | None = None
    # Not written where there are none: such documents are read by earlier versions too.
    cycles: int | msgspec.UnsetType = msgspec.UNSET
    milliseconds: tuple[float, float] | msgspec.UnsetType = msgspec.UNSET


class Result(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What was found about a task, one of its variants, or that at a place.

    Metric keys are registry names. `problems` say why a result failed. `sha256` is the variant's
    file. `profile` has the operators in the order in which they run. `confusion` has the true
    classes of a classifier as rows and the predicted ones as columns. `tests` are the node ids,
    without parameters, of the test functions that recorded it. `time_basis` says what cycles and
    milliseconds stand on: rules, memory profile, what is held fixed.
    """

    id: str = ""
    task: str
    variant: str | None = None
    place: Place | None = None
    outcome: Outcome = "passed"
    metrics: dict[str, int | float] = {}
    notes: list[Note] = []
    problems: list[str] = []
    sha256: str | None = None
    profile: list[OperatorCost] = []
    confusion: list[list[int]] = []
    tests: list[str] = []
    time_basis: str | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        """ValueError for an id of other names."""
        if self.id not in ("", name := self._name()):
            raise ValueError(f"result {self.id!r} is about another task, variant or place")
        self.id = name

    def _name(self) -> str:
        return identifier(self.task, self.variant, self.place.name if self.place else None)

    @property
    def level(self) -> Level:
        """How much the result is about."""
        if self.place:
            return self.place.kind
        return "variant" if self.variant else "task"

    @property
    def where(self) -> str | None:
        """The place's name, if it has one."""
        return self.place.name if self.place else None

    def note(self, kind: NoteKind) -> Note | None:
        """The first note of a kind."""
        return next((one for one in self.notes if one.kind == kind), None)

    def label(self, kind: NoteKind, reason: Exception) -> None:
        """Say why there are no numbers; the place is not named again in the reason."""
        self.notes = [Note(kind, str(reason).removeprefix(f"{self.where}: "))]

    def merge(self, other: Result) -> None:
        """Take over what another benchmark found about the same; a failure stays one."""
        self.metrics = self.metrics | other.metrics
        self.notes = _joined(self.notes, other.notes)
        self.problems = _joined(self.problems, other.problems)
        self.tests = _joined(self.tests, other.tests)
        self.sha256 = other.sha256 or self.sha256
        self.profile = other.profile or self.profile
        self.confusion = other.confusion or self.confusion
        self.time_basis = other.time_basis or self.time_basis
        if other.outcome != "passed":
            self.outcome = other.outcome

    def to_json(self) -> str:
        """One line, as tests hand results to the process that writes the document."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def from_json(cls, text: str, outcome: Outcome | None = None) -> Result:
        """The result of such a line, with the outcome that its test had in the end."""
        found = msgspec.json.decode(text, type=cls)
        found.outcome = outcome or found.outcome
        return found


def identifier(task: str, variant: str | None = None, place: str | None = None) -> str:
    """The readable id of a result, such as `sine-16x16-int8-tflm`."""
    return "-".join(part for part in (task, variant, place) if part)


def _joined(one: list[_T], other: Iterable[_T]) -> list[_T]:
    return list(dict.fromkeys([*one, *other]))
