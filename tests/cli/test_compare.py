"""`tinybench compare` and `accept`: exit codes, formats, and refusals of one line."""

import contextlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.results import document, illustration
from tinybench.results.document import Document

from .. import illustrations
from ..documents import entry, make, measured, result

OLD = make(result({"mse": 1.0, "tflite_bytes": 100}), result({"instructions": 10}, "int8", "m4"))


def changed(
    metrics: dict[str, float] | None = None, instructions: int = 10, **more: object
) -> Document:
    return make(
        result(metrics or {"mse": 1.0, "tflite_bytes": 100}),
        result({"instructions": instructions}, "int8", "m4"),
        **more,  # type: ignore[arg-type]
    )


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


def accept(folder: Path, *more: str) -> int:
    return main(
        ["accept", str(folder / "latest.json"), "--to", str(folder / "baseline.json"), *more]
    )


def test_accept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document becomes the baseline, and what that changes is shown."""
    document.write(OLD, tmp_path / "baseline.json")
    document.write(changed(instructions=11), tmp_path / "latest.json")

    assert accept(tmp_path) == 0

    assert "regressed  sine-int8-m4  instructions  10 instr  11 instr" in capsys.readouterr().out
    latest, baseline = (tmp_path / f"{name}.json" for name in ("latest", "baseline"))
    assert baseline.read_bytes() == latest.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["baseline.json", "latest.json"]


def test_accept_takes_the_illustrations_along(tmp_path: Path) -> None:
    """Those of the accepted models, and no older ones."""
    one = result({"mse": 1.0}, sha256="a" * 64)
    document.write(make(one), tmp_path / "latest.json")
    made = illustrations.of(make(one), "sine").to_bytes()
    illustration.keep(tmp_path / "latest.illustrations", {"sine": made})
    illustration.keep(tmp_path / "baseline.illustrations", {"older": b""})

    assert accept(tmp_path) == 0

    kept = list((tmp_path / "baseline.illustrations").iterdir())
    assert [(path.name, path.read_bytes()) for path in kept] == [("sine.npz", made)]


def test_accept_the_first(tmp_path: Path) -> None:
    document.write(OLD, tmp_path / "latest.json")

    assert accept(tmp_path) == 0
    assert document.read(tmp_path / "baseline.json") == OLD


def test_accepted_difference_is_one_line_a_metric(tmp_path: Path) -> None:
    """Whatever order the benchmarks ran in: a review sees values, not movement."""
    shuffled = changed({"tflite_bytes": 100, "mse": 2.0})
    document.write(OLD, tmp_path / "baseline.json")
    document.write(shuffled, tmp_path / "latest.json")
    before = (tmp_path / "baseline.json").read_text("utf-8").splitlines()

    accept(tmp_path)

    after = (tmp_path / "baseline.json").read_text("utf-8").splitlines()
    assert len(after) == len(before)
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        ('    "mse": 1.0,', '    "mse": 2.0,')
    ]


REFUSED = {
    "failed": (make(result({"mse": 1}, outcome="failed")), "of a run that failed (sine-int8)"),
    "empty": (make(), "has no measurement"),
    "partial": (measured(mse=1), "lacks 1 benchmarks of the baseline (sine-int8-m4)"),
}


@pytest.mark.parametrize(("found", "message"), REFUSED.values(), ids=REFUSED)
def test_accept_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], found: Document, message: str
) -> None:
    """The baseline stays as it was."""
    document.write(OLD, tmp_path / "baseline.json")
    document.write(found, tmp_path / "latest.json")

    assert accept(tmp_path) == 1
    assert message in capsys.readouterr().err
    assert document.read(tmp_path / "baseline.json") == OLD


TIMED = make(
    result({"mse": 1.0, "host_us": 2.0}, tests=["bench/a.py::test_time", "bench/a.py::test_file"]),
    result({"mse": 1.0, "host_us": 3.0}, "other", sha256="a" * 64),
    environment={"versions": {"numpy": "2"}},
)
TIMED.tests = {"bench/a.py::test_time": ["host_us"], "bench/a.py::test_file": ["mse"]}


def untimed(**environment: object) -> Document:
    """A run of the exact stage; one of its two files is another than before."""
    one = result({"mse": 1.0}, tests=["bench/a.py::test_file"])
    other = result({"mse": 1.0}, "other", sha256="b" * 64)
    return make(one, other, environment={"versions": {"numpy": "2"}, **environment})


def test_accept_keeps_times_of_the_same_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that took none accepts the rest."""
    document.write(TIMED, tmp_path / "baseline.json")
    document.write(untimed(), tmp_path / "latest.json")

    assert accept(tmp_path) == 0

    said = capsys.readouterr().out
    assert "1 noisy values are kept: " in said
    assert "1 noisy values of the old baseline, such as host times, are left out: this run " in said
    assert "they are of other files" in said
    assert "missing" not in said
    found = document.read(tmp_path / "baseline.json")
    assert found.results["sine-int8"].metrics == {"mse": 1.0, "host_us": 2.0}
    assert found.results["sine-other"].metrics == {"mse": 1.0}
    assert found.tests == {"bench/a.py::test_file": ["mse"], "bench/a.py::test_time": ["host_us"]}
    assert accept(tmp_path) == 0
    assert document.read(tmp_path / "baseline.json") == found


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"machine": {"cpu": "b"}}, "and it has another machine"),
        ({"versions": {"numpy": "3"}}, "and it has other versions"),
    ],
)
def test_accept_leaves_out_times_of_elsewhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], environment: dict[str, object], why: str
) -> None:
    """A document is of one machine: said, with the number, and no reason to refuse."""
    document.write(TIMED, tmp_path / "baseline.json")
    document.write(untimed(**environment), tmp_path / "latest.json")

    assert accept(tmp_path, "--json") == 0

    said = capsys.readouterr()
    assert "2 noisy values of the old baseline, such as host times, are left out: " in said.err
    assert why in said.err
    value = json.loads(said.out)
    assert (value["times_kept"], value["times_left_out"]) == (0, 2)
    written = document.read(tmp_path / "baseline.json")
    assert not any("host_us" in one.metrics for one in written.results.values())


