"""Arguments of the `tinybench` command, and how its errors end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tinybench.errors import TinybenchError
from tinybench.settings import CACHE_FOLDER, CACHE_VARIABLE, cache_folder

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; an error that explains itself is one line and exit code 2."""
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (TinybenchError, OSError) as error:
        print(f"tinybench: error: {error}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        print("tinybench: interrupted; no file was left half written", file=sys.stderr)
        return EXIT_INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="tinybench",
        description="Benchmark the quantization variants of Keras models for microcontrollers.",
        epilog="The benchmarks themselves are pytest tests: tox -e bench, or pytest bench.",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    listing = commands.add_parser("list", help="Show tasks, variants, runtimes, boards and metrics")
    kinds = ["tasks", "variants", "runtimes", "boards", "metrics"]
    listing.add_argument("kind", nargs="?", choices=kinds, help="Only these")
    listing.set_defaults(run=_list)

    inspect = commands.add_parser(
        "inspect",
        help="Describe any .tflite file",
        description="Print tensors, quantization, operators, MACs, arena, and which variant the "
        "file is. The file is read with bounds checks and run in a process of its own.",
    )
    inspect.add_argument("file", type=Path, metavar="FILE.tflite")
    inspect.add_argument("--json", action="store_true", help="Print JSON")
    inspect.set_defaults(run=_inspect)

    train = commands.add_parser(
        "train",
        help="Train a task again and compare with its committed checkpoint",
        description="Train the float32 model of a task, then its float control and its "
        "quantization-aware edition, and say whether they equal the committed checkpoints.",
        epilog="Examples: tinybench train sine-16x16; tinybench train sine-16x16 --seeds 100",
    )
    train.add_argument("task", metavar="TASK")
    train.add_argument("--seed", type=int, help="Train with this seed instead of the task's")
    train.add_argument(
        "--seeds",
        type=_positive,
        metavar="N",
        help="Train seeds 0 to N-1 at once and show the spread of float and int8 quality",
    )
    train.add_argument(
        "--save", action="store_true", help="Write the result into the task's checkpoint folder"
    )
    train.set_defaults(run=_train)

    report = commands.add_parser(
        "report",
        help="Write tables and figures from a result document",
        description="Write README.md, CSV files and figures from a result document.",
    )
    report.add_argument(
        "document", nargs="?", type=Path, default=Path("results/latest.json"), metavar="DOCUMENT"
    )
    report.add_argument(
        "--to", type=Path, metavar="DIR", help="Folder to write to (default: the document's)"
    )
    report.add_argument("--no-figures", action="store_true", help="Write tables only")
    report.set_defaults(run=_report)

    report.add_argument(
        "--cache",
        type=Path,
        default=cache_folder(Path.cwd()),
        metavar="DIR",
        help=f"Cache folder (default: ${CACHE_VARIABLE} or ./{CACHE_FOLDER})",
    )
    return top


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


# Each subcommand imports what it needs when it runs: `tinybench --help` answers at once.
def _list(options: argparse.Namespace) -> int:
    from tinybench.cli.listing import run

    return run(options.kind)


def _inspect(options: argparse.Namespace) -> int:
    from tinybench.cli.inspect import run

    return run(options.file, options.json)


def _train(options: argparse.Namespace) -> int:
    from tinybench.cli import train

    if options.seeds:
        return train.many(options.task, options.seeds, options.save)
    return train.one(options.task, options.seed, options.save)


def _report(options: argparse.Namespace) -> int:
    from tinybench.cli.report import run

    return run(options.document, options.to, options.cache, not options.no_figures)
