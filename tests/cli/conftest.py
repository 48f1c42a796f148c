"""`tinybench bench` on the models and data of strangers, which are made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tinybench.cli import main
from tinybench.console import worker
from tinybench.tasks import TASKS

from ..conftest import link_compiler
from . import front_door


class Ended(NamedTuple):
    """How a command ended in this process."""

    status: int
    out: str
    err: str


Bench = Callable[..., Ended]


@pytest.fixture(scope="session")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `front_door` writes, not to be changed."""
    folder = tmp_path_factory.mktemp("strangers")
    front_door.write_data(folder)
    worker.call(front_door.write_models, folder)
    return folder


@pytest.fixture(scope="session")
def strangers_cache(warm_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was made of them, with the compiler's libraries."""
    folder = tmp_path_factory.mktemp("strangers-cache")
    link_compiler(warm_cache, folder)
    return folder


@pytest.fixture
def bench(
    strangers: Path,
    strangers_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Bench]:
    """Run it in an empty folder; `{}` in an argument is the folder of the strangers.

    What it registers is taken out again.
    """
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    before = {task.name: task for task in TASKS}

    def restore() -> None:
        for task in TASKS:
            if task.name not in before:
                TASKS.remove(task.name)
            elif task is not before[task.name]:
                TASKS.replace(before[task.name])

    def run(*arguments: str | Path) -> Ended:
        given = [str(each).replace("{}", str(strangers)) for each in arguments]
        capsys.readouterr()
        try:
            status = main(["bench", *given, "--cache", str(strangers_cache)])
        except SystemExit as left:
            status = int(left.code or 0)
        finally:
            restore()
        said = capsys.readouterr()
        return Ended(status, said.out, said.err)

    yield run
    restore()
