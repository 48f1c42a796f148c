"""`tinybench doctor`: what is installed and what is missing, to be pasted into a report of a fault.

Nothing that it says names the computer or its user. Whatever is broken here must not break it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tinybench import environment
from tinybench.cli import installed, options
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.errors import TinybenchError
from tinybench.storage import contents

PATIENCE = 10.0
"""Seconds for a program to say its version."""


class Program(NamedTuple):
    """Any of these commands will do, for what, and how to get it."""

    commands: tuple[str, ...]
    use: str
    package: str


PROGRAMS = (
    Program(("cc", "gcc", "clang"), "exported C on this computer", "gcc"),
    Program(("cmake",), "the firmware project", "cmake"),
    Program(("ninja", "make"), "the firmware project", "ninja-build"),
    Program(("arm-none-eabi-gcc",), "its presets of that name", "gcc-arm-none-eabi"),
    Program(("qemu-system-arm",), "the boards qemu-*", "qemu-system-arm"),
    Program(("git",), "commits as baselines", "git"),
)


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Say which packages and extras are installed, which runtimes, boards and programs are "
        "there, what is in the cache, what your project adds, what is missing, and how to get it. "
        "Paste it into a report of a fault: it names neither computer nor user."
    )
    parser.epilog = examples(
        "doctor",
        "doctor --json",
        status="0; 1 if something that is installed is broken or of another version",
    )
    options.add_json(parser)
    options.add_cache(parser)
    parser.set_defaults(run=lambda given: run(given.cache, given.json))


def run(cache: Path, as_json: bool = False) -> int:
    """Print what was found; 1 if there is a problem."""
    found = examined(cache)
    print(json.dumps(found, indent=1, ensure_ascii=False) if as_json else describe(found))
    return Exit.FAILED if found["problems"] else Exit.OK


def examined(cache: Path) -> dict[str, Any]:
    """All that is said, JSON-able."""
    problems: list[str] = []
    extras = installed.extras()
    problems += filter(None, (one.problem for one in extras))
    places: dict[str, list[dict[str, Any]]] = {"runtimes": [], "boards": []}
    own: dict[str, Any] = {"added": {}, "not_loaded": None}
    try:
        places, own = _places(), _own()
    except Exception as error:
        # A package may be damaged in any way.
        problems.append(f"cannot be loaded: {type(error).__name__}: {error}")
    there = {name for one in extras for name, version in one.versions.items() if version}
    problems += _broken(places["runtimes"], there)
    versions = environment.versions()
    return {
        "tinybench": versions["tinybench"],
        "python": versions["python"],
        "machine": environment.machine(),
        "extras": [one.to_dict() for one in extras],
        **places,
        "programs": [program(one) for one in PROGRAMS],
        "cache": _cache(cache),
        "own": own,
        "problems": [_private(line) for line in problems],
    }


def _places() -> dict[str, list[dict[str, Any]]]:
    from tinybench.boards import BOARDS
    from tinybench.runtimes import RUNTIMES

    return {
        "runtimes": [{"name": one.name, "unavailable": one.unavailable()} for one in RUNTIMES],
        "boards": [
            {"name": one.name, "unavailable": one.unavailable()} for one in BOARDS.select(())
        ],
    }


def _own() -> dict[str, Any]:
    """What the project adds, and why it could not be loaded."""
    from tinybench.cli import own

    reason = None
    try:
        own.load_project(Path.cwd())
    except TinybenchError as error:
        reason = _private(str(error))
    found: dict[str, Any] = {
        kind: [item.name for item in registry if not registry.is_installed(item.name)]
        for kind, registry in own.REGISTRIES.items()
    }
    return {"added": found, "not_loaded": reason}


def _broken(runtimes: list[dict[str, Any]], there: set[str]) -> Iterator[str]:
    """Runtimes whose package is installed, and which are not to be had all the same."""
    needs = {"litert": "ai-edge-litert", "litert-ref": "ai-edge-litert", "tflm": "tflite-micro"}
    for one in runtimes:
        if one["unavailable"] and needs.get(one["name"]) in there:
            yield f"runtime {one['name']}: {one['unavailable']}"


def program(wanted: Program) -> dict[str, Any]:
    """Whether a program is there, and what it says of itself."""
    path = next(filter(None, map(shutil.which, wanted.commands)), None)
    return {
        "name": Path(path).stem if path else wanted.commands[0],
        "version": _version(path) if path else None,
        "for": wanted.use,
        "remedy": None if path else f"Debian: apt install {wanted.package}",
    }


def _version(path: str) -> str:
    """The first line that a program says of itself."""
    try:
        said = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return "cannot be run"
    return _private(said.splitlines()[0].strip()) if said.strip() else "of unknown version"


def _cache(folder: Path) -> dict[str, Any]:
    entries = list(contents.contents(folder))
    return {
        "folder": _private(str(folder)),
        "entries": len(entries),
        "bytes": sum(one.size for one in entries),
    }


def _private(text: str) -> str:
    """A text without the name of whoever's home a folder is in."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def describe(found: Mapping[str, Any]) -> str:
    """The same for people: a list that Markdown shows as one."""
    machine, cache = found["machine"], found["cache"]
    head = (
        f"tinybench {found['tinybench']}, Python {found['python']}, {machine['system']} "
        f"{machine['architecture']}, {machine['cores']} cores, {machine['cpu']}"
    )
    sections = {
        "extras": [_extra(one) for one in found["extras"]],
        "runtimes": _by_reason(found["runtimes"]),
        "boards": _by_reason(found["boards"]),
        "programs": [
            f"{one['name']}, for {one['for']}: {one['version'] or 'not there: ' + one['remedy']}"
            for one in found["programs"]
        ],
        "cache": [
            f"{cache['folder']}: {cache['entries']:,} entries, {cache['bytes'] / 1e6:,.1f} MB"
        ],
        "your project": _added(found["own"]),
        "problems": found["problems"],
    }
    lines = [head]
    for title, items in sections.items():
        lines += ["", f"{title}:", *(f"- {item}" for item in items or ["none"])]
    return "\n".join(lines)


def _extra(one: Mapping[str, Any]) -> str:
    packages = ", ".join(f"{name} {version or '-'}" for name, version in one["packages"].items())
    remedy = f": {one['remedy']}" if one["remedy"] else ""
    return f"{one['extra']}: {one['state']} ({packages}){remedy}"


def _by_reason(places: list[dict[str, Any]]) -> list[str]:
    found: dict[str, list[str]] = {}
    for one in places:
        found.setdefault(one["unavailable"] or "there", []).append(one["name"])
    return [f"{', '.join(names)}: {_private(reason)}" for reason, names in found.items()]


def _added(own: Mapping[str, Any]) -> list[str]:
    """What the project adds, a line a kind, and why it could not be loaded."""
    lines = [f"{kind}: {', '.join(names)}" for kind, names in own["added"].items() if names]
    return lines + [f"not loaded: {own['not_loaded']}"] * bool(own["not_loaded"])
