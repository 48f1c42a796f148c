"""The `tinybench` command: which subcommands there are, and how their errors end."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from tinybench.cli import streams
from tinybench.cli.status import Exit
from tinybench.errors import TinybenchError, named, shown

COMMANDS = {
    "bench": "Measure every variant of a model of your own, and say which one to ship",
    "list": "Show tasks, variants, runtimes, boards and metrics",
    "inspect": "Describe any .tflite file",
    "train": "Train a task again and compare with its committed checkpoint",
    "report": "Write tables, figures and a page from a result document",
    "export": "Write a variant as C sources and test vectors to build firmware from",
    "recommend": "Say which variant of a task to ship, and why",
    "compare": "Say what got better or worse between two runs, and fail if it is too much",
    "accept": "Make a run the baseline",
    "check": "Check that a published results folder is sound",
    "run": "Run any .tflite file on a board or a runtime, and say what it costs",
    "play": "Play a recording into a task's pipeline on a board",
    "time": "Say which of two models is faster on this computer, if either is",
    "emulate": "Run a whole program on an emulated board",
    "explain": "Say what a name in a message means, and what to do about it",
    "cache": "Show what is cached, and remove what is old",
}
"""Each is a module of its name, with `add`, which declares its options."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status, one of Exit or that of an emulated program."""
    streams.open_closed()
    try:
        try:
            with streams.bare_warnings():
                return _run_one(sys.argv[1:] if arguments is None else arguments)
        finally:
            # Here, where it can be caught, and not when Python exits.
            sys.stdout.flush()
    # Pipes to other processes are looked after where they are opened: this is our own output.
    except BrokenPipeError:
        streams.discard()
        return Exit.BROKEN_PIPE
    except OSError as error:
        print(f"tinybench: error: {shown(error)}", file=sys.stderr)
        streams.discard()
        return Exit.ERROR


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of the subcommand that is named; what it runs is `run`.

    Its module alone is imported: `tinybench --help` answers at once.
    """
    top = _Parser(
        prog="tinybench",
        description="Benchmark the quantization variants of Keras models for microcontrollers.",
        epilog="The benchmarks themselves are pytest tests: pytest --pyargs tinybench.bench.",
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    named = next((word for word in arguments if not word.startswith("-")), None)
    for name, about in COMMANDS.items():
        parser = commands.add_parser(name, help=about)
        if name == named:
            import_module(f"tinybench.cli.{name}").add(parser)
    return top.parse_args(arguments)


class _Parser(argparse.ArgumentParser):
    """Wrong options have a page as other errors have; the parsers of subcommands are such, too."""

    def error(self, message: str) -> NoReturn:
        super().error(named(message, "wrong-option"))


def _run_one(arguments: Sequence[str]) -> int:
    """An error that explains itself is one line."""
    try:
        options = parse(arguments)
        _know_own(options)
        _redirect(options)
        return int(options.run(options))
    except BrokenPipeError:
        raise
    except (TinybenchError, OSError) as error:
        print(f"tinybench: error: {shown(error)}", file=sys.stderr)
        return Exit.ERROR
    except KeyboardInterrupt:
        print("tinybench: interrupted; no file was left half written", file=sys.stderr)
        return Exit.INTERRUPTED


def _know_own(options: argparse.Namespace) -> None:
    """Load what the user's project adds, for the commands that ask for it by name."""
    if hasattr(options, "task_module"):
        from tinybench.cli import own

        own.load(options)


def _redirect(options: argparse.Namespace) -> None:
    """Put tasks on the data and classes that were asked for."""
    if getattr(options, "data_of_tasks", None) or getattr(options, "labels_of_tasks", None):
        from tinybench.tasks.elsewhere import redirect

        redirect(options.data_of_tasks, options.labels_of_tasks)
