"""`tinybench export`: a variant, or any file, as C sources to build firmware from."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tinybench import export
from tinybench.artifacts import Artifacts
from tinybench.cli import options
from tinybench.cli.status import Exit
from tinybench.console import progress
from tinybench.conversion.variants import FILE, VARIANTS, Variant
from tinybench.errors import NeedsTrainingDataError
from tinybench.export.folder import MANIFEST, ExportError
from tinybench.storage.store import Store
from tinybench.tasks import TASKS, Task

PROJECT = Path("firmware")
MODEL = "model"


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Write self-contained C99 that computes what TensorFlow Lite Micro does, byte for byte; "
        "the model as the array g_model; its settings; and test vectors. Without --to the folder "
        "is firmware/model, in the CMake project that is written around it if it is not there. "
        "Files of your own in the folder are kept."
    )
    parser.epilog = (
        "Examples: tinybench export sine-16x16; tinybench export sine-16x16 --variant float32 "
        "--to src/model; tinybench export --file any.tflite"
    )
    parser.add_argument("task", nargs="?", metavar="TASK")
    parser.add_argument(
        "--variant",
        metavar="NAME",
        help="Variant of the task (default: int8, or the .tflite that it is)",
    )
    parser.add_argument("--file", type=Path, metavar="FILE.tflite", help="Export this file instead")
    parser.add_argument("--to", type=Path, metavar="DIR", help="Folder for the model alone")
    options.add_data(parser)
    options.add_task_module(parser)
    options.add_cache(parser)
    parser.set_defaults(run=_run)


def _run(given: argparse.Namespace) -> int:
    return run(given.task, given.variant, given.file, given.to, given.cache)


def run(
    task: str | None, variant: str | None, file: Path | None, to: Path | None, cache: Path
) -> int:
    """Write the folder, and the firmware project around it where that is not there yet."""
    if (task is None) == (file is None):
        raise ExportError("name a task or give --file FILE.tflite, one of the two")
    if file is not None and variant is not None:
        raise ExportError("--variant belongs to a task; a file is exported as it is")
    if file is not None:
        subject = export.of_file(file)
    else:
        artifacts = Artifacts(Store(cache), progress.bar)
        chosen = TASKS.get(str(task))
        subject = export.of_task(artifacts, chosen, _variant(chosen, variant))
    files = export.files(subject)
    if to is None and (added := export.add_project(PROJECT)):
        print(f"{PROJECT}: {len(added)} files of the firmware project")
    folder = to or PROJECT / MODEL
    export.replace(folder, files)
    _print(folder, json.loads(files[MANIFEST]), to is None)
    return Exit.OK


def _variant(task: Task, name: str | None) -> Variant:
    """The variant that is meant; ExportError for one that there is none of."""
    variant = VARIANTS.get(name or (FILE if task.is_file else "int8"))
    if reason := task.missing(variant.stage):
        what = f"cannot export {task.name} {variant.name}: {reason}"
        raise ExportError(what, page=NeedsTrainingDataError.page)
    return variant


def _print(folder: Path, manifest: dict[str, dict[str, object]], in_project: bool) -> None:
    arena, vectors = manifest["arena"], manifest["test_vectors"]
    kernels = [name for name in manifest["files"] if name.startswith("kernels/")]
    print(f"{folder}: {len(manifest['files']) + 1} files, {len(kernels)} of them kernels")
    print(f"arena {arena['bytes']:,} B (no plan needs less than {arena['lower_bound']:,} B)")
    print(f"{vectors['count']} test vectors, answered by {vectors['reference']}")
    if in_project:
        print(
            f"next: cd {PROJECT} && cmake --preset host && cmake --build --preset host "
            "&& ctest --preset host"
        )
