"""`tinybench explain`, and that each name in a message has its page, whose example gives it."""

from __future__ import annotations

import importlib
import json
import pickle
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import tinybench
from tinybench import ADVICES
from tinybench.boards.toolchain import CompileError
from tinybench.cli import main
from tinybench.cli.explain import pages, summary
from tinybench.codegen import UnsupportedError
from tinybench.comparison import gates
from tinybench.console import worker
from tinybench.errors import TinybenchError, shown
from tinybench.registry import UnknownNameError
from tinybench.results.record import NoteKind
from tinybench.tasks import TASKS

from .. import help_pages
from ..components import require

PAGES = pages()
ADVICE = {one.name for one in ADVICES}
LABELS = {*get_args(NoteKind)} - {"remark", "advice"} | {"regressed", "missing", "not-comparable"}
OTHERS = {"file-system", "wrong-option", gates.BLIND}
"""Of the system, of argparse, and of what is no error by itself."""
SHOWN_ONLY = {
    "board-failed",
    "broken-package",
    "converter-refuses",
    "declared-board",
    "document-target",
    "does-not-fit",
    "missing-package",
    "no-runtime",
    "no-test-vectors",
    "not-available",
    "other-architecture",
    "partly-float",
    "picture-format",
    "serial-board",
    "ssh-board",
    "tfmot-refuses",
    "training-refuses",
    "wrong-level",
}
"""Their examples would train, convert, take a package away, or need a large model or a
board."""
TAKES = {
    "audio-format": "soundfile",
    "compiler-failed": "ziglang",
    "edited-export": "tflm",
    "not-a-program": "elftools",
    "tflm-refuses": "tflm",
}


def errors() -> set[type[TinybenchError]]:
    """All classes of errors, of all modules but programs and what loads Unicorn."""
    emulator = ("tinybench.boards.emulator", "tinybench.boards.worker")
    left_out = ("tinybench.bench", "tinybench.__main__", *emulator)
    for module in pkgutil.walk_packages(tinybench.__path__, "tinybench."):
        if not module.name.startswith(left_out):
            importlib.import_module(module.name)
    found, new = set(), [TinybenchError]
    while new:
        one = new.pop()
        found.add(one)
        new += one.__subclasses__()
    return {one for one in found - {TinybenchError} if one.__module__.startswith("tinybench.")}


NAMED = {one.page for one in errors()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where examples run: what they register is taken out again."""
    help_pages.prepare(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    before = {task.name for task in TASKS}
    yield tmp_path
    for task in [*TASKS]:
        if task.name not in before:
            TASKS.remove(task.name)


def test_every_name_has_a_page_and_every_page_a_name() -> None:
    assert sorted(NAMED | ADVICE | LABELS | OTHERS) == sorted(PAGES)


def test_pages_are_none_of_two_things() -> None:
    """But what is not comparable, be it runs or outputs, and what is not available."""
    both = NAMED & (ADVICE | LABELS)

    assert both == {"not-available", "not-comparable"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_cause_example_and_remedy(name: str) -> None:
    text = PAGES[name]
    parts = re.findall(r"^\*\*(\w+)\*\*", text, re.M)

    assert text.startswith(f"# {name}\n\n")
    assert summary(text).endswith(".")
    assert parts == ["Cause", "Example", "Do"]
    assert re.search(r"\*\*Example\*\*.*\n```\w+\n.+\n```\n\n\*\*Do\*\*", text, re.S)


@pytest.mark.parametrize("path", sorted(help_pages.HELP.glob("*.md")), ids=lambda path: path.stem)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", path.read_text("utf-8")):
        assert (path.parent / target).is_file(), target


def test_the_index_has_the_line_of_each() -> None:
    index = (help_pages.HELP / "index.md").read_text("utf-8")
    lines = [f"| [{name}]({name}.md) | {summary(text)} |" for name, text in PAGES.items()]

    assert re.findall(r"^\| \[.*", index, re.M) == lines


def test_only_these_examples_are_not_run() -> None:
    ran = {name for name, text in PAGES.items() if re.search(r"^```(python|console)$", text, re.M)}

    assert PAGES.keys() - ran == SHOWN_ONLY


@pytest.mark.parametrize("name", sorted(PAGES.keys() - SHOWN_ONLY - ADVICE))
def test_an_example_gives_what_the_page_is_about(name: str, folder: Path) -> None:
    if name in TAKES:
        require(TAKES[name])
    found = [*help_pages.outputs(PAGES[name])]
    given = "\n".join(said.found for said in found)

    for said in found:
        assert help_pages.matches(said), said.found
    if name in LABELS:
        assert name in given or name.replace("-", " ") in given or name == "same-as-float32"
    else:
        assert re.search(rf" \[{name}\]$", given, re.M)


def test_an_error_keeps_its_page_on_the_way_from_another_process() -> None:
    """Also one that is made of other arguments than its message."""
    passed_on = UnsupportedError("m.tflite: no", page="unknown-name")
    errors = [passed_on, UnknownNameError("task", "a", ["b"]), CompileError("no", "all it said")]

    again = [pickle.loads(pickle.dumps(error)) for error in errors]

    assert [*map(shown, again)] == [*map(shown, errors)]
    assert [type(error) for error in again] == [type(error) for error in errors]
    assert again[2].output == "all it said"


def test_an_error_of_ours_comes_as_itself_from_the_worker() -> None:
    with pytest.raises(UnknownNameError) as caught:
        worker.call(TASKS.get, "nobody")

    assert shown(caught.value).endswith(" [unknown-name]")


def test_an_error_of_a_users_has_no_name() -> None:
    """Nothing is in brackets that `explain` does not know."""

    class OwnError(TinybenchError):
        pass

    assert shown(OwnError("no")) == "no"
    assert shown(OwnError("no").about("m")) == "m: no"


@pytest.mark.parametrize("said", [["no-c-code"], ["[no-c-code]"], ["No-C-Code"]])
def test_a_page_is_printed(said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", *said]) == 0

    assert capsys.readouterr().out == PAGES["no-c-code"]


def test_a_label_is_explained_as_it_stands_in_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "partly", "float"]) == 0

    assert capsys.readouterr().out == PAGES["partly-float"]


def test_names_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert [line.split()[0] for line in lines] == [*PAGES]
    assert [line.split(maxsplit=1)[1] for line in lines] == [*map(summary, PAGES.values())]


def test_programs_get_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    main(["explain", "--json"])
    assert json.loads(capsys.readouterr().out) == {
        name: summary(text) for name, text in PAGES.items()
    }

    main(["explain", "--json", "does-not-fit"])
    assert json.loads(capsys.readouterr().out) == {
        "name": "does-not-fit",
        "text": PAGES["does-not-fit"],
    }


def test_an_unknown_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "does-not-fits"]) == 2

    said = capsys.readouterr().err
    assert said.startswith(
        "tinybench: error: unknown name 'does-not-fits' (did you mean 'does-not-fit'?); valid: "
    )
    assert said.endswith(" [unknown-name]\n")
