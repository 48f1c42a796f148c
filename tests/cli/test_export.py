"""`tinybench export`: what it writes and where, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinybench.boards.sources import firmware_root
from tinybench.cli import main
from tinybench.tasks import TASKS

from ..components import require

MODELS = Path(__file__).parents[1] / "tflite" / "models"
DENSE = str(MODELS / "dense-int8.tflite")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tflm() -> None:
    """Where it is missing there are no test vectors, hence no export."""
    require("tflm")


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    return found


@pytest.mark.usefixtures("tflm")
def test_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The manifest and where it is; what is said to people goes to standard error."""
    assert main(["export", "--file", DENSE, "--json"]) == 0

    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "folder": "firmware/model",
        **manifest(folder / "firmware" / "model"),
    }
    assert "files of the firmware project\n" in said.err
    assert "next: cd firmware" in said.err


@pytest.mark.usefixtures("tflm")
def test_a_task_to_a_folder(
    folder: Path, warm_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The model alone: no project around it. int8 unless a variant is named."""
    command = ["export", "sine-16x16", "--to", "src/model", "--cache", str(warm_cache)]

    assert main(command) == 0

    found = manifest(folder / "src" / "model")
    said = capsys.readouterr().out
    assert [path.name for path in folder.iterdir()] == ["src"]
    assert (found["model"]["task"], found["model"]["variant"]) == ("sine-16x16", "int8")
    assert found["test_vectors"]["count"] == 64
    assert f"src/model: {len(found['files']) + 1} files, " in said
    assert f"arena {found['arena']['bytes']} B" in said
    assert "64 test vectors, answered by tflite-micro" in said
    assert "cmake" not in said


@pytest.mark.usefixtures("tflm")
def test_a_variant_of_a_task(
    folder: Path, warm_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second export to the folder replaces the first, and says so."""
    for options in ([], ["--variant", "float32"]):
        command = ["export", "sine-16x16", "--to", "model", "--cache", str(warm_cache)]
        assert main([*command, *options]) == 0

    found = manifest(folder / "model")
    assert found["model"]["variant"] == "float32"
    assert "sine-16x16 int8 was there before: two models are two folders" in capsys.readouterr().out
    assert found["inputs"][0]["type"] == "float32"
    on_disk = {p.relative_to(folder / "model").as_posix() for p in folder.rglob("model/**/*.h")}
    assert on_disk == {name for name in found["files"] if name.endswith(".h")}


@pytest.mark.usefixtures("tflm")
def test_a_file_in_the_project_that_is_written_around_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once; then what the user changed stays as it is, and what they deleted comes back."""
    assert main(["export", "--file", DENSE]) == 0

    first = capsys.readouterr().out
    project = folder / "firmware"
    expected = {
        path.relative_to(firmware_root())
        for path in firmware_root().rglob("*")
        if path.is_file()
        and not {"model", "build"} & set(path.parts)
        and not path.name.endswith(".lock")
    }
    assert expected <= {path.relative_to(project) for path in project.rglob("*")}
    assert manifest(project / "model")["model"]["variant"] == "file"
    assert first.startswith(f"firmware: {len(expected)} files of the firmware project\n")
    assert "next: cd firmware && cmake --preset host" in first

    (project / "CMakeLists.txt").write_text("my own")
    (project / "include" / "board.h").unlink()
    assert main(["export", "--file", DENSE]) == 0

    assert (project / "CMakeLists.txt").read_text() == "my own"
    assert (project / "include" / "board.h").is_file()
    assert capsys.readouterr().out.startswith("firmware: 1 files of the firmware project\n")


@pytest.mark.usefixtures("tflm")
def test_a_file_of_the_user_in_the_way(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "model").mkdir()
    (folder / "model" / "model.c").write_text("mine")

    assert main(["export", "--file", DENSE, "--to", "model"]) == 2

    said = capsys.readouterr().err
    assert "model.c is not from an export: move it away, or choose another folder with --to" in said
    assert [path.name for path in (folder / "model").iterdir()] == ["model.c"]


@pytest.mark.usefixtures("tflm")
def test_a_task_that_is_a_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exported as it came, with the labels that its data name; there is no variant of it."""
    monkeypatch.setenv("TINYBENCH_CACHE", str(folder / "cache"))
    data = str(folder / "data.npz")
    np.savez(data, x=np.zeros((8, 1), np.float32), y=[0, 1] * 4, class_names=["no", "fire"])
    made = (
        f"from tinybench import TASKS, Task\nTASKS.add(Task.of({DENSE!r}, {data!r}, name='told'))"
    )
    (folder / "own_tasks.py").write_text(made)
    command = ["export", "told", "--task-module", "own_tasks.py", "--to", "model"]
    try:
        assert main(command) == 0
        assert main([*command, "--variant", "int8"]) == 2
    finally:
        TASKS.remove("told")

    assert manifest(folder / "model")["model"]["variant"] == "file"
    assert '{"no", "fire"}' in (folder / "model" / "model_settings.h").read_text()
    said = capsys.readouterr().err
    assert "cannot export told int8: a .tflite is measured as it came" in said


@pytest.mark.usefixtures("tflm")
def test_two_models_beside_each_other(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their folders are those of their prefixes; one in the place of the other is refused."""
    for prefix in ("first", "second"):
        command = ["export", "--file", DENSE, "--prefix", prefix, "--arena", "shared_arena"]
        assert main(command) == 0

    said = capsys.readouterr().out
    header = (folder / "firmware" / "second" / "second.h").read_text()
    assert "next: cd firmware && cmake --preset host -DMODEL_DIR=second && cmake --build" in said
    assert "extern uint8_t shared_arena[];" in header
    assert "#define SHARED_ARENA_BYTES 35\n" in header
    assert "has the prefix" not in said

    before = {path: path.read_bytes() for path in folder.rglob("first/**/*.h")}
    assert main([*command, "--to", "firmware/first"]) == 2

    refused = capsys.readouterr().err
    assert "first holds a model with the prefix first, which this one with second would" in refused
    assert "remove the folder, or choose another with --to" in refused
    assert {path: path.read_bytes() for path in folder.rglob("first/**/*.h")} == before


@pytest.mark.usefixtures("tflm")
def test_a_neighbour_of_the_same_prefix_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be for another program; a compiler that sees both headers says so, too."""
    for to in ("src/a", "src/b"):
        assert main(["export", "--file", DENSE, "--to", to]) == 0

    said = capsys.readouterr().out
    assert (
        said.count("\na beside it has the prefix model, too: for both in one program export") == 1
    )


@pytest.mark.usefixtures("tflm")
def test_a_folder_that_git_tracks(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the export changes of it is said, with the way back."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    assert main(["export", "--file", DENSE]) == 0
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], check=True)
    assert main(["export", "--file", DENSE]) == 0
    assert "git" not in capsys.readouterr().out

    assert main(["export", "--file", str(MODELS / "conv-int8.tflite")]) == 0

    said = capsys.readouterr().out
    assert "git tracks firmware/model, and 8 of its files are changed now: git checkout" in said
    status = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True)
    assert ".lock" not in status.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sine-8", "--prefix", "tb_x"], "prefix 'tb_x': use letters"),
        (["sine-8", "--prefix", "class"], "prefix 'class': it is a word of C or C++; choose ano"),
        (["sine-8", "--arena", "memcpy"], "arena 'memcpy': the C or C++ library has that name"),
        (["sine-8", "--arena", "model_arena"], "arena 'model_arena': what begins with model_ is"),
        ([], "name a task or give --file FILE.tflite, one of the two"),
        (["sine-8", "--file", DENSE], "name a task or give --file FILE.tflite, one of the two"),
        (["--file", DENSE, "--variant", "int8"], "--variant belongs to a task"),
        (["sine-9"], "unknown task 'sine-9' (did you mean 'sine-8'?); valid: sine-8, "),
        (["sine-8", "--variant", "file"], "cannot export sine-8 file: it is no .tflite"),
        (["sine-8", "--variant", "int9"], "unknown variant 'int9' (did you mean 'int8'?)"),
        (["--file", "none.tflite"], "cannot read none.tflite: No such file or directory"),
        (["--file", "."], "cannot read .: Is a directory"),
        (["--file", "damaged.tflite"], "cannot export damaged.tflite: "),
        (
            ["--file", str(MODELS / "dense-float16.tflite")],
            f"cannot export {MODELS / 'dense-float16.tflite'}: ",
        ),
    ],
)
def test_refusals(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, exit code 2, and nothing is written."""
    (folder / "damaged.tflite").write_bytes(Path(DENSE).read_bytes()[:1000])

    assert main(["export", *arguments]) == 2

    said = capsys.readouterr()
    assert said.err.startswith(f"tinybench: error: {message}")
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert [path.name for path in folder.iterdir()] == ["damaged.tflite"]


@pytest.mark.usefixtures("tflm")
def test_a_package(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a folder of its own, without the firmware project; an unknown kind names those known."""
    assert main(["export", "--file", DENSE, "--as", "cmake"]) == 0

    assert manifest(folder / "model-cmake")["package"] == "cmake"
    assert not (folder / "firmware").exists()
    with pytest.raises(SystemExit):
        main(["export", "--file", DENSE, "--as", "cmak"])
    assert "--as: invalid choice: 'cmak'" in capsys.readouterr().err
