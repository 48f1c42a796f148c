"""The result document: stable text, and clear refusals."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tinybench.results import document
from tinybench.results.document import Document, DocumentError
from tinybench.results.record import ADVICE, HOST_ONLY, Note, OperatorCost, Result

from ..documents import result_of


def result(name: str, **metrics: float) -> Result:
    return result_of(name, metrics=metrics)


def test_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "new" / "latest.json"
    written = Document({"machine": {"cpu": "m"}}, {"t": {"bounds": {}}})
    written.add(result_of("t", "int8", None, "passed", {"mse": 0.1}, ["= float32"], sha256="abc"))
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
    found.add(result_of("t", outcome="failed", metrics={"mse": 1}, notes=["a"]))
    found.add(result_of("t", metrics={"host_us": 2}, notes=["a", "b"]))

    assert found.results["t"] == result_of(
        "t", outcome="failed", metrics={"mse": 1, "host_us": 2}, notes=["a", "b"]
    )


@pytest.mark.parametrize(
    ("parts", "level"),
    [
        (("t",), "task"),
        (("t", "int8"), "variant"),
        (("t", "int8", "tflm"), "runtime"),
        (("t", "int8", "cortex-m4"), "board"),
    ],
)
def test_levels(parts: tuple[Any, ...], level: str) -> None:
    assert result_of(*parts).level == level


def test_find() -> None:
    found = Document({})
    for variant, place in ((None, None), ("int8", None), ("int8", "tflm")):
        found.add(result_of("t", variant, place))

    assert found.find("t", "int8") is found.results["t-int8"]
    assert found.find("t", "int16x8") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ('{"schema": 1, "results": [', "is not JSON"),
        ("[]", "has no schema version"),
        ("{}", "has no schema version"),
        ('{"schema": 99}', "has schema 99; this version reads 1 and 2"),
        ('{"schema": 1}', "is not a tinybench document: Object missing required field `created`"),
        (
            '{"schema": 1, "results": [{"nonsense": 1}], "environment": {}, "tasks": {},'
            ' "created": ""}',
            r"unknown field `nonsense` - at `\$.results\[0\]`",
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
    found.add(result_of("t", "int8", metrics={"mse": 0.5}))
    value = json.loads(found.to_json())

    assert value["schema"] == 2
    assert value["results"][0]["id"] == "t-int8"
    assert value["results"][0]["metrics"]["mse"] == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": 5}, "unknown field `labels`"),
        ({"outcome": "banana"}, "Invalid enum value 'banana'"),
        ({"profile": "x"}, "Expected `array`, got `str`"),
        ({"place": "tflm"}, "Expected `object | null`, got `str`"),
        ({"place": {"kind": "moon", "name": "x"}}, "Invalid enum value 'moon'"),
        ({"metrics": {"mse": True}}, "Expected `int | float`, got `bool`"),
        ({"metrics": {"mse": 10**400}}, "mse of t-int8 is not a finite number"),
        ({"id": "other"}, "result 'other' is about another task"),
        ({"notes": [{"kind": "host-only", "more": 1}]}, "unknown field `more`"),
    ],
    ids=str,
)
def test_results_are_validated(change: dict[str, Any], message: str) -> None:
    """Strictly: what no version writes is a damaged file, and the error says where."""
    found = Document({})
    found.add(result_of("t", "int8", metrics={"mse": 0.5}))
    value = json.loads(found.to_json())
    value["results"][0] |= change

    with pytest.raises(DocumentError, match=f"^here.*{re.escape(message)}"):
        document.decode(value, "here")


@pytest.mark.parametrize(
    "change",
    [{"environment": {"git": 1}}, {"tasks": {"t": {"labels": 5}}}, {"surprise": 1}],
    ids=str,
)
def test_the_rest_is_validated(change: dict[str, Any]) -> None:
    value = json.loads(Document({}).to_json()) | change

    with pytest.raises(DocumentError, match=r"^here is not a tinybench document: "):
        document.decode(value, "here")


def test_parts_of_tasks_that_are_not_known_here_are_kept() -> None:
    """A later version may say more of a task and of the environment."""
    value = json.loads(Document({"new": 1}, {"t": {"more": [1]}}).to_json())

    found = document.decode(value, "here")

    assert (found.environment, found.tasks) == ({"new": 1}, {"t": {"more": [1]}})


def test_schema_1_is_read() -> None:
    """A place is a board where anything was counted there; a label becomes a note."""
    old: dict[str, Any] = {
        "task": "t",
        "variant": "float16",
        "outcome": "passed",
        "metrics": {},
        "sha256": None,
    }
    board = {"runtime": "cortex-m4", "metrics": {"instructions": 5}}
    value = {
        "schema": 1,
        "created": "now",
        "environment": {},
        "tasks": {},
        "results": [
            {**old, "id": "t-float16", "runtime": None, "labels": ["host-only: no kernel", "mine"]},
            {**old, "id": "t-float16-tflm", "runtime": "tflm", "labels": ["= float32"]},
            {**old, **board, "id": "t-float16-cortex-m4", "labels": []},
        ],
    }

    found = document.decode(value, "old.json")

    assert list(found.results.values()) == [
        result_of("t", "float16", notes=["host-only: no kernel", "mine"]),
        result_of("t", "float16", "tflm", notes=["= float32"]),
        result_of("t", "float16", "cortex-m4", metrics={"instructions": 5}),
    ]


def test_a_note_without_a_name_is_written_as_ever(tmp_path: Path) -> None:
    """Documents without advice are read by versions that do not know it."""
    found = Document({})
    found.add(Result(task="t", notes=[Note(HOST_ONLY, "no"), Note(ADVICE, "a; b", "dead-channel")]))

    path = tmp_path / "advised.json"
    document.write(found, path)
    (one,) = json.loads(path.read_text("utf-8"))["results"]

    assert one["notes"] == [
        {"kind": "host-only", "reason": "no"},
        {"kind": "advice", "reason": "a; b", "name": "dead-channel"},
    ]
    assert document.read(path).results == found.results


def test_the_published_schema_is_what_is_read() -> None:
    """docs/reference/result-schema.json; made by `tinybench.results.document.schema`."""
    path = Path(__file__).parents[2] / "docs" / "reference" / "result-schema.json"

    assert json.loads(path.read_text("utf-8")) == document.schema()


def test_who_measures_what() -> None:
    """A document says which test function measures which metrics."""
    found = Document({})
    found.add(result_of("t", metrics={"mse": 1}, tests=["a.py::one"]))
    found.add(result_of("t", metrics={"host_us": 1}, tests=["a.py::two"]))

    assert found.tests == {"a.py::one": ["mse"], "a.py::two": ["host_us"]}
    assert found.results["t"].tests == ["a.py::one", "a.py::two"]


def test_cycles_are_written_where_there_are_any() -> None:
    """And read again; without them the file is one that earlier versions read, too."""
    plain, priced = OperatorCost("ADD", 9, 2, 1), OperatorCost("ADD", 9, 2, 1, 12, (0.1, 0.2))
    old = result_of("t", "int8", "cortex-m4", profile=[plain])
    new = result_of("t", "int8", "cortex-m0", profile=[priced], time_basis="rules")

    written = document.as_json(old)
    read = Result.from_json(new.to_json())

    assert "time_basis" not in written
    assert set(written["profile"][0]) == {"operator", "instructions", "reads", "writes"}
    assert read == new
