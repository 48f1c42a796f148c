"""`tinybench check`: a published folder whose files and numbers belong together."""

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tinybench.cli import main

from ..documents import entry, make, result

REPOSITORY = Path(__file__).parents[2]
PUBLISHED = REPOSITORY / "results"


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables that this version makes of the published document."""
    folder = tmp_path_factory.mktemp("sound") / "results"
    shutil.copytree(PUBLISHED, folder)
    for path in folder.glob("*.csv"):
        path.unlink()
    from tinybench.report import publish, walkthrough
    from tinybench.results import document, illustration

    images = folder / "figures"
    figures = {
        path.relative_to(images).with_suffix("").as_posix(): path for path in images.rglob("*.png")
    }
    found = document.read(folder / "baseline.json")
    illustrations, _ = illustration.read_all(folder / "baseline.json", found)
    pages = walkthrough.pages(found, illustrations)
    # Of a page, only what it is made from is looked at.
    publish.publish(found, folder, figures, pages, page=f"<p>{document.digest(found)}</p>")
    return folder


def test_our_own_committed_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As committed: a benchmark run rewrites the tables of the working tree with its own times."""
    command = ["git", "-C", str(REPOSITORY), "archive", "HEAD", "results"]
    archive = subprocess.run(command, capture_output=True)
    if archive.returncode:
        reason = f"no checkout of git: {archive.stderr.decode().strip()}"
        pytest.skip(reason)  # noqa: TID251  # nothing to install
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as packed:
        # A filter is known from Python 3.10.12 and 3.11.4 on.
        known: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        packed.extractall(tmp_path, **known)

    status = main(["check", str(tmp_path / "results")])

    assert (status, capsys.readouterr().err) == (0, "")


@pytest.fixture
def folder(tmp_path: Path, sound: Path) -> Path:
    """A copy to break."""
    return shutil.copytree(sound, tmp_path / "results")


def test_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(folder)]) == 0, capsys.readouterr().out


def edit(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[[Path], None]:
    """An edit of the document, given its value and its results by id."""

    def apply(folder: Path) -> None:
        path = folder / "baseline.json"
        value = json.loads(path.read_text("utf-8"))
        change(value, {one["id"]: one for one in value["results"]})
        path.write_text(json.dumps(value), "utf-8")

    return apply


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    return apply


def move_open_variant_up(folder: Path) -> None:
    path = folder / "quality.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    first = next(index for index, row in enumerate(rows) if ",open," in row)
    path.write_text("\n".join([header, rows.pop(first), *rows]) + "\n", "utf-8")


def leave_an_old_table(folder: Path) -> None:
    (folder / "old.csv").write_text("task\n", "utf-8")


BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "document": (replace("baseline.json", '"schema": 2', '"schema": 9'), "has schema 9"),
    "table": (replace("quality.csv", "sine-8,float32", "sine-8,float33"), "quality.csv is not"),
    "readme": (replace("README.md", "Benchmark", "benchmark"), "README.md is not what"),
    "value": (
        edit(lambda _, results: results["sine-8-int8"]["metrics"].update(mse=0.001)),
        "quality.csv is not what baseline.json gives",
    ),
    "page": (
        edit(lambda value, _: value.update(created="1999-12-31T00:00:00+00:00")),
        "index.html is not made from baseline.json",
    ),
    "illustration": (
        lambda folder: (folder / "baseline.illustrations" / "linear.npz").unlink(),
        "cannot read",
    ),
    "page of a task": (
        replace("tasks/linear.md", "Total params: 31", "Total params: 32"),
        "linear.md is not what baseline.json gives",
    ),
    "absent table": (lambda folder: (folder / "cost.csv").unlink(), "cost.csv: No such file"),
    "left table": (
        leave_an_old_table,
        "old.csv is not made from baseline.json; remove it",
    ),
    "data": (
        edit(lambda value, _: value["tasks"]["linear"]["data"].update(sha256="0" * 64)),
        "task linear: the published data set is 00000000",
    ),
    "calibration": (
        edit(lambda value, _: value["tasks"]["linear"]["calibration"].update(sha256="0" * 64)),
        "task linear: the published calibration set is 00000000",
    ),
    "checkpoint": (
        edit(
            lambda value, _: value["tasks"]["linear"]["checkpoints"]["qat"].update(sha256="0" * 64)
        ),
        "task linear: the published qat checkpoint is 00000000",
    ),
    "bounds": (
        edit(lambda value, _: value["tasks"]["linear"]["bounds"].update(mse=1e9)),
        "task linear has other bounds than published",
    ),
    "quality": (
        edit(lambda _, results: results["linear-float32"]["metrics"].update(mse=26.0)),
        "linear-float32: mse is 26; its bound is 25",
    ),
    "undescribed": (
        edit(lambda value, _: value["tasks"].pop("linear")),
        "task linear has results, and nothing says what its data",
    ),
    "incomplete": (
        edit(lambda value, _: value["tasks"]["linear"].pop("calibration")),
        "task linear has an incomplete entry: 'calibration'",
    ),
    "hash": (
        edit(lambda _, results: results["linear-int8"].update(sha256=None)),
        "linear-int8 does not say the SHA-256 of its file",
    ),
    "two files": (
        edit(lambda _, results: results["linear-int8-tflm"].update(sha256="0" * 64)),
        "linear-int8-tflm was measured with another file than linear-int8",
    ),
    "failure": (
        edit(lambda _, results: results["linear-int8"].update(outcome="failed")),
        "linear-int8 failed in the published run",
    ),
    "ranking": (move_open_variant_up, "has the closed variant float32 below the open variant"),
    "division": (
        replace("quality.csv", "qat-int8,open", "qat-int8,closed"),
        "quality.csv: qat-int8 is open, not closed",
    ),
}


