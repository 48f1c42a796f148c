"""`tinybench doctor`: what it finds of packages, places and programs, and what it does not say."""

from __future__ import annotations

import getpass
import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tinybench.cli import doctor, installed, main
from tinybench.cli.status import Exit

HERE = ("numpy", "msgspec")
"""Packages that are surely installed."""
NOWHERE = "no-such-package"


@pytest.fixture
def asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets what is installed ask for other packages: a requirement each, as in a wheel."""

    def asks(*wanted: str) -> None:
        folder = tmp_path / "site" / "pytest_tinybench-9.dist-info"
        folder.mkdir(parents=True)
        extras = sorted({one.split("'")[1] for one in wanted if "extra" in one})
        lines = [
            *("Metadata-Version: 2.4", "Name: pytest-tinybench", "Version: 9"),
            *(f"Provides-Extra: {name}" for name in extras),
            *(f"Requires-Dist: {one}" for one in wanted),
        ]
        (folder / "METADATA").write_text("\n".join(lines), "utf-8")
        monkeypatch.syspath_prepend(str(folder.parent))

    return asks


def found(capsys: pytest.CaptureFixture[str], cache: Path, status: int) -> dict[str, Any]:
    """What is told to programs."""
    assert main(["doctor", "--json", "--cache", str(cache)]) == status

    said = capsys.readouterr()
    assert said.err == ""
    value: dict[str, Any] = json.loads(said.out)
    return value


def test_what_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For people and for programs the same; nothing names the computer or its user."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "conftest.py").write_text("import frob\n", "utf-8")

    value = found(capsys, tmp_path / "cache", Exit.OK)
    assert main(["doctor", "--cache", str(tmp_path / "cache")]) == Exit.OK
    text = capsys.readouterr().out

    assert value["extras"][0]["extra"] == "base"
    assert value["extras"][0]["packages"]["numpy"]
    assert {one["name"] for one in value["runtimes"]} >= {"keras", "litert", "tflm"}
    assert {one["name"] for one in value["boards"]} >= {"cortex-m4", "qemu-cortex-m4"}
    assert {one["for"] for one in value["programs"]} >= {
        "the firmware project",
        "the boards qemu-*",
    }
    assert value["cache"] == {"folder": "~/cache", "entries": 0, "bytes": 0}
    assert value["own"]["not_loaded"].startswith("cannot load ~/conftest.py")
    assert text.splitlines()[0].startswith(f"tinybench {value['tinybench']}, Python 3.")
    assert "- ~/cache: 0 entries, 0.0 MB" in text
    for told in (text, json.dumps(value)):
        assert str(tmp_path) not in told
        assert platform.node() not in told
        assert getpass.getuser() == "root" or getpass.getuser() not in told


@pytest.mark.parametrize(
    ("wanted", "state", "problem"),
    [
        pytest.param(["numpy", "msgspec"], "whole", None, id="all there"),
        pytest.param([NOWHERE], "missing", None, id="nothing of it"),
        pytest.param(["numpy", NOWHERE], "half", None, id="the user's own numpy"),
        pytest.param(["numpy<1"], "outside", r"x: numpy \S+ is not <1: pip install ", id="outside"),
        pytest.param([f"{NOWHERE}; python_version < '3'"], None, None, id="not for this Python"),
    ],
)
def test_extras(
    wanted: list[str],
    state: str | None,
    problem: str | None,
    asks: Callable[..., None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An extra that is not whole is no problem; one of other versions is, and fails."""
    lines = [one if ";" in one else f"{one}; extra == 'x'" for one in wanted]
    asks("tabulate", *lines, "tabulate; extra == 'y'", "tabulate; extra == 'all'")

    value = found(capsys, tmp_path, Exit.FAILED if problem else Exit.OK)

    extras = {one["extra"]: one for one in value["extras"]}
    assert extras["base"]["state"] == "whole"
    assert extras.get("x", {"state": None})["state"] == state
    assert "all" not in extras
    assert len(value["problems"]) == bool(problem)
    if problem:
        assert re.match(f"{problem}'pytest-tinybench\\[x\\]'", value["problems"][0])
        assert extras["x"]["remedy"] == "pip install 'pytest-tinybench[x]'"


def test_what_came_with_another_extra_is_no_half(asks: Callable[..., None]) -> None:
    asks("numpy; extra == 'x'", "numpy; extra == 'y'", f"{NOWHERE}; extra == 'y'")

    assert [(one.name, one.state) for one in installed.extras()] == [
        ("base", "whole"),
        ("x", "whole"),
        ("y", "missing"),
    ]


def test_base_that_is_not_whole(asks: Callable[..., None]) -> None:
    """Nothing works without it."""
    asks(NOWHERE)

    (base,) = installed.extras()

    assert base.problem == f"base: not installed: {NOWHERE}: pip install pytest-tinybench"


def test_a_package_that_is_broken_breaks_nothing_here(tmp_path: Path) -> None:
    """A module that raises when it is imported is a problem, and no traceback."""
    (tmp_path / "msgspec.py").write_text("raise RuntimeError('damaged')", "utf-8")
    (tmp_path / "numpy.py").write_text("raise ImportError('no BLAS')", "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "tinybench", "doctor", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (Exit.FAILED, "")
    assert json.loads(done.stdout)["problems"] == ["cannot be loaded: ImportError: no BLAS"]


def test_a_program_that_cannot_say_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "cmake").write_text("#!/nowhere\n", "utf-8")
    (tmp_path / "cmake").chmod(0o755)

    named = {one["name"]: one for one in map(doctor.program, doctor.PROGRAMS)}

    assert named["cmake"]["version"] == "cannot be run"
    assert named["git"]["version"] is None
    assert named["git"]["remedy"] == "Debian: apt install git"
