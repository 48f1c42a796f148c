"""The command line: what it prints, and how it fails."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.cli.main import COMMANDS
from tinybench.cli.status import Exit

MODELS = Path(__file__).parents[1] / "tflite" / "models"


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    """Tasks, variants, runtimes and metrics, each by name."""
    assert main(["list"]) == 0

    text = capsys.readouterr().out
    for name in ("sine-16x16-kink", "qat-int8", "litert-ref", "mse_vs_float32", "noisy"):
        assert name in text


def test_list_one_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "runtimes"]) == 0

    text = capsys.readouterr().out
    assert "tflm" in text
    assert "sine-8" not in text


def test_bounds_point_to_what_is_worse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "tasks"]) == 0

    printed = capsys.readouterr().out
    assert "mse ≤ 0.0115" in printed
    assert "accuracy ≥ 0.91" in printed


def test_list_boards(capsys: pytest.CaptureFixture[str]) -> None:
    """With their memory, and what is missing to use them here."""
    assert main(["list", "boards"]) == 0

    rows = capsys.readouterr().out.splitlines()
    assert rows[0].split()[0] == "board"
    (board,) = [row for row in rows if row.startswith("cortex-m4 ")]
    assert re.search(r"\d KiB +\d+ KiB +(available|not installed: .*)$", board)
    assert not any(row.startswith("tflm") for row in rows)


def test_inspect(capsys: pytest.CaptureFixture[str]) -> None:
    """Tensors, operators, work, verdict, arena, and who runs it."""
    assert main(["inspect", str(MODELS / "dense-int8.tflite")]) == 0

    text = capsys.readouterr().out
    assert "288 MACs" in text
    assert "FULLY_CONNECTED" in text
    assert "tflm: runs; arena 1760 B" in text


def test_inspect_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "--json", str(MODELS / "dense-float16.tflite")]) == 0

    value = json.loads(capsys.readouterr().out)
    assert value["class"] == "float16"
    reasons = {each["runtime"]: each["reason"] for each in value["runtimes"]}
    assert reasons["litert"] == ""
    assert "DEQUANTIZE" in reasons["tflm"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "model.tflite: "),
        (b"not a model", "model.tflite: "),
        (None, "model.tflite: No such file or directory [file-system]\n"),
    ],
)
def test_inspect_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, message: str
) -> None:
    """One line that names the file, exit code 2, no traceback."""
    path = tmp_path / "model.tflite"
    if content is not None:
        path.write_bytes(content)

    assert main(["inspect", str(path)]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("tinybench: error: ")
    assert message in said.err
    assert said.err.count("\n") == 1


def test_truncated_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.tflite"
    path.write_bytes((MODELS / "dense-int8.tflite").read_bytes()[:1000])

    assert main(["inspect", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.slow
def test_train_says_equal_or_how_different(capsys: pytest.CaptureFixture[str]) -> None:
    """Retraining with another seed is compared with the committed checkpoints, stage by stage."""
    assert main(["train", "sine-8", "--seed", "5"]) == 0

    text = capsys.readouterr().out
    assert text.count("differs from the committed checkpoint: weights by up to") == 3
    assert "val_loss 0.1695" in text


@pytest.mark.slow
def test_train_many_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    """The spread of float and int8 quality, and how many seeds failed."""
    assert main(["train", "sine-16x16-e100", "--seeds", "3"]) == 0

    text = capsys.readouterr().out
    assert "median" in text
    assert "mse_vs_float32" in text
    assert "of 3" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "sine-9"], "unknown task 'sine-9' (did you mean 'sine-8'?); valid: sine-8, "),
        (["report", "nothing.json"], "cannot read nothing.json: No such file"),
    ],
)
def test_errors(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith(f"tinybench: error: {message}")


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_seeds_must_be_a_count(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["train", "sine-8", f"--seeds={count}"])

    assert caught.value.code == 2
    assert "is not a whole number above 0" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["frob"], []])
def test_what_names_no_command_imports_nothing_heavy(arguments: list[str]) -> None:
    """So that it answers at once."""
    code = (
        "import contextlib, sys; from tinybench.cli import main\n"
        f"with contextlib.suppress(SystemExit): main({arguments})\n"
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = set(done.stderr.splitlines())
    assert "tinybench.cli.main" in loaded
    assert not loaded & {"numpy", "pandas", "tensorflow", "tf_keras", "pytest", "tinybench.tasks"}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_imports_tensorflow_before_it_runs(command: str) -> None:
    code = (
        f"import sys; from tinybench.cli.main import parse; import tinybench.cli.{command}\n"
        "print(*sys.modules, sep='\\n')"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"tensorflow", "tf_keras", "matplotlib", "altair"} & set(done.stdout.split())


def test_commands_are_in_the_docs() -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text("utf-8")

    assert re.findall(r"^\| `(\w+)[^`]*` \| [a-z]", text, re.MULTILINE) == list(COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", str(MODELS / "dense-int8.tflite")],
        ["time", str(MODELS / "dense-int8.tflite"), str(MODELS / "dense-int8.tflite")],
        ["play", "gesture", "wave.csv"],
        ["bench", "sine-8"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_place_that_is_not_known(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--on", "nowhere"]) == Exit.ERROR

    said = capsys.readouterr()
    assert re.match(r"tinybench: error: unknown (board|runtime).* 'nowhere'; valid: ", said.err)
    assert said.out == ""


def test_list_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Values as they are, not as a table shows them."""
    assert main(["list", "--json"]) == 0

    value = json.loads(capsys.readouterr().out)
    assert list(value) == ["tasks", "variants", "runtimes", "boards", "metrics"]
    named = {kind: {one["name"]: one for one in found} for kind, found in value.items()}
    assert named["tasks"]["sine-16x16"]["bounds"] == {"mse": 0.0115}
    assert named["boards"]["cortex-m0plus"]["flash_bytes"] == 256 << 10
    assert named["runtimes"]["litert"]["unavailable"] is None
    assert named["metrics"]["mse"]["exact"] is True


