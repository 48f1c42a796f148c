"""`tinybench compare`: exit codes, formats, and refusals of one line."""

import contextlib
import io
import json
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.results import document
from tinybench.results.document import Document

from ..documents import entry, make, measured, result
from .runs import OLD, changed

GATES = "mse:2%,tflite_bytes:0,instructions:1%"
OTHER_COMPILER = {"toolchain": {"compiler": "gcc", "flags": "-O3"}}
ANOTHER_SEED = entry(definition={"recipe": {"seed": 2, "epochs": 100}, "architecture": "e" * 64})
MUTATIONS = {
    "same": (changed(), 0, "3 no change"),
    "worse mse": (changed({"mse": 1.1, "tflite_bytes": 100}), 1, "mse regressed from 1 to 1.1"),
    "better mse": (changed({"mse": 0.9, "tflite_bytes": 100}), 0, "1 improved"),
    "bigger file": (changed({"mse": 1.0, "tflite_bytes": 101}), 1, "tflite_bytes regressed"),
    "more instructions": (changed(instructions=11), 1, "instructions regressed from 10"),
    "benchmark removed": (make(OLD.results["sine-int8"]), 1, "sine-int8-m4: missing"),
    "benchmark added": (make(*OLD.results.values(), result({"mse": 1}, "x")), 0, "1 new"),
    "another seed": (changed(sine=ANOTHER_SEED), 4, "defined otherwise: seed 1, now 2"),
    "another compiler": (changed(environment=OTHER_COMPILER), 4, "compiler zig cc 1, now gcc"),
    "a failed benchmark": (
        make(*OLD.results.values(), result({}, "x", outcome="failed")),
        1,
        "sine-x: failed in",
    ),
}


@pytest.mark.parametrize(("new", "status", "text"), MUTATIONS.values(), ids=MUTATIONS)
def test_mutations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], new: Document, status: int, text: str
) -> None:
    """The verdict and the exit status of each way in which a run can differ."""
    document.write(OLD, tmp_path / "old.json")
    document.write(new, tmp_path / "new.json")

    arguments = ["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json")]
    assert main([*arguments, "--fail-on", GATES]) == status

    printed = capsys.readouterr()
    assert text in printed.out + printed.err


REFUSALS = {
    "schema": ('{"schema": 99}', "has schema 99; this version reads 1"),
    "truncated": (OLD.to_json()[:100], "is not JSON"),
    "NaN": (OLD.to_json().replace("1.0", "NaN"), "NaN is no number that can be compared"),
    "infinity": (OLD.to_json().replace("1.0", "1e999"), "mse of sine-int8 is not a finite number"),
    "text": (
        OLD.to_json().replace(": 1.0", ': "1"'),
        "Expected `int | float`, got `str` - at `$.results",
    ),
    "huge number": (OLD.to_json().replace("1.0", "9" * 400), "is not a finite number"),
    "duplicate ids": (
        json.dumps(json.loads(OLD.to_json()) | {"results": [{"task": "a"}, {"task": "a"}]}),
        "two results with the id 'a'",
    ),
    "false id": (OLD.to_json().replace('"sine-int8-m4"', '"x"'), "'x' is about another task"),
    "deep": ("[" * 100_000, "is not JSON"),
    "no object": ("[]", "it has no schema version"),
    "tasks": (
        OLD.to_json().replace('"tasks": {', '"tasks": [], "x": {'),
        "Expected `object`, got `array` - at `$.tasks`",
    ),
    "other tool": ('{"machine_info": {}, "benchmarks": []}', "without results of tinybench"),
}


@pytest.mark.parametrize(("content", "message"), REFUSALS.values(), ids=REFUSALS)
def test_bad_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, message: str
) -> None:
    """One line that names the file, exit status 4; on either side."""
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    document.write(OLD, good)
    bad.write_text(content, "utf-8")

    for sides in ([bad, good], [good, bad]):
        assert main(["compare", *map(str, sides)]) == 4
        line = capsys.readouterr().err
        assert line.count("\n") == 1
        assert message in line
        assert str(bad) in line


