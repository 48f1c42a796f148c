"""Arguments of the `tinybench` command, and how its errors end."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from tinybench.cli import comparing, dueling, playing, streams
from tinybench.cli.status import Exit
from tinybench.errors import TinybenchError
from tinybench.storage.cache_folder import CACHE_FOLDER, CACHE_VARIABLE, cache_folder

MAX_SECONDS = 1e6  # waiting longer than threads and processes can be told to is an error


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status, one of Exit or that of an emulated program."""
    streams.open_closed()
    try:
        try:
            return _run_one(arguments)
        finally:
            # Here, where it can be caught, and not when Python exits.
            sys.stdout.flush()
    # Pipes to other processes are looked after where they are opened: this is our own output.
    except BrokenPipeError:
        streams.discard()
        return Exit.BROKEN_PIPE
    except OSError as error:
        print(f"tinybench: error: {error}", file=sys.stderr)
        streams.discard()
        return Exit.ERROR


def _run_one(arguments: Sequence[str] | None) -> int:
    """An error that explains itself is one line."""
    options = parser().parse_args(arguments)
    try:
        _redirect(options)
        return int(options.run(options))
    except BrokenPipeError:
        raise
    except (TinybenchError, OSError) as error:
        print(f"tinybench: error: {error}", file=sys.stderr)
        return Exit.ERROR
    except KeyboardInterrupt:
        print("tinybench: interrupted; no file was left half written", file=sys.stderr)
        return Exit.INTERRUPTED


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
        "quantization-aware edition, and say whether they equal the committed checkpoints. An "
        "interrupted training goes on where it was when it is started again.",
        epilog="Examples: tinybench train sine-16x16; tinybench train 'sine-*' keyword; "
        "tinybench train sine-16x16 --seeds 100; "
        "tinybench train keyword --data keyword=recordings --labels keyword=fire,anna",
    )
    train.add_argument("task", nargs="+", metavar="TASK", help="Name, also with shell wildcards")
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
        help="Write tables, figures and a page from a result document",
        description="Write README.md, CSV files, figures and index.html, a page that needs no "
        "network, from a result document.",
    )
    report.add_argument(
        "document", nargs="?", type=Path, default=Path("results/latest.json"), metavar="DOCUMENT"
    )
    report.add_argument(
        "--to", type=Path, metavar="DIR", help="Folder to write to (default: the document's)"
    )
    report.add_argument("--no-figures", action="store_true", help="Write tables only")
    report.add_argument(
        "--history",
        type=Path,
        default=comparing.BASELINE,
        metavar="FILE",
        help=f"Document whose versions in git are the history (default: {comparing.BASELINE})",
    )
    report.set_defaults(run=_report)

    export = commands.add_parser(
        "export",
        help="Write a variant as C sources and test vectors to build firmware from",
        description="Write self-contained C99 that computes what TensorFlow Lite Micro does, byte "
        "for byte; the model as the array g_model; its settings; and test vectors. Without --to "
        "the folder is firmware/model, in the CMake project that is written around it if it is "
        "not there. Files of your own in the folder are kept.",
        epilog="Examples: tinybench export sine-16x16; tinybench export sine-16x16 --variant "
        "float32 --to src/model; tinybench export --file any.tflite",
    )
    export.add_argument("task", nargs="?", metavar="TASK")
    export.add_argument("--variant", metavar="NAME", help="Variant of the task (default: int8)")
    export.add_argument("--file", type=Path, metavar="FILE.tflite", help="Export this file instead")
    export.add_argument("--to", type=Path, metavar="DIR", help="Folder for the model alone")
    export.set_defaults(run=_export)

    recommend = commands.add_parser(
        "recommend",
        help="Say which variant of a task to ship, and why",
        description="Choose from a result document: variants that miss a quality bound of the "
        "task are out, then those that do not run on the board, then those that are larger or "
        "slower there than float32; of the rest the cheapest, in the order of --cost.",
        epilog="Exit status 1: no variant fits.",
    )
    recommend.add_argument("task", metavar="TASK")
    recommend.add_argument(
        "--document",
        type=Path,
        metavar="FILE",
        help="Result document (default: results/latest.json, else results/baseline.json)",
    )
    recommend.add_argument(
        "--board", default="cortex-m4", metavar="NAME", help="Default: cortex-m4"
    )
    recommend.add_argument(
        "--cost",
        action="append",
        default=[],
        metavar="METRIC",
        choices=["flash_bytes", "ram_bytes", "instructions"],
        help="What counts first; repeatable (default: flash_bytes, ram_bytes, instructions)",
    )
    recommend.set_defaults(run=_recommend)

    comparing.add(commands)
    play = playing.add(commands)
    for command in (train, export, play):
        command.add_argument(
            "--data",
            action="append",
            default=[],
            metavar="TASK=DIR",
            help="Your own data, such as keyword=DIR with DIR/<word>/*.wav",
        )
        command.add_argument(
            "--labels",
            action="append",
            default=[],
            metavar="TASK=NAME,...",
            help="Other classes, such as keyword=fire,anna",
        )
    for command in (train, report, export, play, _add_run(commands), dueling.add(commands)):
        command.add_argument(
            "--cache",
            type=Path,
            default=cache_folder(Path.cwd()),
            metavar="DIR",
            help=f"Cache folder (default: ${CACHE_VARIABLE} or ./{CACHE_FOLDER})",
        )
    return top


