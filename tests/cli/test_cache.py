"""`tinybench cache`: what it shows, and what it removes."""

import json
import os
import time
from pathlib import Path

import pytest

from tinybench.cli import main
from tinybench.storage.store import Store


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Two models, one of which was not used for 40 days."""
    store = Store(tmp_path / "cache")
    store.get("new", 1, "tflite", lambda: bytes(300_000))
    store.get("old", 2, "tflite", lambda: bytes(1_000_000))
    (path,) = store.root.glob("old-*")
    then = time.time() - 40 * 86_400
    os.utime(path, (then, then))
    return store.root


def test_what_is_there(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cache", "--cache", str(cache)]) == 0

    assert capsys.readouterr().out.splitlines() == [
        str(cache),
        "kind      entries    size",
        "------  ---------  ------",
        "models          2  1.3 MB",
        "all             2  1.3 MB",
    ]


@pytest.mark.parametrize(
    ("options", "removed"), [([], 1), (["--older-than", "41d"], 0), (["--older-than", "0h"], 2)]
)
def test_prune(
    cache: Path, capsys: pytest.CaptureFixture[str], options: list[str], removed: int
) -> None:
    """By default what was not used for 30 days."""
    assert main(["cache", "--cache", str(cache), "--prune", *options]) == 0

    assert capsys.readouterr().out.startswith(f"removed: {removed} entries, ")
    assert len(list(cache.glob("*.tflite"))) == 2 - removed


def test_json(cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cache", "--cache", str(cache), "--json"]
    assert main(arguments) == 0
    before = json.loads(capsys.readouterr().out)
    assert main([*arguments, "--prune"]) == 0
    after = json.loads(capsys.readouterr().out)

    assert before == {
        "folder": str(cache),
        "kinds": [{"kind": "models", "entries": 2, "bytes": 1_300_000}],
    }
    assert after == {
        "folder": str(cache),
        "kinds": [{"kind": "models", "entries": 1, "bytes": 300_000}],
        "removed": [{"kind": "models", "entries": 1, "bytes": 1_000_000}],
    }


def test_no_cache(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Shown as empty; nothing is removed from a folder that somebody else made."""
    assert main(["cache", "--cache", str(tmp_path)]) == 0
    assert main(["cache", "--cache", str(tmp_path), "--prune"]) == 2

    assert "is no cache of tinybench: nothing was removed" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["30", "d", "-1d", "1.5d", "2w", ""])
def test_age(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["cache", f"--older-than={text}"])

    assert caught.value.code == 2
    assert "is not an age such as 30d or 12h" in capsys.readouterr().err
