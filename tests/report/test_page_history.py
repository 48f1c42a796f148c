"""History: what git knows of a baseline, told as changes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tinybench.report.page import history
from tinybench.report.page.history import Version, changed, joined, numbers, series, versions
from tinybench.results.document import Document, write

from ..documents import result_of


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


def commit(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "baseline.json").write_text(text, encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "measured")


def measured(**metrics: float) -> Document:
    document = Document({"git": {"commit": "c0ffee" * 5, "dirty": False}}, created="2026-01-02T00")
    document.add(result_of("sine", "int8", metrics=dict(metrics)))
    return document


def version(name: str, **metrics: float) -> Version:
    return Version(name, "", "", numbers(measured(**metrics).results.values()))


def test_versions_are_those_that_git_has_oldest_first(tmp_path: Path) -> None:
    """What cannot be read is left out, and so are files of other folders."""
    git(tmp_path, "init", "--quiet")
    results = tmp_path / "results"
    commit(results, measured(mse=0.5).to_json())
    commit(results, "{ this is no JSON")
    commit(results, json.dumps({"schema": 0, "results": [{"id": 1}]}))
    commit(results, measured(mse=0.25).to_json().replace('"schema": 1', '"schema": 99'))
    commit(tmp_path / "other", measured(mse=9.0).to_json())

    found = versions(results / "baseline.json")

    assert [list(one.values.values()) for one in found] == [[0.5], [0.25]]
    assert all(len(one.name) == 10 and one.measured == "c0ffeec0ff" for one in found)


def test_without_git_there_is_no_history(tmp_path: Path) -> None:
    write(measured(mse=1.0), tmp_path / "baseline.json")

    assert versions(tmp_path / "baseline.json") == []
    assert versions(tmp_path / "missing" / "baseline.json") == []


def test_the_page_is_the_same_before_and_after_it_is_committed() -> None:
    older, last = version("older", mse=2.0), history.current(measured(mse=1.0))
    committed = version("committed", mse=1.0)

    assert joined([older], last) == joined([older, committed], last) == [older, last]
    assert last.name == "this page"


def test_a_series_holds_changes_only() -> None:
    values: list[dict[str, Any]] = [{"mse": 1.0}, {"mse": 1.0}, {"mse": 2.0}, {}, {"mse": 3.0}]

    found = series([version(str(at), **metrics) for at, metrics in enumerate(values)])

    assert found == {"sine": {"mse": {"int8@": [[0, 1.0], [2, 2.0], [3, None], [4, 3.0]]}}}


def test_versions_say_what_changed_and_noise_is_no_change() -> None:
    first = version("a", mse=1.0, tflite_bytes=5, host_us=0.5)
    second = version("b", mse=2.0, macs=7, host_us=0.6)

    assert changed([first, second]) == [(first, 0, 2, 0), (second, 1, 1, 1)]
    assert second.exact == 2


def test_quality_that_a_runtime_repeats_is_left_out() -> None:
    metrics = {"mse": 1.0, "arena_bytes": 8, "nan": float("nan")}
    results = [
        result_of("sine", "int8", "tflm", metrics=dict(metrics)),
        result_of("sine", "int8", "board", metrics={**metrics, "instructions": 9}),
    ]

    found = {(key[1], key[3]) for key in numbers(results)}

    on_board = {(name, "board") for name in ("mse", "arena_bytes", "instructions")}
    assert found == {("arena_bytes", "tflm"), *on_board}


def test_metrics_stand_in_the_registrys_order() -> None:
    found = history.metrics([version("a", zebra=1, tflite_bytes=2, aardvark=3, mse=4)])

    assert found == ["mse", "tflite_bytes", "aardvark", "zebra"]
