"""Files of illustrations: written and read back, refused where they do not belong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tinybench.results.document import Document
from tinybench.results.illustration import (
    Illustration,
    IllustrationError,
    Samples,
    files_of,
    folder_of,
    from_bytes,
    keep,
    path_of,
    read,
    read_all,
)

from .. import illustrations
from ..documents import result_of

X = np.arange(6, dtype=np.float32).reshape(2, 3)
SAMPLES = Samples("image", X, ("yes", "no"), {"int8": ("yes", "yes")})


@pytest.fixture
def document() -> Document:
    found = Document({}, {"mine": {"data": {"sha256": "e" * 64}}})
    found.add(result_of("mine", "int8", sha256="a" * 64))
    found.add(result_of("mine", "int8", "tflm", sha256="a" * 64))
    return found


@pytest.fixture
def path(tmp_path: Path, document: Document) -> Path:
    """A document's path, with its illustration beside it."""
    made = illustrations.of(document, "mine", samples=SAMPLES)
    keep(folder_of(tmp_path / "latest.json"), {"mine": made.to_bytes()})
    return tmp_path / "latest.json"


def equal(one: object, other: object) -> bool:
    """Whether two values are equal, arrays in them by type, shape and content."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and bool((one == other).all())
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        assert isinstance(other, type(one))
        return len(one) == len(other) and all(map(equal, one, other))
    if hasattr(one, "__dataclass_fields__"):
        names = [each.name for each in fields(one)]  # type: ignore[arg-type]
        return all(equal(getattr(one, name), getattr(other, name)) for name in names)
    return one == other


def test_read_back(path: Path, document: Document) -> None:
    found = read(path, document, "mine")

    assert equal(found, illustrations.of(document, "mine", samples=SAMPLES))
    assert found.files == files_of(document, "mine") == {"int8": "a" * 64}


def test_equal_illustrations_give_equal_bytes(document: Document) -> None:
    one, two = (illustrations.of(document, "mine").to_bytes() for _ in range(2))

    assert one == two


def change_model(document: Document) -> None:
    document.results["mine-int8"].sha256 = "b" * 64


def change_data(document: Document) -> None:
    document.tasks["mine"]["data"]["sha256"] = "0" * 64


def add_variant(document: Document) -> None:
    document.add(result_of("mine", "float32", sha256="c" * 64))


@pytest.mark.parametrize("change", [change_model, change_data, add_variant])
def test_one_of_another_run_is_refused(
    path: Path, document: Document, change: Callable[[Document], None]
) -> None:
    change(document)

    with pytest.raises(IllustrationError, match="is of other models or data than"):
        read(path, document, "mine")


@pytest.mark.parametrize("data", [b"", b"PK", b"not an archive"])
def test_a_damaged_file_is_one_line(path: Path, document: Document, data: bytes) -> None:
    path_of(path, "mine").write_bytes(data)

    found, problems = read_all(path, document)

    assert found == {}
    assert len(problems) == 1
    assert "mine.npz is no illustration" in problems[0]
    assert "run its benchmarks again" in problems[0]


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", told=np.array('{"files": {}}'))

    with pytest.raises(IllustrationError):
        from_bytes((tmp_path / "x.npz").read_bytes(), "x.npz")


def test_absent(tmp_path: Path, document: Document) -> None:
    _, problems = read_all(tmp_path / "latest.json", document)

    assert problems == [
        f"cannot read {tmp_path / 'latest.illustrations' / 'mine.npz'}: No such file or directory; "
        "run its benchmarks again"
    ]


def test_others_are_removed_unless_a_run_adds(path: Path) -> None:
    folder = folder_of(path)

    keep(folder, {"other": b"1"}, only=False)
    both = sorted(one.name for one in folder.iterdir())
    keep(folder, {"other": b"2"})

    assert both == ["mine.npz", "other.npz"]
    assert [one.read_bytes() for one in folder.iterdir()] == [b"2"]


def test_every_part_is_read_back(document: Document) -> None:
    """No field is forgotten where the file is read."""
    made = illustrations.of(document, "mine", samples=SAMPLES)

    found = from_bytes(made.to_bytes(), "here")

    unset = {each.name for each in fields(Illustration) if getattr(found, each.name) is None}
    assert unset == set()
