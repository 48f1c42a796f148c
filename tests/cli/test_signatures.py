"""`--signature`: one graph of a file with several, in every command that takes a file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tinybench import tflite
from tinybench.cli import main
from tinybench.cli.signatures import file_of

from ..codegen.builder import build_all
from ..tflite.test_subgraphs import adding


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "several.tflite"
    path.write_bytes(build_all([adding(1), adding(2)], ["one", "two"]))
    return path


def test_inspect(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(file), "--signature", "two", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert (found["subgraphs"], found["codegen"]["operators"]) == (1, 1)


@pytest.mark.parametrize(("chosen", "expected"), [([], 1.0), (["--signature", "two"], 2.0)])
def test_run(chosen: list[str], expected: float, file: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((3, 4), np.float32))
    ports = ["--input", str(tmp_path / "x.npy"), "--to", str(tmp_path / "y.npy")]

    assert main(["run", str(file), "--on", "litert", *ports, *chosen]) == 0

    assert np.unique(np.load(tmp_path / "y.npy")).tolist() == [expected]


def test_export(file: Path, tmp_path: Path) -> None:
    to = tmp_path / "model"

    assert main(["export", "--file", str(file), "--signature", "two", "--to", str(to)]) == 0

    assert tflite.read((to / "model.tflite").read_bytes()).subgraphs[0].name == "graph 1"
    assert "2.0f" in (to / "model.c").read_text()


def test_bench_measures_a_file_of_the_same_name(file: Path, tmp_path: Path) -> None:
    path = file_of(file, "two", tmp_path / "cache")

    assert path.name == file.name
    assert path.read_bytes() == tflite.chosen(file.read_bytes(), "two")


@pytest.mark.parametrize(
    "command",
    [
        ["inspect", "{}"],
        ["run", "{}"],
        ["export", "--file", "{}", "--to", "out"],
        ["bench", "{}", "--data", "{}"],
    ],
)
def test_an_unknown_one_is_an_error_with_the_known(
    command: list[str], file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word.replace("{}", str(file)) for word in command]

    assert main([*words, "--signature", "three"]) == 2

    said = capsys.readouterr().err
    assert "model: no signature 'three'; it has 'one', 'two' [unknown-name]" in said


@pytest.mark.parametrize("command", [["export", "sine-8"], ["bench", "sine-8"]])
def test_a_task_has_no_signatures(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--signature", "one"]) == 2

    assert "--signature" in capsys.readouterr().err