def _add_run(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> argparse.ArgumentParser:
    run = commands.add_parser(
        "run",
        help="Run any .tflite file on an emulated board or a runtime, and say what it costs",
        description="Run a model on samples. On a board, its C code is generated, built and run "
        "there; instructions, memory accesses and stack are counted for the first sample. "
        "Samples are a NumPy file in the model's own raw types: (N, *shape), where a leading 1 "
        "of the shape is N itself. A model with several inputs takes an .npz file, by the names "
        "of its tensors or as input_0, input_1, ...; outputs are written likewise.",
        epilog="Exit status: 0; 1 if --against found a difference; 2 for an error, and then "
        "nothing is written. Examples: tinybench run model.tflite --on cortex-m4 --json; "
        "tinybench run model.tflite --on tflm --input x.npy --output y.npy; "
        "tinybench run model.tflite --on litert --against tflm",
    )
    run.add_argument("file", type=Path, metavar="FILE.tflite")
    run.add_argument(
        "--on",
        default="cortex-m4",
        metavar="NAME",
        help="Board or runtime, see tinybench list (default: cortex-m4)",
    )
    run.add_argument("--against", metavar="NAME", help="Board or runtime to compare outputs with")
    run.add_argument("--input", type=Path, metavar="X.npy|X.npz", help="Samples to run")
    run.add_argument("--output", type=Path, metavar="Y.npy|Y.npz", help="Write the outputs to")
    run.add_argument(
        "--samples",
        type=_positive,
        metavar="N",
        help="Without --input: run N random samples (default: 16), integers over the whole range "
        "of their type, floats normally distributed with mean 0 and deviation 1",
    )
    run.add_argument("--seed", type=_whole, metavar="S", help="Of random samples (default: 0)")
    run.add_argument(
        "--timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="Limit for all samples on one machine, without compiling (default: 60)",
    )
    run.add_argument("--json", action="store_true", help="Print one JSON object")
    run.set_defaults(run=_run)
    return run


def _redirect(options: argparse.Namespace) -> None:
    """Put tasks on the data and classes that were asked for."""
    if getattr(options, "data", None) or getattr(options, "labels", None):
        from tinybench.tasks.elsewhere import redirect

        redirect(options.data, options.labels)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (value := float(text)) <= MAX_SECONDS:
            return value
    raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")


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
    return train.run(options.task, options.seed, options.save, options.cache)


def _report(options: argparse.Namespace) -> int:
    from tinybench.cli.report import run

    figures = not options.no_figures
    return run(options.document, options.to, options.cache, figures, options.history)


def _export(options: argparse.Namespace) -> int:
    from tinybench.cli.export import run

    return run(options.task, options.variant, options.file, options.to, options.cache)


def _recommend(options: argparse.Namespace) -> int:
    from tinybench.cli.recommend import run

    return run(options.task, options.document, options.board, options.cost)


def _run(options: argparse.Namespace) -> int:
    from tinybench.cli.run import Request, run

    return run(
        Request(
            file=options.file,
            on=options.on,
            against=options.against,
            inputs=options.input,
            output=options.output,
            samples=options.samples,
            seed=options.seed,
            timeout=options.timeout,
            cache=options.cache,
            as_json=options.json,
        )
    )
