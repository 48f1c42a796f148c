"""What the package asks for, and what it says where that is not there.

The extras stand in pyproject.toml alone: messages take them from the metadata of what is installed.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from tinybench import errors
from tinybench.errors import MissingPackageError, missing_packages, require_packages

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tests" / "tflite" / "models" / "conv-int8.tflite"
PUBLISHED = ROOT / "results" / "baseline.json"

COMES_ALONG = {
    "h5py": "keras",
    "PIL": "matplotlib",
    "markupsafe": "jinja2",
    "pluggy": "pytest",
}
"""Packages that another one brings."""
NOT_IMPORTED = {"esptool", "flatbuffers", "pyocd", "tomli", "ziglang"}
"""What LiteRT's reader of files imports, what is by its name where Python has none, programs."""
EXTRAS = {
    "audio": {"soundfile"},
    "boards": {"capstone", "elftools", "unicorn", "ziglang"},
    "report": {"altair", "jinja2", "matplotlib", "pandas", "vl_convert"},
    "serial": {"serial"},
    "speech": {"espeakng_loader"},
    "train": {"h5py", "keras", "tensorflow", "tensorflow_model_optimization", "tf_keras"},
}
ABSENT = sorted(set().union(*EXTRAS.values()))


def imported() -> dict[str, set[str]]:
    """The modules from elsewhere that our sources import, each with those that do."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "tinybench").rglob("*.py"):
        if "kernels" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in {name.partition(".")[0] for name in names}:
                if name not in {*sys.stdlib_module_names, "tinybench", "__future__"}:
                    found.setdefault(name, set()).add(path.name)
    return found


def package_of(module: str) -> str:
    return errors.PACKAGES.get(module, module.replace("_", "-"))


def test_what_is_imported_is_asked_for() -> None:
    """And what is asked for is imported."""
    packages = {package_of(module) for module in imported()}
    asked = set(errors.requirements())

    assert packages - asked - COMES_ALONG.keys() == set()
    assert asked - packages == NOT_IMPORTED


def test_each_package_of_an_extra_names_the_smallest_that_has_it() -> None:
    found = {
        extra: {name for name, one in errors.requirements().items() if one.extra == extra}
        for extra in EXTRAS
    }

    assert found == {
        extra: {package_of(module) for module in modules} - {"h5py"}
        for extra, modules in EXTRAS.items()
    }


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("altair", "vl_convert", "unicorn"):
        monkeypatch.setitem(sys.modules, module, None)

    assert missing_packages("a page", "numpy") is None
    assert missing_packages("a page", "altair", "vl_convert", "numpy") == (
        "a page needs altair, vl-convert-python: pip install 'pytest-tinybench[report]'"
    )
    assert missing_packages("it", "altair", "unicorn") == (
        "it needs altair, unicorn: pip install 'pytest-tinybench[boards,report]'"
    )


def test_one_that_another_brings_is_named_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)

    assert missing_packages("an .h5 file", "h5py") == "an .h5 file needs h5py: pip install h5py"


def test_one_of_the_base_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flatbuffers", None)

    assert missing_packages("it", "flatbuffers") == (
        "it needs flatbuffers: pip install pytest-tinybench"
    )


def test_one_that_is_made_for_other_computers(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = {"tflite-micro": errors.Requirement(errors.requirements()["numpy"].versions, None)}
    monkeypatch.setattr(errors, "requirements", lambda: elsewhere)
    monkeypatch.setitem(sys.modules, "tflite_micro", None)

    assert missing_packages("it", "tflite_micro") == (
        "it needs tflite-micro, which there is not for this computer"
    )


@pytest.mark.parametrize(
    ("module", "found", "expected"),
    [
        ("ai_edge_litert", "2.0.3", "it needs ai-edge-litert>=2.1 (found 2.0.3)"),
        ("ai_edge_litert", "2.1.0", None),
        ("tensorflow", "2.17.1", None),
        ("tensorflow", "2.99.0", None),
        ("tf_keras", "2.17.0", None),
        ("numpy", "1.26.3", "it needs numpy>=1.26.4,<3 (found 1.26.3)"),
        ("numpy", "3.0.0", None),
        ("msgspec", "0.18.6", "it needs msgspec>=0.19 (found 0.18.6)"),
    ],
)
def test_one_that_is_too_old(
    module: str, found: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the version that is there, and those that will do; a newer one is no reason to stop.

    Of TensorFlow no older one either: `environment.untried` warns.
    """
    monkeypatch.setattr(errors, "version", lambda package: found)

    said = missing_packages("it", module)

    assert (said and said.partition(": pip install ")[0]) == expected