def test_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "tinybench", "--version"], capture_output=True)

    assert done.returncode == 0
    assert done.stdout.startswith(b"tinybench ")


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_version(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In one line, with that of Python."""
    with pytest.raises(SystemExit) as left:
        main([option])

    assert left.value.code == Exit.OK
    assert re.fullmatch(r"tinybench \d\S+, Python 3\.\d+\.\S+\n", capsys.readouterr().out)


def test_without_a_command_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == Exit.OK

    assert capsys.readouterr().out.startswith("usage: tinybench ")


@pytest.mark.parametrize(
    ("word", "hint"), [("inpsect", " (did you mean 'inspect'?)"), ("frobnicate", "")]
)
def test_unknown_command(word: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The nearest, and all there are."""
    assert main([word, "--json"]) == Exit.ERROR

    said = capsys.readouterr().err
    assert said.startswith(f"tinybench: error: unknown command {word!r}{hint}; valid: bench, list,")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "hint"), [("--jsno", " (did you mean --json?)"), ("--frobnicate", "")]
)
def test_unknown_option(option: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["list", option])

    assert left.value.code == Exit.ERROR
    said = capsys.readouterr().err.splitlines()
    assert said[0].startswith("usage: tinybench list ")
    unknown = f"unrecognized arguments: {option}{hint} [wrong-option]"
    assert said[-1] == f"tinybench list: error: {unknown}"


@pytest.mark.parametrize(
    "command",
    [
        "train helmet --data gesture=.",
        "train helmet --labels keyword=yes,no",
        "export helmet --data g*=.",
        "export --file model.tflite --data keyword=.",
        "play keyword words.wav --data gesture=.",
    ],
)
def test_data_of_a_task_that_is_not_worked_on(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused before anything is done with the built-in data."""
    assert main(command.split()) == Exit.ERROR

    said = capsys.readouterr()
    assert said.out == ""
    assert re.search(r"error: option for (data|labels) '.*' is of no use: what is worked", said.err)
