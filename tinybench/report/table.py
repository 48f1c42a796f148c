"""What a table is: raw numbers in a small frame, and how each column is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from tinybench.errors import require_packages
from tinybench.report import rows
from tinybench.results.record import HOST_ONLY

if TYPE_CHECKING:
    import pandas as pd

    from tinybench.results.record import Result

Record: TypeAlias = dict[str, Any]
Row: TypeAlias = Mapping[str, Any]
"""A row of a frame by column; None where nothing was measured."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is shown: its title and the text of a row.

    `metric` is what it is a column of, and `source` the frame's column with the raw number, if it
    shows one.
    """

    title: str
    text: Callable[[Row], str]
    numeric: bool = True
    metric: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a document.

    `frame` holds raw numbers under metric names, in object columns: an integer stays one beside a
    gap. `footnotes` are what does not fit into a cell.
    """

    name: str
    title: str
    note: str
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    footnotes: tuple[str, ...] = ()

    def records(self) -> list[Row]:
        """The raw rows."""
        return [dict(zip(self.frame.columns, row, strict=True)) for row in self.frame.to_numpy()]

    def shown(self) -> list[Column]:
        """The columns that have anything to show."""
        records = self.records()
        empty = {"", rows.ABSENT}
        return [one for one in self.columns if any(one.text(row) not in empty for row in records)]

    def rendered(self) -> pd.DataFrame:
        """The table as text: numbers to four digits, units and directions in the headings."""
        import pandas as pd

        records = self.records()
        texts = {one.title: [one.text(row) for row in records] for one in self.shown()}
        shown: pd.DataFrame = pd.DataFrame(texts, dtype=object)
        return shown


def words(name: str, title: str = "") -> Column:
    """A column of words."""
    return Column(title or name, lambda row: str(row[name] or ""), numeric=False)


def count(name: str, title: str = "") -> Column:
    """A column of numbers that are no metric."""
    plain = rows.metric("")
    return Column(title or name, lambda row: rows.number(plain, row[name]), source=name)


def measured(name: str, metric: str = "", title: str = "") -> Column:
    """A column of a metric, the one named `name` if not stated."""
    found = rows.metric(metric or name)
    heading = rows.heading(found, title or name)
    return Column(
        heading, lambda row: rows.number(found, row[name]), metric=found.name, source=name
    )


def on_device(name: str) -> Column:
    """A metric that a host-only variant cannot have."""
    plain = measured(name)

    def text(row: Row) -> str:
        return HOST_ONLY if row[name] is None and row["host_only"] else plain.text(row)

    return replace(plain, text=text)


def after(name: str, metric: str, title: str) -> Column:
    """A size with `<name>_reduced`, the bytes saved against the step before."""
    found = rows.metric(metric)

    def text(row: Row) -> str:
        size, saved = rows.number(found, row[name]), row[f"{name}_reduced"]
        if saved is None:
            return size
        return f"{size} ({'reduced' if saved >= 0 else 'grown'} by {abs(saved)} {found.unit})"

    return Column(rows.heading(found, title), text, metric=metric, source=name)


def of_result(result: Result, names: Iterable[str]) -> Record:
    """A row about a result, with these metrics of it."""
    return {
        "task": result.task,
        "variant": result.variant,
        "division": rows.division(result.variant or ""),
        "runtime": result.where,
        "labels": ", ".join(rows.labels(result)),
        **{name: result.metrics.get(name) for name in names},
    }


def known(record: Mapping[str, Any]) -> bool:
    """Whether anything in a row was measured."""
    return any(value is not None for value in record.values())


def table(
    name: str,
    title: str,
    note: str,
    records: Iterable[Record],
    columns: Iterable[Column],
    names: Iterable[str],
    footnotes: Iterable[str] = (),
) -> Table:
    """A table whose frame has these columns of the records, as Python's own numbers."""
    require_packages("a table of results", "pandas")
    import pandas as pd

    names = list(names)
    data = [[record.get(key) for key in names] for record in records]
    frame: pd.DataFrame = pd.DataFrame(data, columns=names, dtype=object)
    return Table(name, title, note, frame, tuple(columns), tuple(footnotes))
