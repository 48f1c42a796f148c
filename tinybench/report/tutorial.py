"""The tutorials' own two tables, loss by model and size by model; accuracy for a classifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tinybench.report import rows
from tinybench.report.table import Record, Table, after, known, measured, table, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinybench.results.document import Document

STEPS_OF_QUALITY = ("keras", "float32", "int8")
STEPS = ("saved_model_bytes", "tflite_bytes", "int8_bytes")


def loss(document: Document) -> Table:
    """The tutorials' "loss by model"."""
    names = [f"mse_{step}" for step in STEPS_OF_QUALITY]
    records = _judged(document, "mse", names)
    return table(
        "loss",
        "Loss by model",
        "Mean squared error on the test split in the tutorials' own three steps (quantized: int8 "
        "with int8 input and output), beside what the task's source publishes.",
        records,
        [
            words("task"),
            measured("mse_keras", "mse", "TensorFlow"),
            measured("mse_float32", "mse", "TFLite"),
            measured("mse_int8", "mse", "TFLite quantized"),
            words("published", "published by the source"),
        ],
        ["task", "mse_keras", "mse_float32", "mse_int8", "published"],
    )


def accuracy(document: Document) -> Table:
    """The same of classifiers."""
    names = [f"accuracy_{step}" for step in STEPS_OF_QUALITY]
    records = _judged(document, "accuracy", names)
    titles = ("TensorFlow", "TFLite", "TFLite quantized")
    return table(
        "accuracy",
        "Accuracy by model",
        "Share of the test split whose class is found, in the same three steps, beside what the "
        "task's source publishes, for orientation: its data may be others.",
        records,
        [
            words("task"),
            *(measured(name, "accuracy", title) for name, title in zip(names, titles, strict=True)),
            words("published", "published by the source"),
        ],
        ["task", *names, "published"],
    )


def _judged(document: Document, metric: str, names: Sequence[str]) -> list[Record]:
    """A row for each output of a task that has this metric, with what its source publishes."""
    records = []
    for task in rows.tasks(document):
        places = (("float32", "keras"), ("float32", None), ("int8", None))
        found = [document.find(task, *place) for place in places]
        published = _published(document, task).items()
        said = ", ".join(f"{name} {text}" for name, text in published if "_bytes" not in name)
        for title, output in rows.outputs_of(document, task):
            values = [rows.value(result, metric, output) for result in found]
            record: Record = dict(zip(names, values, strict=True))
            if known(record):
                records.append({"task": title, **record, "published": said})
    return records


def size(document: Document) -> Table:
    """The tutorials' "size by model"."""
    records = []
    for task in rows.tasks(document):
        plain, int8 = document.find(task, "float32"), document.find(task, "int8")
        sizes = [rows.value(plain, "saved_model_bytes"), rows.value(plain, "tflite_bytes")]
        sizes.append(rows.value(int8, "tflite_bytes"))
        if any(value is not None for value in sizes):
            published = _published(document, task)
            keys = ("saved_model_bytes", "tflite_bytes", "tflite_bytes int8")
            source = [_whole(published.get(key)) for key in keys]
            record = _steps("", sizes) | _steps("published_", source)
            records.append({"task": task, **record})
    columns, names = [words("task")], ["task"]
    for prefix, source_of in (("", ""), ("published_", "Source: ")):
        folder, plain_file, int8_file = (prefix + step for step in STEPS)
        columns += [
            measured(folder, "saved_model_bytes", f"{source_of}SavedModel"),
            after(plain_file, "tflite_bytes", f"{source_of}TFLite"),
            after(int8_file, "tflite_bytes", f"{source_of}TFLite quantized"),
        ]
        names += [folder, plain_file, f"{plain_file}_reduced", int8_file, f"{int8_file}_reduced"]
    return table(
        "size",
        "Size by model",
        "Bytes of each step, reduced from the step before; the SavedModel is the sum of its files, "
        "where the tutorials measured the folder's directory entry.",
        records,
        columns,
        names,
    )


def _published(document: Document, task: str) -> dict[str, str]:
    return dict(document.tasks.get(task, {}).get("published", {}))


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _steps(prefix: str, sizes: list[Any]) -> Record:
    """Sizes of the three steps, and what each of the last two saved of the step before."""
    record: Record = {f"{prefix}{name}": size for name, size in zip(STEPS, sizes, strict=True)}
    for name, before, size in zip(STEPS[1:], sizes, sizes[1:], strict=False):
        both = before is not None and size is not None
        record[f"{prefix}{name}_reduced"] = before - size if both else None
    return record
