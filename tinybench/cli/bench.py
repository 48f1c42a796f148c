"""`tinybench bench`: every variant of a model of your own, measured, and which one to ship."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from tinybench.artifacts import Artifacts
from tinybench.artifacts.provenance import describe_run
from tinybench.boards import DEFAULT_BOARD
from tinybench.cli import options, recommend, report, signatures
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.cli.streams import teller
from tinybench.comparison.recommend import NothingMeasuredError
from tinybench.console import progress, worker
from tinybench.conversion.model_file import find as find_model
from tinybench.conversion.variants import FILE, VARIANTS
from tinybench.errors import TinybenchError, shown
from tinybench.machines import Machine, find
from tinybench.measurement import illustration
from tinybench.measurement.attempt import attempt
from tinybench.measurement.cases import Case, Selection, cases
from tinybench.measurement.described import describe
from tinybench.measurement.measure import Measurements
from tinybench.report import terminal
from tinybench.results import document
from tinybench.results.document import Document
from tinybench.results.illustration import files_of, folder_of, keep
from tinybench.results.record import Result
from tinybench.runtimes import TimedSession
from tinybench.storage.store import Store, write_atomically
from tinybench.tasks import TASKS, Task
from tinybench.tasks.elsewhere import redirect
from tinybench.timing import latency

OF_FILES = (
    "signature",
    "name",
    "head",
    "threshold",
    "predict",
    "scaling",
    "samples",
    "custom_objects",
)
"""Options that say what is not known of a model in a file."""

EPILOG = (
    "docs/how-to/data.md has the kinds of data, docs/reference/advice.md what is advised.\n\n"
) + examples(
    "bench model.keras --data test.npz",
    "bench model.tflite --data table.csv --predict species",
    "bench saved_model/ --data photos/ --variant int8,float32 --on cortex-m0plus --html page.html",
    "bench sine-16x16",
    status="1 a variant failed; 2 error",
)


class OwnModelError(TinybenchError, ValueError):
    """Options that do not say which model is measured with which data."""

    page = "wrong-option"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Make every quantization variant of a model, verify that each is what its name says, "
        "measure quality, size, host time and what it costs on a board, print the table, and say "
        "which variant to ship. Nothing is trained: the weights are those of the file."
    )
    parser.epilog = EPILOG
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="A .keras or .h5 file, a SavedModel folder, a .tflite, or the name of a task",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DATA",
        help="Its data: an .npz, .npy or CSV file, or a folder of pictures or sounds by class",
    )
    signatures.add(parser)
    parser.add_argument("--name", default="", help="What to call it (default: the file's name)")
    parser.add_argument(
        "--labels", type=options.names, default=(), metavar="NAME,...", help="Its classes, in order"
    )
    parser.add_argument(
        "--head",
        metavar="NAME",
        help="How outputs are judged, such as multi-label, reconstruction or none, see "
        "docs/reference/heads.md (default: what fits)",
    )
    parser.add_argument(
        "--threshold",
        type=threshold,
        metavar="NUMBER|validation",
        help="What a score must exceed to mean yes; chosen on the validation split (default: half, "
        "and 0 for a logit)",
    )
    parser.add_argument(
        "--predict",
        type=options.names,
        default=None,
        metavar="COLUMN,...",
        help="Columns of a table to predict (default: the last)",
    )
    parser.add_argument(
        "--scaling",
        choices=("0..255", "0..1", "-1..1"),
        help="What the bytes of pictures become, and of arrays of bytes (default: they stay)",
    )
    parser.add_argument(
        "--samples",
        type=options.positive,
        metavar="N",
        help="Use so many samples of the data, drawn by class (default: all)",
    )
    parser.add_argument(
        "--custom-objects",
        action="append",
        default=[],
        metavar="MODULE|FILE.py",
        help="Where the classes and functions stand that a Keras file names; repeatable",
    )
    parser.add_argument(
        "--variant",
        action="append",
        default=[],
        metavar="NAME",
        help="Only these variants; repeatable, comma-separated, with shell wildcards",
    )
    parser.add_argument(
        "--on",
        action="append",
        default=[],
        metavar="NAME",
        help="Board or runtime, see `tinybench list`; repeatable (default: all runtimes, and "
        f"{DEFAULT_BOARD})",
    )
    parser.add_argument("--no-time", action="store_true", help="Do not measure host time")
    parser.add_argument(
        "--document",
        type=Path,
        default=options.LATEST,
        metavar="FILE",
        help=f"Write the result document to FILE (default: {options.LATEST})",
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="Write a page with charts, too")
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="Write the .tflite of every variant to DIR, too"
    )
    options.add_json(parser)
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Measure, print the table and the recommendation; 1 if a variant failed."""
    places = [_place(name) for name in given.on]
    VARIANTS.select(given.variant)
    # In the folder of --to any file will do.
    for path in filter(None, (given.document, given.html, given.to and given.to / "x.tflite")):
        _check_target(path)
    if given.html:
        report.require_extra("--html")
    task = task_of(given)
    boards = tuple(one.name for one in places if one.kind == "board")
    runtimes = tuple(one.name for one in places if one.kind == "runtime")
    boards = boards if places else default_board()
    selected = Selection((task.name,), tuple(given.variant), runtimes, boards)
    if not cases(selected, "variant"):
        raise OwnModelError(
            f"task {task.name!r} has no variant {', '.join(given.variant)}: a .tflite has the one "
            f"{FILE!r}, and no other model has it; leave out --variant"
        )
    bench = Measurements(Artifacts(Store(given.cache), progress.bar))
    # Before anything is made: data that do not fit are the user's to correct.
    with progress.steps(task.name, 1) as step:
        step("reading model and data")
        bench.artifacts.evaluation(task)
    found = measured(bench, task, selected, timed=not given.no_time)
    try:
        # Before anything is written: a disk may be full by now.
        if given.json:
            print(json.dumps(json.loads(found.to_json()), indent=1, ensure_ascii=False))
        else:
            print("\n".join(terminal.lines(found)))
    finally:
        # Also where nobody reads any further.
        _write(found, given.document)
    remarks = list(_illustrated(bench, task, found, given.document))
    if not given.json:
        _recommend(found, task, boards, given.document)
        print(f"written: {given.document}")
    say = teller(given.json)
    if given.to:
        say(write_models(bench, task, found, given.to))
    if given.html:
        report.write_page(given.document, given.html, given.cache)
        say(f"page: {given.html}")
    for line in remarks:
        print(f"tinybench: {line}", file=sys.stderr)
    failed = any(one.outcome == "failed" for one in found.results.values())
    return Exit.FAILED if failed else Exit.OK


