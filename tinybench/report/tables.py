"""The tables of a result document: the tutorials' own two, then what they leave out.

Every number comes from the document. Variants stand in registry order and with their division:
those that share the float model's weights (closed) are not ranked with retrained ones (open).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tinybench.metrics import METRICS, Group
from tinybench.report import dataset_cards, rows
from tinybench.report.classifiers import classification, confusion
from tinybench.report.table import (
    Column,
    Record,
    Row,
    Table,
    count,
    known,
    measured,
    of_result,
    on_device,
    table,
    words,
)
from tinybench.report.tutorial import accuracy, loss, size
from tinybench.results.frame import values
from tinybench.results.record import HOST_ONLY, NOT_AVAILABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tinybench.results.document import Document
    from tinybench.results.record import OperatorCost, Result

TIMED = {"host_us": "", "noop_us": "floor"}
"""What a column of times is called beside its runtime, if not by its metric."""
STAGES = ("float32", "control", "qat")
HASH_DIGITS = 12
SPREAD = ("median", "q25", "q75", "min", "max")
TABLED: tuple[Group, ...] = (
    *("errors", "classes", "fidelity", "file", "arena", "values", "board", "time", "training"),
)
"""Groups of metrics that have a table."""


def quality(document: Document) -> Table:
    """How good every variant is, but for classifiers."""
    shown = METRICS.of("errors", "fidelity")
    results: list[Result] = []
    records: list[Record] = []
    for result in rows.by_output(rows.of_variants(document)):
        if rows.is_classifier(document, result):
            continue
        record = of_result(result, shown)
        if known({name: record[name] for name in shown}) or result.outcome == "failed":
            records.append(record)
            results.append(result)
    names = ["task", "variant", "division", "labels", *shown]
    columns = [*map(words, names[:4]), *map(measured, shown)]
    return table(
        "quality",
        "Quality by variant",
        "On the test split, run by LiteRT: against the labels, the noise-free function (true), the "
        "float32 variant and Keras. Open variants were trained further: no rank among closed ones.",
        records,
        columns,
        names,
        rows.footnotes(results),
    )


def cost(document: Document) -> Table:
    """What every variant costs, as far as this computer can tell."""
    sizes, arena = METRICS.of("file"), METRICS.of("arena")
    records = []
    for task in rows.tasks(document):
        for variant in rows.variants(document, task):
            own, device = document.find(task, variant), document.find(task, variant, "tflm")
            record: Record = {name: rows.value(own, name) for name in sizes}
            record |= {name: rows.value(device, name) for name in arena}
            if known(record):
                host_only = HOST_ONLY in rows.labels(own)
                key = {"task": task, "variant": variant, "host_only": host_only}
                records.append({**key, **record})
    return table(
        "cost",
        "Size, work and memory by variant",
        "File and constants, multiply-accumulates of one inference, and TFLM's arena as counted on "
        "this computer, where pointers have 64 bits: a 32-bit device needs less.",
        records,
        [words("task"), words("variant"), *map(measured, sizes), *map(on_device, arena)],
        ["task", "variant", "host_only", *sizes, *arena],
    )


def runtimes(document: Document) -> Table:
    """The value check."""
    shown = (*rows.qualities(document), *METRICS.of("values"))
    results = [
        result
        for result in rows.on_runtimes(document)
        if any(name in result.metrics for name in shown)
        or result.outcome == "failed"
        or result.note(NOT_AVAILABLE)
    ]
    names = ["task", "variant", "runtime", "labels"]
    return table(
        "runtimes",
        "Values by runtime",
        "Whether every runtime computes what LiteRT's default kernels do: differences of a few "
        "codes (LSB) are rounding, larger ones fail the benchmark.",
        [of_result(result, shown) for result in results],
        [*map(words, names), *map(measured, shown)],
        [*names, *shown],
        rows.refusals(results),
    )


def latency(document: Document) -> Table:
    """Host time; a column a runtime."""
    shown, times = rows.runtimes(document), METRICS.of("time")
    records = []
    for task in rows.tasks(document):
        for variant in rows.variants(document, task):
            found = {name: document.find(task, variant, name) for name in shown}
            record: Record = {
                f"{metric}_{runtime}": rows.value(result, metric)
                for metric in times
                for runtime, result in found.items()
            }
            if known(record):
                records.append({"task": task, "variant": variant, **record})
    return table(
        "latency",
        "Host latency by variant and runtime",
        "Median time of one inference on this computer, and of a call that does nothing (floor): "
        "noisy, host only, no predictor of a board.",
        records,
        [
            *map(words, ("task", "variant")),
            *(
                measured(f"{metric}_{name}", metric, f"{name} {TIMED.get(metric, metric)}".strip())
                for metric in times
                for name in shown
            ),
        ],
        ["task", "variant", *(f"{metric}_{name}" for metric in times for name in shown)],
    )


def boards(document: Document) -> Table:
    """What every variant costs on a board, and that it answers as TFLM does there."""
    own = rows.qualities(document)
    shown = (*METRICS.of("board"), *own)
    quality = {rows.ERROR: "mean squared error", rows.ACCURACY: "accuracy"}
    spoken = " and the ".join(quality[name] for name in own)
    names = ["task", "variant", "runtime", "labels"]
    return table(
        "boards",
        "Cost on a board",
        "Generated C on an emulated processor: instructions and accesses of one inference, exact "
        "but not a time; cycles by the rules of the processor, milliseconds where its memory is "
        "known; flash and RAM are what the model adds to an empty program. The "
        f"{spoken} {'is' if len(own) == 1 else 'are'} of the board's own outputs over the test "
        "split.",
        [of_result(result, shown) for result in rows.on_boards(document)],
        [
            *map(words, names[:2]),
            words("runtime", "board"),
            words("labels"),
            *map(measured, shown),
        ],
        [*names, *shown],
        (*_bases(document), *rows.footnotes(rows.on_boards(document))),
    )


def _bases(document: Document) -> tuple[str, ...]:
    """What the cycles and milliseconds of each board stand on."""
    found = {name: rows.time_basis(document, name) for name in rows.boards(document)}
    return tuple(f"Cycles on {name}: {basis}" for name, basis in found.items() if basis)


def profile(document: Document) -> Table:
    """Where the instructions go, operator by operator."""
    costs = ("instructions", "cycles", "device_ms_low", "device_ms_high", "reads", "writes")
    names = ["task", "variant", "runtime", "index", "operator"]
    records = [
        {**of_result(result, ()), "index": index, **_costs(entry)}
        for result in rows.on_boards(document)
        for index, entry in enumerate(result.profile)
    ]
    return table(
        "profile",
        "Cost on a board by operator",
        "The operators in the order in which they run; the loop that calls them is left out.",
        records,
        [
            *map(words, names[:2]),
            words("runtime", "board"),
            count("index"),
            words("operator"),
            *map(measured, costs[:4]),
            measured("reads", "memory_reads"),
            measured("writes", "memory_writes"),
        ],
        [*names, *costs],
    )


def _costs(entry: OperatorCost) -> Record:
    found = msgspec.to_builtins(entry)
    least, most = found.pop("milliseconds", (None, None))
    return {"cycles": None, **found, "device_ms_low": least, "device_ms_high": most}


def training(document: Document) -> Table:
    """Where the weights come from."""
    records, bounds = [], dict[str, None]()
    own = METRICS.of("training")
    tail = ["seeds", "failed", "failed_above"]
    for task in rows.tasks(document):
        entry = document.tasks.get(task, {})
        stages: dict[str, Any] = entry.get("checkpoints", {})
        plain = stages.get("float32", {})
        trained = plain if rows.is_trained(plain) else {}
        record: Record = {name: trained.get(name) for name in ("seed", "epochs")}
        record["fine_tune_epochs"] = stages.get("qat", {}).get("epochs")
        for stage in STAGES:
            record[f"val_loss_{stage}"] = stages.get(stage, {}).get("final", {}).get("val_loss")
        record |= {f"bound_{name}": value for name, value in entry.get("bounds", {}).items()}
        bounds |= dict.fromkeys(f"bound_{name}" for name in entry.get("bounds", {}))
        record |= {name: rows.value(document.find(task), name) for name in own}
        study = entry.get("seeds") or {}
        record |= {name: study.get(name) for name in tail}
        if known(record):
            records.append({"task": task, **record})
    names = ["seed", "epochs", "fine_tune_epochs", *(f"val_loss_{one}" for one in STAGES)]
    return table(
        "training",
        "Training",
        "Seed and epochs; final validation loss of the float model, and after as many more epochs "
        "of its float control and of QAT; its bounds; how far retraining is from the weights used.",
        records,
        [
            words("task"),
            *map(count, [*names, *bounds]),
            *map(measured, own),
            Column("failed seeds", _failed_seeds),
        ],
        ["task", *names, *bounds, *own, *tail],
    )


def seeds(document: Document) -> Table:
    """How much of a result is the seed's luck."""
    studied = METRICS.of("errors", "classes", "fidelity", headline=True)
    records: list[Record] = []
    for task in rows.tasks(document):
        study: dict[str, Any] = document.tasks.get(task, {}).get("seeds") or {}
        for variant in ("float32", "int8"):
            spreads = study.get(variant, {})
            key = {"task": task, "seeds": study.get("seeds"), "variant": variant}
            records += [
                {**key, "metric": name, **spreads[name]} for name in studied if name in spreads
            ]
    return table(
        "seeds",
        "Spread over training seeds",
        "The same recipe trained from many seeds: one seed's result is one draw from this; failed "
        "seeds, counted in the training table, are part of it.",
        records,
        [
            *(words("task"), count("seeds"), words("variant"), words("metric")),
            Column("median [q25, q75]", _median),
            *map(count, SPREAD[3:]),
        ],
        ["task", "seeds", "variant", "metric", *SPREAD],
    )


