"""`tinybench recommend`: the table, the advice, and its exit status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.results.document import Document, write

from ..documents import result_of

TASK, BOARD = "sine-16x16", "cortex-m4"
FLOAT32 = {"flash_bytes": 5000, "ram_bytes": 200, "instructions": 9000}
INT8 = {"flash_bytes": 3000, "ram_bytes": 100, "instructions": 4000}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def document(costs: Mapping[str, Mapping[str, float]], mse: float = 0.005) -> Document:
    """Variants of equal quality with their costs on the board."""
    made = Document({})
    for variant, metrics in costs.items():
        made.add(result_of(TASK, variant, metrics={"mse": mse}))
        made.add(result_of(TASK, variant, BOARD, metrics=dict(metrics)))
    return made


BOTH = document({"float32": FLOAT32, "int8": INT8})
LATEST, BASELINE = Path("results/latest.json"), Path("results/baseline.json")


def test_the_verdicts_then_the_advice(capsys: pytest.CaptureFixture[str]) -> None:
    write(document({"float32": FLOAT32, "int8": INT8, "qat-int8": FLOAT32}), LATEST)

    assert main(["recommend", TASK]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in (lines[0], *lines[2:5])] == [
        [
            *("variant", "flash_bytes", "B", "ram_bytes", "B", "instructions", "instr"),
            "verdict",
        ],
        ["float32", "5000", "200", "9000", "fits,", "costs", "more"],
        ["int8", "3000", "100", "4000", "chosen"],
        ["qat-int8", "(open)", "5000", "200", "9000", "fits,", "costs", "more"],
    ]
    where = f"{TASK} on {BOARD}, from {LATEST}"
    assert lines[6] == f"{where}; bounds: mse at most 0.0115"
    assert lines[7].startswith("ship int8: the least in the order flash_bytes, ram_bytes, instr")


def test_no_variant_fits(capsys: pytest.CaptureFixture[str]) -> None:
    write(document({"float32": FLOAT32, "int8": INT8}, mse=1.0), LATEST)

    assert main(["recommend", TASK]) == 1

    out = capsys.readouterr().out
    assert out.count("mse 1, bound 0.0115") == 2
    assert out.endswith("\nno variant meets the bounds and runs on the board\n")


def test_the_named_cost_counts_first_and_the_others_after_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    slower = {**INT8, "flash_bytes": 2000, "instructions": 4001}
    smaller = {**INT8, "flash_bytes": 2999}
    write(document({"float32": FLOAT32, "int8": smaller, "int8-per-tensor": slower}), LATEST)
    write(document({"float32": FLOAT32, "int8": INT8, "int8-per-tensor": smaller}), BASELINE)

    assert main(["recommend", TASK]) == 0
    assert main(["recommend", TASK, "--cost", "instructions"]) == 0
    assert main(["recommend", TASK, "--cost", "instructions", "--document", str(BASELINE)]) == 0

    out = capsys.readouterr().out
    shipped = [line.split(":")[0] for line in out.splitlines() if line.startswith("ship")]
    assert shipped == ["ship int8-per-tensor", "ship int8", "ship int8-per-tensor"]
    assert "the least in the order instructions, flash_bytes, ram_bytes" in out


@pytest.mark.parametrize(
    ("written", "options", "read"),
    [
        ([LATEST, BASELINE], [], LATEST),
        ([BASELINE], [], BASELINE),
        ([LATEST, Path("own.json")], ["--document", "own.json"], Path("own.json")),
    ],
)
def test_the_document_that_is_read(
    written: list[Path], options: list[str], read: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was measured here comes before what the project publishes."""
    for path in written:
        write(BOTH, path)

    assert main(["recommend", TASK, *options]) == 0
    assert f"from {read};" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sine-9"], "unknown task 'sine-9' (did you mean 'sine-8'?)"),
        (["sine-8"], "no results of task 'sine-8' on board 'cortex-m4'; measure them: pytest --"),
        ([TASK, "--on", "cortex-m7"], f"no results of task '{TASK}' on board 'cortex-m7', but on "),
        ([TASK, "--on", "cortex-m5"], "unknown board 'cortex-m5' (did you mean 'cortex-m7'?)"),
        ([TASK, "--document", "none.json"], "cannot read none.json: No such file"),
    ],
)
def test_errors(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(BOTH, LATEST)

    assert main(["recommend", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"tinybench: error: {message}")


def test_a_document_may_know_a_board_that_is_not_registered_here() -> None:
    made = document({"float32": FLOAT32})
    made.add(result_of(TASK, "int8", "mine", metrics={"mse": 0.01, **INT8}))
    write(made, LATEST)

    assert main(["recommend", TASK, "--on", "mine"]) == 0


def test_costs_are_those_of_a_board(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["recommend", TASK, "--cost", "host_us"])

    assert caught.value.code == 2
    assert "invalid choice: 'host_us'" in capsys.readouterr().err


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    write(BOTH, LATEST)

    assert main(["recommend", TASK, "--json"]) == 0

    value = json.loads(capsys.readouterr().out)
    assert (value["chosen"], value["board"], value["bounds"]) == ("int8", BOARD, {"mse": 0.0115})
    assert [(one["variant"], one["out"]) for one in value["variants"]] == [
        ("float32", None),
        ("int8", None),
    ]
    assert value["variants"][1]["costs"]["flash_bytes"] == 3000


def test_json_where_no_variant_fits(capsys: pytest.CaptureFixture[str]) -> None:
    write(document({"float32": FLOAT32}, mse=1.0), LATEST)

    assert main(["recommend", TASK, "--json"]) == 1

    value = json.loads(capsys.readouterr().out)
    assert value["chosen"] is None
    assert value["variants"][0]["out"] == "mse 1, bound 0.0115"
