"""`tinybench report`: what it writes, and what it says when it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.cli import report as command
from tinybench.results import document, illustration
from tinybench.results.document import Document

from ..components import needs
from ..documents import result_of

pytestmark = needs("altair", "jinja2", "matplotlib")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A document of a task that is not registered: nothing has to be trained for it."""
    found = Document({}, created="2026-01-01T00:00:00+00:00")
    metrics = {"mse": 0.5, "tflite_bytes": 100}
    found.add(result_of("mine", "int8", metrics=metrics, sha256="0" * 64))
    document.write(found, tmp_path / "latest.json")
    return tmp_path / "latest.json"


def test_a_page_is_written_beside_the_tables(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_library", lambda store: "/* the library */")
    arguments = ["report", str(path), "--to", str(tmp_path / "out"), "--cache", str(tmp_path / "c")]

    assert main(arguments) == 0

    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "/* the library */" in page
    assert "mine" in page
    said = capsys.readouterr()
    assert f"page: {tmp_path / 'out' / 'index.html'}, " in said.out
    assert said.err.startswith("left out: some figures and pages; cannot read ")
    assert said.err.count("\n") == 1


def test_tables_only(path: Path, tmp_path: Path) -> None:
    assert main(["report", str(path), "--no-figures", "--cache", str(tmp_path / "c")]) == 0

    assert not (tmp_path / "index.html").exists()
    assert (tmp_path / "README.md").is_file()


def test_what_was_written_for_programs(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On standard output there is nothing else."""
    command = ["report", str(path), "--no-figures", "--json", "--cache", str(tmp_path / "c")]

    assert main(command) == 0

    said = capsys.readouterr()
    value = json.loads(said.out)
    assert str(tmp_path / "README.md") in value["written"]
    assert all(Path(each).is_file() for each in value["written"])
    assert "README.md, and " in said.err


def test_a_missing_extra_is_one_line(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("altair", "vl_convert"):
        monkeypatch.setitem(sys.modules, name, None)

    assert main(["report", str(path)]) == 2

    error = capsys.readouterr().err
    assert "--no-figures" in error
    assert "needs altair, vl-convert-python: pip install 'pytest-tinybench[report]'" in error
    assert error.count("\n") == 1


WITHOUT_RUNTIMES = """
import sys

FORBIDDEN = {"tensorflow", "tf_keras", "keras", "ai_edge_litert", "tflite_micro", "unicorn"}


class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in FORBIDDEN:
            raise ImportError(f"{name} is not installed")


sys.meta_path.insert(0, Refuse())
from tinybench.cli import main

status = main(["report", *sys.argv[1:]])
assert FORBIDDEN.isdisjoint(name.partition(".")[0] for name in sys.modules)
sys.exit(status)
"""


@pytest.mark.slow
@pytest.mark.parametrize("task", ["sine-16x16", "gesture"])
def test_it_reads_and_runs_no_model(tmp_path: Path, task: str) -> None:
    """Of the published results, with every figure and page, where no runtime can be imported."""
    published = Path(__file__).parents[2] / "results" / "baseline.json"
    found = document.read(published)
    found.tasks = {task: found.tasks[task]}
    found.results = {name: one for name, one in found.results.items() if one.task == task}
    document.write(found, tmp_path / "latest.json")
    made = illustration.path_of(published, task)
    illustration.keep(illustration.folder_of(tmp_path / "latest.json"), {task: made.read_bytes()})
    command = [sys.executable, "-c", WITHOUT_RUNTIMES, str(tmp_path / "latest.json")]
    arguments = ["--to", str(tmp_path / "out"), "--cache", str(tmp_path / "cache")]

    run = subprocess.run([*command, *arguments], capture_output=True, text=True)

    assert (run.returncode, run.stderr) == (0, "")
    written = {path.stem for path in (tmp_path / "out" / "figures" / task).iterdir()}
    assert written >= {"training", "pareto", "layers", "graph"}
    assert (tmp_path / "out" / "tasks" / f"{task}.md").is_file()
