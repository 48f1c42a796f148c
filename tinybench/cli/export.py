"""`tinybench export`: a variant, or any file, as C sources to build firmware from."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tinybench import export
from tinybench.artifacts import Artifacts
from tinybench.cli import options, signatures
from tinybench.cli.helptext import examples
from tinybench.cli.status import Exit
from tinybench.cli.streams import Say, teller
from tinybench.codegen import Names
from tinybench.codegen.names import DEFAULT
from tinybench.console import progress
from tinybench.conversion.variants import FILE, VARIANTS, Variant
from tinybench.errors import NeedsTrainingDataError
from tinybench.export import surroundings
from tinybench.export.folder import MANIFEST, ExportError, read_manifest
from tinybench.export.packages import LAYOUTS, package
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Task

PROJECT = Path("firmware")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Write self-contained C99 that computes what TensorFlow Lite Micro does, byte for byte; "
        "the model as the array g_model and as a .tflite; its settings; and test vectors. Without "
        "--to the folder is firmware/model, or of another prefix, in the CMake project that is "
        "written around it if it is not there. Files of your own in the folder are kept. A model "
        "that there is no C code for is exported for TensorFlow Lite Micro alone."
    )
    parser.epilog = (
        "Two models in one program: export each with a --prefix, both with the same --arena.\n\n"
    ) + examples(
        "export sine-16x16",
        "export sine-16x16 --variant float32 --to src/model",
        "export sine-16x16 --as cmake",
        "export --file model.tflite --to src/model",
        "export --file a.tflite --prefix first --arena shared --to src/first",
    )
    parser.add_argument("task", nargs="?", metavar="TASK", help="Name of a task")
    parser.add_argument(
        "--variant",
        metavar="NAME",
        help="Variant of the task (default: int8, or the .tflite that it is)",
    )
    parser.add_argument("--file", type=Path, metavar="FILE.tflite", help="Export this file instead")
    parser.add_argument("--to", type=Path, metavar="DIR", help="Folder for the model alone")
    parser.add_argument(
        "--as",
        dest="package",
        choices=sorted(LAYOUTS),
        help="A package of this kind, its benchmark an example in it (default folder: PREFIX-KIND)",
    )
    parser.add_argument(
        "--prefix",
        default=DEFAULT,
        metavar="NAME",
        help="What files, functions and macros begin with (default: model)",
    )
    parser.add_argument(
        "--arena",
        metavar="NAME",
        help="Array that you define for the tensors, which several models may share (default: "
        "the model has one of its own)",
    )
    signatures.add(parser)
    options.add_json(parser)
    options.add_data(parser)
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    names = Names(given.prefix, given.arena)
    return run(
        given.task,
        given.variant,
        given.file,
        given.to,
        given.cache,
        names,
        given.json,
        given.signature,
        given.package,
    )


def run(
    task: str | None,
    variant: str | None,
    file: Path | None,
    to: Path | None,
    cache: Path,
    names: Names,
    as_json: bool = False,
    signature: str | None = None,
    kind: str | None = None,
) -> int:
    """Write the folder, and the firmware project around it where that is not there yet."""
    if (task is None) == (file is None):
        raise ExportError("name a task or give --file FILE.tflite, one of the two")
    if file is None and signature is not None:
        raise ExportError("--signature belongs to a file; a task's model has one graph")
    if file is not None and variant is not None:
        raise ExportError("--variant belongs to a task; a file is exported as it is")
    if file is not None:
        subject = export.of_file(file, signature)
    else:
        artifacts = Artifacts(Store(cache), progress.bar)
        chosen = TASKS.get(str(task))
        subject = export.of_task(artifacts, chosen, _variant(chosen, variant))
    say = teller(as_json)
    files = export.files(subject, names)
    if kind is not None:
        files = package(kind, files)
        to = to or Path(f"{names.prefix}-{kind}")
    manifest = json.loads(files[MANIFEST])
    has_code = f"{names.prefix}.c" in files
    if to is None and has_code and (added := export.add_project(PROJECT)):
        say(f"{PROJECT}: {len(added)} files of the firmware project")
    folder = to or PROJECT / names.prefix
    before = read_manifest(folder)
    export.replace(folder, files)
    _print(folder, manifest, subject.reference.caution, say)
    if before and (held := _title(before)) != _title(manifest):
        say(f"{held} was there before: two models are two folders, and two --prefix in one program")
    for other in surroundings.of_prefix(folder, names.prefix):
        if read_manifest(other).get("package") != kind:
            continue
        say(
            f"{other.name} beside it has the prefix {names.prefix}, too: for both in one program "
            "export one of them with another --prefix"
        )
    if to is None:
        _print_next(folder, names, say, has_code=has_code)
    if as_json:
        print(json.dumps({"folder": str(folder), **manifest}, indent=1, ensure_ascii=False))
    return Exit.OK


def _variant(task: Task, name: str | None) -> Variant:
    """The variant that is meant; ExportError for one that there is none of."""
    variant = VARIANTS.get(name or (FILE if task.is_file else "int8"))
    if reason := task.missing(variant.stage):
        what = f"cannot export {task.name} {variant.name}: {reason}"
        raise ExportError(what, page=NeedsTrainingDataError.page)
    return variant


def _title(manifest: dict[str, Any]) -> str:
    """What an export calls its model."""
    model = manifest.get("model", {})
    return f"{model.get('task')} {model.get('variant')}"


def _print(folder: Path, manifest: dict[str, Any], caution: str, say: Say) -> None:
    arena, vectors = manifest["arena"], manifest["test_vectors"]
    kernels = [name for name in manifest["files"] if "kernels/" in name]
    say(f"{folder}: {len(manifest['files']) + 1} files, {len(kernels)} of them kernels")
    for part, why in manifest["left_out"].items():
        say(f"left out: {part}: {why}")
    if arena["bytes"] is not None:
        say(f"arena {arena['bytes']:,} B (no plan needs less than {arena['lower_bound']:,} B)")
    if state := manifest.get("state"):
        prefix = manifest["prefix"]
        say(f"state {state['bytes']:,} B beside it: {prefix}_reset() before the first inference")
    answered = f"{vectors['count']} test vectors, answered by {vectors['reference']}"
    say(f"{answered}: {caution}" if caution else answered)


def _print_next(folder: Path, names: Names, say: Say, *, has_code: bool) -> None:
    if changed := surroundings.changed_tracked(folder):
        say(
            f"git tracks {folder}, and {len(changed)} of its files are changed now: "
            f"git checkout {folder} takes them back; --to DIR or --prefix NAME writes elsewhere"
        )
    if has_code:
        preset = "host" if names.prefix == DEFAULT else f"host -DMODEL_DIR={names.prefix}"
        say(
            f"next: cd {PROJECT} && cmake --preset {preset} && cmake --build --preset host "
            "&& ctest --preset host"
        )
