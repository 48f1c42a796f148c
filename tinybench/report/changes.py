"""Changes between two documents as text: for the terminal, Markdown, CSV, JSON and other tools."""

from __future__ import annotations

import csv as csv_format
import html
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tinybench.comparison.compare import VERDICTS, Change, Verdict, interesting, metric_of
from tinybench.comparison.gates import NAMES, Judgement, quantity, shift
from tinybench.metrics import family

if TYPE_CHECKING:
    from tinybench.results.document import Document

NOISY = "noisy, not gated"
TERMINAL_ROWS = 20
FAILURES = 20
MARKDOWN_ROWS = 200
"""A comment on GitHub has at most 65,536 characters."""
VERSIONS = "other versions"
"""What a line is called that says which packages changed between two runs."""
HEADINGS = ("verdict", "benchmark", "metric", "old", "new", "change")
FIELDS = (
    "id", "task", "variant", "place", "metric", "unit",
    "old", "new", "delta", "relative", "verdict", "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One row for reading: a value that changed, or several values with one thing to say."""

    verdict: Verdict
    benchmark: str
    metric: str
    old: str = ""
    new: str = ""
    change: str = ""
    noisy: bool = False

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts under HEADINGS."""
        return self.verdict, self.benchmark, self.metric, self.old, self.new, self.change


def lines(changes: Iterable[Change]) -> list[Line]:
    """Rows for reading, the most urgent first; values that share a reason share a row.

    What is within noise is counted only: of code that did not change there is nothing to read.
    """
    found: list[Line] = []
    groups: dict[tuple[Verdict, str], list[Change]] = {}
    times: dict[tuple[Verdict, str], list[Change]] = {}
    for change in interesting(changes):
        metric = metric_of(change.metric)
        if change.verdict == "within noise" or not (metric.exact or metric.direction != "none"):
            continue
        if change.verdict == "not comparable":
            groups.setdefault((change.verdict, change.why), []).append(change)
        elif change.verdict in ("missing", "new"):
            groups.setdefault((change.verdict, change.id), []).append(change)
        elif metric.exact:
            texts = change.id, change.metric, *quantity(change)
            found.append(Line(change.verdict, *texts, shift(change)))
        else:
            times.setdefault((change.verdict, change.metric), []).append(change)
    found += [_grouped(verdict, text, group) for (verdict, text), group in groups.items()]
    found += [_noisy(verdict, metric, group) for (verdict, metric), group in times.items()]
    rank = {verdict: index for index, verdict in enumerate(VERDICTS)}
    return sorted(found, key=lambda line: (rank[line.verdict], line.noisy))


def _grouped(verdict: Verdict, text: str, group: list[Change]) -> Line:
    names = list(dict.fromkeys(change.metric for change in group))
    metrics = ", ".join(names[:NAMES])
    if len(names) > NAMES:
        metrics += f" and {len(names) - NAMES} more"
    if verdict != "not comparable":
        return Line(verdict, text, metrics, change=group[0].why)
    ids = list(dict.fromkeys(change.id for change in group))
    benchmarks = ids[0] if len(ids) == 1 else f"{len(ids)} benchmarks"
    if len(group) == 1:
        return Line(verdict, benchmarks, metrics, *quantity(group[0]), text)
    return Line(verdict, benchmarks, metrics, change=text)


def _noisy(verdict: Verdict, metric: str, group: list[Change]) -> Line:
    """Times of two runs: of more than one nobody needs to read each."""
    if len(group) > 1:
        return Line(verdict, f"{len(group)} benchmarks", metric, change=NOISY, noisy=True)
    (change,) = group
    said = f"{shift(change)} ({NOISY})"
    return Line(verdict, change.id, metric, *quantity(change), said, noisy=True)


def counts(changes: Iterable[Change]) -> str:
    """`2 regressed, 1 missing, 1043 no change, 12 noisy, not gated`."""
    found = Counter(
        change.verdict
        if metric_of(change.metric).exact or change.verdict in ("no change", "within noise")
        else NOISY
        for change in changes
    )
    return ", ".join(f"{found[one]} {one}" for one in (*VERDICTS, NOISY) if found[one]) or "nothing"


def terminal(changes: Sequence[Change], rows: int = TERMINAL_ROWS) -> list[tuple[str, Verdict]]:
    """Aligned lines, each with the verdict that decides its colour; headings come first."""
    found = lines(changes)
    table = [HEADINGS, *(line.cells for line in found[:rows])]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    texts = []
    for row in table:
        cells = [
            text.rjust(width) if index in (3, 4) else text.ljust(width)
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        texts.append(_plain("  ".join(cells).rstrip()))
    verdicts: list[Verdict] = ["no change", *(line.verdict for line in found[:rows])]
    shown = list(zip(texts, verdicts, strict=True)) if found else []
    if more := _more(found, rows):
        shown += [(line, "no change") for line in (more, *_by_metric(changes))]
    return [*shown, (f"{counts(changes)} (values)", "no change")]


def failures(judgement: Judgement, most: int = FAILURES) -> list[str]:
    """The first failures; of more than that, how many there are of each metric."""
    found = judgement.lines
    shown = [f"FAILED {line}" for line in found[:most]]
    if len(found) > most:
        shown += [f"… and {len(found) - most} more", failures_by_metric(judgement)]
    return shown


def failures_by_metric(judgement: Judgement) -> str:
    """`340 failed: 220 instructions, 117 mse, 3 missing benchmarks`."""
    return f"{len(judgement.lines)} failed: {_counted(judgement.metrics)}"


def _by_metric(changes: Iterable[Change]) -> Iterator[str]:
    """A line for each verdict that exact metrics changed with."""
    for verdict in ("regressed", "missing", "improved"):
        found = Counter(
            family(one.metric)
            for one in changes
            if one.verdict == verdict and metric_of(one.metric).exact
        )
        if found:
            yield f"{verdict}: {_counted(found)}"


def _counted(found: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in found.most_common())


def markdown(changes: Sequence[Change], title: str, verdict: str, versions: str = "") -> str:
    """A comment for a pull request: the verdict, the counts, and the rows that changed.

    With these, which `versions` of packages differ. Where nothing changed but times, it is one
    line.
    """
    found = [line for line in lines(changes) if not line.noisy]
    if not found:
        return f"**{escape(verdict)}** {escape(title)}: {counts(changes)} (values)\n"
    text = [f"### {escape(title)}\n", f"**{escape(verdict)}** {counts(changes)} (values)\n"]
    if versions:
        text.append(f"{VERSIONS.capitalize()}: {escape(versions)}\n")
    text += [_row(HEADINGS), "|---|---|---|--:|--:|---|"]
    text += [_row([escape(cell) for cell in line.cells]) for line in found[:MARKDOWN_ROWS]]
    if more := _more(found, MARKDOWN_ROWS):
        text.append(f"\n{more}")
    return "\n".join(text) + "\n"


def csv(changes: Iterable[Change]) -> str:
    """Every value, one a row, with numbers in full precision."""
    buffer = io.StringIO()
    writer = csv_format.DictWriter(buffer, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(_record, changes))
    return buffer.getvalue()


def as_json(changes: Iterable[Change], **more: Any) -> str:
    """Every value, one a line, with what else is to be said beside `changes`."""
    head = json.dumps(more, ensure_ascii=False, indent=1, allow_nan=False)[:-1].rstrip()
    rows = ",\n  ".join(
        json.dumps(_record(change), ensure_ascii=False, allow_nan=False) for change in changes
    )
    comma = "," if more else ""
    return f'{head}{comma}\n "changes": [\n  {rows}\n ]\n}}\n'


def github_action_benchmark(
    found: Document, changes: Iterable[Change], direction: str = "lower"
) -> str:
    """For `customSmallerIsBetter`, or with the direction "higher" for `customBiggerIsBetter`."""
    said = {(change.id, change.metric): change for change in changes}
    rows = []
    for identifier, result in sorted(found.results.items()):
        for name, value in result.metrics.items():
            metric = metric_of(name)
            if metric.direction == direction:
                row = {"name": f"{identifier} {name}", "unit": metric.unit or "1", "value": value}
                if change := said.get((identifier, name)):
                    row["extra"] = f"{change.verdict} {shift(change)}".rstrip()
                rows.append(row)
    return json.dumps(rows, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def bencher(found: Document) -> str:
    """Bencher Metric Format: benchmark, measure, value."""
    value = {
        identifier: {name: {"value": number} for name, number in result.metrics.items()}
        for identifier, result in sorted(found.results.items())
        if result.metrics
    }
    return json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def escape(text: str) -> str:
    """Text that Markdown and HTML show as it is, on one line."""
    line = html.escape(" ".join(text.split()), quote=False)
    return re.sub(r"([\\`*_|\[\]#@])", r"\\\1", line)


def _record(change: Change) -> dict[str, Any]:
    values = {name: getattr(change, name) for name in FIELDS if name != "unit"}
    return {**values, "unit": metric_of(change.metric).unit}


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _more(found: Sequence[Line], rows: int) -> str:
    left = len(found) - rows
    return f"… and {left} more; all of them: tinybench compare --format csv" if left > 0 else ""


def _plain(text: str) -> str:
    """Without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else "?" for char in text)
