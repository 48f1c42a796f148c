"""A test that lacks a component skips, or fails where all must be there; CI installs them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .components import PROGRAMS, REQUIRE, missing, require

SCRIPT = (Path(__file__).parents[1] / ".ci" / "run").read_text("utf-8")
BY_PIP = {"cmake"}


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Programs that are looked for by their whole path are not there either."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda command: None)


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_missing_program_says_how_to_get_it(name: str) -> None:
    assert missing(name) == (
        f"{name} is not installed (Debian: apt install {PROGRAMS[name].package})"
    )


def test_an_extra_a_board_and_a_runtime_are_found() -> None:
    assert [missing(name) for name in ("ziglang", "cortex-m4", "litert")] == [None, None, None]


@pytest.mark.usefixtures("nothing_installed")
@pytest.mark.parametrize("name", ["xxd", "qemu-cortex-m4"])
def test_a_test_skips_without_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REQUIRE, raising=False)

    with pytest.raises(pytest.skip.Exception, match="is not installed"):  # noqa: TID251
        require(name)


@pytest.mark.usefixtures("nothing_installed")
def test_a_test_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE, "1")

    with pytest.raises(pytest.fail.Exception, match=r"TINYBENCH_REQUIRE is set, but xxd is not"):
        require("xxd")


def test_ci_installs_every_program() -> None:
    """By apt, but for those that the test group of pyproject.toml has."""
    listed = re.search(r"programs=\(([^)]*)\)", SCRIPT)
    assert listed

    packages = {program.package for name, program in PROGRAMS.items() if name not in BY_PIP}
    assert packages - set(listed[1].split()) == set()
