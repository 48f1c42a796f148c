"""The plugin's options, read once from the pytest configuration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tinybench.console.arguments import percentage
from tinybench.errors import named
from tinybench.storage.cache_folder import CACHE_FOLDER, CACHE_VARIABLE, cache_folder

if TYPE_CHECKING:
    from tinybench.measurement.cases import Selection

TASK_MODULE = "--tinybench-task-module"
UNNAMED = {
    "task": ". Without it the tasks that this project adds, or where it adds none, those that come "
    "with tinybench; '*' is all of them"
}
"""What is benchmarked without the option, where that is not everything."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run benchmarks and where it writes.

    `document` is the result file, or None to write none; `append` adds to it. Empty selections
    are those of `Selection`. `data` and `labels` are TASK=DIR and
    TASK=NAME,... texts: tasks on other data or classes. `baseline` is a file or a commit to compare
    with, `stored` whether pytest-benchmark was asked to; `gates` is the text of the gates, None
    where nobody gave any, `asked` whether it came from the command line, `across` what may differ
    between compared runs.
    `task_modules` are modules and files that add tasks and more.
    `time_against_baseline` says to time against stored models, and `time_threshold` which part of
    the time is noise.
    """

    tasks: tuple[str, ...]
    variants: tuple[str, ...]
    runtimes: tuple[str, ...]
    boards: tuple[str, ...]
    data: tuple[str, ...]
    labels: tuple[str, ...]
    document: Path | None
    append: bool
    cache: Path
    root: Path
    baseline: str
    stored: bool
    gates: str | None
    asked: bool
    across: tuple[str, ...]
    task_modules: tuple[str, ...]
    time_against_baseline: bool
    time_threshold: float

    @property
    def selection(self) -> Selection:
        """What is benchmarked."""
        from tinybench.measurement.cases import Selection

        return Selection(self.tasks, self.variants, self.runtimes, self.boards)

    @property
    def compares(self) -> bool:
        """Whether this run is compared with an earlier one, or should be."""
        return bool(self.baseline or self.stored or self.gates is not None)


def add_options(parser: pytest.Parser) -> None:
    """Declare the command-line options, and those that an ini file may have, too."""
    group = parser.getgroup("tinybench", "benchmark quantized variants of Keras models")
    for kind in ("task", "variant", "runtime", "board"):
        group.addoption(
            f"--tinybench-{kind}",
            action="append",
            default=[],
            metavar="NAME",
            help=f"Benchmark only this {kind}; repeatable, comma-separated, with shell wildcards"
            + UNNAMED.get(kind, ""),
        )
    group.addoption(
        TASK_MODULE,
        action="append",
        default=[],
        metavar="MODULE|FILE.py",
        help="Load this, too, which adds tasks and more; repeatable. A conftest.py that pytest "
        "loads at start needs no option",
    )
    group.addoption(
        "--tinybench-data",
        action="append",
        default=[],
        metavar="TASK=DIR",
        help="Train and measure a task on your own data, such as keyword=DIR with "
        "DIR/<word>/*.wav; repeatable",
    )
    group.addoption(
        "--tinybench-labels",
        action="append",
        default=[],
        metavar="TASK=NAME,...",
        help="Train and measure a task with these classes, such as keyword=fire,anna; repeatable",
    )
    group.addoption(
        "--tinybench-json",
        metavar="FILE",
        help="Write the result document to FILE (ini: tinybench_json; empty: write none)",
    )
    group.addoption(
        "--tinybench-append",
        action="store_true",
        help="Add to the result document instead of starting a new one",
    )
    group.addoption(
        "--tinybench-cache",
        metavar="DIR",
        help=f"Keep checkpoints and variants in DIR (default: ${CACHE_VARIABLE} or {CACHE_FOLDER})",
    )
    group.addoption(
        "--tinybench-baseline",
        metavar="FILE|COMMIT",
        help="Compare every metric with this document, or with results/baseline.json of this git "
        "commit; COMMIT... is its merge base with HEAD",
    )
    group.addoption(
        "--tinybench-fail-on",
        metavar="GATES",
        help="Fail if a metric gets worse by more than a limit: [TASK[/VARIANT[/PLACE]]:]METRIC:"
        "LIMIT, comma-separated, with shell wildcards; the last one that matches counts, such as "
        "'mse:2%%,tflite_bytes:0,sine-*/int8:mse:5%%' (ini: tinybench_fail_on). Where neither is "
        "given, a baseline is gated by 'default': quality of every kind, and cost (tinybench "
        "compare --help has it); 'none' only shows what changed",
    )
    group.addoption(
        "--tinybench-across",
        metavar="WHAT",
        help="Compare although runs differ in this: data, calibration, definition, compiler or "
        "machine, comma-separated",
    )
    group.addoption(
        "--tinybench-time-against-baseline",
        action="store_true",
        help="Time each variant against the stored model of the baseline, in turns, and fail if it "
        "became slower",
    )
    group.addoption(
        "--tinybench-time-threshold",
        type=percentage,
        default=0.02,
        metavar="PERCENT",
        help="Call a smaller change of time noise (default: 2%%)",
    )
    # None: one that is there and empty is a mistake, not the same as none at all.
    parser.addini("tinybench_fail_on", "Gates, as for --tinybench-fail-on", default=None)
    parser.addini("tinybench_json", "File that result documents are written to", default="")


def from_config(config: pytest.Config) -> Settings:
    """Collect the options; relative paths are below pytest's rootdir for ini, cwd for options."""
    option, root = config.getoption, config.rootpath
    given: str | None = option("--tinybench-json")
    ini: str = config.getini("tinybench_json")
    document = (Path(given) if given else None) if given is not None else None
    if given is None and ini:
        document = root / ini
    cache: str | None = option("--tinybench-cache")
    asked: str | None = option("--tinybench-fail-on")
    gates: str | None = config.getini("tinybench_fail_on") if asked is None else asked
    baseline: str | None = option("--tinybench-baseline")
    if baseline is not None and not baseline.strip():
        reason = "--tinybench-baseline is empty; name a file or a commit"
        raise pytest.UsageError(named(reason, "no-baseline"))
    return Settings(
        tasks=tuple(option("--tinybench-task")),
        variants=tuple(option("--tinybench-variant")),
        runtimes=tuple(option("--tinybench-runtime")),
        boards=tuple(option("--tinybench-board")),
        data=tuple(option("--tinybench-data")),
        labels=tuple(option("--tinybench-labels")),
        document=document.absolute() if document else None,
        append=bool(option("--tinybench-append")),
        cache=Path(cache).absolute() if cache else cache_folder(root),
        root=root,
        baseline=baseline or "",
        # Unknown where pytest-benchmark is switched off or not installed.
        stored=bool(option("benchmark_compare", None)),
        gates=gates,
        asked=asked is not None,
        across=tuple(filter(None, (option("--tinybench-across") or "").split(","))),
        task_modules=tuple(option(TASK_MODULE)),
        time_against_baseline=bool(option("--tinybench-time-against-baseline")),
        time_threshold=option("--tinybench-time-threshold"),
    )
