"""Where a number was measured."""

import subprocess
from pathlib import Path

from tinybench import environment


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True)


def test_commit_and_dirty_flag(tmp_path: Path) -> None:
    """Writing results does not make a checkout dirty; a new file of code does."""
    (tmp_path / "code.py").write_text("1", encoding="utf-8")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "README.md").write_text("1", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "m")

    clean = environment.commit(tmp_path)
    assert clean is not None
    assert clean["dirty"] is False
    assert len(clean["commit"]) == 40

    (tmp_path / "results" / "README.md").write_text("2", encoding="utf-8")
    assert environment.commit(tmp_path) == clean

    (tmp_path / "new.py").write_text("1", encoding="utf-8")
    assert environment.commit(tmp_path) == {**clean, "dirty": True}


def test_outside_git(tmp_path: Path) -> None:
    assert environment.commit(tmp_path) is None


def test_versions_are_known() -> None:
    found = environment.versions()

    assert "not installed" not in {found[name] for name in ("tensorflow", "numpy", "tinybench")}
