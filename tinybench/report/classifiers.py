"""The tables of classifiers: how often every class is found, and what is taken for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinybench.metrics import METRICS, RECALLS
from tinybench.report import rows
from tinybench.report.table import (
    Column,
    Record,
    Row,
    Table,
    count,
    known,
    measured,
    of_result,
    table,
    words,
)

if TYPE_CHECKING:
    from tinybench.results.document import Document
    from tinybench.results.record import Result

PREDICTED = "predicted_"


def classification(document: Document) -> Table:
    """How good every variant of a classifier is."""
    names = METRICS.of("classes", "fidelity")
    first, rest = names[: names.index(RECALLS)], names[names.index(RECALLS) + 1 :]
    shown = (*first, *rest)
    recalls: dict[str, None] = {}
    results: list[Result] = []
    records: list[Record] = []
    for result in rows.by_output(rows.of_variants(document)):
        if not rows.is_classifier(document, result):
            continue
        labels = (*rows.classes(document, result.task), *sorted(rows.recalls(result)))
        own = dict.fromkeys(f"{rows.RECALL}{label}" for label in labels)
        recalls |= own
        record = of_result(result, (*shown, *own))
        worst = rows.worst_recall(result)
        record["worst_recall"] = worst[1] if worst else None
        if known({name: record[name] for name in shown}) or result.outcome == "failed":
            records.append(record)
            results.append(result)
    columns = ["task", "variant", "division", "labels", *shown, "worst_recall", *recalls]

    def by_class(row: Row) -> str:
        known_ones = {name: row[name] for name in recalls if row[name] is not None}
        return ", ".join(
            f"{name.removeprefix(rows.RECALL)} {rows.number(rows.metric(name), value)}"
            for name, value in known_ones.items()
        )

    return table(
        "classification",
        "Classification by variant",
        "On the test split, run by LiteRT: the share of samples whose class is found, with its "
        "95 % interval (Wilson), and of each class (recall); agreement is the share of samples "
        "with the float32 variant's class. The interval is what another draw of test samples "
        "would change. Open variants were trained further: no rank among closed ones.",
        records,
        [
            *map(words, columns[:4]),
            *map(measured, first),
            measured("worst_recall", RECALLS, "worst recall"),
            Column("recall by class ↑", by_class, numeric=False),
            *map(measured, rest),
        ],
        columns,
        rows.footnotes(results),
    )


def confusion(document: Document) -> Table:
    """Which class is taken for which."""
    columns: dict[str, None] = {}
    records: list[Record] = []
    for result in rows.of_variants(document):
        size = len(result.confusion)
        labels = rows.classes(document, result.task)
        if len(labels) != size:
            labels = [str(number) for number in range(size)]
        own = [f"{PREDICTED}{label}" for label in labels]
        columns |= dict.fromkeys(own)
        for label, counts in zip(labels, result.confusion, strict=True):
            found = dict(zip(own, counts, strict=False))
            records.append({**of_result(result, ()), "true": label, **found})
    names = ["task", "variant", "true"]
    return table(
        "confusion",
        "Confusion matrices",
        "Samples of the test split by their true class, one a row, and by the class that a variant "
        "names, one a column; run by LiteRT.",
        records,
        [
            *map(words, names[:2]),
            words("true", "true class"),
            *(count(name, f"→ {name.removeprefix(PREDICTED)}") for name in columns),
        ],
        [*names, *columns],
    )
