"""`tinybench completion`: the script by which a shell asks this command what can stand next.

The shell calls `tinybench` at each Tab with the line in its environment, so the names of tasks and
of all else are those of the folder that one is in.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import argcomplete
from argcomplete.completers import FilesCompleter
from argcomplete.shell_integration import shellcode

from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit

Parsers: TypeAlias = dict[str, argparse.ArgumentParser]
Build: TypeAlias = Callable[[str | None], tuple[argparse.ArgumentParser, Parsers]]
"""Makes the parser of everything, with the options of the subcommand of that name."""
SHELLS = ("bash", "zsh", "fish")
KINDS = {
    "page": ("pages",),
    "task": ("tasks",),
    "model": ("tasks", "files"),
    "a": ("sides", "files"),
    "b": ("sides", "files"),
    "variant": ("variants",),
    "on": ("boards", "runtimes"),
    "against": ("boards", "runtimes"),
    "fail_on": ("metrics",),
    "data_of_tasks": ("tasks=",),
    "labels_of_tasks": ("tasks=",),
}
"""What stands for an argument, by where argparse puts it; for all others files do."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Print a script for your shell. With it the Tab key completes commands, options, files, "
        "and the names of tasks, variants, boards, runtimes and metrics, your project's among "
        "them."
    )
    parser.epilog = (
        "For bash put this line into ~/.bashrc: source <(tinybench completion bash). For zsh, into "
        "~/.zshrc below compinit: source <(tinybench completion zsh). For fish, into "
        "~/.config/fish/config.fish: tinybench completion fish | source\n\n"
    ) + examples("completion bash")
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help="bash, zsh or fish")
    parser.set_defaults(run=lambda given: run(given.shell))


def run(shell: str) -> int:
    """Print the script."""
    print(shellcode(["tinybench"], shell=shell))
    return Exit.OK


def answer(build: Build) -> None:
    """Tell the shell what can stand next, and end this process."""
    line = os.environ["COMP_LINE"][: int(os.environ["COMP_POINT"])]
    words = (word for word in line.split()[1:] if not word.startswith("-"))
    named = next(words, None)
    top, parsers = build(named)
    for action in parsers[named]._actions if named in parsers else ():
        if kinds := KINDS.get(action.dest):
            action.completer = _completer(kinds)  # type: ignore[attr-defined]
    argcomplete.autocomplete(top, always_complete_options="long")


def _completer(kinds: Iterable[str]) -> Callable[..., list[str]]:
    def complete(prefix: str, **more: Any) -> list[str]:
        return [name for kind in kinds for name in _names(kind, prefix)]

    return complete


def _names(kind: str, prefix: str) -> Iterator[str]:
    if kind == "files":
        yield from FilesCompleter()(prefix)
        return
    if kind == "pages":
        from tinybench.cli import explain

        yield from explain.pages()
        return
    from tinybench.cli import own
    from tinybench.conversion.variants import VARIANTS
    from tinybench.tasks import TASKS

    # What cannot be loaded has no names; the command itself says why.
    with contextlib.suppress(Exception):
        own.load_project(Path.cwd())
    for registry in own.REGISTRIES.values():
        with contextlib.suppress(Exception):
            iter(registry)
    if kind == "sides":
        yield from (f"{task.name}/{variant.name}" for task in TASKS for variant in VARIANTS)
    elif kind == "tasks=":
        yield from (f"{task.name}=" for task in TASKS if task.elsewhere)
    else:
        yield from (item.name for item in own.REGISTRIES[kind])
