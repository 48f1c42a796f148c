"""The models of a baseline: stored by content, found again, never of another run."""

import subprocess
from pathlib import Path

import pytest

from tinybench.results import stored_models
from tinybench.results.document import Document, DocumentError
from tinybench.storage import hashing

from ..documents import result_of

OLD, NEW = b"old model", b"new model"


def document(**models: bytes) -> Document:
    """A document with a variant, and that on a runtime, for each model of the task `t`."""
    found = Document({})
    for variant, data in models.items():
        for runtime in (None, "tflm"):
            found.add(result_of("t", variant, runtime, sha256=hashing.of_bytes(data)))
    found.add(result_of("t"))
    return found


def cache(folder: Path, *models: bytes) -> Path:
    """A cache that holds the models as a store writes them."""
    folder.mkdir(exist_ok=True)
    for data in models:
        (folder / f"x-0123-{hashing.of_bytes(data)[:16]}.tflite").write_bytes(data)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_models_are_stored_by_content(tmp_path: Path) -> None:
    """One file a variant, whatever the cache calls it; other files of the cache stay out."""
    folder = tmp_path / "models"

    lost = stored_models.store_models(
        document(int8=OLD, float32=NEW), cache(tmp_path / "cache", OLD, NEW, b"third"), folder
    )

    assert lost == []
    assert names(folder) == ["t-float32.tflite", "t-int8.tflite"]
    assert (folder / "t-int8.tflite").read_bytes() == OLD
    assert stored_models.problems(document(int8=OLD, float32=NEW), folder) == []


def test_no_file_of_an_older_run_is_left(tmp_path: Path) -> None:
    """A lost model is named, and its predecessor is not taken for it."""
    folder = tmp_path / "models"
    stored_models.store_models(document(int8=OLD, gone=OLD), cache(tmp_path / "cache", OLD), folder)

    lost = stored_models.store_models(document(int8=NEW), tmp_path / "cache", folder)

    assert lost == ["t-int8"]
    assert names(folder) == []


def test_stored_models_need_no_cache(tmp_path: Path) -> None:
    """Accepting again keeps what is there already."""
    folder = tmp_path / "models"
    stored_models.store_models(document(int8=OLD), cache(tmp_path / "cache", OLD), folder)

    assert stored_models.store_models(document(int8=OLD), tmp_path / "empty", folder) == []
    assert names(folder) == ["t-int8.tflite"]


def test_damaged_cache_entry_is_not_stored(tmp_path: Path) -> None:
    path = cache(tmp_path / "cache", OLD)
    next(path.iterdir()).write_bytes(b"damaged")

    assert stored_models.store_models(document(int8=OLD), path, tmp_path / "models") == ["t-int8"]


def test_problems(tmp_path: Path) -> None:
    """Missing, of another run, and of no result: each is one line with the file's name."""
    (tmp_path / "t-int8.tflite").write_bytes(NEW)
    (tmp_path / "t-more.tflite").write_bytes(NEW)

    found = stored_models.problems(document(int8=OLD, float32=OLD), tmp_path)

    assert [line.split("; ")[0] for line in found] == [
        f"{tmp_path / 't-int8.tflite'} is another file than was measured",
        f"{tmp_path / 't-float32.tflite'} is missing",
        f"{tmp_path / 't-more.tflite'} belongs to no result",
    ]


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A commit with the old model, and the new one in the folder."""
    path = tmp_path / stored_models.FOLDER / "t-int8.tflite"
    path.parent.mkdir(parents=True)
    path.write_bytes(OLD)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "m")
    path.write_bytes(NEW)
    return tmp_path


def test_load(repository: Path) -> None:
    """From the folder, from beside a document, and from a commit."""
    assert stored_models.load("t", "int8", repository) == NEW
    assert stored_models.load("t", "int8", repository, f"{repository}/results/baseline.json") == NEW
    assert stored_models.load("t", "int8", repository, "HEAD") == OLD


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", "no stored model .*t-float32.tflite: No such file or directory; .* accept"),
        ("HEAD", r"no stored model: commit \w{10} \(HEAD\) has no results/models/t-float32.tflite"),
        ("nothing", "no stored model: 'nothing' is neither a file nor a commit"),
    ],
)
def test_no_stored_model(repository: Path, where: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        stored_models.load("t", "float32", repository, where)