def _write(found: Document, path: Path) -> None:
    try:
        document.write(found, path)
    except OSError as error:
        raise OwnModelError(
            f"{path} cannot be written: {error.strerror or error}; name another --document (what "
            "was made is in the cache)"
        ) from error


def _place(name: str) -> Machine:
    """A place that was asked for, so that it must be there."""
    place = find(name)
    if reason := place.unavailable():
        raise OwnModelError(f"--on {name}: {reason}")
    return place


def _check_target(path: Path) -> None:
    """Raise OwnModelError for what no file can be written to, before minutes are spent."""
    if path.is_dir():
        raise OwnModelError(f"{path} is a folder; name a file in it")
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise OwnModelError(f"{path} cannot be written, because {folder} cannot; name another")


def task_of(given: argparse.Namespace) -> Task:
    """The task that the options name; one made of a file is registered for this process."""
    path = Path(given.model).expanduser()
    # What looks like no path is the name of a task, or meant to be: the message lists them.
    if not path.exists() and (given.model in TASKS or path == Path(path.stem)):
        return _registered(given)
    find_model(path)
    if given.signature is not None:
        path = signatures.file_of(path, given.signature, given.cache)
    if given.data is None:
        raise OwnModelError(
            f"{path}: give its data, too: --data FILE|DIR, an .npz, .npy or CSV file, or a folder "
            "of pictures or sounds"
        )
    task = Task.of(
        path,
        given.data,
        name=given.name,
        custom_objects=dict(_objects(given.custom_objects)),
        target=given.predict,
        scaling=given.scaling,
        most=given.samples,
        labels=given.labels,
        head=given.head,
        threshold=given.threshold,
    )
    if task.name in TASKS:
        raise OwnModelError(f"{path}: there is a task {task.name!r} already; give another --name")
    return TASKS.add(task)


