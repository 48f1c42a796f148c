"""The gates of a project: found where pytest finds its options, and read as it reads them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tinybench.cli import inifile

GATES = "mse:2%,tflite_bytes:0"
FILES = {
    "pytest.ini": f"[pytest]\ntinybench_fail_on = {GATES}\n",
    ".pytest.ini": f"[pytest]\ntinybench_fail_on: {GATES}\n",
    "pytest.toml": f'[pytest]\ntinybench_fail_on = "{GATES}"\n',
    "pyproject.toml": f'[tool.pytest]\ntinybench_fail_on = "{GATES}"\n',
    "tox.ini": f"[tox]\n[pytest]\ntinybench_fail_on = {GATES}\n",
    "setup.cfg": f"[tool:pytest]\ntinybench_fail_on = {GATES}\n",
}
PYPROJECT = f'[tool.pytest.ini_options]\ntinybench_fail_on = "{GATES}"\n'


@pytest.mark.parametrize(("name", "text"), FILES.items(), ids=FILES)
def test_each_file(tmp_path: Path, name: str, text: str) -> None:
    """Of the folder, or of one above it."""
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "inner" / "folder").mkdir(parents=True)

    assert inifile.gates(tmp_path) == GATES
    assert inifile.gates(tmp_path / "inner" / "folder") == GATES


def test_ini_options(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, "utf-8")

    assert inifile.gates(tmp_path) == GATES


def test_several_lines(tmp_path: Path) -> None:
    (tmp_path / "tox.ini").write_text(
        "[pytest]\ntinybench_fail_on =\n    mse:2%\n    mae:3%\n", "utf-8"
    )

    assert (inifile.gates(tmp_path) or "").split() == ["mse:2%", "mae:3%"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "files",
    [
        {"pytest.ini": "", "pyproject.toml": FILES["pyproject.toml"]},
        {"pytest.toml": "", "tox.ini": FILES["tox.ini"]},
        {"pyproject.toml": PYPROJECT.replace("2%", "3%"), "tox.ini": FILES["tox.ini"]},
        {"pyproject.toml": "[tool.pytest]\n", "setup.cfg": FILES["setup.cfg"]},
        {"pyproject.toml": "[project]\n", "setup.cfg": FILES["setup.cfg"]},
        {"setup.cfg": "[metadata]\n", "../tox.ini": FILES["tox.ini"]},
        {"tox.ini": "[pytest]\n", "../tox.ini": FILES["tox.ini"]},
        {"pyproject.toml": "[tool.pytest]\nxfail_strict = true\n", "tox.ini": FILES["tox.ini"]},
    ],
)
def test_the_same_file_as_pytest(tmp_path: Path, files: dict[str, str]) -> None:
    """The first with a section for pytest, and no other."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "conftest.py").write_text(
        "def pytest_report_header(config):\n"
        "    return 'gates=' + str(config.getini('tinybench_fail_on'))\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:cacheprovider", "."]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout

    assert f"gates={inifile.gates(folder)}" in said.splitlines()


def test_no_file(tmp_path: Path) -> None:
    assert inifile.gates(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pytest.ini", "tinybench_fail_on = mse:2%", "cannot read .*pytest.ini: File contains no"),
        ("pyproject.toml", "[tool", "cannot read .*pyproject.toml: "),
        ("pyproject.toml", "tool = 3", "cannot read .*pyproject.toml: "),
        (
            "pyproject.toml",
            "[tool.pytest]\ntinybench_fail_on = 2",
            r"pyproject.toml: tinybench_fail_on is not a text, such as 'mse:2%",
        ),
    ],
)
def test_damaged_file(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")

    with pytest.raises(inifile.InifileError, match=message):
        inifile.gates(tmp_path)