@pytest.mark.parametrize(
    "error", ["ImportError", "OSError", "AttributeError", "TypeError", "SystemError"]
)
def test_one_that_is_broken(error: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    name = f"broken_{error.lower()}"
    (tmp_path / f"{name}.py").write_text(f"raise {error}('libx.so.1:\\n  no such file')\n", "utf-8")

    with pytest.raises(MissingPackageError) as raised:
        require_packages("it", name)

    package = name.replace("_", "-")
    assert str(raised.value) == (
        f"it needs {package}, which cannot be imported (libx.so.1: no such file): "
        f"pip install --force-reinstall {package}"
    )


WORKS = {
    "inspect": ["inspect", str(FILE)],
    "run": ["run", str(FILE), "--on", "litert"],
    "export": ["export", "--file", str(FILE), "--to", "exported"],
    "compare": ["compare", str(PUBLISHED), str(PUBLISHED)],
    "accept": ["accept", str(PUBLISHED), "--to", "accepted/baseline.json"],
    "list": ["list"],
    "list boards": ["list", "boards"],
    "list runtimes": ["list", "runtimes"],
    "recommend": ["recommend", "gesture", "--document", str(PUBLISHED)],
}
"""Each runs in an installation without extras."""
REFUSED = {
    "train": (["train", "sine-16x16"], "tensorflow, tf-keras", "train"),
    "export of a task": (["export", "sine-16x16"], "tensorflow, tf-keras", "train"),
    "bench of a table": (["bench", str(FILE), "--data", "table.csv"], "pandas", "report"),
    "report": (
        ["report", str(PUBLISHED), "--to", "out"],
        "pandas, matplotlib, altair, jinja2, vl-convert-python",
        "report",
    ),
    "tables": (["report", str(PUBLISHED), "--to", "out", "--no-figures"], "pandas", "report"),
    "check": (["check", str(PUBLISHED.parent)], "pandas", "report"),
    "run on a board": (["run", str(FILE)], "ziglang, pyelftools, unicorn, capstone", "boards"),
    "speech": (["train", "keyword"], "eSpeak NG", "speech"),
}
"""Each names packages and the extra."""
SCRIPT = """
import contextlib, io, json, sys
from tinybench.cli import main

found = {}
for name, arguments in json.load(sys.stdin).items():
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(arguments)
        except (Exception, SystemExit) as error:
            status = repr(error)
    found[name] = [status, err.getvalue()]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of processes that find no package of an extra, nor do their children."""
    folder = tmp_path_factory.mktemp("site")
    text = f"import sys\nsys.modules |= dict.fromkeys({ABSENT!r})\n"
    (folder / "sitecustomize.py").write_text(text, "utf-8")
    return {**os.environ, "PYTHONPATH": str(folder), "TINYBENCH_CACHE": str(folder / "cache")}


@pytest.fixture(scope="module")
def answers(bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The exit status and standard error of each command in such a process; one runs them all."""
    folder = tmp_path_factory.mktemp("bare")
    columns = [f"c{at}" for at in range(64)]
    rows = [[*columns, "label"], *([*"1" * 64, label] for label in "xy")]
    (folder / "table.csv").write_text("\n".join(map(",".join, rows)), "utf-8")
    asked = {**WORKS, **{name: arguments for name, (arguments, _, _) in REFUSED.items()}}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        cwd=folder,
        env=bare,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", WORKS)
def test_it_works_without_extras(name: str, answers: Any) -> None:
    assert answers[name][0] == 0, answers[name][1]


@pytest.mark.parametrize("name", REFUSED)
def test_it_names_what_is_missing(name: str, answers: Any) -> None:
    """In one line."""
    _, packages, extra = REFUSED[name]
    status, said = answers[name]

    assert status == 2
    assert f"{packages}: pip install 'pytest-tinybench[{extra}]'" in said
    assert said.count("\n") == 1


def test_a_data_frame_names_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinybench.results import document, frame

    monkeypatch.setitem(sys.modules, "pandas", None)

    with pytest.raises(MissingPackageError, match=r"needs pandas: .*\[report\]"):
        frame(document.Document({}))


def test_the_readme_of_the_package_has_whole_addresses() -> None:
    """The index shows it beside none of the files that it links to."""
    text = str(distribution("pytest-tinybench").read_text("METADATA"))

    links = re.findall(r"\]\(([^)]*)\)", text)
    assert len(links) > 10
    assert [link for link in links if not re.match("https://|#", link)] == []


@pytest.mark.slow
def test_pytest_names_it_too(bare: dict[str, str], tmp_path: Path) -> None:
    """Benchmarks fail with one line, boards and Keras' runtime are labelled; nothing crashes."""
    command = ["-m", "pytest", "--pyargs", "tinybench.bench", "-m", "exact", "-rs"]
    chosen = ["--tinybench-task=sine-16x16", "--tinybench-variant=int8,float32"]
    done = subprocess.run(
        [sys.executable, *command, *chosen, "-p", "no:cacheprovider", "-p", "no:benchmark"],
        capture_output=True,
        cwd=tmp_path,
        env=bare,
        text=True,
    )

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "INTERNALERROR" not in done.stdout
    assert "Traceback" not in done.stdout
    line = "training or converting a model needs tensorflow, tf-keras"
    assert f"{line}: pip install 'pytest-tinybench[train]'" in done.stdout
    assert "an emulated board needs ziglang, pyelftools, unicorn, capstone: " in done.stdout
    assert "this runtime needs tensorflow, tf-keras: " in done.stdout


def test_without_the_timing_plugin_its_tests_are_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.tinybench("task", only=["linear"])
        def test_time(tinybench, benchmark):
            benchmark(int)

        @pytest.mark.tinybench("task", only=["linear"])
        def test_other(tinybench, unknown):
            pass
        """
    )

    result = pytester.runpytest("-p", "no:benchmark", "--tinybench-task=linear", "-rs")

    result.assert_outcomes(skipped=1, errors=1)
    result.stdout.fnmatch_lines(["*not timed: pytest-benchmark is off*"])
    result.stdout.fnmatch_lines(["*fixture 'unknown' not found*"])
