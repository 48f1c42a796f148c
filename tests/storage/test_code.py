"""The hash of code: whatever changes in a package changes it."""

from pathlib import Path

import pytest

from tinybench.storage.code import code_of


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of a module, a C file, and a folder below."""
    folder = tmp_path / "hashed"
    (folder / "inner").mkdir(parents=True)
    for name in ("__init__.py", "one.py", "two.c", "inner/three.py"):
        (folder / name).write_text(f"/* {name} */" if name.endswith(".c") else f"# {name}\n")
    monkeypatch.syspath_prepend(tmp_path)
    code_of.cache_clear()
    return folder


@pytest.mark.parametrize("name", ["__init__.py", "one.py", "two.c", "inner/three.py", "new.py"])
def test_an_edit_changes_the_hash(package: Path, name: str) -> None:
    """Of any file, in folders below, too; and a new file does."""
    before = code_of("hashed")
    code_of.cache_clear()
    (package / name).write_text("# edited\n")

    assert code_of("hashed") != before


def test_a_renamed_file_changes_the_hash(package: Path) -> None:
    before = code_of("hashed")
    code_of.cache_clear()
    (package / "one.py").rename(package / "first.py")

    assert code_of("hashed") != before


def test_other_files_do_not(package: Path) -> None:
    """Such as compiled code, and data."""
    before = code_of("hashed")
    code_of.cache_clear()
    (package / "data.npz").write_bytes(b"1")

    assert code_of("hashed") == before


def test_a_module_alone(package: Path) -> None:
    before = code_of("hashed.one")
    code_of.cache_clear()
    (package / "two.c").write_text("")

    assert code_of("hashed.one") == before


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError):
        code_of("tinybench.nothing")