def test_accept_what_is_removed_on_purpose(tmp_path: Path) -> None:
    document.write(OLD, tmp_path / "baseline.json")
    document.write(measured(mse=1), tmp_path / "latest.json")

    assert accept(tmp_path, "--remove") == 0


def test_accept_replaces_a_baseline_of_another_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "baseline.json").write_text('{"schema": 0}', "utf-8")
    document.write(OLD, tmp_path / "latest.json")

    assert accept(tmp_path) == 0
    assert "not compared: " in capsys.readouterr().out


HOLD = """
import sys
from pathlib import Path
from tinybench.storage.store import alone

with alone(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_two_publishers_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second is told so and changes nothing."""
    document.write(OLD, tmp_path / "latest.json")
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        assert accept(tmp_path) == 2
        other.communicate()

    assert "another tinybench is writing to" in capsys.readouterr().err
    assert not (tmp_path / "baseline.json").exists()
    assert accept(tmp_path) == 0


def test_read_only_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line; simulated, because root may write anywhere."""
    document.write(OLD, tmp_path / "latest.json")

    def refuse(path: Path, data: bytes) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("tinybench.cli.accept.write_atomically", refuse)

    assert accept(tmp_path) == 2
    assert capsys.readouterr().err.count("\n") == 1


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


def test_accept_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The changes on standard output, what is for people beside it."""
    document.write(OLD, tmp_path / "baseline.json")
    document.write(changed(instructions=11), tmp_path / "latest.json")

    assert accept(tmp_path, "--json") == 0

    printed = capsys.readouterr()
    value = json.loads(printed.out)
    assert value["written"] == str(tmp_path / "baseline.json")
    assert [one["metric"] for one in value["changes"] if one["verdict"] == "regressed"] == [
        "instructions"
    ]
    assert "1 regressed, 2 no change (values)" in printed.err
