"""`tinybench accept`: what becomes the baseline, what is kept of the old one, and refusals."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.results import document, illustration
from tinybench.results.document import Document

from .. import illustrations
from ..documents import make, measured, result
from .runs import OLD, changed


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