def _registered(given: argparse.Namespace) -> Task:
    name, classes = TASKS.get(given.model).name, ",".join(given.labels)
    for option in OF_FILES:
        if getattr(given, option) not in (None, "", []):
            raise OwnModelError(
                f"--{option.replace('_', '-')} is for a model in a file, and {name!r} is a task "
                "that is registered; leave it out"
            )
    redirect(
        [f"{name}={given.data}"] if given.data else [], [f"{name}={classes}"] if classes else []
    )
    return TASKS.get(name)


def threshold(text: str) -> float | Literal["validation"]:
    """A number, or `validation`."""
    if text == "validation":
        return "validation"
    with contextlib.suppress(ValueError):
        if math.isfinite(value := float(text)):
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor 'validation'")


def _objects(names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Public classes and functions of these modules and files."""
    from tinybench.tasks import discovery

    for name in names:
        module = discovery.load_module(name, "--custom-objects")
        yield from ((key, value) for key, value in vars(module).items() if callable(value))


def default_board() -> tuple[str, ...]:
    """The board that costs are measured on, where what emulates it is installed."""
    return () if find(DEFAULT_BOARD).unavailable() else (DEFAULT_BOARD,)


def measured(
    bench: Measurements, task: Task, selected: Selection, *, timed: bool = True
) -> Document:
    """Every case of the selection; of a variant that cannot be made there is one row."""
    found = Document(describe_run(bench.artifacts, Path.cwd()))
    variants = cases(selected, "variant")
    there = cases(selected, "runtime") + (cases(selected, "board") if selected.boards else [])
    with progress.steps(task.name, len(variants) + len(there)) as step:
        for case in variants:
            step(case.id)
            made = attempt(bench, case)
            found.add(made)
            if made.sha256 is None:
                there = [one for one in there if one.variant != case.variant]
        for case in there:
            step(case.id)
            result = attempt(bench, case)
            if timed and case.runtime and result.metrics:
                _time(bench, case, result)
            found.add(result)
    with contextlib.suppress(TinybenchError):
        found.tasks = describe(bench, found.results.values())
    return found


def _time(bench: Measurements, case: Case, result: Result) -> None:
    """Add how long it takes; what goes wrong there is a problem, and takes nothing along."""
    try:
        result.metrics |= times(bench, case)
    except Exception as error:
        result.problems.append(f"not timed: {worker.foreign(error)}")
        result.outcome = "failed"


def times(bench: Measurements, case: Case) -> dict[str, float]:
    """Host time of one inference on a runtime, where that can be timed."""
    assert case.variant is not None
    assert case.runtime is not None
    session = bench.session(case.task, case.variant, case.runtime)
    if not isinstance(session, TimedSession):
        return {}
    codes = bench.first_sample(case.task, case.variant)
    call = session.prepare(*(array[0] for array in codes))
    return {"host_us": latency.median_us(call), "noop_us": latency.noop_us()}


def _illustrated(bench: Measurements, task: Task, found: Document, path: Path) -> Iterator[str]:
    """Write what the page shows beyond numbers beside the document; why not, if it cannot be."""
    try:
        made = illustration.packed(bench, task, files_of(found, task.name))
        keep(folder_of(path), {task.name: made}, only=True)
    except Exception as error:
        yield f"no figures of {task.name}: {error}"


def write_models(bench: Measurements, task: Task, found: Document, folder: Path) -> str:
    """Write each variant that was made to `folder`, by its name; says so."""
    names = [one.variant for one in found.results.values() if one.variant and not one.place]
    files = []
    for name in names:
        with contextlib.suppress(TinybenchError):
            files.append((name, bench.artifacts.artifact(task, VARIANTS.get(name)).data))
    for name, data in files:
        write_atomically(folder / f"{name}.tflite", data)
    return (
        f"models: {len(files)} files in {folder}; C of one: "
        f"tinybench export --file {folder}/NAME.tflite --to src/model"
    )


def _recommend(found: Document, task: Task, boards: Sequence[str], source: Path) -> None:
    for board in boards:
        print()
        try:
            recommend.show(found, task.name, board, (), source)
        except NothingMeasuredError as error:
            print(shown(error))
