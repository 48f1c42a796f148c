"""The tables of a result document: the tutorials' own two, then what they leave out.

Every number comes from the document. Variants stand in registry order and with their division:
those that share the float model's weights (closed) are not ranked with retrained ones (open).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybench.measure import HOST_ONLY
from tinybench.report import rows
from tinybench.report.table import (
    Column,
    Record,
    Row,
    Table,
    count,
    known,
    measured,
    on_device,
    table,
    words,
)
from tinybench.report.tutorial import loss, size

if TYPE_CHECKING:
    from collections.abc import Callable

    from tinybench.document import Document, Result

QUALITY = (
    *("mse", "mae", "max_error", "mse_true", "mae_true", "max_error_true"),
    *("mse_vs_float32", "max_vs_float32", "mse_vs_keras", "saturated_inputs"),
)
SIZES = ("saved_model_bytes", "tflite_bytes", "reduced_bytes", "weight_bytes", "macs")
ARENA = ("arena_bytes", "arena_head_bytes", "arena_tail_bytes")
VALUES = ("mse", "differing_outputs", "max_difference_lsb", "max_difference")
TIMES = ("host_us", "noop_us")
DEVICE = (
    *("instructions", "memory_reads", "memory_writes"),
    *("flash_bytes", "flash_code_bytes", "flash_weight_bytes", "ram_bytes", "stack_bytes"),
    "tflm_mismatches",
)
STAGES = ("float32", "control", "qat")
STUDIED = ("mse", "mse_true", "mse_vs_float32")
SPREAD = ("median", "q25", "q75", "min", "max")
SAME_ON_A_RUNTIME = ("mae", "max_error", "mse_true", "mae_true", "max_error_true")
"""Recorded for every runtime, where `mse` and the largest difference say enough."""


def quality(document: Document) -> Table:
    """How good every variant is."""
    records, reasons = [], dict[str, list[str]]()
    for result in rows.of_variants(document):
        record = _row(result, QUALITY)
        if known({name: record[name] for name in QUALITY}) or result.outcome == "failed":
            records.append(record)
            for reason in filter(None, map(rows.reason_of, result.labels)):
                reasons.setdefault(reason, []).append(result.id)
    footnotes = tuple(f"host-only ({', '.join(ids)}): {text}" for text, ids in reasons.items())
    names = ["task", "variant", "division", "labels", *QUALITY]
    columns = [*map(words, names[:4]), *map(measured, QUALITY)]
    return table(
        "quality",
        "Quality by variant",
        "On the test split, run by LiteRT: against the labels, the noise-free function (true), the "
        "float32 variant and Keras. Open variants were trained further: no rank among closed ones.",
        records,
        columns,
        names,
        footnotes,
    )


def cost(document: Document) -> Table:
    """What every variant costs, as far as this computer can tell."""
    records = []
    for task in rows.tasks(document):
        for variant in rows.variants(document, task):
            own, device = document.find(task, variant), document.find(task, variant, "tflm")
            record: Record = {name: rows.value(own, name) for name in SIZES}
            record |= {name: rows.value(device, name) for name in ARENA}
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
        [words("task"), words("variant"), *map(measured, SIZES), *map(on_device, ARENA)],
        ["task", "variant", "host_only", *SIZES, *ARENA],
    )


def runtimes(document: Document) -> Table:
    """The value check."""
    records = [
        _row(result, VALUES)
        for result in rows.on_runtimes(document)
        if any(name in result.metrics for name in VALUES) or result.outcome == "failed"
    ]
    names = ["task", "variant", "runtime", "labels"]
    return table(
        "runtimes",
        "Values by runtime",
        "Whether every runtime computes what LiteRT's default kernels do: differences of a few "
        "codes (LSB) are rounding, larger ones fail the benchmark.",
        records,
        [*map(words, names), *map(measured, VALUES)],
        [*names, *VALUES],
    )


def latency(document: Document) -> Table:
    """Host time; a column a runtime."""
    shown = rows.runtimes(document)
    records = []
    for task in rows.tasks(document):
        for variant in rows.variants(document, task):
            found = {name: document.find(task, variant, name) for name in shown}
            record: Record = {
                f"{metric}_{runtime}": rows.value(result, metric)
                for metric in TIMES
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
            *(measured(f"host_us_{name}", "host_us", name) for name in shown),
            *(measured(f"noop_us_{name}", "noop_us", f"{name} floor") for name in shown),
        ],
        ["task", "variant", *(f"{metric}_{name}" for metric in TIMES for name in shown)],
    )


def boards(document: Document) -> Table:
    """What every variant costs on a board, and that it answers as TFLM does there."""
    records = [_row(result, (*DEVICE, "mse")) for result in rows.on_boards(document)]
    reasons = dict[str, list[str]]()
    for result in rows.on_boards(document):
        for reason in filter(None, map(rows.reason_of, result.labels)):
            reasons.setdefault(reason, []).append(result.id)
    names = ["task", "variant", "runtime", "labels"]
    return table(
        "boards",
        "Cost on a board",
        "Generated C on an emulated processor: instructions and accesses of one inference, exact "
        "but not a time; flash and RAM are what the model adds to an empty program. The mean "
        "squared error is of the board's own outputs over the test split.",
        records,
        [
            *map(words, names[:2]),
            words("runtime", "board"),
            words("labels"),
            *map(measured, (*DEVICE, "mse")),
        ],
        [*names, *DEVICE, "mse"],
        tuple(f"host-only ({', '.join(ids)}): {text}" for text, ids in reasons.items()),
    )


def profile(document: Document) -> Table:
    """Where the instructions go, operator by operator."""
    costs = ("instructions", "reads", "writes")
    names = ["task", "variant", "runtime", "index", "operator"]
    records = [
        {**_row(result, ()), "index": index, **entry}
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
            measured("instructions"),
            measured("reads", "memory_reads"),
            measured("writes", "memory_writes"),
        ],
        [*names, *costs],
    )


def training(document: Document) -> Table:
    """Where the weights come from."""
    records, bounds = [], dict[str, None]()
    tail = ["seeds", "failed", "failed_above"]
    for task in rows.tasks(document):
        entry = document.tasks.get(task, {})
        stages: dict[str, Any] = entry.get("checkpoints", {})
        plain = stages.get("float32", {})
        record: Record = {name: plain.get(name) for name in ("seed", "epochs")}
        record["fine_tune_epochs"] = stages.get("qat", {}).get("epochs")
        for stage in STAGES:
            record[f"val_loss_{stage}"] = stages.get(stage, {}).get("final", {}).get("val_loss")
        record |= {f"bound_{name}": value for name, value in entry.get("bounds", {}).items()}
        bounds |= dict.fromkeys(f"bound_{name}" for name in entry.get("bounds", {}))
        record["retrained_difference"] = rows.value(document.find(task), "retrained_difference")
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
            measured("retrained_difference"),
            Column("failed seeds", _failed_seeds),
        ],
        ["task", *names, *bounds, "retrained_difference", *tail],
    )


def seeds(document: Document) -> Table:
    """How much of a result is the seed's luck."""
    records: list[Record] = []
    for task in rows.tasks(document):
        study: dict[str, Any] = document.tasks.get(task, {}).get("seeds") or {}
        for variant in ("float32", "int8"):
            spreads = study.get(variant, {})
            key = {"task": task, "seeds": study.get("seeds"), "variant": variant}
            records += [
                {**key, "metric": name, **spreads[name]} for name in STUDIED if name in spreads
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


def others(document: Document) -> Table:
    """Metrics of users, so that nothing measured goes unseen."""
    shown = {*QUALITY, *SIZES, *ARENA, *DEVICE, *VALUES, *TIMES, *SAME_ON_A_RUNTIME}
    shown.add("retrained_difference")
    own = (document.find(task) for task in rows.tasks(document))
    on_places = (*rows.on_runtimes(document), *rows.on_boards(document))
    results = [*filter(None, own), *rows.of_variants(document), *on_places]
    records = [
        {**_row(one, ()), "metric": name, "value": value}
        for one in results
        for name, value in sorted(one.metrics.items())
        if name not in shown
    ]
    names = ["task", "variant", "runtime"]
    columns = [
        *map(words, names),
        Column("metric", lambda row: rows.heading(rows.metric(row["metric"])), numeric=False),
        Column("value", lambda row: rows.number(rows.metric(row["metric"]), row["value"])),
    ]
    note = "What benchmarks recorded that no other table shows."
    return table("others", "Other metrics", note, records, columns, [*names, "metric", "value"])


SECTIONS: tuple[Callable[[Document], Table], ...] = (
    loss, size, quality, cost, boards, profile, runtimes, latency, training, seeds, others,
)  # fmt: skip
"""One function a table, in reading order."""


def tables(document: Document) -> list[Table]:
    """Every table that the document has anything for, in reading order."""
    made = (make(document) for make in SECTIONS)
    return [one for one in made if not one.frame.empty]


def _row(result: Result, names: tuple[str, ...]) -> Record:
    return {
        "task": result.task,
        "variant": result.variant,
        "division": rows.division(result.variant or ""),
        "runtime": result.runtime,
        "labels": ", ".join(rows.labels(result)),
        **{name: result.metrics.get(name) for name in names},
    }


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
