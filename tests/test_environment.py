"""Where a number was measured."""

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tinybench import environment
from tinybench.cli import main


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


def test_commit_and_dirty_flag(tmp_path: Path) -> None:
    """Writing results does not make a checkout dirty; a new file of code does."""
    (tmp_path / "code.py").write_text("1", encoding="utf-8")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "README.md").write_text("1", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "m")

    clean = environment.commit(tmp_path)
    assert clean is not None
    assert clean["dirty"] is False
    assert len(clean["commit"]) == 40

    (tmp_path / "results" / "README.md").write_text("2", encoding="utf-8")
    assert environment.commit(tmp_path) == clean

    (tmp_path / "new.py").write_text("1", encoding="utf-8")
    assert environment.commit(tmp_path) == {**clean, "dirty": True}


def test_outside_git(tmp_path: Path) -> None:
    assert environment.commit(tmp_path) is None


def test_versions_are_known() -> None:
    found = environment.versions()

    assert "not installed" not in {found[name] for name in ("tensorflow", "numpy", "tinybench")}


def test_tried_ranges_are_those_that_pip_asks_for() -> None:
    """With an end where pip knows none."""
    project = Path(__file__).parents[1] / "pyproject.toml"
    # pytest brings tomli where Python has no tomllib.
    toml = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    found = toml.loads(project.read_text(encoding="utf-8"))["project"]
    lines = [*found["dependencies"], *found["optional-dependencies"]["train"]]
    asked = {one.name: one.specifier for one in map(Requirement, lines)}

    for name, tried in environment.TRIED.items():
        assert set(asked[name]) <= set(SpecifierSet(tried)), name


TRIED = {"tensorflow": "2.21.0", "tf-keras": "2.21.0", "numpy": "2.4.6"}
RANGE = "results may differ, or it may not work: tried is tensorflow>=2.18,<2.22"


@pytest.mark.parametrize(
    ("changed", "lines"),
    [
        ({}, []),
        ({"tensorflow": "2.21.1", "tf-keras": "2.21.0"}, []),
        ({"tflite-micro": "0.dev20261023182759", "ai-edge-litert": "2.3.0"}, []),
        ({"tensorflow": "", "tf-keras": ""}, []),
        (
            {"tensorflow": "2.22.0", "tf-keras": "2.21.0"},
            [
                f"tensorflow 2.22.0 was not tried; {RANGE}",
                "tensorflow 2.22.0 and tf-keras 2.21.0 do not go together: install "
                "tf-keras==2.22.*",
            ],
        ),
        ({"tensorflow": "2.17.1", "tf-keras": ""}, [f"tensorflow 2.17.1 was not tried; {RANGE}"]),
        (
            {"tensorflow": "2.20.0", "tf-keras": "2.21.0"},
            ["tensorflow 2.20.0 and tf-keras 2.21.0 do not go together: install tf-keras==2.20.*"],
        ),
        (
            {"numpy": "3.0.0rc1"},
            [
                "numpy 3.0.0rc1 was not tried; results may differ, or it may not work: tried is "
                "numpy>=1.26.4,<3"
            ],
        ),
    ],
    ids=str,
)
def test_untried(
    changed: dict[str, str],
    lines: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is installed outside of the range is named with it, and nothing ends for that."""
    for name, version in ({**dict.fromkeys(environment.TRIED, ""), **TRIED} | changed).items():
        if version:
            about = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
            about.mkdir()
            text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            (about / "METADATA").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    assert environment.untried() == lines


def test_the_command_line_warns_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where results depend on it: not where a document is read."""
    about = tmp_path / "tensorflow-2.99.0.dist-info"
    about.mkdir()
    text = "Metadata-Version: 2.1\nName: tensorflow\nVersion: 2.99.0\n"
    (about / "METADATA").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    main(["run", str(tmp_path / "gone.tflite")])
    assert capsys.readouterr().err.count("tinybench: warning: tensorflow 2.99.0 was not tried") == 1
    main(["compare", "gone.json", "gone.json"])
    assert "was not tried" not in capsys.readouterr().err