@pytest.mark.parametrize(("harm", "message"), BROKEN.values(), ids=BROKEN)
def test_broken(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    harm: Callable[[Path], None],
    message: str,
) -> None:
    harm(folder)

    assert main(["check", str(folder)]) == 1
    assert message in capsys.readouterr().out


def test_the_page_need_not_be_there(folder: Path) -> None:
    """It is not in version control: CI makes it."""
    (folder / "index.html").unlink()

    assert main(["check", str(folder)]) == 0


def test_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "nothing")]) == 1
    assert "cannot read" in capsys.readouterr().out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "nothing"), "--json"]) == 1

    value = json.loads(capsys.readouterr().out)
    assert value["folder"] == str(tmp_path / "nothing")
    (problem,) = value["problems"]
    assert "cannot read" in problem


@pytest.mark.parametrize(
    ("bounds", "problem"),
    [
        ({"accuracy@kind": 0.4, "int8:mse@weight": 0.3}, ""),
        ({"int8:mse@weight": 0.1}, "two-int8: mse@weight is 0.2; its bound is 0.1"),
        ({"accuracy@kind": 0.9}, "two-float32: accuracy@kind is 0.5; its bound is 0.9"),
        ({"uint8:mse@weight": 1}, "task two has a bound for mse@weight, and no uint8 result"),
        ({"accuracy": 0.4}, "task two has a bound for accuracy, and float32 has no accuracy"),
    ],
)
def test_bounds_name_variants_and_outputs(
    bounds: dict[str, float], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tinybench.report import publish
    from tinybench.results import document

    metrics = {"accuracy@kind": 0.5, "mse@weight": 0.2}
    results = [result(metrics, one, task="two", sha256="a" * 64) for one in ("float32", "int8")]
    samples = {"sha256": "c" * 64, "samples": 9, "split": "train"}
    found = make(*results, two=entry(bounds=bounds, calibration=samples))
    document.write(found, tmp_path / "baseline.json")
    publish.publish(found, tmp_path)

    assert main(["check", str(tmp_path)]) == bool(problem)

    said = capsys.readouterr().out
    assert problem in said
    assert said.count("\n") == 1
