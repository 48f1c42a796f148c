"""CONTRIBUTING.md names files, environments and fixtures that there are."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
NAMED = sorted({name for name in re.findall(r"`([\w./-]+)`", TEXT) if "/" in name} - {".venv"})
LISTS = re.findall(r"`([A-Z_]+|_builtin)` (?:in|of) `([\w./]+\.py)`", TEXT)


@pytest.mark.parametrize("name", NAMED)
def test_files(name: str) -> None:
    assert (ROOT / name).exists()


@pytest.mark.parametrize(("name", "path"), LISTS)
def test_lists(name: str, path: str) -> None:
    """Where something new is listed."""
    assert re.search(rf"^(def )?{name}\b", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_environments() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "tox.ini")
    lists = re.findall(r"tox (?:devenv )?-e ([\w,]+)", TEXT)
    named = {name for each in lists for name in each.split(",")}
    sections = [name.removeprefix("testenv:").rstrip("}") for name in settings.sections()]
    # tf{218,219} is two environments.
    there = {
        start + end
        for start, _, ends in (name.partition("{") for name in sections)
        for end in ends.split(",")
    }

    assert {"dev", "quick"} <= named <= there


def test_readme_points_here() -> None:
    assert "(CONTRIBUTING.md)" in (ROOT / "README.md").read_text("utf-8")
