"""The model that the repository ships in `firmware/model`, and what its README shows of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tinybench import export
from tinybench.artifacts import Artifacts
from tinybench.boards import BOARDS, FirmwareBoard
from tinybench.conversion.variants import VARIANTS
from tinybench.storage.store import Store
from tinybench.tasks import TASKS

from ..components import needs

FIRMWARE = Path(__file__).parents[2] / "firmware"
MODEL = FIRMWARE / "model"
BOARD = BOARDS.get("cortex-m4")


def test_export_gives_the_committed_files(store: Store) -> None:
    """On any clone, to the byte; after a change of a kernel: tinybench export sine-16x16."""
    named = json.loads((MODEL / "manifest.json").read_text("utf-8"))["model"]
    task, variant = TASKS.get(named["task"]), VARIANTS.get(named["variant"])

    files = export.files(export.of_task(Artifacts(store), task, variant))

    committed = {
        path.relative_to(MODEL).as_posix(): path.read_bytes()
        for path in MODEL.rglob("*")
        if path.is_file()
    }
    assert {name for name in files if files[name] != committed.get(name)} == set()
    assert committed.keys() == files.keys()


@needs(BOARD.name, "cmake")
def test_readme_shows_what_the_emulated_board_prints(tmp_path: Path, store: Store) -> None:
    """Instruction counts are exact, so the README's output can be compared to the letter."""
    project = tmp_path / "firmware"
    shutil.copytree(FIRMWARE, project, ignore=shutil.ignore_patterns("build"))
    # Zig is a package of this Python, whose folder need not be on the path.
    folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {**os.environ, "PATH": os.pathsep.join(folders)}
    for step in (["cmake", "--preset", "cortex-m4"], ["cmake", "--build", "--preset", "cortex-m4"]):
        subprocess.run(step, cwd=project, env=environment, check=True, capture_output=True)

    shown = (FIRMWARE / "README.md").read_text("utf-8")

    for name in ("benchmark", "sine_led"):
        assert isinstance(BOARD, FirmwareBoard)
        elf = (project / "build" / "cortex-m4" / f"{name}.elf").read_bytes()
        firmware = BOARD.run_firmware(elf, store)
        lines = "".join(f"{line.rstrip()}\n" for line in firmware.output.splitlines())
        assert firmware.status == 0
        assert f"```text\n{lines}```" in shown
