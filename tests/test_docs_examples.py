"""The examples of the documentation that no other test runs, each page from its top to its end."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from . import help_pages
from .components import needs
from .examples import ROOT, RUN, Block, pages, run_by, shell

pytestmark = [pytest.mark.slow, needs("cmake", "cortex-m4", "tflm", "C compiler")]

ELSEWHERE = re.compile(r"^(pip|python3 -m pip) install .*$", re.M)
"""What tests have already: the extras that these name are checked by test_docs.py."""
FROM_NOTHING = {"docs/tutorial/model-to-board.md"}
"""They begin in an empty folder, and train: on another processor digits are others."""
COMPILE = "cc -std=c99 -Wall -Wextra -Werror -fsyntax-only -I. -Iinclude -Imodel -Ipipeline -x c -"
TIME = re.compile(r"\d+\.\d+ sec$", re.M)


def examples(page: str) -> list[Block]:
    """The blocks of a page that are run here."""
    return [block for block, test in run_by(page) if test == RUN]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a reader has in a clone, with the files of docs/help/index.md."""
    help_pages.prepare(tmp_path)
    (tmp_path / "results" / "models").symlink_to(ROOT / "results" / "models")
    ignored = shutil.ignore_patterns("build")
    shutil.copytree(ROOT / "firmware", tmp_path / "firmware", ignore=ignored)
    return tmp_path


@pytest.mark.parametrize("page", [page for page in pages() if examples(page)])
def test_page(page: str, folder: Path, warm_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are written, Python and commands are run, and what is shown below them is printed."""
    if page.startswith("firmware/"):
        folder /= "firmware"
    elif page in FROM_NOTHING:
        folder /= "empty"
        folder.mkdir()
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    printed = ""
    for block in examples(page):
        where = f"{page}:{block.line}"
        if block.file:
            (folder / block.file).write_text(block.text, "utf-8")
        elif block.language == "python":
            exec(compile(block.text, where, "exec"), names)
        elif block.language == "sh":
            ended = shell(ELSEWHERE.sub("", block.text), folder, warm_cache)
            printed = ended.stdout.replace(f"{folder.parent}/", "")
            assert ended.returncode == 0, f"{where}\n{ended.stdout}{ended.stderr}"
        elif block.language == "console":
            for said in help_pages.outputs(f"```console\n{block.text}```\n"):
                assert help_pages.matches(said), f"{where}\n{said.found}"
        elif block.language == "c":
            ended = shell(COMPILE, folder, warm_cache, block.text)
            assert ended.returncode == 0, f"{where}\n{ended.stderr}"
        elif block.language == "cpp":
            settings = (folder / "model" / "model_settings.h").read_text("utf-8")
            for name in re.findall(r"\bMODEL_\w+", block.text):
                assert f"#define {name}" in settings, f"{where}: {name}"
        else:
            assert block.language == "text", where
            _assert_is_shown(block.text, printed, where, exact=page not in FROM_NOTHING)


def _assert_is_shown(shown: str, printed: str, place: str, *, exact: bool) -> None:
    """Each part between lines of `...` was printed, line after line, but for times."""
    whole = _comparable(printed, exact=exact)
    for part in _comparable(shown, exact=exact).split("\n...\n"):
        assert part.strip("\n") in whole, f"{place}: not in\n{printed}"


def _comparable(text: str, *, exact: bool) -> str:
    lines = "\n".join(line.rstrip() for line in TIME.sub("", text).splitlines())
    if exact:
        return lines
    return re.sub(r"[ ]{2,}|-{3,}", " ", re.sub(r"\d[\d.,]*", "0", lines))
