"""The `tinybench` command: which subcommands there are, and how their errors end."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from tinybench.cli import streams
from tinybench.cli.helptext import Help, add_help
from tinybench.cli.status import Exit
from tinybench.console import progress
from tinybench.errors import TinybenchError, named, shown
from tinybench.registry import UnknownNameError

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
    "doctor": "Say what is installed, what is missing, and how to get it",
    "completion": "Print what lets a shell complete commands, options and names",
}
"""Each is a module of its name, with `add`, which declares its options."""
MEASURING = ("bench", "export", "play", "run", "time", "train")
"""The commands whose results depend on the versions of what is installed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status, one of Exit or that of an emulated program."""
    streams.open_closed()
    if "_ARGCOMPLETE" in os.environ:
        from tinybench.cli import completion

        completion.answer(build)
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
    named = next((word for word in arguments if not word.startswith("-")), None)
    if named is not None and named not in COMMANDS:
        raise UnknownNameError("command", named, COMMANDS)
    top, parsers = build(named)
    given, unknown = top.parse_known_args(arguments)
    if unknown:
        parser = parsers.get(str(named), top)
        close = difflib.get_close_matches(unknown[0], parser._option_string_actions, n=1)
        hint = f" (did you mean {close[0]}?)" if close else ""
        parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")
    given.command = named
    return given


def build(named: str | None) -> tuple[argparse.ArgumentParser, dict[str, argparse.ArgumentParser]]:
    """The parser of everything, and those of the subcommands, of which one has its options."""
    top = _Parser(
        prog="tinybench",
        description="Benchmark the quantization variants of Keras models for microcontrollers.",
        epilog="`tinybench COMMAND --help` has options and examples. The benchmarks themselves "
        "are pytest tests: pytest --pyargs tinybench.bench.",
        formatter_class=Help,
        add_help=False,
    )
    add_help(top)
    top.add_argument(
        "-V", "--version", action=Version, help="Print the versions of tinybench and of Python"
    )
    top.set_defaults(run=lambda _: print(top.format_help(), end=""))
    commands = top.add_subparsers(title="commands", metavar="COMMAND")
    parsers: dict[str, argparse.ArgumentParser] = {}
    for name, about in COMMANDS.items():
        parser = commands.add_parser(name, help=about, formatter_class=Help, add_help=False)
        parsers[name] = parser
        if name == named:
            add_help(parser)
            import_module(f"tinybench.cli.{name}").add(parser)
    return top, parsers


class Version(argparse.Action):
    """Print the versions and end."""

    def __init__(self, option_strings: Sequence[str], dest: str, **more: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **more)

    def __call__(self, parser: argparse.ArgumentParser, *given: Any) -> None:
        """As `git --version` and `python --version` say theirs, in one line."""
        from tinybench import environment

        versions = environment.versions()
        print(f"tinybench {versions['tinybench']}, Python {versions['python']}")
        parser.exit(Exit.OK)


class _Parser(argparse.ArgumentParser):
    """Wrong options have a page as other errors have; the parsers of subcommands are such, too."""

    def error(self, message: str) -> NoReturn:
        super().error(named(message, "wrong-option"))


def _run_one(arguments: Sequence[str]) -> int:
    """An error that explains itself is one line."""
    try:
        options = parse(arguments)
        _warn(options)
        _know_own(options)
        _redirect(options)
        return int(options.run(options) or Exit.OK)
    except BrokenPipeError:
        raise
    except (TinybenchError, OSError) as error:
        progress.clear()
        print(f"tinybench: error: {shown(error)}", file=sys.stderr)
        return Exit.ERROR
    except KeyboardInterrupt:
        progress.clear()
        print("tinybench: interrupted; no file was left half written", file=sys.stderr)
        return Exit.INTERRUPTED


def _warn(options: argparse.Namespace) -> None:
    """Say of what is installed what was not tried, where results depend on it."""
    if options.command in MEASURING:
        from tinybench import environment

        for line in environment.untried():
            print(f"tinybench: warning: {line}", file=sys.stderr)


def _know_own(options: argparse.Namespace) -> None:
    """Load what the user's project adds, for the commands that ask for it by name."""
    if hasattr(options, "task_module"):
        from tinybench.cli import own

        own.load(options)


def _redirect(options: argparse.Namespace) -> None:
    """Put tasks on the data and classes that were asked for."""
    if getattr(options, "data_of_tasks", None) or getattr(options, "labels_of_tasks", None):
        from tinybench.cli import own
        from tinybench.tasks.elsewhere import redirect

        redirect(options.data_of_tasks, options.labels_of_tasks, list(own.tasks(options)))
