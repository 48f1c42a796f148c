"""The pipelines' C code for this computer, and a cache that stays between runs."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import pytest

from tinybench.boards import toolchain
from tinybench.boards.sources import firmware_root

from ..components import require

SETTINGS = b"#define TB_RECOGNIZER_RESULTS 128\n"
FLAGS = (
    *("-shared", "-O2", "-std=c99", "-fPIC", "-fsanitize=undefined", "-fsanitize-trap=undefined"),
    *("-Wall", "-Wextra", "-Wconversion", "-Werror"),
)
PARTS = ("audio", "fft", "recognizer", "debounce")


@pytest.fixture(scope="session")
def host(warm_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The library of host.c; undefined behaviour stops the process."""
    require("ziglang")
    pipeline = firmware_root() / "pipeline"
    files = {path.name: path.read_bytes() for path in pipeline.glob("*.[ch]")}
    files |= {
        "host.c": Path(__file__).with_name("host.c").read_bytes(),
        "keyword_pipeline.h": SETTINGS,
        "gesture_pipeline.h": b"",
    }
    sources = ["host.c", *(f"{part}.c" for part in PARTS)]
    folder = tmp_path_factory.mktemp("host")
    library = toolchain.compile_(files, [*FLAGS, *sources], "host.so", folder, warm_cache / "zig")
    path = folder / "loaded.so"
    path.write_bytes(library)
    return ctypes.CDLL(str(path))
