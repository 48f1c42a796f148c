"""How `tinybench inspect` and `tinybench run` show what is advised about a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.measurement.advice import Evidence, advise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybench.results.record import Note
    from tinybench.tflite import Model


def of_file(model: Model, refusal: str) -> list[Note]:
    """What a file alone tells, and TFLM's refusal of it, if it refuses."""
    return advise(Evidence(model, refusal=refusal))


def as_text(found: Sequence[Note]) -> str:
    """A line each; empty for none."""
    if not found:
        return ""
    title = "Advice (explained by `tinybench explain NAME`)"
    return "\n".join([title, *(f"- {note}" for note in found)])


def as_values(found: Sequence[Note]) -> list[dict[str, str]]:
    """The same for JSON."""
    return [{"name": note.short, "text": note.reason} for note in found]
