"""What every package holds: the model's code, its benchmark, and what belongs to neither."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tinybench.boards.sources import firmware_root
from tinybench.codegen.names import DEFAULT, Names
from tinybench.export.folder import MANIFEST, ExportError
from tinybench.storage import hashing

BENCHMARK = ("benchmark.c", "report.c", "report.h", "text.c", "text.h", "vectors.c", "vectors.h")
_PIPELINE = "_pipeline.h"
_NO_PIPELINE = "a package holds the model; an export without --as has the pipeline around it"


@dataclass(frozen=True, slots=True)
class Contents:
    """Files by their place: `library` is compiled, `benchmark` is its example.

    `extras` are for TensorFlow Lite Micro and for people.
    """

    names: Names
    manifest: Mapping[str, Any]
    library: Mapping[str, bytes]
    benchmark: Mapping[str, bytes]
    extras: Mapping[str, bytes]

    @property
    def about(self) -> str:
        """One sentence, on one line, for the package's description."""
        model = self.manifest["model"]
        called = " ".join(f"{model['task']} {model['variant']}".split())
        return f"The model {called} as C99 without dependencies."


def of_export(files: Mapping[str, bytes]) -> Contents:
    """Sort the files of an export; ExportError if it has no C code."""
    manifest = json.loads(files[MANIFEST])
    prefix = manifest["prefix"]
    if f"{prefix}.c" not in files:
        why = next(iter(manifest["left_out"].values()))
        raise ExportError(f"--as needs C code, and there is none for the model: {why}")
    arena = manifest["arena"]["symbol"]
    names = Names(prefix, None if arena == f"{prefix}_arena" else arena)
    vectors = names.file("test_vectors.h")
    extras = {f"{prefix}_data.h", f"{prefix}_data.cc", f"{prefix}.tflite"}
    library = {
        name: data
        for name, data in files.items()
        if name not in {*extras, vectors, MANIFEST} and not name.endswith(_PIPELINE)
    }
    root = firmware_root()
    library["quantize.h"] = (root / "include" / "quantize.h").read_bytes()
    benchmark = {name: (root / "src" / name).read_bytes() for name in BENCHMARK}
    benchmark["board.h"] = (root / "include" / "board.h").read_bytes()
    benchmark[vectors] = files[vectors]
    if prefix != DEFAULT:
        own = {name: files[name].decode() for name in (f"{prefix}.h", f"{prefix}_settings.h")}
        for name, text in {**own, vectors: files[vectors].decode()}.items():
            plain = "test_vectors.h" if name == vectors else name.replace(prefix, DEFAULT, 1)
            benchmark[plain] = _aliases(names, name, text).encode()
    if names.shared_arena:
        benchmark["arena.c"] = _arena(names).encode()
    return Contents(names, manifest, library, benchmark, {name: files[name] for name in extras})


def closed(kind: str, files: Mapping[str, bytes], contents: Contents) -> dict[str, bytes]:
    """The files with a manifest that lists them."""
    left_out = dict(contents.manifest["left_out"])
    pipelines = [name for name in contents.manifest["files"] if name.endswith(_PIPELINE)]
    left_out |= dict.fromkeys(pipelines, _NO_PIPELINE)
    stated = {
        **contents.manifest,
        "package": kind,
        "left_out": left_out,
        "files": {name: hashing.of_bytes(data) for name, data in sorted(files.items())},
    }
    return {**files, MANIFEST: (json.dumps(stated, indent=1) + "\n").encode()}


def below(folder: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The same files in a folder."""
    return {f"{folder}/{name}": data for name, data in sorted(files.items())}


def _aliases(names: Names, header: str, text: str) -> str:
    """A header that gives the names of another prefix those that the benchmark knows."""
    lines = [f'#include "{header}"']
    found = set(re.findall(rf"\b(?:{names.prefix}|{names.upper})_\w+", text))
    for name in sorted(each for each in found if not each.endswith("_H")):
        rest = name[len(names.prefix) + 1 :]
        start = DEFAULT if name.startswith(f"{names.prefix}_") else DEFAULT.upper()
        alias = rest if rest.lower().startswith("test_") else f"{start}_{rest}"
        lines.append(f"#define {alias} {name}")
    return "\n".join(lines) + "\n"


def _arena(names: Names) -> str:
    """The memory that the model shares; the benchmark has it for the model alone."""
    return (
        f'#include "{names.prefix}.h"\n\n'
        f"uint8_t {names.shared_arena}[{names.upper}_ARENA_BYTES]"
        " __attribute__((aligned(16)));\n"
    )