def test_huge_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not even read."""
    document.write(OLD, tmp_path / "old.json")
    monkeypatch.setattr(document, "MAX_BYTES", 10)

    assert main(["compare", str(tmp_path / "old.json"), str(tmp_path / "old.json")]) == 4
    assert "a document has at most 10 B" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-on", "mze:1%"], "unknown metric 'mze' (did you mean 'mse'?)"),
        (["--fail-on", "host_us:1%"], "host_us is noisy"),
        (["--across", "weather"], "unknown difference 'weather'"),
    ],
)
def test_bad_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    document.write(OLD, tmp_path / "old.json")

    assert main(["compare", *[str(tmp_path / "old.json")] * 2, *arguments]) == 4
    assert message in capsys.readouterr().err


def test_across(tmp_path: Path) -> None:
    """A new compiler can be looked past by who says so."""
    document.write(OLD, tmp_path / "old.json")
    new = changed(instructions=9, environment=OTHER_COMPILER)
    document.write(new, tmp_path / "new.json")
    arguments = ["compare", *(str(tmp_path / f"{name}.json") for name in ("old", "new"))]

    assert main([*arguments, "--fail-on", GATES]) == 4
    assert main([*arguments, "--fail-on", GATES, "--across", "compiler"]) == 0


def test_another_converter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After an upgrade of TensorFlow: which versions differ, and sizes that are not judged."""
    document.write(OLD, tmp_path / "old.json")
    versions = {"tensorflow": "2.20.0", "tf-keras": "2.20.1", "numpy": "2.5.5"}
    document.write(changed(environment={"versions": versions}), tmp_path / "new.json")
    arguments = ["compare", *(str(tmp_path / f"{name}.json") for name in ("old", "new"))]
    differ = "tensorflow 2.21.0, now 2.20.0; tf-keras 2.21.0, now 2.20.1; numpy 2.4.6, now 2.5.5"

    assert main(arguments) == 4
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1] == f"other versions: {differ}"
    assert (
        "tflite_bytes is not comparable: another converter: tensorflow 2.21.0, now" in printed.err
    )
    assert main([*arguments, "--format", "markdown"]) == 4
    assert f"\nOther versions: {differ}\n" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["versions"] == differ
    assert main([*arguments, "--across", "converter"]) == 0


def compared(folder: Path, old: Document, new: Document, *more: str) -> int:
    """The exit status of comparing two documents."""
    document.write(old, folder / "old.json")
    document.write(new, folder / "new.json")
    return main(["compare", str(folder / "old.json"), str(folder / "new.json"), *more])


