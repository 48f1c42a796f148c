"""docs/how-to/ci.md: the workflow is YAML, and every command of it exists and does what it says."""

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tinybench.cli import main
from tinybench.cli.main import parse
from tinybench.comparison import gates
from tinybench.results import document

from .documents import make, result

TEXT = (Path(__file__).parents[1] / "docs" / "how-to" / "ci.md").read_text("utf-8")
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)]
WORKFLOW: dict[str, Any] = BLOCKS[0]
JOB: dict[str, Any] = WORKFLOW["jobs"]["benchmarks"]
STEPS: list[dict[str, Any]] = [*JOB["steps"], *BLOCKS[1]]
VARIABLES = {**JOB["env"], "NUMBER": "1", "BASE": "HEAD"}


def commands() -> list[list[str]]:
    """The words of every command of the workflow, its variables filled in."""
    found = []
    for line in "\n".join(step.get("run", "") for step in STEPS).splitlines():
        for name, value in VARIABLES.items():
            line = line.replace(f"${name}", value)
        found.append(shlex.split(line))
    return [words for words in found if words]


TINYBENCH = [words[1:] for words in commands() if words[0] == "tinybench"]
PYTEST = next(words[3:] for words in commands() if words[:3] == ["python", "-m", "pytest"])


def test_every_step_runs_or_uses_something() -> None:
    assert all(("run" in step) != ("uses" in step) for step in STEPS)
    assert {words[0] for words in commands()} == {"python", "tinybench", "gh", "bencher"}


def test_gates_of_the_recipe() -> None:
    assert gates.parse(JOB["env"]["GATES"])


@pytest.mark.parametrize("gate", re.findall(r"^\| `(\S+:\S+)` \|", TEXT, re.MULTILINE))
def test_gates_of_the_table(gate: str) -> None:
    assert gates.parse(gate)


def test_options_of_pytest(pytester: pytest.Pytester) -> None:
    """pytest knows each of them: it gets as far as the baseline, which is not there."""
    pytester.mkdir("bench")
    found = pytester.runpytest_subprocess(*PYTEST, "-p", "no:cacheprovider")

    assert found.ret == pytest.ExitCode.USAGE_ERROR
    found.stderr.fnmatch_lines(["ERROR: 'HEAD' is neither a file nor a commit*"])


@pytest.mark.parametrize("words", TINYBENCH, ids=" ".join)
def test_commands_run(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a repository with results, each command of `tinybench` writes its file."""
    monkeypatch.chdir(tmp_path)
    metrics = {"mse": 1.0, "tflite_bytes": 2, "arena_bytes": 3, "instructions": 4}
    for name in ("baseline", "latest"):
        document.write(make(result(metrics)), Path("results", f"{name}.json"))
    author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for command in (["init"], ["add", "results"], [*author, "commit", "-m", "x"]):
        subprocess.run(["git", *command], check=True, capture_output=True)

    assert main(words) == 0
    assert Path(parse(words).to).stat().st_size > 0
