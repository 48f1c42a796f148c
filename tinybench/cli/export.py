"""`tinybench export`: a variant, or any file, as C sources to build firmware from."""

from __future__ import annotations

import json
from pathlib import Path

from tinybench import export
from tinybench.artifacts import Artifacts
from tinybench.console import progress
from tinybench.conversion.variants import VARIANTS
from tinybench.export.folder import MANIFEST, ExportError
from tinybench.storage.store import Store
from tinybench.tasks import TASKS

PROJECT = Path("firmware")
MODEL = "model"


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
        chosen = VARIANTS.get(variant or "int8")
        subject = export.of_task(artifacts, TASKS.get(str(task)), chosen)
    files = export.files(subject)
    if to is None and (added := export.add_project(PROJECT)):
        print(f"{PROJECT}: {len(added)} files of the firmware project")
    folder = to or PROJECT / MODEL
    export.replace(folder, files)
    _print(folder, json.loads(files[MANIFEST]), to is None)
    return 0


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
