"""The result document: stable text, and clear refusals."""

import json
from pathlib import Path

import pytest

from tinybench.results import document
from tinybench.results.document import Document, DocumentError, Result


def result(name: str, **metrics: float) -> Result:
    return Result(id=name, task=name, metrics=metrics)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new" / "latest.json"
    written = Document({"machine": "m"}, {"t": {"bounds": {}}})
    written.add(Result("t-int8", "t", "int8", None, "passed", {"mse": 0.1}, ["= float32"], "abc"))
    document.write(written, path)

    assert document.read(path) == written


def test_order_of_the_run_does_not_matter() -> None:
    """Under pytest-xdist results come in any order; the text is the same."""
    texts = []
    for names in (["a", "b", "c"], ["c", "a", "b"]):
        found = Document({}, created="now")
        for name in names:
            found.add(result(name, mse=1))
            found.tasks[name] = {}
        texts.append(found.to_json())

    assert texts[0] == texts[1]


def test_merge() -> None:
    """Another benchmark's metrics of the same id are added; a failure is never lost."""
    found = Document({})
    found.add(Result("t", "t", outcome="failed", metrics={"mse": 1}, labels=["a"]))
    found.add(Result("t", "t", metrics={"host_us": 2}, labels=["a", "b"]))

    assert found.results["t"] == Result(
        "t", "t", outcome="failed", metrics={"mse": 1, "host_us": 2}, labels=["a", "b"]
    )


@pytest.mark.parametrize(
    ("level", "names"),
    [("task", ["t"]), ("variant", ["t-int8"]), ("runtime", ["t-int8-tflm"])],
)
def test_levels(level: str, names: list[str]) -> None:
    found = Document({})
    for parts in (("t",), ("t", "int8"), ("t", "int8", "tflm")):
        found.add(Result(document.identifier(*parts), *parts))

    assert [each.id for each in found.select(level)] == names
    assert found.find("t", "int8") is found.results["t-int8"]
    assert found.find("t", "int16x8") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ('{"schema": 1, "results": [', "is not JSON"),
        ("[]", "has no schema version"),
        ("{}", "has no schema version"),
        ('{"schema": 99}', "has schema 99; this version reads 1"),
        ('{"schema": 1}', "is not a complete tinybench document"),
        (
            '{"schema": 1, "results": [{"nonsense": 1}], "environment": {}, "tasks": {},'
            ' "created": ""}',
            "is not a complete tinybench document",
        ),
    ],
)
def test_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "latest.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DocumentError, match=message) as caught:
        document.read(path)
    assert str(path) in str(caught.value)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"cannot read .*: No such file"):
        document.read(tmp_path / "latest.json")


def test_nan_is_never_written() -> None:
    found = Document({})
    found.add(result("t", mse=float("nan")))

    with pytest.raises(ValueError, match="not JSON compliant"):
        found.to_json()


def test_json_is_plain() -> None:
    """Other tools read it: ids, metric names and numbers at fixed places."""
    found = Document({"git": None})
    found.add(Result("t-int8", "t", "int8", metrics={"mse": 0.5}))
    value = json.loads(found.to_json())

    assert value["schema"] == 1
    assert value["results"][0]["id"] == "t-int8"
    assert value["results"][0]["metrics"]["mse"] == 0.5