def test_nothing_in_common(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Never 0 when nothing was compared, with gates or without."""
    assert compared(tmp_path, make(), measured(mse=1)) == 4
    assert "default: nothing was compared" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("new", "status", "text"),
    [
        (changed(), 0, "3 no change"),
        (changed({"mse": 1 + 1e-7, "tflite_bytes": 100, "rounding": 1e-6}), 0, "1 within noise"),
        (changed({"mse": 1.1, "tflite_bytes": 100}), 1, "+10 %; the gate is quality:2%"),
        (changed({"mse": 1.01, "tflite_bytes": 100}), 0, "1 regressed"),
        (changed({"mse": 1.0, "tflite_bytes": 101}), 1, "+1 %; the gate is tflite_bytes:0"),
        (changed({"mse": 0.9, "tflite_bytes": 100}), 0, "1 improved"),
        (changed({"mse": 1.0}), 1, "tflite_bytes is missing; the baseline has 100 B"),
        (changed(environment=OTHER_COMPILER), 4, "instructions is not comparable"),
        (make(*OLD.results.values(), result({}, "x", outcome="failed")), 1, "sine-x: failed in"),
    ],
)
def test_without_gates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], new: Document, status: int, text: str
) -> None:
    """The default gates hold."""
    assert compared(tmp_path, OLD, new) == status

    printed = capsys.readouterr()
    assert text in printed.out + printed.err


def test_times_of_two_runs_are_never_gated(tmp_path: Path) -> None:
    old, new = (measured(mse=1, host_us=time) for time in (1.0, 9.0))

    assert compared(tmp_path, old, new) == 0


PLACES = make(
    result({"mse": 1.0}),
    result({"macs": 1}, None),
    result({"max_difference": 0}, "int8", "tflm"),
    result({"host_us": 1.0}, "int8", "litert"),
    result({"instructions": 10}, "int8", "cortex-m4"),
    result({"mse": 1.0}, "int8", None, "linear"),
)


@pytest.mark.parametrize("gates", [[], ["--fail-on", "mse:50%"]], ids=["own", "given"])
@pytest.mark.parametrize("gone", ["sine", *list(PLACES.results)[2:]])
def test_missing_benchmark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], gates: list[str], gone: str
) -> None:
    """Of a task, a runtime or a board, whatever was measured there: it always fails."""
    new = make(*(one for name, one in PLACES.results.items() if name != gone))

    assert compared(tmp_path, PLACES, new, *gates) == 1
    assert capsys.readouterr().err.startswith(f"FAILED {gone}: missing; the baseline has its ")


def test_benchmark_without_values_is_missing(tmp_path: Path) -> None:
    """It ran, but gave nothing: what it was skipped for does not excuse it."""
    new = make(OLD.results["sine-int8"], result({}, "int8", "m4", outcome="skipped"))

    assert compared(tmp_path, OLD, new) == 1


@pytest.mark.parametrize(
    ("project", "options", "status"),
    [
        ("mse:20%", [], 0),
        ("mse:5%", [], 1),
        ("mse:5%", ["--fail-on", "mse:20%"], 0),
        ("mse:20%", ["--fail-on", "default"], 1),
        ("mse:5%", ["--fail-on", "none"], 0),
        ("none", [], 0),
        ("mze:20%", [], 4),
        # A list without a gate judges nothing: a variable that is not set, on whichever way.
        ("mse:20%", ["--fail-on", ""], 4),
        ("mse:20%", ["--fail-on", " "], 4),
        ("mse:20%", ["--fail-on", ",\n,"], 4),
        ("", [], 4),
        (",", [], 4),
        ("mse:5%", ["--exit-zero"], 0),
    ],
)
def test_gates_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str, options: list[str], status: int
) -> None:
    """Those of the ini file, unless the command line has others."""
    (tmp_path / "pytest.ini").write_text(f"[pytest]\ntinybench_fail_on = {project}\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    assert compared(tmp_path, measured(mse=1.0), measured(mse=1.1), *options) == status


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (OLD, make(), 0),
        (OLD, changed(environment=OTHER_COMPILER), 0),
        (make(result({"mse": 1}, outcome="failed")), measured(mse=2), 0),
    ],
    ids=["worse", "not comparable", "failed baseline"],
)
def test_exit_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: Document, new: Document, status: int
) -> None:
    """Whoever only looks sees the same."""
    assert compared(tmp_path, old, new, "--exit-zero") == status

    printed = capsys.readouterr()
    assert "(values)" in printed.out
    assert printed.err


def test_exit_zero_of_what_cannot_be_read(tmp_path: Path) -> None:
    assert main(["compare", str(tmp_path / "no.json"), "HEAD", "--exit-zero"]) == 4


def test_of_many_failures_the_first_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And how many there are of each metric."""
    names = [f"v{number:02}" for number in range(30)]
    old, new = (
        make(*(result({"mse": value, "mae": 1, "recall_a": 1 / value}, name) for name in names))
        for value in (1, 2)
    )
    del new.results["sine-v29"]

    assert compared(tmp_path, old, new) == 1

    printed = capsys.readouterr()
    failed = printed.err.splitlines()
    assert [line.split()[:3] for line in failed[:3]] == [
        ["FAILED", "sine-v00:", "mse"],
        ["FAILED", "sine-v00:", "recall_a"],
        ["FAILED", "sine-v01:", "mse"],
    ]
    assert failed[20:] == [
        "… and 39 more",
        "59 failed: 29 mse, 29 recall_*, 1 missing benchmarks",
    ]
    assert printed.out.splitlines()[-4:] == [
        "… and 39 more; all of them: tinybench compare --format csv",
        "regressed: 29 mse, 29 recall_*",
        "missing: 1 mse, 1 mae, 1 recall_*",
        "58 regressed, 3 missing, 29 no change (values)",
    ]


def test_failed_baseline_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    failed = make(result({"mse": 1}, outcome="failed"))
    document.write(failed, tmp_path / "old.json")

    arguments = ["compare", *[str(tmp_path / "old.json")] * 2]
    assert main([*arguments, "--fail-on", "mse:0"]) == 4
    assert "is of a run that failed (sine-int8)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("terminal", "verdict"),
        ("markdown", "### "),
        ("csv", "id,task,"),
        ("json", "{"),
        ("github-action-benchmark", "["),
        ("bencher", "{"),
    ],
)
def test_formats_to_a_file(tmp_path: Path, form: str, start: str) -> None:
    document.write(OLD, tmp_path / "old.json")
    document.write(changed(instructions=11), tmp_path / "new.json")
    target = tmp_path / "new" / "out"

    names = [str(tmp_path / f"{name}.json") for name in ("old", "new")]
    assert main(["compare", *names, "--format", form, "--to", str(target), "--exit-zero"]) == 0

    text = target.read_text("utf-8")
    assert start in text
    if start in "[{":
        json.loads(text)


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({}, False)],
)
def test_colours(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    coloured: bool,
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    document.write(OLD, tmp_path / "old.json")
    document.write(changed(instructions=11), tmp_path / "new.json")

    main(["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json")])

    assert ("\033[31mregressed" in capsys.readouterr().out) == coloured


class Terminal(io.StringIO):
    """Standard output where somebody watches."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "dumb"}, False),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
    ],
)
def test_colours_on_a_terminal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    coloured: bool,
) -> None:
    """On one that has them; never in a file."""
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    document.write(OLD, tmp_path / "old.json")
    document.write(changed(instructions=11), tmp_path / "new.json")
    command = ["compare", str(tmp_path / "old.json"), str(tmp_path / "new.json")]

    with contextlib.redirect_stdout(Terminal()) as terminal:
        main(command)
        main([*command, "--to", str(tmp_path / "said.txt")])

    assert ("\033[31mregressed" in terminal.getvalue()) == coloured
    assert "\nregressed" in (tmp_path / "said.txt").read_text("utf-8")


def test_help_documents_gates_and_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["compare", "--help"])

    text = capsys.readouterr().out
    assert "exit status: 0 fine; 1 something is worse" in text
    assert "mse:2%" in text


def test_json_is_a_format(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(tmp_path, OLD, changed(instructions=11), "--json") == 1
    one = capsys.readouterr().out
    assert compared(tmp_path, OLD, changed(instructions=11), "--format", "json") == 1

    assert capsys.readouterr().out == one
    assert json.loads(one)["exit_status"] == 1
