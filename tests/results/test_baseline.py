"""Where a baseline comes from, and what is none."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tinybench.results import baseline, document
from tinybench.results.document import DocumentError

from ..documents import ENVIRONMENT, entry, make, measured, result


def git(root: Path, *arguments: str) -> str:
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    done = subprocess.run(
        ["git", "-C", str(root), *author, *arguments], capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def commit(root: Path, mse: float | None) -> str:
    """Commit results with this value, or without any; the commit's hash."""
    if mse is None:
        (root / "other").write_text("x", "utf-8")
    else:
        document.write(measured(mse=mse), root / baseline.PUBLISHED)
    git(root, "add", ".")
    git(root, "commit", "-m", "x")
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-b", "main")
    return tmp_path


def mse(found: baseline.Baseline) -> float:
    return found.document.results["sine-int8"].metrics["mse"]


def test_commits(repository: Path) -> None:
    """By hash, branch or tag; also below the repository's root, where a project may be."""
    first = commit(repository, 1)
    commit(repository, 2)

    assert mse(baseline.find(first, repository)) == 1
    assert mse(baseline.find("HEAD~1", repository)) == 1
    assert mse(baseline.find("main", repository)) == 2


def test_project_below_the_root_of_the_repository(repository: Path) -> None:
    commit(repository, 1)
    below = repository / "model"
    document.write(measured(mse=5), below / baseline.PUBLISHED)
    git(repository, "add", ".")
    git(repository, "commit", "-m", "x")

    assert mse(baseline.find("HEAD", below)) == 5


def test_merge_base(repository: Path) -> None:
    """What main got since the branch left it is no change of the branch."""
    commit(repository, 1)
    git(repository, "checkout", "-b", "topic")
    commit(repository, 3)
    git(repository, "checkout", "main")
    commit(repository, 2)
    git(repository, "checkout", "topic")

    found = baseline.find("main...", repository)

    assert mse(found) == 1
    assert found.name.startswith("main... (results/baseline.json at commit ")


def test_commit_without_results(repository: Path) -> None:
    name = commit(repository, None)

    with pytest.raises(DocumentError, match=rf"commit {name[:10]} \(HEAD\) has no results/base"):
        baseline.find("HEAD", repository)


def test_commit_with_damaged_results(repository: Path) -> None:
    (repository / "results").mkdir()
    (repository / baseline.PUBLISHED).write_text('{"schema": 1, "resu', "utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-m", "x")

    with pytest.raises(DocumentError, match=r"results/baseline.json at commit \w+ is not JSON"):
        baseline.find("HEAD", repository)


@pytest.mark.parametrize("name", ["nothing", "--help", "-n1", "...", ""])
def test_neither_file_nor_commit(repository: Path, name: str) -> None:
    commit(repository, 1)

    with pytest.raises(DocumentError, match="neither a file nor a commit"):
        baseline.find(name, repository)


def test_missing_file_is_not_taken_for_a_commit(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"cannot read .*x\.json: No such file"):
        baseline.find(str(tmp_path / "x.json"), tmp_path)


def test_failed_run_is_refused() -> None:
    failed = make(result({"mse": 1}, outcome="failed"))

    with pytest.raises(DocumentError, match=r"^x is of a run that failed \(sine-int8\)"):
        baseline.refuse_failed(failed, "x")


def stored(value: float, failed: bool = False) -> dict[str, Any]:
    """A file as pytest-benchmark stores it."""
    about = {"id": "sine-int8", "task": "sine", "variant": "int8", "runtime": None}
    there = {**about, "id": "sine-int8-tflm", "runtime": "tflm"}
    results = [
        {**about, "metrics": {"mse": value}},
        {**there, "metrics": {"host_us": 1.0}},
    ]
    return {
        "machine_info": {},
        "datetime": "now",
        "benchmarks": [
            {"extra_info": {"tinybench": {"results": results}}},
            {"extra_info": {}},
        ],
        "tinybench": {
            "schema": 1,
            "environment": ENVIRONMENT,
            "tasks": {"sine": entry()},
            "failed": [{**about, "outcome": "failed"}] if failed else [],
        },
    }


def test_file_of_pytest_benchmark() -> None:
    found = baseline.decode(stored(1), "0001.json")

    assert found.results["sine-int8"].metrics == {"mse": 1}
    assert found.results["sine-int8-tflm"].metrics == {"host_us": 1.0}
    assert found.tasks == {"sine": entry()}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tinybench": None}, "a pytest-benchmark file without results of tinybench"),
        ({"tinybench": {"schema": 7}}, "x has schema 7; this version reads 1"),
        ({"tinybench": {"schema": 1}}, "x has incomplete results of tinybench"),
        ({"benchmarks": [{}]}, "x has incomplete results of tinybench"),
    ],
)
def test_incomplete_file_of_pytest_benchmark(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        baseline.decode({**stored(1), **change}, "x")


class Storage:
    """pytest-benchmark's storage, as far as it is used."""

    def __init__(self, *runs: dict[str, Any]) -> None:
        self.runs = [(Path(f"000{index}_x.json"), run) for index, run in enumerate(runs, 1)]

    def load(self, *names: str) -> list[tuple[Path, dict[str, Any]]]:
        return [run for run in self.runs if not names or run[0].name.startswith(names)]


def test_newest_stored_run_that_did_not_fail() -> None:
    """pytest-benchmark stores failed runs too, and takes the newest file."""
    storage = Storage(stored(1), stored(2), stored(3, failed=True), {"benchmarks": []})

    assert mse(baseline.stored(storage, True)) == 2


def test_stored_run_by_number() -> None:
    storage = Storage(stored(1), stored(2), stored(3, failed=True))

    assert mse(baseline.stored(storage, "0001")) == 1
    with pytest.raises(DocumentError, match=r"0003_x.json is of a run that failed \(sine-int8\)"):
        baseline.stored(storage, "0003")


def test_no_stored_run() -> None:
    with pytest.raises(DocumentError, match="pytest-benchmark has no stored run"):
        baseline.stored(Storage(), True)
