"""docs/how-to/ci.md: the workflow is YAML, and every command of it exists and does what it says."""

import configparser
import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml  # type: ignore[import-untyped]

from tinybench.cli import main
from tinybench.cli.main import parse
from tinybench.comparison import gates
from tinybench.results import document
from tinybench.tasks import TASKS

from .components import needs
from .documents import make, result

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "how-to" / "ci.md").read_text("utf-8")
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


def test_gates_of_the_recipe_are_the_default_ones() -> None:
    """Stated once, in `tinybench.comparison.gates`: workflow and tox have no list of their own."""
    assert f"\n{gates.DEFAULT}\n" in TEXT
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", "utf-8")
    for words in (PYTEST, shlex.split(tox["testenv:gate"]["commands"])):
        assert any(word.startswith("--tinybench-baseline=") for word in words)
        assert not any("fail-on" in word for word in words)
    assert all("--fail-on" not in words for words in TINYBENCH)


@pytest.mark.parametrize("page", ["README.md", "docs/how-to/own-model.md", "docs/how-to/ci.md"])
def test_gates_of_the_docs(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for listed in re.findall(r"fail-on[ =]['\"]?([\w*@/.-]+:[^'\"`\s]+)", text):
        assert gates.parse(listed)


@pytest.mark.parametrize("gate", re.findall(r"^\| `(\S+:\S+)` \|", TEXT, re.MULTILINE))
def test_gates_of_the_table(gate: str) -> None:
    assert gates.parse(gate)


def test_options_of_pytest(pytester: pytest.Pytester) -> None:
    """pytest knows each of them: it gets as far as the baseline, which is not there."""
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


STRANGER = """
from pathlib import Path
from tinybench import TASKS, Task

HERE = Path(__file__).parent
TASKS.add(Task.of(HERE / "model.tflite", HERE / "test.npz", name="motion"))
"""
PUBLISH = TEXT.partition("## Once: publish a baseline")[2].partition("\n## ")[0]
BASELINE, IGNORED, TIMES = re.findall(r"```(?:sh|text)\n(.*?)```", PUBLISH, re.DOTALL)


@pytest.fixture
def stranger(tmp_path: Path, warm_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with a model, its data and a conftest.py; all else is committed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TINYBENCH_CACHE", str(warm_cache))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "t")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "t@example.org")
    model = ROOT / "tests" / "tflite" / "models" / "conv-int8-float-io.tflite"
    Path("model.tflite").write_bytes(model.read_bytes())
    x = np.random.default_rng(1).uniform(-1, 1, (30, 8, 8, 1)).astype(np.float32)
    np.savez("test.npz", x=x, y=np.arange(30) % 3)
    Path("conftest.py").write_text(STRANGER, "utf-8")
    Path(".gitignore").write_text(f"{IGNORED}__pycache__/\n.pytest_cache/\n", "utf-8")
    follow("git init", "git add .", "git commit -m 'a model'")
    yield tmp_path
    # What `tinybench` loaded of the project, in this process.
    TASKS.remove("motion")
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) == str(tmp_path / "conftest.py"):
            del sys.modules[name]


def follow(*lines: str) -> str:
    """Run commands of the docs as they stand, `tinybench` in this process."""
    said = io.StringIO()
    for line in lines:
        words = shlex.split(line.replace(" -n auto", ""))
        if words[0] == "tinybench":
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                status = main(words[1:])
        else:
            program = [sys.executable, "-m", "pytest"] if words[0] == "pytest" else words[:1]
            run = subprocess.run([*program, *words[1:]], capture_output=True, text=True)
            status = run.returncode
            said.write(run.stdout + run.stderr)
        assert status == 0, f"{line}\n{said.getvalue()}"
    return said.getvalue()


@pytest.mark.slow
@needs("altair", "jinja2", "matplotlib", "ziglang", "unicorn")
def test_a_stranger_follows_the_recipe(stranger: Path) -> None:
    """It ends green and all is committed: with times, without, and without on another machine."""
    measure, accept, *rest = BASELINE.splitlines()
    publish, commit = rest[:-2], rest[-2:]
    latency = stranger / "results" / "latency.csv"
    follow(measure, TIMES.strip(), accept, *publish, *commit)
    assert follow("git status --porcelain") == ""
    assert latency.is_file()

    again = follow(measure, accept, *publish, *commit)
    assert "noisy values are kept: this run did not measure them again" in again
    assert "missing" not in again
    assert follow("git status --porcelain") == ""
    assert latency.is_file()

    path = stranger / "results" / "baseline.json"
    path.write_text(re.sub(r'"cores": \d+', '"cores": 99', path.read_text("utf-8")), "utf-8")
    left_out = follow(accept, *publish)
    assert "are left out: this run did not measure them, and it has another machine" in left_out
    assert not latency.exists()

    gated = follow(shlex.join(["pytest", *PYTEST]))
    assert "compared with HEAD (results/baseline.json at commit" in gated