def datasets(document: Document) -> Table:
    """What was trained and measured with."""
    names = ["task", "source", "licence", "groups", *dataset_cards.SPLITS, "classes", "sha256"]
    records = []
    for task in rows.tasks(document):
        if found := document.tasks.get(task, {}).get("data"):
            told = {name: found.get(name) for name in ("source", "licence", "groups", "sha256")}
            record = {"task": task, **told, **dataset_cards.totals(found)}
            records.append({**record, "classes": dataset_cards.classes(found)})
    return table(
        "datasets",
        "Data sets",
        "Samples of each split, and of each class in train, validation and test. Groups are what "
        "no two splits have in common. The hash, here its beginning, is of all splits.",
        records,
        [
            *map(words, ("task", "source", "licence")),
            words("groups", "groups"),
            *map(count, dataset_cards.SPLITS),
            words("classes"),
            Column("SHA-256", lambda row: str(row["sha256"] or "")[:HASH_DIGITS], numeric=False),
        ],
        names,
    )


def others(document: Document) -> Table:
    """Metrics of users, so that nothing measured goes unseen."""
    records = [
        {**one, "runtime": one["place"]}
        for one in values(document)
        if one["group"] not in (*TABLED, "bound")
    ]
    names = ["task", "output", "variant", "runtime"]
    columns = [
        *map(words, names),
        Column("metric", lambda row: rows.heading(rows.metric(row["metric"])), numeric=False),
        Column("value", lambda row: rows.number(rows.metric(row["metric"]), row["value"])),
    ]
    note = "What benchmarks recorded that no other table shows."
    return table("others", "Other metrics", note, records, columns, [*names, "metric", "value"])


SECTIONS: tuple[Callable[[Document], Table], ...] = (
    loss, accuracy, size, quality, classification, confusion, cost, boards, profile, runtimes,
    latency, training, seeds, datasets, others,
)  # fmt: skip
"""One function a table, in reading order."""


def tables(document: Document) -> list[Table]:
    """Every table that the document has anything for, in reading order."""
    made = (make(document) for make in SECTIONS)
    return [one for one in made if not one.frame.empty]


def judged(made: Sequence[Table]) -> str:
    """The name of the last of these tables that says how good variants are."""
    names = [one.name for one in made if one.name in ("quality", "classification")]
    return names[-1] if names else ""


def _failed_seeds(row: Row) -> str:
    if row["failed"] is None:
        return rows.ABSENT
    limit = rows.number(rows.metric("mse"), row["failed_above"])
    return f"{row['failed']} of {row['seeds']} (mse above {limit})"


def _median(row: Row) -> str:
    """Median and quartiles, in the digits of the metric that the row is about."""
    found = rows.metric(row["metric"])
    middle, low, high = (rows.number(found, row[name]) for name in ("median", "q25", "q75"))
    return f"{middle} [{low}, {high}]"
