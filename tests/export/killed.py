"""Exports two models in turn to one folder, killed at ever later moments; prints what was found.

Usage: killed.py exchange|renames|loop FOLDER. Run as a program: each export that is killed is a
fork of it, so that nothing has to be imported again.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from tinybench.export import folder, replace
from tinybench.storage import hashing

LOOPS = 8
NOTES = "notes.txt"


def model(name: str) -> dict[str, bytes]:
    files = {f"{name}-{i}/{i}.h": f"{name} {i}".encode() * 100 for i in range(2)}
    files["model.c"] = name.encode()
    listed = {path: hashing.of_bytes(data) for path, data in files.items()}
    return {**files, folder.MANIFEST: json.dumps({"files": listed}).encode()}


EXPORTS = {name: model(name) for name in ("one", "two")}


def state(target: Path) -> str:
    """Which export the folder is, or what is wrong with it."""
    if not target.exists():
        return "aside"
    found = {
        path.relative_to(target).as_posix(): path.read_bytes()
        for path in target.rglob("*")
        if path.is_file()
    }
    if found.pop(NOTES, None) != b"mine":
        return "the user's file is lost"
    return next((name for name, files in EXPORTS.items() if files == found), "mixed")


def killed(target: Path, files: dict[str, bytes], moment: int, function: str) -> bool:
    """Export in a process that kills itself at this event after it has entered a function.

    An event is a call or a return. The answer is whether it came to that.
    """
    child = os.fork()
    if child == 0:
        left, entered = moment, False

        def kill(frame: FrameType, event: str, argument: object) -> None:
            nonlocal left, entered
            entered = entered or frame.f_code.co_name == function
            left -= entered
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(kill)
        replace(target, files)
        # The profile counts this as well, which is no part of the export.
        sys.setprofile(None)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def kill_at_many_moments(target: Path) -> None:
    replace(target, EXPORTS["one"])
    (target / NOTES).write_text("mine")
    states, broken, kills = set(), [], 0
    # Every so often while the new folder is made, and closer while it is put in place.
    moments = [("replace", moment) for moment in range(1, 1500, 50)]
    moments += [("_swap", moment) for moment in range(1, 150, 4)]
    for function, moment in moments:
        # It also tidies up after the kill before.
        replace(target, EXPORTS["one"])
        before = state(target)
        kills += killed(target, EXPORTS["two"], moment, function)
        states.add(found := state(target))
        if before != "one" or found not in (*EXPORTS, "aside"):
            broken.append(f"event {moment} of {function}: {before}, {found}")
    replace(target, EXPORTS["one"])
    print(json.dumps({"killed": kills, "states": sorted(states), "broken": broken}))


def main(mode: str, target: Path) -> None:
    if mode == "loop":
        for turn in range(LOOPS):
            replace(target, EXPORTS["one" if turn % 2 else "two"])
        return
    if mode == "renames":

        def load(*arguments: object, **options: object) -> None:
            raise OSError("no library")

        ctypes.CDLL = load  # type: ignore[assignment, misc]
    kill_at_many_moments(target)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
