"""`--signature`: which of the graphs of a .tflite file a command is about."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinybench import tflite
from tinybench.storage import hashing
from tinybench.storage.store import write_atomically


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument(
        "--signature",
        metavar="KEY",
        help="Of a .tflite file with several graphs, the one of this name (default: the first)",
    )


def file_of(path: Path, key: str, cache: Path) -> Path:
    """A file with what a signature of another names, under the same name; ModelError without."""
    try:
        data = tflite.chosen(path.read_bytes(), key)
    except tflite.ModelError as error:
        raise error.about(path) from None
    target = cache / "signatures" / hashing.of_bytes(data)[:16] / path.name
    write_atomically(target, data)
    return target
