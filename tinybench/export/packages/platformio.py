"""A library of PlatformIO: library.json, and a project in examples/ that builds it natively."""

from __future__ import annotations

import json

from tinybench.boards.sources import firmware_root
from tinybench.export.packages.contents import Contents, below

VERSION = "1.0.0"
PROJECT = """\
; For a board: its own [env], and its functions of board.h in the place of src/board.c.
[env:native]
platform = native
lib_deps = symlink://../..
build_flags = -O2 -DREPETITIONS=15
"""


def layout(contents: Contents) -> dict[str, bytes]:
    """The files of the library."""
    prefix = contents.names.prefix
    board = firmware_root() / "boards" / "host" / "board.c"
    benchmark = {**contents.benchmark, "board.c": board.read_bytes()}
    stated = {
        "name": prefix,
        "version": VERSION,
        "description": contents.about,
        "keywords": "tinyml, inference, neural network",
        "frameworks": "*",
        "platforms": "*",
        "headers": f"{prefix}.h",
        "examples": [
            {
                "name": "benchmark",
                "base": "examples/benchmark",
                "files": ["platformio.ini", *sorted(f"src/{name}" for name in benchmark)],
            }
        ],
    }
    return {
        **below("src", contents.library),
        **below("extras", contents.extras),
        **below("examples/benchmark/src", benchmark),
        "examples/benchmark/platformio.ini": PROJECT.encode(),
        "library.json": (json.dumps(stated, indent=2) + "\n").encode(),
    }
