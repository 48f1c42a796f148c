"""The plugin's options, read once from the pytest configuration."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

CACHE_VARIABLE = "TINYBENCH_CACHE"
CACHE_FOLDER = ".tinybench_cache"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run benchmarks and where it writes.

    `document` is the result file, or None to write none; `append` adds to it. Empty selections
    mean everything, and for boards the default one.
    """

    tasks: tuple[str, ...]
    variants: tuple[str, ...]
    runtimes: tuple[str, ...]
    boards: tuple[str, ...]
    document: Path | None
    append: bool
    cache: Path
    root: Path


def add_options(parser: pytest.Parser) -> None:
    """Declare the command-line options and their ini twins."""
    group = parser.getgroup("tinybench", "benchmark quantized variants of Keras models")
    for kind in ("task", "variant", "runtime", "board"):
        group.addoption(
            f"--tinybench-{kind}",
            action="append",
            default=[],
            metavar="NAME",
            help=f"Benchmark only this {kind}; repeatable, comma-separated, with shell wildcards",
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
    return Settings(
        tasks=tuple(option("--tinybench-task")),
        variants=tuple(option("--tinybench-variant")),
        runtimes=tuple(option("--tinybench-runtime")),
        boards=tuple(option("--tinybench-board")),
        document=document.absolute() if document else None,
        append=bool(option("--tinybench-append")),
        cache=Path(cache).absolute() if cache else cache_folder(root),
        root=root,
    )


def cache_folder(root: Path) -> Path:
    """Where the cache is when no option says so: $TINYBENCH_CACHE or a folder below `root`."""
    return Path(os.environ.get(CACHE_VARIABLE) or root / CACHE_FOLDER).absolute()
